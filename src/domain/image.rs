//! Images as accounts hold them: their ids, the sizes in which they can be had, their names.

mod filter;

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

pub use filter::{ImageFilter, ImageOrder, ImageOrderKey};
pub use tierpix_imaging::{Dimensions, Format};

/// The id of an image. Knowing it gives access to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ImageId(pub Uuid);

impl ImageId {
    /// A new id; ids made later sort later (UUIDv7, RFC 9562 section 5.7).
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// The id that sorts right before this one.
    pub fn before(self) -> Self {
        Self(Uuid::from_u128(self.0.as_u128().saturating_sub(1)))
    }
}

impl Default for ImageId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One of the forms in which an image can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Size {
    /// A thumbnail of this height in pixels.
    Thumbnail(u32),
    /// The bytes that were uploaded.
    Original,
}

impl fmt::Display for Size {
    /// As the API names it: `200px` or `original`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Thumbnail(height) => write!(f, "{height}px"),
            Self::Original => f.write_str("original"),
        }
    }
}

/// The uploader's name for a picture: the last part of a path, 1 to 255 characters, none of them a control
/// character. It decides nothing, it only names what is downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    /// The most characters that a name holds.
    pub const MAX_CHARS: usize = 255;

    /// Makes a name of whatever a client sent.
    pub fn from_client(text: &str) -> Self {
        let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
        let visible = last.chars().filter(|c| !c.is_control());
        let name: String = visible.take(Self::MAX_CHARS).collect();
        let name = name.trim();
        Self(if name.is_empty() { "image" } else { name }.to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without its ending.
    pub fn stem(&self) -> &str {
        match self.0.rsplit_once('.') {
            Some((stem, _)) if !stem.is_empty() => stem,
            _ => &self.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_made_of_whatever_a_client_sends() {
        let made = |text| FileName::from_client(text).0;
        assert_eq!(made("C:\\Users\\anna\\Straße 1.jpg"), "Straße 1.jpg");
        assert_eq!(made("../../etc/passwd"), "passwd");
        assert_eq!(made("a\r\nSet-Cookie: b\0.png"), "aSet-Cookie: b.png");
        assert_eq!(made("photos/"), "image");
        assert_eq!(made(&"x".repeat(300)).len(), 255);
    }

    #[test]
    fn a_stem_is_the_name_without_its_ending() {
        assert_eq!(FileName::from_client("a.b.jpg").stem(), "a.b");
        assert_eq!(FileName::from_client(".jpg").stem(), ".jpg");
        assert_eq!(FileName::from_client("photo").stem(), "photo");
    }
}
