//! The head of a request (RFC 9112, sections 2 to 6).

use std::str;

use actix_web::http::{Method, Uri};
use bytes::{Buf, Bytes, BytesMut};
use httparse::{Header, Status};

use super::{body::Body, refused::Refusal, target};
use crate::domain::origin::Host;

/// Bytes of a head.
const MAX_HEAD: usize = 64 * 1024;

/// Bytes of the first line of it.
const MAX_LINE: usize = 32 * 1024;

/// Header fields; actix has no room for more.
const MAX_FIELDS: usize = 96;

/// A head that is right.
#[derive(Debug, PartialEq, Eq)]
pub struct Head {
    /// As actix gets it.
    pub bytes: Bytes,
    /// What follows.
    pub body: Body,
}

/// Waits for the end of a head.
#[derive(Debug, Default)]
pub struct HeadReader {
    /// How far its end was looked for.
    looked_at: usize,
    /// The length of its first line, once that is there.
    line: Option<usize>,
}

impl HeadReader {
    /// Takes the head, once it is there.
    pub fn read(&mut self, received: &mut BytesMut) -> Result<Option<Head>, Refusal> {
        if self.looked_at == 0 {
            skip_empty_lines(received);
        }
        match received[..] {
            // The latter may become an empty line.
            [] | [b'\r'] => return Ok(None),
            // Whoever speaks another protocol may wait for an answer before sending a line.
            [first, ..] if !is_token(first) => return Err(Refusal::Malformed),
            _ => {}
        }
        let end = self.end(received)?;
        if end.is_none() && self.line.is_none() && received.len() > MAX_LINE {
            return Err(Refusal::TargetTooLong);
        }
        match end {
            Some(end) if end <= MAX_HEAD => {
                let (body, instead) = judge(&received[..end], self.line.unwrap_or(end))?;
                let bytes = received.split_to(end).freeze();
                Ok(Some(Head {
                    bytes: instead.unwrap_or(bytes),
                    body,
                }))
            }
            None if received.len() <= MAX_HEAD => Ok(None),
            _ => Err(Refusal::TooLarge),
        }
    }

    /// Where the head ends: behind its first empty line.
    fn end(&mut self, received: &[u8]) -> Result<Option<usize>, Refusal> {
        while let Some(feed) = received[self.looked_at..].iter().position(|b| *b == b'\n') {
            let next = self.looked_at + feed + 1;
            if self.line.is_none() {
                check_line(&received[..next])?;
                self.line = Some(next);
            }
            match received[next..] {
                [b'\n', ..] => return Ok(Some(next + 1)),
                [b'\r', b'\n', ..] => return Ok(Some(next + 2)),
                // Looked at again when there is more.
                [] | [b'\r'] => {
                    self.looked_at = next - 1;
                    return Ok(None);
                }
                _ => self.looked_at = next,
            }
        }
        self.looked_at = received.len();
        Ok(None)
    }
}

/// Clients may send such before a request (RFC 9112, section 2.2).
fn skip_empty_lines(received: &mut BytesMut) {
    loop {
        match received[..] {
            [b'\n', ..] => received.advance(1),
            [b'\r', b'\n', ..] => received.advance(2),
            _ => return,
        }
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Refuses a first line that is none without waiting for the rest.
fn check_line(line: &[u8]) -> Result<(), Refusal> {
    if line.len() > MAX_LINE {
        return Err(Refusal::TargetTooLong);
    }
    let encoded = target::encoded(line);
    let mut none = [];
    let mut request = httparse::Request::new(&mut none);
    match request.parse(encoded.as_deref().unwrap_or(line)) {
        Ok(_) => Ok(()),
        Err(_) => Err(Refusal::Malformed),
    }
}

/// A head that is all there, its first line having this length: what follows it, and what actix gets instead of it.
fn judge(head: &[u8], line: usize) -> Result<(Body, Option<Bytes>), Refusal> {
    let encoded = target::encoded(&head[..line]).map(|mut encoded| {
        encoded.extend_from_slice(&head[line..]);
        encoded
    });
    let head = encoded.as_deref().unwrap_or(head);
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    match request.parse(head) {
        Ok(Status::Complete(length)) if length == head.len() => {}
        Err(httparse::Error::TooManyHeaders) => return Err(Refusal::TooLarge),
        _ => return Err(Refusal::Malformed),
    }
    let (Some(method), Some(path), Some(version)) = (request.method, request.path, request.version)
    else {
        return Err(Refusal::Malformed);
    };
    // What was encoded has grown beyond what a URI's type can hold.
    let too_long = path.len() > usize::from(u16::MAX - 1);
    let uri: Uri = path.parse().map_err(|_| match too_long {
        true => Refusal::TargetTooLong,
        false => Refusal::Malformed,
    })?;
    let fields = Fields {
        fields: request.headers,
        is_http_1_1: version == 1,
    };
    fields.check_host(&uri)?;
    let body = fields.body(method)?;
    let downgraded = fields.without_upgrade(head);
    Ok((body, downgraded.or(encoded.map(Bytes::from))))
}

struct Fields<'a> {
    fields: &'a [Header<'a>],
    is_http_1_1: bool,
}

impl<'a> Fields<'a> {
    fn all(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let named = move |field: &&Header<'_>| field.name.eq_ignore_ascii_case(name);
        self.fields.iter().filter(named).map(|field| field.value)
    }

    /// The value of a field that comes once, or not at all.
    fn at_most_once(&self, name: &str, otherwise: Refusal) -> Result<Option<&'a [u8]>, Refusal> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (first, None) => Ok(first),
            _ => Err(otherwise),
        }
    }

    /// One host, which may be empty where the target needs none.
    fn check_host(&self, uri: &Uri) -> Result<(), Refusal> {
        let is_host = |text: &str| text.parse::<Host>().is_ok();
        let header = self.at_most_once("host", Refusal::NoHost)?;
        let is_right = match header {
            Some(value) => str::from_utf8(value).is_ok_and(|text| text.is_empty() || is_host(text)),
            None => !self.is_http_1_1,
        };
        let target = uri.authority();
        if is_right && target.is_none_or(|authority| is_host(authority.as_str())) {
            Ok(())
        } else {
            Err(Refusal::NoHost)
        }
    }

    /// What follows the head. If there could be two opinions on that, it is refused (RFC 9112, section 6.3).
    fn body(&self, method: &str) -> Result<Body, Refusal> {
        let encoding = self.at_most_once("transfer-encoding", Refusal::Malformed)?;
        let length = self.at_most_once("content-length", Refusal::Malformed)?;
        match (encoding, length) {
            (Some(encoding), None)
                if self.is_http_1_1 && encoding.eq_ignore_ascii_case(b"chunked") =>
            {
                Ok(Body::chunked())
            }
            (None, Some(length)) => number(length).map(Body::Length).ok_or(Refusal::Malformed),
            (None, None) if method == Method::CONNECT.as_str() => Ok(Body::Rest),
            // HTTP/1.0 knows no other way to end it (RFC 1945, section 7.2.2).
            (None, None) if self.is_http_1_1 || method != Method::POST.as_str() => {
                Ok(Body::Length(0))
            }
            _ => Err(Refusal::Malformed),
        }
    }

    /// The head without the offer to speak another protocol, which nobody takes (RFC 9110, section 7.8): actix would close
    /// the connection, or read all that comes as a body. `None` if there is no such offer.
    fn without_upgrade(&self, head: &[u8]) -> Option<Bytes> {
        self.all("upgrade").next()?;
        let line = head.iter().position(|byte| *byte == b'\n')?;
        let mut bytes = head[..=line].to_vec();
        for field in self.fields {
            let dropped = ["upgrade", "http2-settings"];
            if dropped
                .iter()
                .any(|name| field.name.eq_ignore_ascii_case(name))
            {
                continue;
            }
            let mut value = field.value.to_vec();
            if field.name.eq_ignore_ascii_case("connection") {
                value = without_option(&value, b"upgrade");
            }
            bytes.extend_from_slice(field.name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(&value);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        Some(bytes.into())
    }
}

/// A list of `Connection` without one of its options.
fn without_option(list: &[u8], option: &[u8]) -> Vec<u8> {
    let others = list
        .split(|byte| *byte == b',')
        .filter(|other| !other.trim_ascii().eq_ignore_ascii_case(option));
    others.collect::<Vec<_>>().join(&b","[..])
}

/// Digits alone.
fn number(value: &[u8]) -> Option<u64> {
    let text = str::from_utf8(value).ok()?;
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}
