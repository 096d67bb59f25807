//! Encoding JPEG: baseline, gray or YCbCr with chroma of half the width and height (4:2:0), which is all that a
//! thumbnail needs.
//!
//! Written from ITU-T T.81, whose sections it cites. With the standard's own Huffman tables: optimised ones would save
//! some 2.5 %, but hold all coefficients until the last is known.

mod dct;
mod entropy;
mod tables;

use std::borrow::Cow;

use dct::Quantiser;
use entropy::{Codes, EntropyWriter};

use super::ImageError;
use super::color::rgb_to_ycbcr;
use super::planes::{Upright, chroma_size};
use super::raster::{Layout, Raster, to_usize};
use crate::jpeg::ZIGZAG;
use tables::HuffmanSpec;

/// Of 1 to 100, as libjpeg counts.
const QUALITY: u32 = 80;

/// Encodes gray, YCbCr or RGB.
pub(super) fn encode_jpeg(raster: &Raster) -> Result<Vec<u8>, ImageError> {
    match raster.layout {
        Layout::Gray => encode(&[Component::luma(raster, 1)]),
        Layout::YCbCr => encode_planes(&split(raster, |pixel| pixel)),
        _ => encode_planes(&split(raster, rgb_to_ycbcr)),
    }
}

/// Encodes Y, Cb and Cr, of which the last two have half the width and height already.
pub(super) fn encode_planes([luma, blue, red]: &Upright) -> Result<Vec<u8>, ImageError> {
    encode(&[
        Component::luma(luma, 2),
        Component::chroma(blue),
        Component::chroma(red),
    ])
}

/// Pixels of three samples to planes. A chroma sample is the mean of those it stands for.
fn split(raster: &Raster, convert: impl Fn([u8; 3]) -> [u8; 3]) -> Upright<'static> {
    let (pixels, _) = raster.samples.as_chunks::<3>();
    let width = raster.row_pixels();
    let half = chroma_size(raster.size);
    let mut luma = Vec::with_capacity(pixels.len());
    let mut chroma =
        [(); 2].map(|()| Vec::with_capacity(to_usize(half.width) * to_usize(half.height)));
    // Sums of chroma, and of how many pixels.
    let mut sums = vec![[0u16; 3]; to_usize(half.width)];
    for pair in pixels.chunks(2 * width) {
        sums.fill([0; 3]);
        for row in pair.chunks(width) {
            for (pixels, sum) in row.chunks(2).zip(&mut sums) {
                for &pixel in pixels {
                    let [y, cb, cr] = convert(pixel);
                    luma.push(y);
                    sum[0] += u16::from(cb);
                    sum[1] += u16::from(cr);
                    sum[2] += 1;
                }
            }
        }
        for (channel, plane) in chroma.iter_mut().enumerate() {
            plane.extend(
                sums.iter()
                    .map(|sum| ((sum[channel] + sum[2] / 2) / sum[2]) as u8),
            );
        }
    }
    let [blue, red] = chroma;
    [(raster.size, luma), (half, blue), (half, red)].map(|(size, samples)| {
        Cow::Owned(Raster {
            size,
            layout: Layout::Gray,
            samples,
        })
    })
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
    const fn new(number: u8, steps: &[u8; 64], dc: HuffmanSpec, ac: HuffmanSpec) -> Self {
        Self {
            steps: scaled(steps),
            codes: (Codes::new(&dc), Codes::new(&ac)),
            dc,
            ac,
            number,
        }
    }
}

static LUMA: Coding = Coding::new(0, &tables::LUMA_STEPS, tables::LUMA_DC, tables::LUMA_AC);
static CHROMA: Coding = Coding::new(
    1,
    &tables::CHROMA_STEPS,
    tables::CHROMA_DC,
    tables::CHROMA_AC,
);

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

/// What a component has of one row of MCUs, its outermost samples repeated to fill the blocks.
struct Strip<'a> {
    component: &'a Component<'a>,
    quantiser: Quantiser,
    /// Rows of eight samples at a time.
    samples: Vec<[u8; 8]>,
    /// Groups of eight in a row.
    groups: usize,
    prediction: i16,
}

impl<'a> Strip<'a> {
    fn new(component: &'a Component<'a>) -> Self {
        let sampling = component.sampling;
        let groups = component.plane.row_pixels().div_ceil(8 * sampling) * sampling;
        Self {
            component,
            quantiser: Quantiser::new(&component.coding.steps),
            samples: vec![[0; 8]; groups * 8 * sampling],
            groups,
            prediction: 0,
        }
    }

    /// MCUs across and down.
    fn mcus(&self) -> (usize, usize) {
        let sampling = self.component.sampling;
        let height = to_usize(self.component.plane.size.height);
        (self.groups / sampling, height.div_ceil(8 * sampling))
    }

    /// Takes the samples of a row of MCUs.
    fn fill(&mut self, mcu_row: usize) {
        let plane = self.component.plane;
        let width = plane.row_pixels();
        let last = to_usize(plane.size.height).saturating_sub(1);
        let first = mcu_row * 8 * self.component.sampling;
        for (y, target) in self.samples.chunks_exact_mut(self.groups).enumerate() {
            let start = (first + y).min(last) * width;
            let row = plane.samples.get(start..start + width).unwrap_or_default();
            let target = target.as_flattened_mut();
            let (inside, beyond) = target.split_at_mut(row.len().min(target.len()));
            inside.copy_from_slice(row);
            beyond.fill(row.last().copied().unwrap_or_default());
        }
    }

    /// Writes the component's blocks of an MCU.
    fn write(&mut self, writer: &mut EntropyWriter, column: usize) {
        let (dc, ac) = &self.component.coding.codes;
        let sampling = self.component.sampling;
        for (down, across) in
            (0..sampling).flat_map(|down| (0..sampling).map(move |across| (down, across)))
        {
            let first = down * 8 * self.groups + column * sampling + across;
            let mut block = [[0; 8]; 8];
            for (row, samples) in block
                .iter_mut()
                .zip(self.samples.iter().skip(first).step_by(self.groups))
            {
                *row = *samples;
            }
            let coefficients = self.quantiser.coefficients(&block);
            self.prediction = writer.block(&coefficients, self.prediction, (dc, ac));
        }
    }
}

/// All that comes before the coded blocks (B.2.2 to B.2.4), with a JFIF segment.
fn write_header(bytes: &mut Vec<u8>, components: &[Component]) -> Result<(), ImageError> {
    let Some(first) = components.first() else {
        return Err(ImageError::Unsupported("a picture without samples"));
    };
    // A JPEG's thumbnail is no larger than the JPEG, whose sides fit into 16 bits.
    let (Ok(width), Ok(height)) = (
        u16::try_from(first.plane.size.width),
        u16::try_from(first.plane.size.height),
    ) else {
        return Err(ImageError::Unsupported("a side that JPEG cannot have"));
    };
    let count = components.len() as u8;
    let [width, height] = [width, height].map(u16::to_be_bytes);

    bytes.extend([0xFF, 0xD8]);
    // JFIF 1.02: square pixels, no preview.
    segment(bytes, 0xE0, &[b"JFIF\0", &[1, 2, 0, 0, 1, 0, 1, 0, 0]]);
    let codings = [&LUMA, &CHROMA];
    let codings = &codings[..components.len().min(2)];
    for coding in codings {
        let steps = ZIGZAG.map(|place| coding.steps[usize::from(place)]);
        segment(bytes, 0xDB, &[&[coding.number], &steps]);
    }
    let mut frame = Vec::new();
    let mut scan = vec![count];
    for (component, id) in components.iter().zip(1..) {
        let (sampling, number) = (component.sampling as u8, component.coding.number);
        frame.extend([id, sampling << 4 | sampling, number]);
        scan.extend([id, number << 4 | number]);
    }
    segment(bytes, 0xC0, &[&[8], &height, &width, &[count], &frame]);
    for coding in codings {
        for (class, spec) in [(0, &coding.dc), (0x10, &coding.ac)] {
            segment(
                bytes,
                0xC4,
                &[&[class | coding.number], &spec.counts, spec.symbols],
            );
        }
    }
    segment(bytes, 0xDA, &[&scan, &[0, 63, 0]]);
    Ok(())
}

/// A marker segment (B.1.1.4) of these parts.
fn segment(bytes: &mut Vec<u8>, marker: u8, parts: &[&[u8]]) {
    let length = 2 + parts.iter().map(|part| part.len() as u16).sum::<u16>();
    bytes.extend([0xFF, marker]);
    bytes.extend(length.to_be_bytes());
    for part in parts {
        bytes.extend_from_slice(part);
    }
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
                let file = encode_jpeg(&raster).unwrap();
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

    #[test]
    fn chroma_is_the_mean_of_the_pixels_it_stands_for() {
        let raster = Raster {
            size: Dimensions {
                width: 3,
                height: 3,
            },
            layout: Layout::YCbCr,
            samples: (0..9).flat_map(|n| [n, 10 * n, 200 - n]).collect(),
        };
        let [luma, blue, red] = split(&raster, |pixel| pixel);
        assert_eq!(luma.samples, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(blue.samples, [20, 35, 65, 80]);
        assert_eq!(red.samples, [198, 197, 194, 192]);
    }
}
