//! PNG's chunks (PNG specification, third edition, section 5.3).

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use super::ImageError;
use super::source::{Source, Span};

/// A chunk's head: what it is and where its data are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) name: [u8; 4],
    pub(super) data: Span,
}

impl Chunk {
    /// Reads a chunk's head; `None` at the end of the file.
    pub(super) fn read(
        source: &mut Source<'_, impl BufRead + Seek>,
    ) -> Result<Option<Self>, ImageError> {
        if source.at_end()? {
            return Ok(None);
        }
        let length = source.u32()?;
        let name = source.array()?;
        if length > i32::MAX.unsigned_abs() {
            return Err(ImageError::damaged("a chunk that is too long"));
        }
        Ok(Some(Self {
            name,
            data: Span {
                offset: source.position()?,
                length,
            },
        }))
    }

    /// Reads the data, from behind the head, and the checksum; `None` where that is wrong. The caller bounds the length.
    pub(super) fn data(
        &self,
        source: &mut Source<'_, impl BufRead + Seek>,
    ) -> Result<Option<Vec<u8>>, ImageError> {
        let data = source.bytes(usize::try_from(self.data.length).unwrap_or(usize::MAX))?;
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(&self.name);
        checksum.update(&data);
        Ok((source.u32()? == checksum.finalize()).then_some(data))
    }

    /// Passes over the data and the checksum, from behind the head.
    pub(super) fn skip(
        &self,
        source: &mut Source<'_, impl BufRead + Seek>,
    ) -> Result<(), ImageError> {
        source.skip(self.data.length + 4)
    }
}

/// A PNG with nothing in it but what the pixels need: IHDR, PLTE, tRNS and the first run of IDAT.
///
/// The decoder reads through this, so no text, profile or animation costs it anything, and a missing end chunk or
/// bytes behind it do not matter.
pub(super) struct PixelChunks<S> {
    inner: S,
    /// Bytes that are put in between: the signature, heads, the end chunk.
    head: Vec<u8>,
    head_read: usize,
    /// Bytes of the present chunk's data and checksum that are still to come.
    left: u64,
    in_pixels: bool,
    ended: bool,
}

impl<S: BufRead + Seek> PixelChunks<S> {
    pub(super) fn new(mut inner: S) -> io::Result<Self> {
        inner.seek(SeekFrom::Start(8))?;
        let head = b"\x89PNG\r\n\x1a\n".to_vec();
        Ok(Self {
            inner,
            head,
            head_read: 0,
            left: 0,
            in_pixels: false,
            ended: false,
        })
    }

    /// Goes on to the next chunk that the pixels need, or to the end.
    fn next_chunk(&mut self) -> io::Result<()> {
        loop {
            let mut head = [0; 8];
            match self.inner.read_exact(&mut head) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return self.end(),
                Err(error) => return Err(error),
            }
            let [a, b, c, d, name @ ..] = head;
            let length = u64::from(u32::from_be_bytes([a, b, c, d])) + 4;
            match &name {
                b"IDAT" => self.in_pixels = true,
                _ if self.in_pixels => return self.end(),
                b"IHDR" | b"PLTE" | b"tRNS" => {}
                // A critical chunk that nobody knows: the decoder says so.
                [first, ..] if first & 0x20 == 0 && &name != b"IEND" => {}
                b"IEND" => return self.end(),
                _ => {
                    self.inner
                        .seek_relative(i64::try_from(length).map_err(io::Error::other)?)?;
                    continue;
                }
            }
            self.head = head.to_vec();
            self.head_read = 0;
            self.left = length;
            return Ok(());
        }
    }

    fn end(&mut self) -> io::Result<()> {
        if !self.ended {
            self.head = b"\0\0\0\0IEND\xAE\x42\x60\x82".to_vec();
            self.head_read = 0;
            self.ended = true;
        }
        Ok(())
    }
}

impl<S: BufRead + Seek> BufRead for PixelChunks<S> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.head_read == self.head.len() && self.left == 0 && !self.ended {
            self.next_chunk()?;
        }
        if self.head_read < self.head.len() || self.left == 0 {
            return Ok(self.head.get(self.head_read..).unwrap_or_default());
        }
        let buffer = self.inner.fill_buf()?;
        let length = buffer
            .len()
            .min(usize::try_from(self.left).unwrap_or(usize::MAX));
        Ok(buffer.get(..length).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        if self.head_read < self.head.len() {
            self.head_read += amount;
        } else {
            self.left = self.left.saturating_sub(amount as u64);
            self.inner.consume(amount);
        }
    }
}

impl<S: BufRead + Seek> Read for PixelChunks<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), available.get(..length)) {
            to.copy_from_slice(from);
        }
        self.consume(length);
        Ok(length)
    }
}

impl<S> Seek for PixelChunks<S> {
    /// The decoder asks for the trait but only ever reads on.
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
