//! What a picture is called that is saved: the `Content-Disposition` header (RFC 6266).

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use crate::{db::images::Image, domain::image::Size};

/// The bytes that file systems take for a name.
const MAX_BYTES: usize = 255;

/// The uploader's name with the ending of the true type, so that a saved file is what it says: for those who read ASCII
/// alone, then in UTF-8 (RFC 6266, appendix D).
pub fn disposition(image: &Image, size: Size) -> String {
    let mark = match size {
        Size::Original => String::new(),
        Size::Thumbnail(_) => format!("-{size}"),
    };
    let end = format!("{mark}.{}", image.format.extension());
    let stem = image.file_name.stem();
    let name = format!("{}{end}", cut(stem, MAX_BYTES - end.len()));
    let plain = ascii(stem);
    let plain = format!("{}{end}", cut(&plain, MAX_BYTES - end.len()));
    format!(
        "inline; filename=\"{plain}\"; filename*=UTF-8''{}",
        extended_value(&name)
    )
}

/// As many whole characters as fit.
fn cut(text: &str, bytes: usize) -> &str {
    text[..text.floor_char_boundary(bytes)].trim_end()
}

/// A name of letters that everybody reads. What needs an escape has none: not every client takes it off.
fn ascii(stem: &str) -> String {
    let letters = stem.chars().nfkd().filter(|c| !is_combining_mark(*c));
    let plain: String = letters
        .map(|c| match c {
            '"' | '\\' | '%' | '/' => '_',
            ' '..='~' => c,
            _ => '_',
        })
        .collect();
    if plain.contains(|c: char| c.is_ascii_alphanumeric()) {
        plain
    } else {
        "image".to_owned()
    }
}

/// A text as the value of a header's extended parameter (RFC 8187, section 3.2.1).
fn extended_value(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            value.push(char::from(byte));
        } else {
            value.push_str(&format!("%{byte:02X}"));
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_ascii_is_as_near_as_can_be() {
        for (stem, expected) in [
            ("Straße 1", "Stra_e 1"),
            ("jörg à Paris", "jorg a Paris"),
            ("５０％ \"x\" 50%25", "50_ _x_ 50_25"),
            ("写真", "image"),
            ("写真1", "__1"),
            ("..", "image"),
        ] {
            assert_eq!(ascii(stem), expected, "{stem}");
        }
    }

    #[test]
    fn a_name_is_cut_at_a_character() {
        assert_eq!(cut("aäö", 3), "aä");
        assert_eq!(cut("aäö", 4), "aä");
        assert_eq!(cut("a b", 2), "a");
        assert_eq!(cut("ab", 10), "ab");
    }
}
