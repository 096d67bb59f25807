//! What a PNG says about itself (PNG specification, third edition), read without keeping any of it.

use std::io::{BufRead, Seek};

use super::Dimensions;
use super::ImageError;
use super::orientation::Orientation;
use super::png_chunks::Chunk;
use super::source::{Source, Span};

/// Chunks other than IDAT. Screenshots have about 5, an animation two a frame.
const MAX_CHUNKS: u32 = 65_536;

/// Bytes of an eXIf chunk that are read: what fits into a JPEG, where nearly all come from.
const MAX_EXIF_BYTES: u32 = 65_536;

/// Bytes of a chunk about colour, which is iCCP's compressed profile at most. One that inflates to much more costs no
/// more than this and what [`super::profile`] allows.
const MAX_COLOR_BYTES: u32 = 256 * 1024;

/// What the samples' values mean, by the chunk that rules (section 4.3: cICP before iCCP before sRGB before gAMA and cHRM).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) enum PngColor {
    #[default]
    Srgb,
    /// Code points of ITU-T H.273.
    Cicp { primaries: u8, transfer: u8 },
    /// A compressed ICC profile: the chunk's data.
    Profile(Span),
    /// gAMA, cHRM or both.
    Gamma {
        gamma: Option<u32>,
        chromaticities: Option<[u32; 8]>,
    },
}

/// A PNG's header.
#[derive(Debug, Clone)]
pub(super) struct PngHeader {
    /// As stored, before orientation.
    pub(super) size: Dimensions,
    /// Bits a sample.
    pub(super) bit_depth: u8,
    pub(super) color_type: u8,
    /// Bits of transparency outside the samples: tRNS.
    pub(super) transparency: bool,
    pub(super) interlaced: bool,
    pub(super) orientation: Orientation,
    pub(super) color: PngColor,
}

impl PngHeader {
    /// Reads IHDR and the chunks that say how to show the picture, wherever they stand.
    pub(super) fn read(source: &mut Source<'_, impl BufRead + Seek>) -> Result<Self, ImageError> {
        source.skip(8)?;
        let mut header = Self::read_ihdr(source)?;
        let mut color = ColorChunks::default();
        let (mut pixels, mut chunks) = (false, 0);
        loop {
            let chunk = match Chunk::read(source) {
                Ok(Some(chunk)) => chunk,
                // Behind the pixels nothing is needed, not even the end chunk.
                Ok(None) => break,
                Err(ImageError::Damaged(_)) if pixels => break,
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
                b"IDAT" => pixels = true,
                b"tRNS" => header.transparency = true,
                b"eXIf" if chunk.data.length <= MAX_EXIF_BYTES => {
                    match chunk.data(source) {
                        Ok(Some(tiff)) => header.orientation = Orientation::from_exif(&tiff),
                        Ok(None) => {}
                        Err(ImageError::Damaged(_)) if pixels => break,
                        Err(error) => return Err(error),
                    }
                    continue;
                }
                b"cICP" | b"iCCP" | b"sRGB" | b"gAMA" | b"cHRM"
                    if !pixels && chunk.data.length <= MAX_COLOR_BYTES =>
                {
                    if let Some(data) = chunk.data(source)? {
                        color.take(&chunk, &data);
                    }
                    continue;
                }
                _ => {}
            }
            chunk.skip(source)?;
        }
        if !pixels {
            return Err(ImageError::damaged("no pixels"));
        }
        header.color = color.ruling();
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
            transparency: false,
            interlaced: interlace == 1,
            orientation: Orientation::default(),
            color: PngColor::default(),
        })
    }
}

/// The chunks about colour that are there and valid.
#[derive(Default)]
struct ColorChunks {
    cicp: Option<PngColor>,
    profile: Option<PngColor>,
    srgb: bool,
    gamma: Option<u32>,
    chromaticities: Option<[u32; 8]>,
}

impl ColorChunks {
    fn take(&mut self, chunk: &Chunk, data: &[u8]) {
        match (&chunk.name, data) {
            // RGB (matrix 0), full range.
            (b"cICP", &[primaries, transfer, 0, 1]) => {
                self.cicp = Some(PngColor::Cicp {
                    primaries,
                    transfer,
                });
            }
            (b"iCCP", _) => self.profile = Some(PngColor::Profile(chunk.data)),
            (b"sRGB", [_]) => self.srgb = true,
            (b"gAMA", &[a, b, c, d]) => {
                self.gamma = Some(u32::from_be_bytes([a, b, c, d])).filter(|&gamma| gamma != 0)
            }
            (b"cHRM", _) => {
                let (numbers, rest) = data.as_chunks::<4>();
                if rest.is_empty() {
                    self.chromaticities = numbers
                        .try_into()
                        .ok()
                        .map(|numbers: [[u8; 4]; 8]| numbers.map(u32::from_be_bytes));
                }
            }
            _ => {}
        }
    }

    fn ruling(self) -> PngColor {
        if let Some(color) = self.cicp.or(self.profile) {
            return color;
        }
        match (self.srgb, self.gamma, self.chromaticities) {
            (true, _, _) | (false, None, None) => PngColor::Srgb,
            (false, gamma, chromaticities) => PngColor::Gamma {
                gamma,
                chromaticities,
            },
        }
    }
}
