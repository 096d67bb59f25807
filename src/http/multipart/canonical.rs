//! Puts a form right before `actix-multipart` reads it, while it streams through.
//!
//! What may stand behind a boundary is taken off (RFC 2046, section 5.1.1). Of the head of a part only those lines go on that
//! count here, on one line each and in UTF-8: above all not the part's `Content-Length`, which nobody else believes.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::error::PayloadError;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use memchr::memmem::Finder;

use super::boundary::Boundary;

/// Bytes of a part's head, or behind a boundary: whoever sends more is not read on.
const MAX_HEAD: usize = 16 * 1024;

/// The lines of a part's head that count.
const FIELDS: [&str; 2] = ["content-disposition", "content-transfer-encoding"];

/// A form's body as it should have been sent.
pub struct Canonical<S> {
    body: S,
    /// A line's end, two dashes and the boundary.
    delimiter: Finder<'static>,
    state: State,
    /// What came last and is not looked at to its end.
    held: BytesMut,
    ready: VecDeque<Bytes>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing has come.
    Nothing,
    /// Before the first boundary.
    Preamble,
    /// In a part's content.
    Content,
    /// Behind a boundary, on the same line.
    Line,
    /// In a part's head.
    Head,
    /// Behind the last boundary, or where nothing more is believed.
    End,
}

impl<S> Canonical<S> {
    /// The body of a form with this boundary.
    pub fn new(boundary: &Boundary, body: S) -> Self {
        let delimiter = format!("\r\n--{boundary}");
        Self {
            body,
            delimiter: Finder::new(delimiter.as_bytes()).into_owned(),
            state: State::Nothing,
            // In front of the first line, too, a line has ended.
            held: BytesMut::from(&b"\r\n"[..]),
            ready: VecDeque::new(),
        }
    }

    fn receive(&mut self, bytes: Bytes) {
        if self.state == State::Nothing {
            self.state = State::Preamble;
        }
        // Nothing of a picture is copied but what might be the beginning of a boundary.
        let mut bytes = match self.held.is_empty() {
            true => bytes,
            false => {
                self.held.extend_from_slice(&bytes);
                self.held.split().freeze()
            }
        };
        while !bytes.is_empty() {
            bytes = match self.state {
                State::Nothing | State::Preamble | State::Content => self.content(bytes),
                State::Line => self.line(bytes),
                State::Head => self.head(bytes),
                State::End => return,
            };
        }
    }

    /// Hands content on up to the next boundary; returns what is behind that.
    fn content(&mut self, mut bytes: Bytes) -> Bytes {
        let delimiter = self.delimiter.needle();
        let found = self.delimiter.find(&bytes);
        let end = found.unwrap_or_else(|| bytes.len() - begun(&bytes, delimiter));
        let content = bytes.split_to(end);
        if self.state == State::Content && !content.is_empty() {
            self.ready.push_back(content);
        }
        if found.is_none() {
            self.held.extend_from_slice(&bytes);
            return Bytes::new();
        }
        self.state = State::Line;
        bytes.split_off(delimiter.len())
    }

    /// Reads what follows a boundary: two dashes behind the last one, else nothing that counts.
    fn line(&mut self, bytes: Bytes) -> Bytes {
        let Some((line, rest)) = self.up_to(b"\n", bytes) else {
            return Bytes::new();
        };
        if line.starts_with(b"--") {
            self.end();
        } else {
            self.ready
                .push_back(self.delimiter.needle().to_vec().into());
            self.ready.push_back(Bytes::from_static(b"\r\n"));
            self.state = State::Head;
        }
        rest
    }

    fn head(&mut self, bytes: Bytes) -> Bytes {
        // A part may have no head at all.
        let end: &[u8] = match &bytes[..] {
            [b'\r'] => {
                self.held.extend_from_slice(&bytes);
                return Bytes::new();
            }
            [b'\r', b'\n', ..] => b"\r\n",
            _ => b"\r\n\r\n",
        };
        let Some((head, rest)) = self.up_to(end, bytes) else {
            return Bytes::new();
        };
        self.ready.push_back(canonical_head(&head).into());
        self.state = State::Content;
        rest
    }

    /// The bytes up to and with this end, and those behind it. If the end has not come, they are held.
    fn up_to(&mut self, end: &[u8], mut bytes: Bytes) -> Option<(Bytes, Bytes)> {
        match memchr::memmem::find(&bytes, end) {
            Some(at) if at <= MAX_HEAD => {
                let rest = bytes.split_off(at + end.len());
                return Some((bytes, rest));
            }
            None if bytes.len() <= MAX_HEAD => self.held.extend_from_slice(&bytes),
            // Without an end there is an error for whoever reads on.
            _ => self.state = State::End,
        }
        None
    }

    /// The last boundary.
    fn end(&mut self) {
        self.ready
            .push_back(self.delimiter.needle().to_vec().into());
        self.ready.push_back(Bytes::from_static(b"--\r\n"));
        self.state = State::End;
    }

    /// The body has ended.
    fn finish(&mut self) {
        match self.state {
            State::Nothing => self.end(),
            // The last line needs no end.
            State::Line if self.held.starts_with(b"--") => self.end(),
            _ => self.state = State::End,
        }
    }
}

/// How many of the last bytes may be the beginning of a delimiter.
fn begun(bytes: &[u8], delimiter: &[u8]) -> usize {
    let most = bytes.len().min(delimiter.len() - 1);
    let lengths = (1..=most).rev();
    lengths
        .into_iter()
        .find(|length| bytes.ends_with(&delimiter[..*length]))
        .unwrap_or(0)
}

/// The lines that count, whatever else there was.
fn canonical_head(head: &[u8]) -> Vec<u8> {
    let mut lines: Vec<String> = Vec::new();
    for line in head.split(|byte| *byte == b'\n') {
        let text = text(line);
        match lines.last_mut() {
            // A line may go on behind blanks (RFC 822, section 3.1.1).
            Some(last) if text.starts_with([' ', '\t']) => last.push_str(&text),
            _ => lines.push(text),
        }
    }
    let mut canonical = Vec::new();
    for field in FIELDS {
        let value = lines.iter().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case(field).then_some(value)
        });
        if let Some(value) = value {
            canonical.extend_from_slice(format!("{field}: {}\r\n", value.trim()).as_bytes());
        }
    }
    if canonical.is_empty() {
        // A head that is empty is none to actix.
        canonical.extend_from_slice(b"x: x\r\n");
    }
    canonical.extend_from_slice(b"\r\n");
    canonical
}

/// UTF-8, else Latin-1, of which each byte is the character's number; without what a header cannot hold.
fn text(line: &[u8]) -> String {
    let text = String::from_utf8(line.to_vec())
        .unwrap_or_else(|_| line.iter().copied().map(char::from).collect());
    text.replace(|c: char| c.is_control() && c != '\t', "")
}

impl<S> Stream for Canonical<S>
where
    S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(bytes) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(bytes)));
            }
            if self.state == State::End {
                return Poll::Ready(None);
            }
            match ready!(self.body.poll_next_unpin(context)) {
                Some(Ok(bytes)) => self.receive(bytes),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => self.finish(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
    use futures_util::{FutureExt, stream};
    use proptest::prelude::*;

    use super::*;

    /// What goes on of a body that comes in pieces of this size.
    fn canonical(body: &[u8], piece: usize) -> String {
        let mut headers = HeaderMap::new();
        let content_type = HeaderValue::from_static("multipart/form-data; boundary=b=1");
        headers.insert(CONTENT_TYPE, content_type);
        let boundary = Boundary::of(&headers).unwrap();
        let pieces: Vec<_> = body
            .chunks(piece)
            .map(|piece| Ok(Bytes::copy_from_slice(piece)))
            .collect();
        let out = Canonical::new(&boundary, stream::iter(pieces));
        let out = out.map(Result::unwrap).collect::<Vec<_>>().now_or_never();
        String::from_utf8(out.unwrap().concat()).unwrap()
    }

    fn assert_becomes(body: &[u8], expected: &str) {
        for piece in [1, 2, 3, 5, 1000] {
            assert_eq!(canonical(body, piece), expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn a_form_goes_on_as_it_should_have_been_sent() {
        assert_becomes(
            b"preamble\r\n--b=1 \t\r\nContent-Disposition: form-data;\r\n\tname=\"a\"\r\nContent-Length: 99\r\n\
              Content-Type: multipart/mixed\r\n\r\n1\r\n--b\r\n2\r\n--b=1\r\n\r\nno head\r\n--b=1\r\nA: b\r\n\r\nx\r\n--b=1-- \r\nepilogue",
            "\r\n--b=1\r\ncontent-disposition: form-data;\tname=\"a\"\r\n\r\n1\r\n--b\r\n2\r\n--b=1\r\nx: x\r\n\r\nno head\
             \r\n--b=1\r\nx: x\r\n\r\nx\r\n--b=1--\r\n",
        );
    }

    #[test]
    fn a_head_that_is_not_utf_8_is_taken_as_latin_1() {
        assert_becomes(
            b"--b=1\r\nContent-Disposition: form-data; name=a; filename=\"J\xF6rg\x01.png\"\r\nContent-Transfer-Encoding: BASE64\r\n\r\n",
            "\r\n--b=1\r\ncontent-disposition: form-data; name=a; filename=\"Jörg.png\"\r\ncontent-transfer-encoding: BASE64\r\n\r\n",
        );
    }

    #[test]
    fn nothing_is_a_form_without_parts_and_half_a_form_is_half_a_form() {
        assert_becomes(b"", "\r\n--b=1--\r\n");
        assert_becomes(b"--b=1--", "\r\n--b=1--\r\n");
        for half in ["nonsense", "--b=1", "--b=1\r\nA: b\r\n"] {
            assert!(!canonical(half.as_bytes(), 3).contains("--b=1--"), "{half}");
        }
        let long = format!("--b=1\r\nA: {}", "a".repeat(MAX_HEAD * 2));
        assert_eq!(canonical(long.as_bytes(), 100), "\r\n--b=1\r\n");
    }

    proptest! {
        #[test]
        fn content_goes_on_byte_for_byte(content in proptest::collection::vec("(\r|\n|-|b|=|1|x){0,6}", 0..12), piece in 1_usize..20) {
            let content = content.concat();
            prop_assume!(!format!("\r\n{content}").contains("\r\n--b=1"));
            let body = format!("--b=1\r\nA: b\r\n\r\n{content}\r\n--b=1--");
            let expected = format!("\r\n--b=1\r\nx: x\r\n\r\n{content}\r\n--b=1--\r\n");
            prop_assert_eq!(canonical(body.as_bytes(), piece), expected);
        }
    }
}
