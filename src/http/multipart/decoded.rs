//! The content of a part that is encoded as in mail (RFC 2045, section 6).

use base64::{Engine, prelude::BASE64_STANDARD};

use super::FormError;

/// Decodes content that comes in pieces.
#[derive(Debug)]
pub enum Decoder {
    /// It is what it is.
    Plain,
    /// Four characters are three bytes.
    Base64 {
        /// Fewer than four, to be continued.
        left: Vec<u8>,
        /// Whether padding came, behind which nothing comes.
        has_ended: bool,
    },
    /// `=3D` is a byte; an equals sign is left over, and what came behind it.
    QuotedPrintable(Vec<u8>),
}

impl Decoder {
    /// For content that is encoded so. What nobody knows is taken as it is.
    pub fn of(encoding: &str) -> Self {
        match encoding.trim().to_ascii_lowercase().as_str() {
            "base64" => Self::Base64 {
                left: Vec::new(),
                has_ended: false,
            },
            "quoted-printable" => Self::QuotedPrintable(Vec::new()),
            _ => Self::Plain,
        }
    }

    /// What these bytes and those before them say.
    pub fn decode(&mut self, bytes: &[u8]) -> Result<Vec<u8>, FormError> {
        match self {
            Self::Plain => Ok(bytes.to_vec()),
            Self::Base64 { left, has_ended } => {
                left.extend(bytes.iter().filter(|byte| !byte.is_ascii_whitespace()));
                if *has_ended && !left.is_empty() {
                    return Err(FormError::Encoding);
                }
                let whole = left.len() - left.len() % 4;
                let rest = left.split_off(whole);
                let text = std::mem::replace(left, rest);
                *has_ended |= text.ends_with(b"=");
                let decoded = BASE64_STANDARD.decode(text);
                decoded.map_err(|_| FormError::Encoding)
            }
            Self::QuotedPrintable(left) => {
                let mut decoded = Vec::with_capacity(bytes.len());
                for byte in bytes {
                    quoted_printable(left, *byte, &mut decoded);
                }
                Ok(decoded)
            }
        }
    }

    /// What is left at the end.
    pub fn finish(self) -> Result<Vec<u8>, FormError> {
        match self {
            Self::Base64 { left, .. } if !left.is_empty() => Err(FormError::Encoding),
            Self::Plain | Self::Base64 { .. } => Ok(Vec::new()),
            // The end of the last line was the boundary's.
            Self::QuotedPrintable(left) if left == b"=" => Ok(Vec::new()),
            Self::QuotedPrintable(left) => Ok(left),
        }
    }
}

/// Reads one byte. What is no escape is taken as it is, as RFC 2045 recommends.
fn quoted_printable(left: &mut Vec<u8>, byte: u8, decoded: &mut Vec<u8>) {
    match (left.as_slice(), byte) {
        ([], b'=') => left.push(byte),
        ([], _) => decoded.push(byte),
        // The end of a line that is only there because lines are short.
        ([b'='], b'\n') | ([b'=', b'\r'], b'\n') => left.clear(),
        ([b'='], b'\r') => left.push(byte),
        ([b'='], _) if byte.is_ascii_hexdigit() => left.push(byte),
        ([b'=', first], _) if first.is_ascii_hexdigit() && byte.is_ascii_hexdigit() => {
            let digit = |digit: u8| char::from(digit).to_digit(16).unwrap_or(0);
            // Two digits are at most 255.
            decoded.extend(u8::try_from(digit(*first) * 16 + digit(byte)));
            left.clear();
        }
        _ => {
            decoded.append(left);
            quoted_printable(left, byte, decoded);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What content says that comes in pieces of this size.
    fn decoded(encoding: &str, content: &[u8], piece: usize) -> Option<Vec<u8>> {
        let mut decoder = Decoder::of(encoding);
        let mut decoded = Vec::new();
        for piece in content.chunks(piece) {
            decoded.extend(decoder.decode(piece).ok()?);
        }
        decoded.extend(decoder.finish().ok()?);
        Some(decoded)
    }

    #[test]
    fn quoted_printable_is_read_as_mail_has_it() {
        for (content, expected) in [
            ("a=3Db=c3=A4", "a=bä"),
            ("one=\r\n line=\nmore\r\n", "one linemore\r\n"),
            ("a=", "a"),
            ("1=2, 3 =4=", "1=2, 3 =4"),
            ("a=\rb", "a=\rb"),
            ("==3D", "=="),
        ] {
            for piece in [1, 2, 100] {
                let got = decoded("Quoted-Printable", content.as_bytes(), piece).unwrap();
                assert_eq!(String::from_utf8(got).unwrap(), expected, "{content:?}");
            }
        }
    }

    #[test]
    fn what_is_no_base64_is_refused() {
        for content in ["a", "abc", "ab-_", "QQ==QQ==", "QQ=", "é"] {
            for piece in [1, 4, 100] {
                assert_eq!(
                    decoded("base64", content.as_bytes(), piece),
                    None,
                    "{content}"
                );
            }
        }
    }

    #[test]
    fn other_encodings_are_none() {
        for encoding in ["", "binary", "8bit", "7BIT", "x-own"] {
            assert_eq!(decoded(encoding, b"=3D", 1).unwrap(), b"=3D", "{encoding}");
        }
    }

    proptest! {
        #[test]
        fn base64_is_read_in_lines_and_pieces(bytes: Vec<u8>, line in 1_usize..80, piece in 1_usize..90) {
            let text = BASE64_STANDARD.encode(&bytes);
            let lines: Vec<_> = text.as_bytes().chunks(line).collect();
            let content = lines.join(&b"\r\n"[..]);
            prop_assert_eq!(decoded(" BASE64 ", &content, piece), Some(bytes));
        }
    }
}
