//! Which of PNG's forms holds a picture in the fewest bytes, without changing a pixel.

use std::collections::{BTreeSet, HashMap};

use png::{BitDepth, ColorType};

use super::raster::{Layout, Raster, to_usize};

/// A transparent pixel is black, see [`pixels`].
const NO_PIXEL: [u8; 4] = [255, 255, 255, 0];

/// The form of a picture's pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    /// No pixel is transparent.
    opaque: bool,
    /// Every pixel's colour is a gray.
    gray: bool,
    /// Bits that hold every gray of an opaque picture.
    gray_bits: u8,
    /// The pixels' values as RGBA, transparent ones first; empty if there are more than 256, or if they save nothing.
    palette: Vec<[u8; 4]>,
}

/// Pixels as PNG stores them, before filters and compression.
pub(super) struct Packed {
    pub(super) color: ColorType,
    pub(super) depth: BitDepth,
    pub(super) palette: Vec<u8>,
    pub(super) transparency: Vec<u8>,
    /// Rows, each behind the number of a filter, which is that of none.
    pub(super) rows: Vec<u8>,
    /// Bytes of a row with that number.
    pub(super) stride: usize,
}

impl Form {
    /// The smallest form of these pixels.
    pub(super) fn of(raster: &Raster) -> Self {
        let mut form = Self {
            opaque: true,
            gray: true,
            gray_bits: 1,
            palette: Vec::new(),
        };
        let mut values = BTreeSet::new();
        // Most pixels were just seen.
        let mut seen = [NO_PIXEL; 256];
        for pixel in raster_rows(raster).flat_map(|row| pixels(raster.layout, row)) {
            let [red, green, blue, alpha] = pixel;
            let place = &mut seen[usize::from(red ^ green.rotate_left(3) ^ blue.rotate_left(5))];
            if *place == pixel {
                continue;
            }
            *place = pixel;
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
    pub(super) fn pack(&self, raster: &Raster) -> Packed {
        let bits = self.gray_bits;
        match (self.gray, self.opaque) {
            _ if self.has_palette() => self.pack_indices(raster),
            (true, true) => Packed::new(ColorType::Grayscale, bits, raster, |pixels| {
                pack_bits(pixels.map(|[gray, ..]| gray >> (8 - bits)), bits)
            }),
            (true, false) => Packed::new(ColorType::GrayscaleAlpha, 8, raster, |pixels| {
                flat(pixels.map(|[gray, _, _, alpha]| [gray, alpha]))
            }),
            (false, true) => Packed::new(ColorType::Rgb, 8, raster, |pixels| {
                flat(pixels.map(|[red, green, blue, _]| [red, green, blue]))
            }),
            (false, false) => Packed::new(ColorType::Rgba, 8, raster, flat),
        }
    }

    fn pack_indices(&self, raster: &Raster) -> Packed {
        let indices: HashMap<[u8; 4], u8> = self.palette.iter().copied().zip(0..=255).collect();
        let bits = bits_of_index(self.palette.len());
        let colors = self.palette.iter();
        let transparent = colors.clone().take_while(|color| color[3] < 255);
        Packed {
            palette: flat(colors.map(|&[red, green, blue, _]| [red, green, blue])),
            transparency: transparent.map(|color| color[3]).collect(),
            ..Packed::new(ColorType::Indexed, bits, raster, |pixels| {
                let index = |pixel| indices.get(&pixel).copied().unwrap_or_default();
                pack_bits(pixels.map(index), bits)
            })
        }
    }
}

/// The pixels of a row.
type Pixels = std::vec::IntoIter<[u8; 4]>;

impl Packed {
    /// Without a palette; `pack` makes a row's bytes of its pixels.
    fn new(color: ColorType, bits: u8, raster: &Raster, pack: impl Fn(Pixels) -> Vec<u8>) -> Self {
        let mut rows = Vec::with_capacity(raster.samples.len() + to_usize(raster.size.height));
        let is_packed = matches!(
            (raster.layout, color, bits),
            (Layout::Rgb, ColorType::Rgb, _) | (Layout::Gray, ColorType::Grayscale, 8)
        );
        for row in raster_rows(raster) {
            rows.push(0);
            if is_packed {
                rows.extend_from_slice(row);
            } else {
                rows.extend_from_slice(&pack(pixels(raster.layout, row).into_iter()));
            }
        }
        Self {
            color,
            depth: depth(bits),
            palette: Vec::new(),
            transparency: Vec::new(),
            stride: rows.len() / to_usize(raster.size.height),
            rows,
        }
    }
}

fn raster_rows(raster: &Raster) -> impl Iterator<Item = &[u8]> {
    let row_bytes = raster.row_pixels() * raster.layout.channels();
    raster.samples.chunks_exact(row_bytes)
}

fn flat<const N: usize>(pixels: impl Iterator<Item = [u8; N]>) -> Vec<u8> {
    pixels.collect::<Vec<_>>().into_flattened()
}

/// Pixels as RGBA. The colour of a wholly transparent pixel is nobody's: it becomes black.
fn pixels(layout: Layout, samples: &[u8]) -> Vec<[u8; 4]> {
    fn map<const N: usize>(samples: &[u8], rgba: impl Fn([u8; N]) -> [u8; 4]) -> Vec<[u8; 4]> {
        samples.as_chunks().0.iter().copied().map(rgba).collect()
    }
    match layout.channels() {
        1 => map(samples, |[gray]| [gray, gray, gray, 255]),
        2 => map(samples, |[gray, alpha]| {
            if alpha == 0 {
                [0; 4]
            } else {
                [gray, gray, gray, alpha]
            }
        }),
        3 => map(samples, |[red, green, blue]| [red, green, blue, 255]),
        _ => map(samples, |pixel| if pixel[3] == 0 { [0; 4] } else { pixel }),
    }
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

/// A row's samples of less than a byte, high bits first (PNG specification, 7.2).
fn pack_bits(samples: impl Iterator<Item = u8>, bits: u8) -> Vec<u8> {
    let samples: Vec<u8> = samples.collect();
    let in_a_byte = usize::from(8 / bits);
    let pack = |part: &[u8]| {
        let filled = part
            .iter()
            .fold(0, |byte, sample| (byte << (bits % 8)) | sample);
        filled << (usize::from(bits) * (in_a_byte - part.len()))
    };
    samples.chunks(in_a_byte).map(pack).collect()
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

    fn packed(layout: Layout, width: u32, samples: &[u8]) -> Packed {
        let raster = raster(layout, width, samples);
        Form::of(&raster).pack(&raster)
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
        assert_eq!(packed.rows, [0, 0b1010_0000, 0, 0b0110_0000]);
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
        assert_eq!(packed.rows, [0, 0b10_00_01_00]);
    }

    #[test]
    fn more_than_256_colours_are_no_palette() {
        let samples: Vec<u8> = (0..257_u32)
            .flat_map(|n| [n as u8, (n >> 8) as u8, 7])
            .collect();
        assert_eq!(packed(Layout::Rgb, 257, &samples).color, ColorType::Rgb);
    }
}
