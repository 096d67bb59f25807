//! What lies in the folder of a storage.

use std::{
    ffi::OsStr,
    fs::{self, DirEntry},
    io,
    path::Path,
};

use super::FOLDERS;
use crate::storage::{
    Kind, Listed, Listing, MARKER,
    listing::{is_object_folder, kind_of},
};

/// A page of a list ends with the folder that brings it to so many entries.
const PAGE: usize = 1000;

/// What file systems keep at their root.
const OF_FILE_SYSTEMS: [&str; 3] = ["lost+found", ".snapshot", ".zfs"];

/// The name of one of the folders that objects lie in.
pub(super) fn folder_name(number: u32) -> String {
    format!("{number:03x}")
}

/// A page of what lies under the root: a page ends with a folder, whose name tells where the next one begins.
pub(super) fn list(root: &Path, after: Option<&str>) -> io::Result<Listing> {
    let mut page = Listing::default();
    let first = match after {
        None => {
            list_folder(root, "", &mut page.entries)?;
            0
        }
        Some(folder) => 1 + u32::from_str_radix(folder, 16).map_err(io::Error::other)?,
    };
    for number in first..FOLDERS {
        let folder = folder_name(number);
        list_folder(&root.join(&folder), &folder, &mut page.entries)?;
        if page.entries.len() >= PAGE {
            page.next = Some(folder);
            break;
        }
    }
    Ok(page)
}

fn list_folder(path: &Path, folder: &str, entries: &mut Vec<Listed>) -> io::Result<()> {
    for entry in entries_of(path)? {
        let entry = entry?;
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            // It went in this moment.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let name = entry.file_name();
        if metadata.is_dir() && folder.is_empty() && is_expected(&name) {
            continue;
        }
        // No name of ours is outside UTF-8: what is lost in it does not matter.
        let key = Path::new(folder).join(&name).display().to_string();
        let kind = if metadata.is_file() {
            kind_of(&key)
        } else {
            Some(Kind::Foreign)
        };
        if let Some(kind) = kind {
            entries.push(Listed {
                key,
                kind,
                bytes: metadata.len(),
                modified: metadata.modified()?,
            });
        }
    }
    Ok(())
}

/// The name of anything under the root, however deep it lies in the folders of objects.
pub(super) fn any_entry(root: &Path) -> io::Result<Option<String>> {
    for entry in entries_of(root)? {
        let entry = entry?;
        let name = entry.file_name();
        if OF_FILE_SYSTEMS.iter().any(|known| *known == name) || name == MARKER {
            continue;
        }
        let holds_nothing = is_objects(&name)
            && entry.file_type()?.is_dir()
            && entries_of(&entry.path())?.next().is_none();
        if !holds_nothing {
            return Ok(Some(name.to_string_lossy().into_owned()));
        }
    }
    Ok(None)
}

/// What lies in a folder; nothing if there is none.
fn entries_of(path: &Path) -> io::Result<impl Iterator<Item = io::Result<DirEntry>>> {
    match fs::read_dir(path) {
        Ok(entries) => Ok(Some(entries).into_iter().flatten()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None.into_iter().flatten()),
        Err(error) => Err(error),
    }
}

fn is_objects(name: &OsStr) -> bool {
    name.to_str().is_some_and(is_object_folder)
}

/// Whether a folder of this name is expected at the root.
fn is_expected(name: &OsStr) -> bool {
    is_objects(name) || OF_FILE_SYSTEMS.iter().any(|known| *known == name)
}
