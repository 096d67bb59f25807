//! Decoding PNG: row by row into the size that is asked for.

use std::io::{BufRead, Seek};

use png::{Decoder, DecodingError, Limits, Transformations};

use super::Dimensions;
use super::adam7::{self, Place};
use super::png_header::PngHeader;
use super::png_pixels::{BarePng, ZlibStream, has_right_samples};
use super::raster::{Layout, Raster, byte_count, to_usize};
use super::scatter::Scatterer;
use super::shrink::Shrinker;
use super::{Deadline, ImageError};

/// Rows between two looks at the clock.
const ROWS_A_CHECK: u32 = 16;

/// What the decoder may allocate besides a row: the palette and the like.
const DECODER_BYTES: u64 = 64 * 1024;

/// Decodes the picture into each of these sizes, the largest first, none of which is larger than its own.
///
/// Samples of 16 bits become 8, palettes and tRNS become RGB and alpha.
///
/// # Errors
/// [`ImageError::Damaged`] also where neither the chunks' checksums nor that of the samples are right.
pub(super) fn decode_png(
    source: &mut (impl BufRead + Seek),
    header: &PngHeader,
    sizes: &[Dimensions],
    deadline: &Deadline,
) -> Result<Vec<Raster>, ImageError> {
    let mut pixels = ZlibStream::new(&mut *source, header)?;
    let rasters = decode_rows(BarePng::new(&mut pixels, header), header, sizes, deadline)?;
    if !pixels.is_intact() && !has_right_samples(source, header, deadline)? {
        return Err(ImageError::damaged("the pixels' checksum is wrong"));
    }
    Ok(rasters)
}

fn decode_rows(
    file: impl BufRead + Seek,
    header: &PngHeader,
    sizes: &[Dimensions],
    deadline: &Deadline,
) -> Result<Vec<Raster>, ImageError> {
    let limits = Limits {
        bytes: usize::try_from(row_bytes(header) + DECODER_BYTES).unwrap_or(usize::MAX),
    };
    let mut decoder = Decoder::new_with_limits(file, limits);
    decoder.ignore_checksums(true);
    decoder.set_transformations(Transformations::EXPAND);
    let mut reader = decoder.read_info()?;
    let mut narrowed = Vec::new();
    // The decoder reads to the end of the pixels when it is asked for a row behind the last.
    let mut next_row = |take: &mut dyn FnMut(&[u8]) -> Result<(), ImageError>| {
        let Some(row) = reader.next_interlaced_row()? else {
            return Ok(false);
        };
        if header.bit_depth == 16 {
            narrow_samples(row.data(), &mut narrowed);
            take(&narrowed)?;
        } else {
            take(row.data())?;
        }
        Ok::<_, ImageError>(true)
    };
    let mut count = 0;
    let mut check = || {
        count += 1;
        if count % ROWS_A_CHECK == 0 {
            deadline.check()
        } else {
            Ok(())
        }
    };
    let layout = layout(header);
    if header.interlaced {
        let mut interlaced = Interlaced::new(header.size, sizes, layout);
        let mut places = adam7::places(header.size);
        while next_row(&mut |row| {
            let place = places.next().ok_or(ImageError::damaged("a row too many"))?;
            interlaced.push(place, row);
            Ok(())
        })? {
            check()?;
        }
        return Ok(interlaced.finish());
    }
    let mut rows = Rows::new(header.size, sizes, layout);
    while next_row(&mut |row| rows.push(row))? {
        check()?;
    }
    rows.finish()
}

/// Where rows go that come from the top.
struct Rows {
    /// The picture in its own size, where it is wanted.
    whole: Option<Raster>,
    /// In smaller ones.
    smaller: Shrinker,
}

impl Rows {
    fn new(from: Dimensions, sizes: &[Dimensions], layout: Layout) -> Self {
        let (whole, smaller) = split(from, sizes);
        Self {
            whole: whole.map(|size| Raster {
                size,
                layout,
                samples: Vec::with_capacity(sample_count(size, layout)),
            }),
            smaller: Shrinker::new(from, smaller, layout),
        }
    }

    fn push(&mut self, row: &[u8]) -> Result<(), ImageError> {
        if let Some(raster) = &mut self.whole {
            raster.samples.extend_from_slice(row);
        }
        self.smaller.push(row)
    }

    fn finish(self) -> Result<Vec<Raster>, ImageError> {
        let smaller = self.smaller.finish()?;
        Ok(self.whole.into_iter().chain(smaller).collect())
    }
}

/// Where rows go that come in passes.
struct Interlaced {
    whole: Option<Raster>,
    smaller: Vec<Scatterer>,
}

impl Interlaced {
    fn new(from: Dimensions, sizes: &[Dimensions], layout: Layout) -> Self {
        let (whole, smaller) = split(from, sizes);
        Self {
            whole: whole.map(|size| Raster {
                size,
                layout,
                samples: vec![0; sample_count(size, layout)],
            }),
            smaller: smaller
                .iter()
                .map(|&to| Scatterer::new(from, to, layout))
                .collect(),
        }
    }

    fn push(&mut self, place: Place, row: &[u8]) {
        if let Some(raster) = &mut self.whole {
            adam7::put(raster, place, row);
        }
        for scatterer in &mut self.smaller {
            scatterer.push(place, row);
        }
    }

    fn finish(self) -> Vec<Raster> {
        let smaller = self.smaller.into_iter().map(Scatterer::finish);
        self.whole.into_iter().chain(smaller).collect()
    }
}

/// The picture's own size, where it is the first that is wanted, and the others.
fn split(from: Dimensions, sizes: &[Dimensions]) -> (Option<Dimensions>, &[Dimensions]) {
    match sizes {
        [first, smaller @ ..] if *first == from => (Some(from), smaller),
        smaller => (None, smaller),
    }
}

fn sample_count(size: Dimensions, layout: Layout) -> usize {
    to_usize(size.width) * to_usize(size.height) * layout.channels()
}

/// Samples of 16 bits to 8, rounded (PNG specification, 13.12).
fn narrow_samples(wide: &[u8], narrowed: &mut Vec<u8>) {
    let (samples, _) = wide.as_chunks();
    narrowed.clear();
    narrowed.extend(samples.iter().map(|&sample| {
        let wide = u32::from(u16::from_be_bytes(sample));
        ((wide * 255 + 32_767) / 65_535) as u8
    }));
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

/// The bytes that [`decode_png`] holds at its peak, its results among them.
pub(super) fn decode_peak(header: &PngHeader, sizes: &[Dimensions]) -> u64 {
    // The decoder keeps rows to unfilter and a window to inflate into.
    let decoder = 8 * row_bytes(header) + 512 * 1024;
    let (from, layout) = (header.size, layout(header));
    let (whole, smaller) = split(from, sizes);
    let whole = whole.map_or(0, |size| byte_count(size, layout.channels()));
    let smaller = if header.interlaced {
        let scatterer = |&to| Scatterer::peak(from, to, layout);
        smaller.iter().map(scatterer).sum()
    } else {
        Shrinker::peak(from, smaller, layout)
    };
    decoder + whole + smaller
}

impl From<DecodingError> for ImageError {
    fn from(error: DecodingError) -> Self {
        match error {
            DecodingError::IoError(error) => error.into(),
            error => Self::damaged(error.to_string()),
        }
    }
}
