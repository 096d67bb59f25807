//! Which of PNG's forms holds a picture in the fewest bytes, without changing a pixel.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use png::{BitDepth, ColorType};

use super::raster::{Layout, Raster};

/// The form of a picture's pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    /// No pixel is transparent.
    opaque: bool,
    /// Every pixel's colour is a gray.
    gray: bool,
    /// Bits that hold every gray of an opaque picture.
    gray_bits: u8,
    /// Pixels that repeat the one before, of all.
    repeated: usize,
    pixels: usize,
    /// The pixels' values as RGBA, transparent ones first; empty if there are more than 256, or if they save nothing.
    palette: Vec<[u8; 4]>,
}

/// Pixels as PNG stores them, before filters and compression.
pub(super) struct Packed<'a> {
    pub(super) color: ColorType,
    pub(super) depth: BitDepth,
    pub(super) palette: Vec<u8>,
    pub(super) transparency: Vec<u8>,
    pub(super) samples: Cow<'a, [u8]>,
}

impl Form {
    /// The smallest form of these pixels.
    pub(super) fn of(raster: &Raster) -> Self {
        let mut form = Self {
            opaque: true,
            gray: true,
            gray_bits: 1,
            repeated: repeated(raster),
            pixels: raster.samples.len() / raster.layout.channels(),
            palette: Vec::new(),
        };
        let mut values = BTreeSet::new();
        let mut last = None;
        for pixel in rgba(raster) {
            if last == Some(pixel) {
                continue;
            }
            last = Some(pixel);
            let [red, green, blue, alpha] = pixel;
            form.opaque &= alpha == 255;
            form.gray &= red == green && green == blue;
            form.gray_bits = form.gray_bits.max(bits_of_gray(red));
            if values.len() <= 256 {
                values.insert([alpha, red, green, blue]);
            } else if !form.gray && (!form.opaque || !raster.layout.has_alpha()) {
                // Nothing is left that another pixel could change.
                break;
            }
        }
        let bits = if form.gray && form.opaque {
            form.gray_bits
        } else {
            8 * form.channels()
        };
        if values.len() <= 256 && bits_of_index(values.len()) < bits {
            form.palette = values
                .into_iter()
                .map(|[alpha, red, green, blue]| [red, green, blue, alpha])
                .collect();
        }
        form
    }

    pub(super) fn has_palette(&self) -> bool {
        !self.palette.is_empty()
    }

    /// Whether one pixel in so many, or more, is the same as the one before, as in drawings and screenshots.
    pub(super) fn repeats_one_in(&self, pixels: usize) -> bool {
        self.repeated * pixels >= self.pixels
    }

    /// The same without a palette.
    pub(super) fn without_palette(&self) -> Self {
        Self {
            palette: Vec::new(),
            ..self.clone()
        }
    }

    fn channels(&self) -> u8 {
        (if self.gray { 1 } else { 3 }) + u8::from(!self.opaque)
    }

    /// The pixels in this form.
    pub(super) fn pack<'a>(&self, raster: &'a Raster) -> Packed<'a> {
        let width = raster.row_pixels();
        if self.has_palette() {
            let indices: HashMap<[u8; 4], u8> = self.palette.iter().copied().zip(0..=255).collect();
            let bits = bits_of_index(self.palette.len());
            let opaque_from = self
                .palette
                .iter()
                .take_while(|[.., alpha]| *alpha < 255)
                .count();
            let index = rgba(raster).map(|pixel| indices.get(&pixel).copied().unwrap_or_default());
            return Packed {
                color: ColorType::Indexed,
                depth: depth(bits),
                palette: self
                    .palette
                    .iter()
                    .flat_map(|&[red, green, blue, _]| [red, green, blue])
                    .collect(),
                transparency: self
                    .palette
                    .iter()
                    .take(opaque_from)
                    .map(|&[.., alpha]| alpha)
                    .collect(),
                samples: pack_bits(index, width, bits).into(),
            };
        }
        let (color, bits, samples): (_, _, Cow<[u8]>) = match (self.gray, self.opaque) {
            (true, true) => {
                let bits = self.gray_bits;
                let grays = rgba(raster).map(|[gray, ..]| gray >> (8 - bits));
                (
                    ColorType::Grayscale,
                    bits,
                    pack_bits(grays, width, bits).into(),
                )
            }
            (true, false) => {
                let pixels = rgba(raster).flat_map(|[gray, _, _, alpha]| [gray, alpha]);
                (ColorType::GrayscaleAlpha, 8, pixels.collect())
            }
            (false, true) if raster.layout == Layout::Rgb => {
                (ColorType::Rgb, 8, Cow::Borrowed(&raster.samples))
            }
            (false, true) => (
                ColorType::Rgb,
                8,
                rgba(raster)
                    .flat_map(|[red, green, blue, _]| [red, green, blue])
                    .collect(),
            ),
            (false, false) => (ColorType::Rgba, 8, rgba(raster).flatten().collect()),
        };
        Packed {
            color,
            depth: depth(bits),
            palette: Vec::new(),
            transparency: Vec::new(),
            samples,
        }
    }
}

/// The pixels as RGBA. The colour of a wholly transparent pixel is nobody's: it becomes black.
fn rgba(raster: &Raster) -> impl Iterator<Item = [u8; 4]> {
    let layout = raster.layout;
    raster
        .samples
        .chunks_exact(layout.channels())
        .map(move |pixel| match (layout, pixel) {
            (Layout::GrayAlpha, [_, 0]) | (Layout::Rgba, [_, _, _, 0]) => [0; 4],
            (_, &[gray]) => [gray, gray, gray, 255],
            (_, &[gray, alpha]) => [gray, gray, gray, alpha],
            (_, &[red, green, blue]) => [red, green, blue, 255],
            (_, &[red, green, blue, alpha]) => [red, green, blue, alpha],
            _ => [0; 4],
        })
}

/// How many pixels are the same as the one before.
fn repeated(raster: &Raster) -> usize {
    if raster.layout == Layout::Rgb {
        let (pixels, _) = raster.samples.as_chunks::<3>();
        let pairs = pixels.iter().zip(pixels.iter().skip(1));
        return pairs.filter(|(one, other)| one == other).count();
    }
    rgba(raster)
        .zip(rgba(raster).skip(1))
        .filter(|(one, other)| one == other)
        .count()
}

/// The fewest bits whose values, spread over 0 to 255, hold this gray (PNG specification, 13.12).
fn bits_of_gray(gray: u8) -> u8 {
    match gray {
        0 | 255 => 1,
        _ if gray.is_multiple_of(85) => 2,
        _ if gray.is_multiple_of(17) => 4,
        _ => 8,
    }
}

/// The fewest bits that number a palette of this size.
fn bits_of_index(colors: usize) -> u8 {
    match colors {
        0..=2 => 1,
        3..=4 => 2,
        5..=16 => 4,
        _ => 8,
    }
}

fn depth(bits: u8) -> BitDepth {
    match bits {
        1 => BitDepth::One,
        2 => BitDepth::Two,
        4 => BitDepth::Four,
        _ => BitDepth::Eight,
    }
}

/// Samples of less than a byte, high bits first, each row from a byte of its own (PNG specification, 7.2).
fn pack_bits(samples: impl Iterator<Item = u8>, width: usize, bits: u8) -> Vec<u8> {
    if bits == 8 {
        return samples.collect();
    }
    let samples: Vec<u8> = samples.collect();
    let in_a_byte = usize::from(8 / bits);
    samples
        .chunks(width)
        .flat_map(|row| row.chunks(in_a_byte))
        .map(|part| {
            let filled = part.iter().fold(0, |byte, sample| (byte << bits) | sample);
            filled << (usize::from(bits) * (in_a_byte - part.len()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dimensions;

    fn raster(layout: Layout, width: u32, samples: &[u8]) -> Raster {
        let height = (samples.len() / layout.channels()) as u32 / width;
        Raster {
            size: Dimensions { width, height },
            layout,
            samples: samples.to_vec(),
        }
    }

    fn packed(layout: Layout, width: u32, samples: &[u8]) -> Packed<'static> {
        let raster = raster(layout, width, samples);
        let packed = Form::of(&raster).pack(&raster);
        Packed {
            samples: packed.samples.into_owned().into(),
            ..packed
        }
    }

    #[test]
    fn alpha_that_hides_nothing_is_dropped() {
        let samples: Vec<u8> = (0..300)
            .flat_map(|n| [n as u8, (n / 2) as u8, 9, 255])
            .collect();
        assert_eq!(packed(Layout::Rgba, 300, &samples).color, ColorType::Rgb);
    }

    #[test]
    fn colours_that_are_grays_become_gray() {
        let samples: Vec<u8> = (0..=255).flat_map(|gray| [gray; 3]).collect();
        assert_eq!(
            packed(Layout::Rgb, 256, &samples).color,
            ColorType::Grayscale
        );
    }

    #[test]
    fn black_and_white_take_a_bit_a_pixel_and_rows_begin_in_a_byte_of_their_own() {
        let packed = packed(Layout::Gray, 3, &[255, 0, 255, 0, 255, 255]);
        assert_eq!(
            (packed.color, packed.depth),
            (ColorType::Grayscale, BitDepth::One)
        );
        assert_eq!(*packed.samples, [0b1010_0000, 0b0110_0000]);
    }

    #[test]
    fn few_colours_become_a_palette_with_the_transparent_ones_first() {
        let packed = packed(Layout::Rgba, 3, &[1, 2, 3, 255, 9, 9, 9, 0, 4, 5, 6, 100]);
        assert_eq!(
            (packed.color, packed.depth),
            (ColorType::Indexed, BitDepth::Two)
        );
        assert_eq!(packed.palette, [0, 0, 0, 4, 5, 6, 1, 2, 3]);
        assert_eq!(packed.transparency, [0, 100]);
        assert_eq!(*packed.samples, [0b10_00_01_00]);
    }

    #[test]
    fn more_than_256_colours_are_no_palette() {
        let samples: Vec<u8> = (0..257_u32)
            .flat_map(|n| [n as u8, (n >> 8) as u8, 7])
            .collect();
        assert_eq!(packed(Layout::Rgb, 257, &samples).color, ColorType::Rgb);
    }
}
