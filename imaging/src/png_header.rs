//! What a PNG says about itself (PNG specification, third edition), read without keeping any of it.

use std::io::{BufRead, Seek};

use super::Dimensions;
use super::ImageError;
use super::orientation::Orientation;
use super::png_chunks::Chunk;
use super::png_color::{ColorChunks, PngColor};
use super::png_palette::{Palette, PaletteChunks};
use super::source::Source;

/// Chunks other than IDAT. Screenshots have about 5, an animation two a frame.
const MAX_CHUNKS: u32 = 65_536;

/// Bytes at the beginning of an eXIf chunk that are looked into. The orientation stands in the first directory.
const EXIF_BYTES: usize = 256 * 1024;

/// Bytes of a chunk about colour, which is iCCP's compressed profile at most: what [`super::profile`] allows it to unpack
/// to, and a little, as what cannot be compressed grows.
const MAX_COLOR_BYTES: u32 = super::profile::MAX_UNPACKED_BYTES + 64 * 1024;

/// A PNG's header.
#[derive(Debug, Clone)]
pub(super) struct PngHeader {
    /// As stored, before orientation.
    pub(super) size: Dimensions,
    /// Bits a sample.
    pub(super) bit_depth: u8,
    pub(super) color_type: u8,
    pub(super) interlaced: bool,
    pub(super) palette: Palette,
    pub(super) orientation: Orientation,
    /// What is said of the samples' values, the word that rules first.
    pub(super) color: Vec<PngColor>,
    /// Where the first chunk of pixels begins.
    pub(super) pixels: u64,
}

impl PngHeader {
    /// Reads IHDR and the chunks that say how to show the picture, wherever they stand.
    pub(super) fn read(source: &mut Source<'_, impl BufRead + Seek>) -> Result<Self, ImageError> {
        source.skip(8)?;
        let mut header = Self::read_ihdr(source)?;
        let mut color = ColorChunks::default();
        let mut palette = PaletteChunks::default();
        let (mut pixels, mut chunks) = (None, 0);
        loop {
            let start = source.position()?;
            let chunk = match Chunk::read(source) {
                Ok(Some(chunk)) => chunk,
                // Behind the pixels nothing is needed, not even the end chunk.
                Ok(None) => break,
                Err(ImageError::Damaged(_)) if pixels.is_some() => break,
                Err(error) => return Err(error),
            };
            if &chunk.name != b"IDAT" {
                chunks += 1;
            }
            if chunks > MAX_CHUNKS {
                return Err(ImageError::TooComplex("chunks"));
            }
            match &chunk.name {
                b"IEND" => break,
                b"IDAT" => {
                    pixels.get_or_insert(start);
                    chunk.skip(source)?;
                }
                b"eXIf" => match chunk.data_up_to(EXIF_BYTES, source) {
                    Ok(Some(tiff)) => header.orientation = Orientation::from_exif(&tiff),
                    Ok(None) => {}
                    Err(ImageError::Damaged(_)) if pixels.is_some() => break,
                    Err(error) => return Err(error),
                },
                // Behind the pixels the rest is too late.
                _ if pixels.is_some() => chunk.skip(source)?,
                b"PLTE" => palette.take_colors(&chunk, source)?,
                b"tRNS" => palette.take_transparency(&chunk, source, header.color_type)?,
                b"cICP" | b"mDCV" | b"cLLI" | b"iCCP" | b"sRGB" | b"gAMA" | b"cHRM"
                    if chunk.data.length <= MAX_COLOR_BYTES =>
                {
                    if let Some(data) = chunk.data(source)? {
                        color.take(&chunk, &data);
                    }
                }
                _ if chunk.is_critical() => {
                    return Err(ImageError::damaged("an unknown critical chunk"));
                }
                _ => chunk.skip(source)?,
            }
        }
        header.pixels = pixels.ok_or(ImageError::damaged("no pixels"))?;
        header.palette = palette.finish(header.color_type, header.bit_depth)?;
        header.color = color.by_rank();
        Ok(header)
    }

    /// The first chunk (section 11.2.1).
    fn read_ihdr(source: &mut Source<'_, impl BufRead + Seek>) -> Result<Self, ImageError> {
        let chunk = Chunk::read(source)?.ok_or(ImageError::damaged("ends too early"))?;
        if &chunk.name != b"IHDR" || chunk.data.length != 13 {
            return Err(ImageError::damaged("no header"));
        }
        let data = chunk
            .data(source)?
            .ok_or(ImageError::damaged("the header's checksum is wrong"))?;
        let Ok(
            [
                w0,
                w1,
                w2,
                w3,
                h0,
                h1,
                h2,
                h3,
                bit_depth,
                color_type,
                0,
                0,
                interlace @ (0 | 1),
            ],
        ) = <[u8; 13]>::try_from(data)
        else {
            return Err(ImageError::damaged("an unknown header"));
        };
        let (width, height) = (
            u32::from_be_bytes([w0, w1, w2, w3]),
            u32::from_be_bytes([h0, h1, h2, h3]),
        );
        let longest = i32::MAX.unsigned_abs();
        if !(1..=longest).contains(&width) || !(1..=longest).contains(&height) {
            return Err(ImageError::damaged("a side out of range"));
        }
        if !matches!(
            (color_type, bit_depth),
            (0, 1 | 2 | 4 | 8 | 16) | (3, 1 | 2 | 4 | 8) | (2 | 4 | 6, 8 | 16)
        ) {
            return Err(ImageError::damaged("an unknown kind of pixel"));
        }
        Ok(Self {
            size: Dimensions { width, height },
            bit_depth,
            color_type,
            interlaced: interlace == 1,
            palette: Palette::default(),
            orientation: Orientation::default(),
            color: Vec::new(),
            pixels: 0,
        })
    }
}
