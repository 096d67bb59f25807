//! YCbCr pictures whose colours stay as they are: the planes of a JPEG become those of its thumbnail, whose chroma has
//! half the width and height. No pixel is put together in between.

use std::borrow::Cow;

use tierpix_resampler::{Part, Pixels, Resampler};

use super::orientation::{Corner, Orientation};
use super::raster::{Layout, Raster, to_usize};
use super::resize::resample;
use super::{Dimensions, ImageError, jpeg};

/// A picture as a JPEG has it that is coded 4:2:0.
pub(super) struct Planes {
    pub(super) size: Dimensions,
    luma: Plane,
    chroma: [Plane; 2],
    /// The stored corner that will be the upper left one. Chroma samples stand for two by two pixels from there, so
    /// that those in a last odd row or column reach beyond the picture at the opposite sides.
    corner: Corner,
}

/// One component's samples.
struct Plane {
    samples: Raster,
    /// The part that is the picture's.
    picture: Part,
}

/// A thumbnail's planes, upright, as Y, Cb, Cr.
pub(super) type Upright<'a> = [Cow<'a, Raster>; 3];

impl Planes {
    /// Decoded planes in the size `to`.
    pub(super) fn new(
        resampler: &mut Resampler,
        decoded: [jpeg::Plane; 3],
        to: Dimensions,
        corner: Corner,
    ) -> Result<Self, ImageError> {
        // One after the other, so that each plane is gone when the next is resized.
        let [luma, blue, red] = decoded;
        let luma = Plane::of(luma).resize(resampler, to, (1.0, 1.0), corner)?;
        let mut chroma = |plane| Plane::of(plane).resize_chroma(resampler, to, corner);
        Ok(Self {
            size: to,
            luma,
            chroma: [chroma(blue)?, chroma(red)?],
            corner,
        })
    }

    /// The picture in a smaller size.
    pub(super) fn resize(
        &mut self,
        resampler: &mut Resampler,
        to: Dimensions,
    ) -> Result<Self, ImageError> {
        let [blue, red] = &mut self.chroma;
        Ok(Self {
            size: to,
            luma: self.luma.resize(resampler, to, (1.0, 1.0), self.corner)?,
            chroma: [
                blue.resize_chroma(resampler, to, self.corner)?,
                red.resize_chroma(resampler, to, self.corner)?,
            ],
            corner: self.corner,
        })
    }

    /// The planes of the upright picture.
    pub(super) fn upright(&self, orientation: Orientation) -> Upright<'_> {
        let [blue, red] = &self.chroma;
        [&self.luma, blue, red].map(|plane| orientation.apply(&plane.samples))
    }

    #[cfg(test)]
    pub(super) fn luma(&self) -> &Raster {
        &self.luma.samples
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
    ) -> Result<Self, ImageError> {
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
    ) -> Result<Self, ImageError> {
        let picture = Part {
            left: 0.0,
            top: 0.0,
            width: f64::from(to.width) / overhang.0,
            height: f64::from(to.height) / overhang.1,
        };
        let picture = Part {
            left: if corner.right {
                f64::from(to.width) - picture.width
            } else {
                0.0
            },
            top: if corner.bottom {
                f64::from(to.height) - picture.height
            } else {
                0.0
            },
            ..picture
        };
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
        Ok(Self {
            samples: gray(to, samples),
            picture,
        })
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
