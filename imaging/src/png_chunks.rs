//! PNG's chunks (PNG specification, third edition, section 5.3).

use std::io::{BufRead, Seek};

use super::ImageError;
use super::source::{Source, Span};

/// Bytes that are read at a time where none are kept.
const PIECE: usize = 64 * 1024;

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

    /// Whether a decoder that does not know the chunk must not go on.
    pub(super) fn is_critical(&self) -> bool {
        let [first, ..] = self.name;
        first & 0x20 == 0
    }

    /// Reads the data, from behind the head, and the checksum; `None` where that is wrong. The caller bounds the length.
    pub(super) fn data(
        &self,
        source: &mut Source<'_, impl BufRead + Seek>,
    ) -> Result<Option<Vec<u8>>, ImageError> {
        self.data_up_to(usize::MAX, source)
    }

    /// The same, but keeps no more than the first `limit` bytes.
    pub(super) fn data_up_to(
        &self,
        limit: usize,
        source: &mut Source<'_, impl BufRead + Seek>,
    ) -> Result<Option<Vec<u8>>, ImageError> {
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(&self.name);
        let mut left = usize::try_from(self.data.length).unwrap_or(usize::MAX);
        let data = source.bytes(left.min(limit))?;
        checksum.update(&data);
        left -= data.len();
        while left > 0 {
            let piece = source.bytes(left.min(PIECE))?;
            checksum.update(&piece);
            left -= piece.len();
        }
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
