//! Where a request's body ends (RFC 9112, section 6).

/// A body on its way.
#[derive(Debug, PartialEq, Eq)]
pub enum Body {
    /// So many bytes are to come.
    Length(u64),
    /// It comes in chunks.
    Chunked(Chunks),
    /// All that comes.
    Rest,
}

/// The body is not what its own framing says.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed;

/// The bytes besides the data that a body in chunks may take: extensions, which nobody knows, and trailers.
const MAX_OVERHEAD: usize = 64 * 1024;

/// A body in chunks (RFC 9112, section 7.1).
#[derive(Debug, PartialEq, Eq)]
pub struct Chunks {
    at: At,
    /// Bytes of the chunk that are to come.
    left: u64,
    overhead: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before the first digit.
    Size,
    Digits,
    /// Behind the digits, or in an extension.
    Blank,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    /// At the beginning of a trailer or of the last line.
    Line,
    Trailer,
    TrailerLf,
    EndLf,
    End,
}

impl Body {
    /// A body in chunks.
    pub fn chunked() -> Self {
        Self::Chunked(Chunks {
            at: At::Size,
            left: 0,
            overhead: 0,
        })
    }

    /// Takes the bytes that are the body's; returns how many those are.
    pub fn take(&mut self, bytes: &[u8]) -> Result<usize, Malformed> {
        match self {
            Self::Length(left) => {
                let taken =
                    usize::try_from(*left).map_or(bytes.len(), |left| left.min(bytes.len()));
                *left -= taken as u64;
                Ok(taken)
            }
            Self::Chunked(chunks) => chunks.take(bytes),
            Self::Rest => Ok(bytes.len()),
        }
    }

    /// Whether all of it has come.
    pub fn is_over(&self) -> bool {
        match self {
            Self::Length(left) => *left == 0,
            Self::Chunked(chunks) => chunks.at == At::End,
            Self::Rest => false,
        }
    }
}

impl Chunks {
    fn take(&mut self, bytes: &[u8]) -> Result<usize, Malformed> {
        let mut taken = 0;
        while taken < bytes.len() && self.at != At::End {
            if self.at == At::Data {
                let rest = bytes.len() - taken;
                let length = usize::try_from(self.left).map_or(rest, |left| left.min(rest));
                self.left -= length as u64;
                taken += length;
                if self.left == 0 {
                    self.at = At::DataCr;
                }
            } else {
                self.at = self.step(bytes[taken])?;
                taken += 1;
            }
        }
        Ok(taken)
    }

    fn step(&mut self, byte: u8) -> Result<At, Malformed> {
        if matches!(self.at, At::Blank | At::Extension | At::Trailer) {
            self.overhead += 1;
            if self.overhead > MAX_OVERHEAD {
                return Err(Malformed);
            }
        }
        Ok(match (self.at, byte) {
            (At::Size, digit) => {
                self.left = hex(digit).ok_or(Malformed)?;
                At::Digits
            }
            (At::Digits | At::Blank, b' ' | b'\t') => At::Blank,
            (At::Digits | At::Blank, b';') => At::Extension,
            (At::Digits | At::Blank | At::Extension, b'\r') => At::SizeLf,
            (At::Digits, digit) => {
                let shifted = self.left.checked_mul(16).ok_or(Malformed)?;
                self.left = shifted + hex(digit).ok_or(Malformed)?;
                At::Digits
            }
            (At::Extension, b'\t' | b' '..=b'~' | 0x80..) => At::Extension,
            (At::SizeLf, b'\n') if self.left > 0 => At::Data,
            (At::SizeLf, b'\n') => At::Line,
            (At::DataCr, b'\r') => At::DataLf,
            (At::DataLf, b'\n') => At::Size,
            (At::Line, b'\r') => At::EndLf,
            (At::Line | At::Trailer, b'\t' | b' '..=b'~' | 0x80..) => At::Trailer,
            (At::Trailer, b'\r') => At::TrailerLf,
            (At::TrailerLf, b'\n') => At::Line,
            (At::EndLf, b'\n') => At::End,
            _ => return Err(Malformed),
        })
    }
}

fn hex(digit: u8) -> Option<u64> {
    char::from(digit).to_digit(16).map(u64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many bytes are the body's, fed so many at a time; `None` if it is malformed.
    fn length(mut body: Body, bytes: &[u8], piece: usize) -> Option<usize> {
        let mut length = 0;
        while !body.is_over() && length < bytes.len() {
            let end = bytes.len().min(length + piece);
            length += body.take(&bytes[length..end]).ok()?;
        }
        body.is_over().then_some(length)
    }

    #[test]
    fn a_body_ends_where_it_says() {
        let body = b"5\r\nhello\r\n1;a=\"b\"\r\n!\r\n0\r\nDigest: x\r\n\r\n";
        let stream = [&body[..], b"GET / HTTP/1.1\r\n"].concat();
        for piece in [1, 2, 7, 1000] {
            assert_eq!(length(Body::chunked(), &stream, piece), Some(body.len()));
            assert_eq!(length(Body::Length(9), &stream, piece), Some(9));
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_malformed() {
        for text in [
            "x\r\n",
            "\r\n",
            "+1\r\n",
            "0x1\r\n",
            "1\n",
            "1 1\r\n",
            "1\r\nab",
            "1\r\na\n",
            "10000000000000000\r\n",
            "1;\n\r\n",
            "0\r\na\n\r\n",
            "0\r\n\n",
        ] {
            assert_eq!(
                length(Body::chunked(), text.as_bytes(), 100),
                None,
                "{text:?}"
            );
        }
    }

    #[test]
    fn what_nobody_reads_has_an_end() {
        for head in ["1;", "0\r\n"] {
            let text = format!("{head}{}", "a".repeat(MAX_OVERHEAD + 10));
            assert_eq!(Body::chunked().take(text.as_bytes()), Err(Malformed));
        }
    }
}
