//! PNG's palette and its transparency outside the samples: PLTE and tRNS (PNG specification, 11.2.2 and 11.3.1.1).
//!
//! What they may hold beyond what the pixels need stops here, so that the decoder sees none of it.

use std::io::{BufRead, Seek};

use super::ImageError;
use super::png_chunks::Chunk;
use super::source::Source;

/// Entries of a palette.
const MAX_ENTRIES: usize = 256;

/// Bytes of an entry.
const ENTRY: usize = 3;

/// PLTE and tRNS as they count.
#[derive(Debug, Clone, Default)]
pub(super) struct Palette {
    /// Red, green and blue of each entry. Empty but in pictures that have a palette.
    pub(super) colors: Vec<u8>,
    /// Alpha of the first entries, or the transparent value; empty where nothing is transparent.
    pub(super) transparency: Vec<u8>,
}

/// The two chunks as they come.
#[derive(Default)]
pub(super) struct PaletteChunks {
    colors: Option<Vec<u8>>,
    transparency: Option<Vec<u8>>,
}

impl PaletteChunks {
    /// Takes in PLTE, which is critical in every picture.
    pub(super) fn take_colors(
        &mut self,
        chunk: &Chunk,
        source: &mut Source<'_, impl BufRead + Seek>,
    ) -> Result<(), ImageError> {
        if self.colors.is_some() {
            return Err(ImageError::damaged("two palettes"));
        }
        if chunk.data.length as usize > MAX_ENTRIES * ENTRY {
            return Err(ImageError::damaged("a palette of too many entries"));
        }
        let colors = chunk.data(source)?;
        self.colors = Some(colors.ok_or(ImageError::damaged("the palette's checksum is wrong"))?);
        Ok(())
    }

    /// Takes in tRNS: the first one that is sound counts, as browsers have it.
    pub(super) fn take_transparency(
        &mut self,
        chunk: &Chunk,
        source: &mut Source<'_, impl BufRead + Seek>,
        color_type: u8,
    ) -> Result<(), ImageError> {
        let length = chunk.data.length as usize;
        let is_sound = match color_type {
            0 => length >= 2,
            2 => length >= 6,
            // Of what is no palette yet nothing can be transparent.
            3 => self.colors.is_some() && length > 0,
            _ => false,
        };
        if !is_sound || length > MAX_ENTRIES || self.transparency.is_some() {
            return chunk.skip(source);
        }
        self.transparency = chunk.data(source)?;
        Ok(())
    }

    /// What counts in a picture of this kind. A sample beyond the last entry is shown as that one, as browsers do.
    pub(super) fn finish(self, color_type: u8, bit_depth: u8) -> Result<Palette, ImageError> {
        let mut transparency = self.transparency.unwrap_or_default();
        let mut colors = Vec::new();
        if color_type == 3 {
            colors = self.colors.unwrap_or_default();
            let entries = colors.len() / ENTRY;
            colors.truncate(entries * ENTRY);
            transparency.truncate(entries);
            let Some(&last) = colors.last_chunk::<ENTRY>() else {
                return Err(ImageError::damaged("no palette"));
            };
            for _ in entries..1 << bit_depth {
                colors.extend(last);
            }
            if transparency.len() == entries {
                let last = transparency.last().copied();
                transparency.resize(colors.len() / ENTRY, last.unwrap_or(u8::MAX));
            }
        }
        Ok(Palette {
            colors,
            transparency,
        })
    }
}
