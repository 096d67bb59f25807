//! The names of stored objects, which are the unguessable part of media URLs too.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::image::{Format, ImageId, Size};

/// An image's own random secret. The tag of each of its sizes is derived from it, so that whoever has the
/// URL of a thumbnail cannot tell that of the original.
#[derive(Clone, PartialEq, Eq)]
pub struct MediaKey([u8; 32]);

impl MediaKey {
    /// A new key from the operating system's randomness.
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// The key that was stored.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// 128 bits that only the holder of this key can tell.
    fn tag(&self, size: Size) -> [u8; 16] {
        #[expect(
            clippy::expect_used,
            reason = "HMAC takes a key of any length (RFC 2104, section 2)"
        )]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes any key");
        mac.update(SizeName(size).to_string().as_bytes());
        let mut tag = [0; 16];
        tag.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        tag
    }
}

impl fmt::Debug for MediaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MediaKey(..)")
    }
}

/// The name of one stored object: `<image>-<size>-<tag>.<extension>`.
///
/// A name that was parsed is well formed, no more: [`ObjectName::belongs_to`] tells whether its tag is right.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectName {
    /// The image.
    pub image: ImageId,
    /// Which of its sizes.
    pub size: Size,
    /// The format of the bytes.
    pub format: Format,
    tag: [u8; 16],
}

impl ObjectName {
    /// The name under which an image's size is stored.
    pub fn new(image: ImageId, size: Size, format: Format, key: &MediaKey) -> Self {
        Self {
            image,
            size,
            format,
            tag: key.tag(size),
        }
    }

    /// Reads a name in the one way in which it is written; anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let (image, rest) = text.split_at_checked(32)?;
        let (size, rest) = rest.strip_prefix('-')?.split_once('-')?;
        let (tag, extension) = rest.split_at_checked(22)?;
        let size = match size {
            "original" => Size::Original,
            height => Size::Thumbnail(height.parse().ok()?),
        };
        let format = [Format::Jpeg, Format::Png]
            .into_iter()
            .find(|format| extension.strip_prefix('.') == Some(format.extension()))?;
        let name = Self {
            image: ImageId(Uuid::try_parse(image).ok()?),
            size,
            format,
            tag: BASE64_URL_SAFE_NO_PAD.decode(tag).ok()?.try_into().ok()?,
        };
        // One object, one name: no upper-case id, no leading zero.
        (name.to_string() == text).then_some(name)
    }

    /// Whether this is a name that the holder of the image's key gave out. In constant time.
    pub fn belongs_to(&self, key: &MediaKey) -> bool {
        self.tag.ct_eq(&key.tag(self.size)).into()
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}-{}-{}.{}",
            self.image.0.as_simple(),
            SizeName(self.size),
            BASE64_URL_SAFE_NO_PAD.encode(self.tag),
            self.format.extension()
        )
    }
}

/// A size as object names write it.
struct SizeName(Size);

impl fmt::Display for SizeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Size::Thumbnail(height) => height.fmt(f),
            Size::Original => f.write_str("original"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(size: Size) -> (MediaKey, ObjectName) {
        let key = MediaKey::random();
        let name = ObjectName::new(ImageId::new(), size, Format::Jpeg, &key);
        (key, name)
    }

    #[test]
    fn a_name_is_read_back_as_it_was_written() {
        for size in [Size::Original, Size::Thumbnail(1), Size::Thumbnail(1000)] {
            let (key, name) = name(size);
            let read = ObjectName::parse(&name.to_string()).unwrap();
            assert_eq!(read, name);
            assert!(read.belongs_to(&key));
        }
    }

    #[test]
    fn the_tag_of_one_size_is_worth_nothing_for_another() {
        let (key, name) = name(Size::Thumbnail(200));
        let forged = ObjectName {
            size: Size::Original,
            ..name
        };
        assert!(!forged.belongs_to(&key));
    }

    #[test]
    fn a_name_in_any_other_spelling_is_refused() {
        let (_, name) = name(Size::Thumbnail(200));
        let text = name.to_string();
        for other in [
            text.to_uppercase(),
            text.replace("-200-", "-0200-"),
            text.replace("-200-", "-+200-"),
            text.replace(".jpg", ".jpeg"),
            text.replace(".jpg", ".png") + "x",
            format!("{text}/"),
            text[1..].to_owned(),
            String::new(),
            "é".repeat(40),
        ] {
            assert_eq!(ObjectName::parse(&other), None, "{other}");
        }
    }
}
