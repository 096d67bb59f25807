//! Decoding JPEG: at the smallest scale that is sharp enough, plane by plane, straight to the size that is asked for.

use std::io::{Read, Seek};
use std::ops::ControlFlow;

use tierpix_resampler::{Part, Pixels, Resampler};

use super::Dimensions;
use super::color::ToSrgb;
use super::jpeg::{ColorModel, Decoder, Header, Plane, Scale, decode_memory};
use super::orientation::Orientation;
use super::picture::{Decoded, Origin, Picture};
use super::planes::Planes;
use super::raster::{Layout, Raster, byte_count};
use super::resize::resample;
use super::{Deadline, ImageError, profile};

/// Decodes a picture into each of these sizes, the largest first, none of which is larger than its own.
pub(super) fn decode_jpeg(
    source: &mut (impl Read + Seek),
    sizes: &[Dimensions],
    orientation: Orientation,
    deadline: &Deadline,
) -> Result<Decoded, ImageError> {
    source.rewind()?;
    let mut decoder = Decoder::new(source)?;
    let header = decoder.header().clone();
    let profile = header.icc_profile.as_deref().and_then(profile::from_icc);
    let converter = profile.and_then(|profile| ToSrgb::new(&profile, layout(header.color)));
    let mut checkpoint = || match deadline.check() {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    };
    let planes = decoder.decode(scale(&header, sizes), &mut checkpoint)?;
    let origin = Origin {
        full_chroma: header.has_full_chroma(),
        keeps_codes: keeps_codes(&header, orientation, converter.as_ref(), decoder.has_junk()),
        palette: false,
    };
    let mut resampler = Resampler::new();
    let planes = match <[Plane; 3]>::try_from(planes) {
        Ok(planes) if header.color == ColorModel::YCbCr && converter.is_none() => {
            let corner = orientation.first_corner();
            let full_chroma = origin.full_chroma;
            let pictures = Planes::in_sizes(&mut resampler, planes, sizes, corner, full_chroma)?;
            return Ok(Decoded {
                pictures: pictures.into_iter().map(Picture::Planes).collect(),
                converter,
                origin,
            });
        }
        Ok(planes) => planes.into(),
        Err(planes) => planes,
    };
    // For each size the planes as they come.
    let mut resized: Vec<Vec<Vec<u8>>> = sizes.iter().map(|_| Vec::new()).collect();
    for plane in planes {
        deadline.check()?;
        let mut plane = PlaneSamples::of(plane);
        for (&size, planes) in sizes.iter().zip(&mut resized) {
            planes.push(plane.resize(&mut resampler, size)?);
        }
    }
    let rasters = sizes.iter().zip(resized);
    Ok(Decoded {
        pictures: rasters
            .map(|(&size, planes)| Picture::Raster(interleave(&header, planes, size)))
            .collect(),
        converter,
        origin,
    })
}

/// Whether a thumbnail of the picture's own size may be the file's coded data: they show what is to be seen, and hold
/// nothing else.
fn keeps_codes(
    header: &Header,
    orientation: Orientation,
    converter: Option<&ToSrgb>,
    has_junk: bool,
) -> bool {
    // Not every viewer knows the rarer samplings.
    let is_usual = header
        .components
        .iter()
        .enumerate()
        .all(|(index, component)| {
            let most = if index == 0 { 2 } else { 1 };
            component.horizontal <= most && component.vertical <= most
        });
    let mut ids: Vec<u8> = header
        .components
        .iter()
        .map(|component| component.id)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    is_usual
        && ids.len() == header.components.len()
        && layout(header.color) != Layout::Cmyk
        && orientation == Orientation::Upright
        && converter.is_none()
        && !has_junk
}

/// Samples of luma that are decoded in any case, where the picture has as many: a larger scale than is needed costs little
/// then, and keeps patterns whose lines are as fine as a block's.
const CHEAP: u64 = 1 << 20;

/// The smallest scale from which a resize of a photo keeps 48 dB to one from the whole picture: where the scaled picture is
/// still 1.5 times the size that is wanted, at 1/8, which blurs the most, 2.5 times. Beyond that the largest that is cheap.
fn scale(header: &Header, sizes: &[Dimensions]) -> Scale {
    let Some(&to) = sizes.first() else {
        return Scale::Eighth;
    };
    let is_enough = |side: u32, wanted: u32, scale: Scale| {
        let halves = if scale == Scale::Eighth { 5 } else { 3 };
        2 * u64::from(side) * u64::from(scale.numerator()) >= halves * 8 * u64::from(wanted)
    };
    let is_cheap = |scale: Scale| {
        let side = |side: u32| u64::from(side) * u64::from(scale.numerator());
        side(header.width) * side(header.height) <= 64 * CHEAP
    };
    let enough = Scale::ALL
        .into_iter()
        .find(|&scale| {
            is_enough(header.width, to.width, scale) && is_enough(header.height, to.height, scale)
        })
        .unwrap_or(Scale::Full);
    let cheap = Scale::ALL.into_iter().rfind(|&scale| is_cheap(scale));
    cheap.map_or(enough, |cheap| enough.max(cheap))
}

/// A decoded plane.
struct PlaneSamples {
    size: Dimensions,
    samples: Vec<u8>,
    /// The part that is the picture's.
    picture: Part,
}

impl PlaneSamples {
    fn of(plane: Plane) -> Self {
        let (width, height) = plane.extent;
        Self {
            size: Dimensions {
                width: plane.width,
                height: plane.height,
            },
            samples: plane.into_picture(),
            picture: Part {
                left: 0.0,
                top: 0.0,
                width,
                height,
            },
        }
    }

    /// The plane's part of the picture in the size `to`, whatever the plane's own.
    fn resize(&mut self, resampler: &mut Resampler, to: Dimensions) -> Result<Vec<u8>, ImageError> {
        let sizes = (self.size, to);
        let part = Some(self.picture);
        resample(resampler, Pixels::One, &mut self.samples, sizes, part)
    }
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
pub(super) fn decode_peak(header: &Header, sizes: &[Dimensions]) -> u64 {
    let scale = scale(header, sizes);
    let results: u64 = sizes
        .iter()
        .map(|&size| byte_count(size, header.components.len()))
        .sum();
    let resize = sizes.iter().map(|&to| {
        let narrowed = Dimensions {
            width: to.width,
            height: header.height,
        };
        byte_count(narrowed, 1)
            + byte_count(to, header.components.len())
            + padded(header, scale, to)
    });
    decode_memory(header, scale) + results + resize.max().unwrap_or(0)
}

/// Chroma is padded where it reaches beyond an odd side: by the share that one of the thumbnail's pixels has of it.
fn padded(header: &Header, scale: Scale, to: Dimensions) -> u64 {
    if to.width.is_multiple_of(2) && to.height.is_multiple_of(2) {
        return 0;
    }
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
}
