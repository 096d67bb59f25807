//! Encoding JPEG: baseline, gray or YCbCr with chroma of half the width and height (4:2:0), which is all that the
//! thumbnail of a photo needs, or of all (4:4:4).
//!
//! Written from ITU-T T.81, whose sections it cites. With the standard's own Huffman tables: optimised ones would save
//! some 2.5 %, but hold all coefficients until the last is known.

mod dct;
mod entropy;
mod header;
mod split;
mod steps;
mod strip;

use entropy::{Codes, EntropyWriter};
use header::write_header;
use split::{split, split_in_full};
use strip::Strip;

use super::ImageError;
use super::chroma;
use super::color::rgb_to_ycbcr;
use super::jpeg::standard::{self, HuffmanSpec};
use super::planes::Upright;
use super::raster::{Layout, Raster};

/// Of 1 to 100, as libjpeg counts.
const QUALITY: u32 = 80;

/// Encodes gray, YCbCr or RGB. Where each pixel has a colour of its own (`full_chroma`), one that needs that keeps it.
pub(super) fn encode_jpeg(raster: &Raster, full_chroma: bool) -> Result<Vec<u8>, ImageError> {
    match raster.layout {
        Layout::Gray => encode(&[Component::luma(raster, 1)]),
        Layout::YCbCr => encode_pixels(raster, full_chroma, |pixel| pixel),
        _ => encode_pixels(raster, full_chroma, rgb_to_ycbcr),
    }
}

fn encode_pixels(
    raster: &Raster,
    full_chroma: bool,
    convert: impl Fn([u8; 3]) -> [u8; 3],
) -> Result<Vec<u8>, ImageError> {
    if full_chroma {
        let planes = split_in_full(raster, &convert);
        let [_, blue, red] = &planes;
        if chroma::is_needed_in_full(blue, red) {
            return encode_planes(&planes);
        }
    }
    encode_planes(&split(raster, convert))
}

/// Encodes Y, Cb and Cr, of which the last two have half the width and height already, or all of it.
pub(super) fn encode_planes([luma, blue, red]: &Upright) -> Result<Vec<u8>, ImageError> {
    let sampling = if blue.size == luma.size { 1 } else { 2 };
    encode(&[
        Component::luma(luma, sampling),
        Component::chroma(blue),
        Component::chroma(red),
    ])
}

/// One component and how it is coded.
struct Component<'a> {
    plane: &'a Raster,
    /// Blocks across and down in an MCU.
    sampling: usize,
    coding: &'static Coding,
}

/// How a kind of component is coded.
struct Coding {
    steps: [u8; 64],
    dc: HuffmanSpec,
    ac: HuffmanSpec,
    codes: (Codes, Codes),
    /// The number of its tables in the file.
    number: u8,
}

impl Coding {
    const fn new(number: u8, steps: &[u8; 64]) -> Self {
        let (dc, ac) = (standard::DC[number as usize], standard::AC[number as usize]);
        Self {
            steps: scaled(steps),
            codes: (Codes::new(&dc), Codes::new(&ac)),
            dc,
            ac,
            number,
        }
    }
}

static LUMA: Coding = Coding::new(0, &steps::LUMA);
static CHROMA: Coding = Coding::new(1, &steps::CHROMA);

/// Steps for this quality: those of 50 times 2 − quality / 50.
const fn scaled(steps: &[u8; 64]) -> [u8; 64] {
    let mut scaled = [0; 64];
    let mut place = 0;
    while place < 64 {
        // From 1 to 99 for any quality above 50.
        scaled[place] = ((steps[place] as u32 * (200 - 2 * QUALITY) + 50) / 100) as u8;
        place += 1;
    }
    scaled
}

impl<'a> Component<'a> {
    fn luma(plane: &'a Raster, sampling: usize) -> Self {
        Self {
            plane,
            sampling,
            coding: &LUMA,
        }
    }

    fn chroma(plane: &'a Raster) -> Self {
        Self {
            plane,
            sampling: 1,
            coding: &CHROMA,
        }
    }
}

/// The whole file (B.2).
fn encode(components: &[Component]) -> Result<Vec<u8>, ImageError> {
    let mut writer = EntropyWriter::default();
    write_header(&mut writer.bytes, components)?;
    let mut strips: Vec<Strip> = components.iter().map(Strip::new).collect();
    let (columns, rows) = strips.first().map_or((0, 0), Strip::mcus);
    for row in 0..rows {
        for strip in &mut strips {
            strip.fill(row);
        }
        for column in 0..columns {
            for strip in &mut strips {
                strip.write(&mut writer, column);
            }
        }
    }
    let mut bytes = writer.finish();
    bytes.extend([0xFF, 0xD9]);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dimensions;

    fn raster(layout: Layout, width: u32, height: u32) -> Raster {
        let count = (width * height) as usize * layout.channels();
        let mut random = 7u32;
        let samples = (0..count).map(|place| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Noise above and slopes below: all categories of coefficients, and runs of every length.
            let place = place / layout.channels();
            match place / width as usize % 24 {
                0..8 => (random >> 24) as u8,
                _ => (place % width as usize * 3) as u8,
            }
        });
        Raster {
            size: Dimensions { width, height },
            layout,
            samples: samples.collect(),
        }
    }

    /// Luma as another decoder reads it.
    fn shown(file: &[u8]) -> (usize, usize, Vec<u8>) {
        let mut decoder = zune_jpeg::JpegDecoder::new_with_options(
            zune_core::bytestream::ZCursor::new(file),
            zune_core::options::DecoderOptions::default()
                .jpeg_set_out_colorspace(zune_core::colorspace::ColorSpace::Luma),
        );
        let samples = decoder.decode().unwrap();
        let (width, height) = decoder.dimensions().unwrap();
        (width, height, samples)
    }

    #[test]
    fn other_decoders_read_what_was_encoded_whatever_its_size() {
        for (width, height) in [(1, 1), (7, 9), (8, 8), (16, 17), (33, 31), (64, 48)] {
            for layout in [Layout::Gray, Layout::YCbCr, Layout::Rgb] {
                let raster = raster(layout, width, height);
                let file = encode_jpeg(&raster, false).unwrap();
                let (shown_width, shown_height, luma) = shown(&file);
                assert_eq!(
                    (shown_width, shown_height),
                    (width as usize, height as usize)
                );
                let expected = match layout {
                    Layout::Gray => raster.samples,
                    Layout::YCbCr => raster.samples.chunks(3).map(|pixel| pixel[0]).collect(),
                    _ => raster
                        .samples
                        .chunks(3)
                        .map(|pixel| rgb_to_ycbcr([pixel[0], pixel[1], pixel[2]])[0])
                        .collect(),
                };
                let squares: u32 = luma
                    .iter()
                    .zip(&expected)
                    .map(|(&a, &b)| u32::from(a.abs_diff(b)).pow(2))
                    .sum();
                let mean = f64::from(squares) / f64::from(width * height);
                // Quality 80 rounds noise by steps of 4 to 48.
                assert!(mean < 90.0, "{width} x {height}, {layout:?}: {mean}");
            }
        }
    }
}
