//! The usual formats that cannot be uploaded, told by their first bytes, so that whoever sends one learns what it is.

/// A format of pictures or documents, neither PNG nor JPEG.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherFormat {
    /// ISO/IEC 23008-12 with HEVC, which phones write.
    Heic,
    /// ISO/IEC 23008-12 with AV1.
    Avif,
    /// RFC 9649.
    WebP,
    /// GIF87a and GIF89a.
    Gif,
    /// TIFF 6.0, and what cameras call raw.
    Tiff,
    /// Of Windows.
    Bmp,
    /// Drawings as text.
    Svg,
    /// ISO 32000.
    Pdf,
}

impl OtherFormat {
    /// How many bytes [`OtherFormat::sniff`] looks at: an SVG may have comments before its first element.
    pub const HEAD_LENGTH: usize = 1024;

    /// Tells the format by a file's first bytes; `None` for one that is not known.
    pub fn sniff(head: &[u8]) -> Option<Self> {
        match head {
            [_, _, _, _, b'f', b't', b'y', b'p', brands @ ..] => Self::of_brands(head, brands),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Some(Self::WebP),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some(Self::Tiff),
            // The file's size and four bytes that are reserved; two letters alone would be many a text.
            [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Some(Self::Bmp),
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            _ if is_svg(head) => Some(Self::Svg),
            _ => None,
        }
    }

    /// By the brands of a file type box (ISO/IEC 14496-12, 4.3): the major one, a version, compatible ones.
    fn of_brands(head: &[u8], brands: &[u8]) -> Option<Self> {
        let length = head.first_chunk().map(|length| u32::from_be_bytes(*length));
        let end = usize::try_from(length?).ok()?.saturating_sub(8);
        let (brands, _) = brands.get(..end).unwrap_or(brands).as_chunks::<4>();
        let has = |names: &[&[u8; 4]]| brands.iter().any(|brand| names.contains(&brand));
        if has(&[b"avif", b"avis"]) {
            Some(Self::Avif)
        } else if has(&[
            b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1",
        ]) {
            Some(Self::Heic)
        } else {
            None
        }
    }

    /// The name that people know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Heic => "HEIC",
            Self::Avif => "AVIF",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            Self::Tiff => "TIFF",
            Self::Bmp => "BMP",
            Self::Svg => "SVG",
            Self::Pdf => "PDF",
        }
    }
}

/// Text whose first element is `svg`, behind a byte order mark, an XML declaration, comments and a document type.
fn is_svg(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let mut rest = head.trim_ascii_start();
    loop {
        let end: &[u8] = match rest {
            [b'<', b's', b'v', b'g', next, ..] => {
                return next.is_ascii_whitespace() || matches!(next, b'>' | b'/');
            }
            [b'<', b'?', ..] => b"?>",
            [b'<', b'!', b'-', b'-', ..] => b"-->",
            [b'<', b'!', ..] => b">",
            _ => return false,
        };
        let Some(at) = rest.windows(end.len()).position(|window| window == end) else {
            return false;
        };
        rest = rest
            .get(at + end.len()..)
            .unwrap_or_default()
            .trim_ascii_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_known_by_its_first_bytes() {
        let files: [(&[u8], Option<OtherFormat>); 19] = [
            (
                b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
                Some(OtherFormat::Heic),
            ),
            (
                b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic",
                Some(OtherFormat::Heic),
            ),
            (
                b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf",
                Some(OtherFormat::Avif),
            ),
            (
                b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf",
                Some(OtherFormat::Avif),
            ),
            // A brand behind the box is none.
            (
                b"\0\0\0\x14ftypmif1\0\0\0\0mif1avif",
                Some(OtherFormat::Heic),
            ),
            (b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", None),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some(OtherFormat::WebP)),
            (b"RIFF\x24\0\0\0WAVEfmt ", None),
            (b"GIF89a", Some(OtherFormat::Gif)),
            (b"GIF87a", Some(OtherFormat::Gif)),
            (b"II*\0\x08\0\0\0", Some(OtherFormat::Tiff)),
            (b"MM\0*\0\0\0\x08", Some(OtherFormat::Tiff)),
            (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0", Some(OtherFormat::Bmp)),
            (b"BMW is a maker of cars", None),
            (b"%PDF-1.7", Some(OtherFormat::Pdf)),
            (
                b"<svg xmlns='http://www.w3.org/2000/svg'/>",
                Some(OtherFormat::Svg),
            ),
            (
                b"\xEF\xBB\xBF<?xml version='1.0'?>\n<!-- a > b -->\n<!DOCTYPE svg>\n<svg>",
                Some(OtherFormat::Svg),
            ),
            (b"<!doctype html><svg>", Some(OtherFormat::Svg)),
            (b"<html><svg>", None),
        ];
        for (head, expected) in files {
            assert_eq!(
                OtherFormat::sniff(head),
                expected,
                "{}",
                head.escape_ascii()
            );
            for length in 0..head.len() {
                OtherFormat::sniff(&head[..length]);
            }
        }
    }
}
