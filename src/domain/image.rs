//! Pictures: their format, their size, and the size of a thumbnail.

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

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

/// The picture formats that can be uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// ISO/IEC 10918-1.
    Jpeg,
    /// ISO/IEC 15948.
    Png,
}

impl Format {
    /// How many bytes [`Format::sniff`] needs to see.
    pub const SIGNATURE_LENGTH: usize = 8;

    /// Tells the format by a file's first bytes; `None` for every other format.
    ///
    /// Only the bytes count: JPEG begins with SOI and another marker (ITU-T T.81, B.2.1), PNG with its
    /// signature (PNG specification, 5.2).
    pub fn sniff(head: &[u8]) -> Option<Self> {
        if head.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Some(Self::Jpeg)
        } else if head.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else {
            None
        }
    }

    /// The registered media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// The file name's ending, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }
}

/// Width and height in pixels, as a person sees the picture (orientation applied). Neither is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dimensions {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

impl Dimensions {
    /// The size of this picture's thumbnail of height `wanted`: the height exactly, the width
    /// `max(1, round(W·H/h))` with halves rounded up. A picture that is no higher keeps its size.
    pub fn thumbnail(self, wanted: u32) -> Self {
        if self.height <= wanted {
            return self;
        }
        let (w, h, wanted_64) = (
            u64::from(self.width),
            u64::from(self.height),
            u64::from(wanted),
        );
        let width = ((2 * w * wanted_64 + h) / (2 * h)).max(1);
        Self {
            // `wanted < height`, so the quotient is at most `w`, which is a u32.
            width: u32::try_from(width).unwrap_or(u32::MAX),
            height: wanted,
        }
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

    fn thumbnail(width: u32, height: u32, wanted: u32) -> (u32, u32) {
        let size = Dimensions { width, height }.thumbnail(wanted);
        (size.width, size.height)
    }

    #[test]
    fn a_width_is_rounded_to_the_nearest_pixel_with_halves_up() {
        assert_eq!(thumbnail(4000, 3000, 200), (267, 200));
        assert_eq!(thumbnail(4000, 3000, 400), (533, 400));
        assert_eq!(thumbnail(5, 1000, 100), (1, 100)); // 0.5
        assert_eq!(thumbnail(25, 1000, 100), (3, 100)); // 2.5
    }

    #[test]
    fn a_width_is_never_zero() {
        assert_eq!(thumbnail(1, 3000, 200), (1, 200));
    }

    #[test]
    fn a_picture_that_is_no_higher_keeps_its_size() {
        assert_eq!(thumbnail(10_000, 200, 200), (10_000, 200));
        assert_eq!(thumbnail(1, 1, 1000), (1, 1));
    }

    #[test]
    fn the_largest_sizes_do_not_overflow() {
        assert_eq!(thumbnail(u32::MAX, u32::MAX, 1000), (1000, 1000));
        assert_eq!(thumbnail(u32::MAX, 2, 1), (2_147_483_648, 1));
    }

    #[test]
    fn only_the_first_bytes_tell_the_format() {
        assert_eq!(Format::sniff(b"\xFF\xD8\xFF\xE0"), Some(Format::Jpeg));
        assert_eq!(Format::sniff(b"\x89PNG\r\n\x1a\n..."), Some(Format::Png));
        assert_eq!(Format::sniff(b"\xFF\xD8\x00"), None);
        assert_eq!(Format::sniff(b"GIF89a"), None);
        assert_eq!(Format::sniff(b""), None);
    }
}
