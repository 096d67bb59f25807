//! Decoding JPEG: at the smallest scale that is sharp enough, plane by plane, straight to the size that is asked for.

use std::io::{Read, Seek};
use std::ops::ControlFlow;

use tierpix_resampler::{Part, Pixels, Resampler};

use super::Dimensions;
use super::color::ToSrgb;
use super::jpeg::{ColorModel, Decoder, Header, Plane, Scale, decode_memory};
use super::orientation::Orientation;
use super::picture::Picture;
use super::planes::Planes;
use super::raster::{Layout, Raster, byte_count};
use super::resize::resample;
use super::{Deadline, ImageError, profile};

/// Decodes a picture in the size `to`, which is no larger than its own.
pub(super) fn decode_jpeg(
    source: &mut (impl Read + Seek),
    to: Dimensions,
    orientation: Orientation,
    resampler: &mut Resampler,
    deadline: &Deadline,
) -> Result<Picture, ImageError> {
    source.rewind()?;
    let decoder = Decoder::new(source)?;
    let header = decoder.header().clone();
    let profile = header.icc_profile.as_deref().and_then(profile::from_icc);
    let converter = profile.and_then(|profile| ToSrgb::new(&profile, layout(header.color)));
    let planes = decoder.decode(scale(&header, to), &mut || match deadline.check() {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    })?;
    let planes = match <[Plane; 3]>::try_from(planes) {
        Ok(planes) if header.color == ColorModel::YCbCr && converter.is_none() => {
            let corner = orientation.first_corner();
            return Planes::new(resampler, planes, to, corner).map(Picture::Planes);
        }
        Ok(planes) => planes.into(),
        Err(planes) => planes,
    };
    let planes = planes
        .into_iter()
        .map(|plane| resize_plane(resampler, plane, to))
        .collect::<Result<Vec<_>, _>>()?;
    deadline.check()?;
    Ok(Picture::Raster {
        raster: interleave(&header, planes, to),
        converter,
    })
}

/// The smallest scale from which a resize keeps 48 dB to one from the whole picture: where the scaled picture is still
/// 1.5 times the size that is wanted, at 1/8, which blurs the most, 2.5 times.
fn scale(header: &Header, to: Dimensions) -> Scale {
    let is_enough = |side: u32, wanted: u32, scale: Scale| {
        let halves = if scale == Scale::Eighth { 5 } else { 3 };
        2 * u64::from(side) * u64::from(scale.numerator()) >= halves * 8 * u64::from(wanted)
    };
    Scale::ALL
        .into_iter()
        .find(|&scale| {
            is_enough(header.width, to.width, scale) && is_enough(header.height, to.height, scale)
        })
        .unwrap_or(Scale::Full)
}

/// A plane's part of the picture in the size `to`, whatever the plane's own.
fn resize_plane(
    resampler: &mut Resampler,
    plane: Plane,
    to: Dimensions,
) -> Result<Vec<u8>, ImageError> {
    let size = Dimensions {
        width: plane.width,
        height: plane.height,
    };
    let extent = plane.extent;
    let part = Part {
        left: 0.0,
        top: 0.0,
        width: extent.0,
        height: extent.1,
    };
    let mut samples = plane.into_picture();
    resample(resampler, Pixels::One, &mut samples, (size, to), Some(part))
}

/// Planes of one size to pixels.
fn interleave(header: &Header, planes: Vec<Vec<u8>>, size: Dimensions) -> Raster {
    let layout = layout(header.color);
    let mut samples = match <[Vec<u8>; 1]>::try_from(planes) {
        Ok([plane]) => plane,
        Err(planes) => {
            let mut samples = vec![0; planes.iter().map(Vec::len).sum()];
            let channels = planes.len();
            for (channel, plane) in planes.iter().enumerate() {
                for (pixel, &sample) in samples.chunks_exact_mut(channels).zip(plane) {
                    if let Some(place) = pixel.get_mut(channel) {
                        *place = sample;
                    }
                }
            }
            samples
        }
    };
    if header.color == ColorModel::Ycck {
        ycc_to_cmy(&mut samples);
    }
    // Adobe's programs write 255 for no ink, and every viewer takes it so, said or not.
    if layout == Layout::Cmyk {
        for sample in &mut samples {
            *sample = 255 - *sample;
        }
    }
    Raster {
        size,
        layout,
        samples,
    }
}

/// YCCK's first three components to CMY; K is as it should be (Adobe technical note 5116, section 18).
fn ycc_to_cmy(samples: &mut [u8]) {
    let (pixels, _) = samples.as_chunks_mut::<4>();
    for [a, b, c, _] in pixels {
        [*a, *b, *c] = super::color::ycbcr_to_rgb([*a, *b, *c]).map(|sample| 255 - sample);
    }
}

/// What is made of a picture's components.
pub(super) fn layout(color: ColorModel) -> Layout {
    match color {
        ColorModel::Gray => Layout::Gray,
        ColorModel::YCbCr => Layout::YCbCr,
        ColorModel::Rgb => Layout::Rgb,
        ColorModel::Cmyk | ColorModel::Ycck => Layout::Cmyk,
    }
}

/// The bytes that [`decode_jpeg`] holds at its peak, its result among them.
pub(super) fn decode_peak(header: &Header, to: Dimensions) -> u64 {
    let narrowed = Dimensions {
        width: to.width,
        height: header.height,
    };
    let scale = scale(header, to);
    // Chroma is padded where it reaches beyond an odd side: by the share that one of the thumbnail's pixels has of it.
    let padded = if to.width % 2 == 1 || to.height % 2 == 1 {
        let side = |side: u32, to: u32| {
            let side = (side * scale.numerator()).div_ceil(8);
            side + side.div_ceil(to) + 1
        };
        byte_count(
            Dimensions {
                width: side(header.width, to.width),
                height: side(header.height, to.height),
            },
            1,
        )
    } else {
        0
    };
    decode_memory(header, scale)
        + byte_count(narrowed, 1)
        + 2 * byte_count(to, header.components.len())
        + padded
}
