//! What lies in a storage, page by page.

use std::time::SystemTime;

use super::{MARKER, folder_of};
use crate::domain::media::ObjectName;

/// A page of what is stored.
#[derive(Debug, Default)]
pub struct Listing {
    /// The entries, in no order.
    pub entries: Vec<Listed>,
    /// Where the next page begins; `None` after the last one.
    pub next: Option<String>,
}

/// Something that is stored.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Where it is: the path below the root, or the key below the prefix.
    pub key: String,
    /// What it is.
    pub kind: Kind,
    /// Its length.
    pub bytes: u64,
    /// When it was written.
    pub modified: SystemTime,
}

/// What an entry is, by its key alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// An object, in the place where it is looked for.
    Object(ObjectName),
    /// A partial write of the service's own. One that is not being written is left over from a crash.
    Partial,
    /// Anything else. The service did not write it, and never removes it.
    Foreign,
}

/// What partial writes are called.
pub(super) const PARTIAL_PREFIX: &str = ".tierpix-";

/// What an entry of this key is; `None` for what the storage needs for itself. The key has at most one folder.
pub(super) fn kind_of(key: &str) -> Option<Kind> {
    if key == MARKER {
        return None;
    }
    let (folder, name) = key.split_once('/').unwrap_or(("", key));
    let object = ObjectName::parse(name).filter(|object| folder_of(object) == folder);
    Some(match object {
        Some(object) => Kind::Object(object),
        None if is_partial(folder, name) => Kind::Partial,
        None => Kind::Foreign,
    })
}

fn is_partial(folder: &str, name: &str) -> bool {
    // Versions up to 0.1 used the names that every program uses: these count only where objects lie.
    let earlier = |random: &str| {
        is_object_folder(folder)
            && random.len() == 6
            && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    name.starts_with(PARTIAL_PREFIX) || name.strip_prefix(".tmp").is_some_and(earlier)
}

/// Whether objects lie in the folder of this name.
pub(super) fn is_object_folder(name: &str) -> bool {
    name.len() == 3
        && name
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        image::{Format, ImageId, Size},
        media::MediaKey,
    };

    #[test]
    fn only_whole_objects_in_their_own_folder_and_partial_writes_are_the_service_s() {
        let name = ObjectName::new(
            ImageId::new(),
            Size::Original,
            Format::Png,
            &MediaKey::random(),
        );
        let folder = folder_of(&name);
        assert_eq!(
            kind_of(&format!("{folder}/{name}")),
            Some(Kind::Object(name.clone()))
        );
        assert_eq!(kind_of(MARKER), None);
        for partial in [".tierpix-a1B2c3", "0ab/.tierpix-a1B2c3", "0ab/.tmpa1B2c3"] {
            assert_eq!(kind_of(partial), Some(Kind::Partial), "{partial}");
        }
        let elsewhere = if folder == "0ab" { "0ac" } else { "0ab" };
        for foreign in [
            format!("{elsewhere}/{name}"),
            name.to_string(),
            format!("{folder}/{name}.bak"),
            "wedding.png".to_owned(),
            "0ab/cat.png".to_owned(),
            ".tmpa1B2c3".to_owned(),
            "2024/.tmpa1B2c3".to_owned(),
            "0ab/.tmp-notes".to_owned(),
            "terraform.tfstate".to_owned(),
            format!("website/{folder}/{name}"),
        ] {
            assert_eq!(kind_of(&foreign), Some(Kind::Foreign), "{foreign}");
        }
    }
}
