//! Decoding JPEG.

use std::io::{BufRead, Seek, SeekFrom};

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::ImageError;
use super::jpeg_header::{JpegColor, JpegHeader};
use super::raster::{Layout, Raster, byte_count, to_usize};
use crate::domain::image::Dimensions;

/// Decodes the picture, at least in the size that is asked for.
pub(super) fn decode_jpeg(
    source: &mut (impl BufRead + Seek),
    header: &JpegHeader,
    _at_least: Dimensions,
) -> Result<Raster, ImageError> {
    let mut file = Vec::new();
    source.seek(SeekFrom::Start(0))?;
    source.read_to_end(&mut file)?;

    let (layout, color_space) = match header.color {
        JpegColor::Gray => (Layout::Gray, ColorSpace::Luma),
        JpegColor::YCbCr | JpegColor::Rgb => (Layout::Rgb, ColorSpace::RGB),
        // Given as stored.
        JpegColor::Cmyk { .. } => (Layout::Cmyk, ColorSpace::CMYK),
        JpegColor::Ycck { .. } => (Layout::Cmyk, ColorSpace::YCCK),
    };
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(to_usize(header.size.width))
        .set_max_height(to_usize(header.size.height))
        .jpeg_set_out_colorspace(color_space);
    let mut samples = JpegDecoder::new_with_options(ZCursor::new(file), options)
        .decode()
        .map_err(|error| ImageError::damaged(error.to_string()))?;
    if samples.len() as u64 != byte_count(header.size, layout.channels()) {
        return Err(ImageError::damaged("decodes to another size"));
    }
    match header.color {
        JpegColor::Ycck { inverted } => {
            ycc_to_cmy(&mut samples);
            if inverted {
                invert(&mut samples);
            }
        }
        JpegColor::Cmyk { inverted: true } => invert(&mut samples),
        _ => {}
    }
    Ok(Raster {
        size: header.size,
        layout,
        samples,
    })
}

/// The bytes that [`decode_jpeg`] holds at its peak, its result among them.
pub(super) fn decode_peak(header: &JpegHeader, file_bytes: u64) -> u64 {
    let raster = byte_count(header.size, header.components.len());
    let coefficients = if header.many_scans {
        2 * coefficient_count(header)
    } else {
        0
    };
    raster + coefficients + file_bytes
}

/// Coefficients of all components, each padded to whole MCUs (ITU-T T.81, A.2).
fn coefficient_count(header: &JpegHeader) -> u64 {
    let largest = |factor: fn((u8, u8)) -> u8| {
        header
            .components
            .iter()
            .map(|component| u64::from(factor(component.sampling)))
            .max()
            .unwrap_or(1)
    };
    let (columns, rows) = (largest(|(x, _)| x) * 8, largest(|(_, y)| y) * 8);
    let mcus = u64::from(header.size.width).div_ceil(columns)
        * u64::from(header.size.height).div_ceil(rows);
    let blocks: u64 = header
        .components
        .iter()
        .map(|component| u64::from(component.sampling.0) * u64::from(component.sampling.1))
        .sum();
    mcus * blocks * 64
}

fn invert(samples: &mut [u8]) {
    for sample in samples {
        *sample = 255 - *sample;
    }
}

/// YCCK's first three components to CMY; K is as it should be (Adobe technical note 5116, section 18).
fn ycc_to_cmy(samples: &mut [u8]) {
    let (pixels, _) = samples.as_chunks_mut::<4>();
    for [a, b, c, _] in pixels {
        let (y, cb, cr) = (f32::from(*a), f32::from(*b) - 128.0, f32::from(*c) - 128.0);
        // JFIF 1.02's equations; casts to u8 saturate.
        *a = 255 - (y + 1.402 * cr + 0.5) as u8;
        *b = 255 - (y - 0.344_136 * cb - 0.714_136 * cr + 0.5) as u8;
        *c = 255 - (y + 1.772 * cb + 0.5) as u8;
    }
}
