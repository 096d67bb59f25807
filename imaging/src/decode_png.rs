//! Decoding PNG: row by row into the size that is asked for.

use std::io::{BufRead, Seek};

use png::{
    BitDepth, ColorType, Decoder, DecodingError, InterlaceInfo, Limits, Reader, Transformations,
    expand_interlaced_row,
};

use super::Dimensions;
use super::png_header::PngHeader;
use super::png_pixels::{BarePng, ZlibStream, has_right_samples};
use super::raster::{Layout, Raster, byte_count, to_usize};
use super::shrink::Shrinker;
use super::{Deadline, ImageError};

/// Rows between two looks at the clock.
const ROWS_A_CHECK: u32 = 16;

/// What the decoder may allocate besides a row: the palette and the like.
const DECODER_BYTES: u64 = 64 * 1024;

/// Decodes the picture: in the size `to`, or whole if that is its size or if its rows are interlaced.
///
/// Samples of 16 bits become 8, palettes and tRNS become RGB and alpha.
///
/// # Errors
/// [`ImageError::Damaged`] also where neither the chunks' checksums nor that of the samples are right.
pub(super) fn decode_png(
    source: &mut (impl BufRead + Seek),
    header: &PngHeader,
    to: Dimensions,
    deadline: &Deadline,
) -> Result<Raster, ImageError> {
    let mut pixels = ZlibStream::new(&mut *source, header)?;
    let raster = decode_rows(BarePng::new(&mut pixels, header), header, to, deadline)?;
    if !pixels.is_intact() && !has_right_samples(source, header, deadline)? {
        return Err(ImageError::damaged("the pixels' checksum is wrong"));
    }
    Ok(raster)
}

fn decode_rows(
    file: impl BufRead + Seek,
    header: &PngHeader,
    to: Dimensions,
    deadline: &Deadline,
) -> Result<Raster, ImageError> {
    let limits = Limits {
        bytes: usize::try_from(row_bytes(header) + DECODER_BYTES).unwrap_or(usize::MAX),
    };
    let mut decoder = Decoder::new_with_limits(file, limits);
    decoder.ignore_checksums(true);
    decoder.set_transformations(Transformations::EXPAND);
    let mut reader = decoder.read_info()?;
    let (color, depth) = reader.output_color_type();
    let layout = match color {
        ColorType::Grayscale => Layout::Gray,
        ColorType::GrayscaleAlpha => Layout::GrayAlpha,
        ColorType::Rgb | ColorType::Indexed => Layout::Rgb,
        ColorType::Rgba => Layout::Rgba,
    };
    let is_wide = depth == BitDepth::Sixteen;

    if header.interlaced {
        return Ok(Raster {
            size: header.size,
            layout,
            samples: decode_interlaced(&mut reader, header.size, layout, deadline)?,
        });
    }

    let mut rows = Rows::new(header.size, to, layout);
    let mut row = vec![
        0;
        reader
            .output_line_size(header.size.width)
            .ok_or(ImageError::damaged("too large"))?
    ];
    let mut count = 0;
    while reader.read_row(&mut row)?.is_some() {
        if is_wide {
            let length = row.len();
            narrow_samples(&mut row);
            rows.push(&row)?;
            row.resize(length, 0);
        } else {
            rows.push(&row)?;
        }
        count += 1;
        if count % ROWS_A_CHECK == 0 {
            deadline.check()?;
        }
    }
    rows.finish()
}

/// The samples of a picture whose rows come in seven passes, each of which has some pixels of some rows.
fn decode_interlaced(
    reader: &mut Reader<impl BufRead + Seek>,
    size: Dimensions,
    layout: Layout,
    deadline: &Deadline,
) -> Result<Vec<u8>, ImageError> {
    let (_, depth) = reader.output_color_type();
    let row_length = to_usize(size.width) * layout.channels();
    let bits_per_pixel = u8::try_from(8 * layout.channels()).unwrap_or(u8::MAX);
    let mut samples = vec![0; row_length * to_usize(size.height)];
    let mut narrowed = Vec::new();
    let mut count = 0;
    while let Some(row) = reader.next_interlaced_row()? {
        let InterlaceInfo::Adam7(place) = row.interlace() else {
            return Err(ImageError::damaged("two headers"));
        };
        let pixels = if depth == BitDepth::Sixteen {
            narrowed.clear();
            narrowed.extend_from_slice(row.data());
            narrow_samples(&mut narrowed);
            &narrowed
        } else {
            row.data()
        };
        expand_interlaced_row(&mut samples, row_length, pixels, place, bits_per_pixel);
        count += 1;
        if count % ROWS_A_CHECK == 0 {
            deadline.check()?;
        }
    }
    Ok(samples)
}

/// Where rows go.
enum Rows {
    Whole(Raster),
    Smaller(Box<Shrinker>),
}

impl Rows {
    fn new(from: Dimensions, to: Dimensions, layout: Layout) -> Self {
        if from == to {
            let samples = Vec::with_capacity(
                to_usize(from.width) * to_usize(from.height) * layout.channels(),
            );
            Self::Whole(Raster {
                size: from,
                layout,
                samples,
            })
        } else {
            Self::Smaller(Box::new(Shrinker::new(from, to, layout)))
        }
    }

    fn push(&mut self, row: &[u8]) -> Result<(), ImageError> {
        match self {
            Self::Whole(raster) => {
                raster.samples.extend_from_slice(row);
                Ok(())
            }
            Self::Smaller(shrinker) => shrinker.push(row),
        }
    }

    fn finish(self) -> Result<Raster, ImageError> {
        match self {
            Self::Whole(raster) => Ok(raster),
            Self::Smaller(shrinker) => shrinker.finish(),
        }
    }
}

/// Samples of 16 bits to 8, rounded (PNG specification, 13.12).
fn narrow_samples(samples: &mut Vec<u8>) {
    let length = samples.len() / 2;
    for index in 0..length {
        if let Some(&[high, low]) = samples.get(2 * index..2 * index + 2)
            && let Some(sample) = samples.get_mut(index)
        {
            let wide = u32::from(u16::from_be_bytes([high, low]));
            *sample = u8::try_from((wide * 255 + 32_767) / 65_535).unwrap_or(u8::MAX);
        }
    }
    samples.truncate(length);
}

/// The layout that a header's pixels decode to.
pub(super) fn layout(header: &PngHeader) -> Layout {
    match (header.color_type, !header.palette.transparency.is_empty()) {
        (0, false) => Layout::Gray,
        (0, true) | (4, _) => Layout::GrayAlpha,
        (2 | 3, false) => Layout::Rgb,
        _ => Layout::Rgba,
    }
}

/// Bytes of a row as decoded.
fn row_bytes(header: &PngHeader) -> u64 {
    byte_count(
        Dimensions {
            height: 1,
            ..header.size
        },
        layout(header).channels() * if header.bit_depth == 16 { 2 } else { 1 },
    )
}

/// The bytes that [`decode_png`] holds at its peak, its result among them.
pub(super) fn decode_peak(header: &PngHeader, to: Dimensions) -> u64 {
    // The decoder keeps rows to unfilter and a window to inflate into.
    let decoder = 8 * row_bytes(header) + 512 * 1024;
    let rows = if header.interlaced {
        byte_count(header.size, layout(header).channels())
    } else if header.size == to {
        byte_count(to, layout(header).channels())
    } else {
        Shrinker::peak(header.size, to, layout(header))
    };
    decoder + rows
}

impl From<DecodingError> for ImageError {
    fn from(error: DecodingError) -> Self {
        match error {
            DecodingError::IoError(error) => error.into(),
            error => Self::damaged(error.to_string()),
        }
    }
}
