//! YCbCr pictures whose colours stay as they are: the planes of a JPEG become those of its thumbnail, whose chroma has
//! half the width and height, or all of it where a graphic needs it. No pixel is put together in between.

use std::borrow::Cow;

use tierpix_resampler::{Part, Pixels, Resampler};

use super::orientation::{Corner, Orientation};
use super::raster::{Layout, Raster, to_usize};
use super::resize::resample;
use super::{Dimensions, ImageError, chroma, jpeg};

/// A picture as a JPEG has it that is coded 4:2:0 or 4:4:4: Y, Cb, Cr.
pub(super) struct Planes([Raster; 3]);

/// A decoded component's samples.
struct Plane {
    samples: Raster,
    /// The part that is the picture's.
    picture: Part,
}

/// A thumbnail's planes, upright, as Y, Cb, Cr.
pub(super) type Upright<'a> = [Cow<'a, Raster>; 3];

impl Planes {
    /// Decoded planes in each of these sizes. Chroma samples stand for two by two pixels from the stored corner that will
    /// be the upper left one, so that those in a last odd row or column reach beyond the picture at the opposite sides. Where
    /// there is a sample for each pixel (`full_chroma`), a thumbnail that needs that has it, too.
    pub(super) fn in_sizes(
        resampler: &mut Resampler,
        decoded: [jpeg::Plane; 3],
        sizes: &[Dimensions],
        corner: Corner,
        full_chroma: bool,
    ) -> Result<Vec<Self>, ImageError> {
        let [luma, blue, red] = decoded;
        let mut luma = Plane::of(luma);
        let lumas = sizes
            .iter()
            .map(|&size| luma.resize(resampler, size, (1.0, 1.0), corner))
            .collect::<Result<Vec<_>, _>>()?;
        drop(luma);
        let (mut blue, mut red) = (Plane::of(blue), Plane::of(red));
        let mut chromas = Vec::with_capacity(sizes.len());
        for &size in sizes {
            if full_chroma {
                let mut in_full =
                    |plane: &mut Plane| plane.resize(resampler, size, (1.0, 1.0), corner);
                let planes = [in_full(&mut blue)?, in_full(&mut red)?];
                let [blue, red] = &planes;
                if chroma::is_needed_in_full(blue, red) {
                    chromas.push(planes);
                    continue;
                }
            }
            let mut halved = |plane: &mut Plane| plane.resize_chroma(resampler, size, corner);
            chromas.push([halved(&mut blue)?, halved(&mut red)?]);
        }
        let planes = lumas.into_iter().zip(chromas);
        Ok(planes
            .map(|(luma, [blue, red])| Self([luma, blue, red]))
            .collect())
    }

    /// The planes of the upright picture.
    pub(super) fn upright(&self, orientation: Orientation) -> Upright<'_> {
        self.0.each_ref().map(|plane| orientation.apply(plane))
    }

    #[cfg(test)]
    pub(super) fn luma(&self) -> &Raster {
        let Self([luma, ..]) = self;
        luma
    }
}

/// The size of a thumbnail's chroma.
pub(super) fn chroma_size(size: Dimensions) -> Dimensions {
    Dimensions {
        width: size.width.div_ceil(2),
        height: size.height.div_ceil(2),
    }
}

impl Plane {
    fn of(plane: jpeg::Plane) -> Self {
        let size = Dimensions {
            width: plane.width,
            height: plane.height,
        };
        let (width, height) = plane.extent;
        Self {
            samples: gray(size, plane.into_picture()),
            picture: Part {
                left: 0.0,
                top: 0.0,
                width,
                height,
            },
        }
    }

    /// This plane as the chroma of a thumbnail.
    fn resize_chroma(
        &mut self,
        resampler: &mut Resampler,
        thumbnail: Dimensions,
        corner: Corner,
    ) -> Result<Raster, ImageError> {
        // How much more than the picture the samples stand for. A single one has nothing beyond it to be told apart by.
        let overhang = |side: u32| match side {
            1 => 1.0,
            _ => 2.0 * f64::from(side.div_ceil(2)) / f64::from(side),
        };
        let overhang = (overhang(thumbnail.width), overhang(thumbnail.height));
        self.resize(resampler, chroma_size(thumbnail), overhang, corner)
    }

    /// This plane in another size, whose samples stand for `overhang` times the picture.
    fn resize(
        &mut self,
        resampler: &mut Resampler,
        to: Dimensions,
        overhang: (f64, f64),
        corner: Corner,
    ) -> Result<Raster, ImageError> {
        let wanted = grown(self.picture, overhang, corner);
        let (mut padded, offset) = padded(&self.samples, wanted);
        let from = padded.as_mut().unwrap_or(&mut self.samples);
        // Rounding must not lead beyond the plane.
        let crop = |start: f64, before: u32, length: f64, side: u32| {
            let start = (start + f64::from(before)).max(0.0);
            (start, length.min(f64::from(side) - start))
        };
        let (left, width) = crop(wanted.left, offset.0, wanted.width, from.size.width);
        let (top, height) = crop(wanted.top, offset.1, wanted.height, from.size.height);
        let part = Part {
            left,
            top,
            width,
            height,
        };
        let sizes = (from.size, to);
        let samples = resample(resampler, Pixels::One, &mut from.samples, sizes, Some(part))?;
        Ok(gray(to, samples))
    }
}

/// The part this many times as wide and high, away from a corner that stays.
fn grown(part: Part, factors: (f64, f64), corner: Corner) -> Part {
    let (width, height) = (part.width * factors.0, part.height * factors.1);
    Part {
        left: if corner.right {
            part.left + part.width - width
        } else {
            part.left
        },
        top: if corner.bottom {
            part.top + part.height - height
        } else {
            part.top
        },
        width,
        height,
    }
}

/// The plane with its outermost samples repeated where the part reaches beyond it, and how many columns and rows that
/// puts before it; `None` where the part lies within.
fn padded(plane: &Raster, part: Part) -> (Option<Raster>, (u32, u32)) {
    let size = plane.size;
    let beyond = |start: f64, length: f64, side: u32| {
        /// A rounding error is no sample.
        const EXACT: f64 = 1e-6;
        let before = (-start - EXACT).ceil().max(0.0) as u32;
        let after = (start + length - f64::from(side) - EXACT).ceil().max(0.0) as u32;
        (before, after)
    };
    let (left, right) = beyond(part.left, part.width, size.width);
    let (above, below) = beyond(part.top, part.height, size.height);
    if (left, right, above, below) == (0, 0, 0, 0) {
        return (None, (0, 0));
    }
    let rows: Vec<&[u8]> = plane.samples.chunks_exact(plane.row_pixels()).collect();
    let row_of = |row: i64| {
        let row = row.clamp(0, i64::from(size.height) - 1);
        rows.get(usize::try_from(row).unwrap_or(0))
            .copied()
            .unwrap_or_default()
    };
    let to = Dimensions {
        width: left + size.width + right,
        height: above + size.height + below,
    };
    let mut samples = Vec::with_capacity(to_usize(to.width) * to_usize(to.height));
    for y in 0..to.height {
        let row = row_of(i64::from(y) - i64::from(above));
        let edge = |sample: Option<&u8>, count: u32| {
            std::iter::repeat_n(sample.copied().unwrap_or_default(), to_usize(count))
        };
        samples.extend(edge(row.first(), left));
        samples.extend_from_slice(row);
        samples.extend(edge(row.last(), right));
    }
    (Some(gray(to, samples)), (left, above))
}

fn gray(size: Dimensions, samples: Vec<u8>) -> Raster {
    Raster {
        size,
        layout: Layout::Gray,
        samples,
    }
}
