//! Reading numbers and stretches of bytes from a source, with damage where it ends too early.

use std::io::{BufRead, Read, Seek, SeekFrom};

use super::Format;
use super::ImageError;

/// A stretch of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) offset: u64,
    pub(super) length: u32,
}

/// A source with a cursor. Numbers are big-endian, as both formats have them.
pub(super) struct Source<'a, S> {
    inner: &'a mut S,
}

impl<'a, S: BufRead + Seek> Source<'a, S> {
    /// Starts at the source's first byte.
    pub(super) fn new(inner: &'a mut S) -> Result<Self, ImageError> {
        inner.seek(SeekFrom::Start(0))?;
        Ok(Self { inner })
    }

    /// The format by the first bytes; goes back to the first.
    pub(super) fn format(&mut self) -> Result<Option<Format>, ImageError> {
        let mut head = Vec::with_capacity(Format::SIGNATURE_LENGTH);
        self.inner
            .by_ref()
            .take(Format::SIGNATURE_LENGTH as u64)
            .read_to_end(&mut head)?;
        self.inner.seek(SeekFrom::Start(0))?;
        Ok(Format::sniff(&head))
    }

    /// What reads from the present position on.
    pub(super) fn reader(&mut self) -> &mut S {
        self.inner
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], ImageError> {
        let mut bytes = [0; N];
        self.inner.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, ImageError> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, ImageError> {
        self.array().map(u32::from_be_bytes)
    }

    /// Reads the next `length` bytes. The caller bounds `length`.
    pub(super) fn bytes(&mut self, length: usize) -> Result<Vec<u8>, ImageError> {
        let mut bytes = vec![0; length];
        self.inner.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// The next byte, if there is one.
    pub(super) fn next(&mut self) -> Result<Option<u8>, ImageError> {
        let byte = self.inner.fill_buf()?.first().copied();
        self.inner.consume(usize::from(byte.is_some()));
        Ok(byte)
    }

    /// Goes back to the first byte.
    pub(super) fn rewind(&mut self) -> Result<(), ImageError> {
        Ok(self.inner.rewind()?)
    }

    /// Passes over bytes without reading them. Past the end it is the next read that fails.
    pub(super) fn skip(&mut self, length: u32) -> Result<(), ImageError> {
        Ok(self.inner.seek_relative(i64::from(length))?)
    }

    /// Passes over bytes up to the next one of this value and over that one; false at the end.
    pub(super) fn skip_past(&mut self, value: u8) -> Result<bool, ImageError> {
        loop {
            let buffer = self.inner.fill_buf()?;
            if buffer.is_empty() {
                return Ok(false);
            }
            let (passed, found) = match buffer.iter().position(|&byte| byte == value) {
                Some(index) => (index + 1, true),
                None => (buffer.len(), false),
            };
            self.inner.consume(passed);
            if found {
                return Ok(true);
            }
        }
    }

    pub(super) fn at_end(&mut self) -> Result<bool, ImageError> {
        Ok(self.inner.fill_buf()?.is_empty())
    }

    /// The source's length in bytes.
    pub(super) fn length(&mut self) -> Result<u64, ImageError> {
        let position = self.position()?;
        let length = self.inner.seek(SeekFrom::End(0))?;
        self.go_to(position)?;
        Ok(length)
    }

    /// Goes to an offset. Past the end it is the next read that fails.
    pub(super) fn go_to(&mut self, offset: u64) -> Result<(), ImageError> {
        self.inner.seek(SeekFrom::Start(offset))?;
        Ok(())
    }

    pub(super) fn position(&mut self) -> Result<u64, ImageError> {
        Ok(self.inner.stream_position()?)
    }

    /// Goes to a stretch and reads it. The caller bounds its length.
    pub(super) fn span(&mut self, span: Span) -> Result<Vec<u8>, ImageError> {
        self.inner.seek(SeekFrom::Start(span.offset))?;
        self.bytes(usize::try_from(span.length).unwrap_or(usize::MAX))
    }
}
