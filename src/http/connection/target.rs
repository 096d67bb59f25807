//! The target of a request, as clients send it that encode less than they should.

/// Whether a byte must not stand in a URL, but is sent there: parts of characters that are not ASCII, and what RFC 3986
/// leaves no place for and actix refuses.
fn is_to_be_encoded(byte: u8) -> bool {
    byte >= 0x80 || b"\"<>`".contains(&byte)
}

/// A request's first line with its target encoded; `None` if it is right as it is.
pub fn encoded(line: &[u8]) -> Option<Vec<u8>> {
    if !line.iter().copied().any(is_to_be_encoded) {
        return None;
    }
    let begin = line.iter().position(|byte| *byte == b' ')? + 1;
    let end = line.iter().rposition(|byte| *byte == b' ')?;
    let target = line.get(begin..end)?;
    let mut encoded = line[..begin].to_vec();
    for byte in target {
        if is_to_be_encoded(*byte) {
            encoded.extend_from_slice(format!("%{byte:02X}").as_bytes());
        } else {
            encoded.push(*byte);
        }
    }
    encoded.extend_from_slice(&line[end..]);
    Some(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_url_cannot_hold_is_encoded() {
        let line = "GET /ä?q=\"jö<\" HTTP/1.1\r\n".as_bytes();
        let expected = b"GET /%C3%A4?q=%22j%C3%B6%3C%22 HTTP/1.1\r\n";
        assert_eq!(encoded(line).unwrap(), expected);
        let latin_1 = b"GET /?q=\xFC HTTP/1.1\n";
        assert_eq!(encoded(latin_1).unwrap(), b"GET /?q=%FC HTTP/1.1\n");
    }

    #[test]
    fn what_is_right_stays_as_it_is() {
        for line in ["GET /%C3%A4?a={b}|c^ HTTP/1.1\r\n", "nonsense", ""] {
            assert_eq!(encoded(line.as_bytes()), None, "{line}");
        }
    }
}
