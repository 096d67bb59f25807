//! The place taken out of a PNG. A chunk that tells one becomes a private chunk of zeros, which every reader passes over.

use std::io::{BufRead, Read, Seek};

use super::text::{InflateBudget, tells_place};
use super::{Edit, Edits, empty_rest, tiff};
use crate::ImageError;
use crate::png_chunks::Chunk;
use crate::source::Source;

/// A chunk that means nothing to anybody: ancillary, private, safe to copy (PNG specification, 5.4).
const VOID: [u8; 4] = *b"voId";

/// Bytes of a chunk's length and name.
const HEAD: u64 = 8;

/// Bytes of an eXIf chunk that is looked into; a larger one is taken out whole.
const MAX_EXIF_BYTES: u32 = 1 << 20;

const ZEROS: [u8; 4096] = [0; 4096];

pub(super) fn strip(
    source: &mut Source<'_, impl BufRead + Seek>,
    edit: &mut Edits<'_>,
) -> Result<(), ImageError> {
    let length = source.length()?;
    let mut budget = InflateBudget::default();
    source.skip(8)?;
    loop {
        let start = source.position()?;
        let chunk = match Chunk::read(source) {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return Ok(()),
            // Its head stays: what ends the pixels tells a decoder whether they are whole.
            Err(ImageError::Damaged(_)) => return empty_rest(source, start + HEAD, edit),
            Err(error) => return Err(error),
        };
        let end = chunk.data.offset + u64::from(chunk.data.length) + 4;
        let is_pixels = matches!(&chunk.name, b"IHDR" | b"PLTE" | b"IDAT");
        if end > length && !is_pixels {
            // Half a chunk behind the pixels.
            return empty_rest(source, start + HEAD, edit);
        }
        match &chunk.name {
            b"IEND" if end < length => return Ok(edit(Edit::Cut { length: end })?),
            b"IEND" => return Ok(()),
            b"eXIf" => strip_exif(source, &chunk, edit)?,
            b"tEXt" | b"zTXt" | b"iTXt" | b"caBX" => {
                let data = source.reader().take(chunk.data.length.into());
                if tells_place(chunk.name, data, &mut budget)? {
                    void(&chunk, edit)?;
                }
            }
            _ => {}
        }
        source.go_to(end)?;
    }
}

fn strip_exif(
    source: &mut Source<'_, impl BufRead + Seek>,
    chunk: &Chunk,
    edit: &mut Edits<'_>,
) -> Result<(), ImageError> {
    if chunk.data.length > MAX_EXIF_BYTES {
        return void(chunk, edit);
    }
    // With a wrong checksum it counts for nothing, and must not begin to.
    let Some(mut block) = chunk.data(source)? else {
        return void(chunk, edit);
    };
    if tiff::strip(&mut block) {
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(&chunk.name);
        checksum.update(&block);
        block.extend(checksum.finalize().to_be_bytes());
        edit(Edit::Put {
            offset: chunk.data.offset,
            bytes: &block,
        })?;
    }
    Ok(())
}

/// Leaves a chunk of the same length that says nothing.
fn void(chunk: &Chunk, edit: &mut Edits<'_>) -> Result<(), ImageError> {
    let (offset, length) = (chunk.data.offset, u64::from(chunk.data.length));
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(&VOID);
    let mut left = length;
    while left > 0 {
        let part = ZEROS.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        checksum.update(ZEROS.get(..part).unwrap_or_default());
        left -= part as u64;
    }
    edit(Edit::Put {
        offset: offset - 4,
        bytes: &VOID,
    })?;
    edit(Edit::Blank { offset, length })?;
    edit(Edit::Put {
        offset: offset + length,
        bytes: &checksum.finalize().to_be_bytes(),
    })?;
    Ok(())
}
