//! HTTP Basic (RFC 7617).

use base64::{Engine, prelude::BASE64_STANDARD};

/// The name and the password of a Basic header.
#[derive(Debug, PartialEq, Eq)]
pub struct BasicCredentials {
    /// What stands before the first colon.
    pub username: String,
    /// What stands after it.
    pub password: String,
}

/// Reads what follows `Basic` in the header; the error is the sentence for the client.
pub fn parse(parameters: &str) -> Result<BasicCredentials, &'static str> {
    let mut words = parameters.split_ascii_whitespace();
    let encoded = words
        .next()
        .ok_or("Invalid basic header. No credentials provided.")?;
    if words.next().is_some() {
        return Err("Invalid basic header. Credentials string should not contain spaces.");
    }
    let malformed = "Invalid basic header. Credentials not correctly base64 encoded.";
    let decoded = BASE64_STANDARD.decode(encoded).map_err(|_| malformed)?;
    // Clients that do not know UTF-8 send Latin-1, of which each byte is the character's number.
    let text = String::from_utf8(decoded)
        .unwrap_or_else(|error| error.as_bytes().iter().copied().map(char::from).collect());
    let (username, password) = text.split_once(':').ok_or(malformed)?;
    Ok(BasicCredentials {
        username: username.to_owned(),
        password: password.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &[u8]) -> Result<(String, String), &'static str> {
        parse(&BASE64_STANDARD.encode(text)).map(|basic| (basic.username, basic.password))
    }

    #[test]
    fn the_first_colon_ends_the_name() {
        assert_eq!(decoded(b"anna:a:b"), Ok(("anna".into(), "a:b".into())));
    }

    #[test]
    fn utf_8_and_latin_1_are_read() {
        assert_eq!(
            decoded("jörg:ß".as_bytes()),
            Ok(("jörg".into(), "ß".into()))
        );
        assert_eq!(decoded(b"j\xF6rg:\xDF"), Ok(("jörg".into(), "ß".into())));
    }

    #[test]
    fn a_malformed_header_is_told_what_is_wrong() {
        assert!(parse("").unwrap_err().contains("No credentials"));
        assert!(parse("a b").unwrap_err().contains("spaces"));
        assert!(parse("%%%").unwrap_err().contains("base64"));
        assert!(decoded(b"no colon").unwrap_err().contains("base64"));
    }
}
