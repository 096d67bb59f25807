//! YCbCr pictures whose colours stay as they are: the planes of a JPEG become those of its thumbnail, whose chroma has
//! half the width and height. No pixel is put together in between.

use std::borrow::Cow;

use fast_image_resize::Resizer;
use fast_image_resize::pixels::U8;

use super::orientation::{Corner, Orientation};
use super::raster::{Layout, Raster, to_usize};
use super::resize::{options, resize_samples};
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
    picture: Area,
}

/// A rectangle in samples.
#[derive(Clone, Copy)]
struct Area {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

/// A thumbnail's planes, upright, as Y, Cb, Cr.
pub(super) type Upright<'a> = [Cow<'a, Raster>; 3];

impl Planes {
    /// Decoded planes in the size `to`.
    pub(super) fn new(
        resizer: &mut Resizer,
        decoded: [jpeg::Plane; 3],
        to: Dimensions,
        corner: Corner,
    ) -> Result<Self, ImageError> {
        // One after the other, so that each plane is gone when the next is resized.
        let [luma, blue, red] = decoded;
        let luma = Plane::of(luma).resize(resizer, to, (1.0, 1.0), corner)?;
        let mut chroma = |plane| Plane::of(plane).resize_chroma(resizer, to, corner);
        Ok(Self {
            size: to,
            luma,
            chroma: [chroma(blue)?, chroma(red)?],
            corner,
        })
    }

    /// The picture in a smaller size.
    pub(super) fn resize(&self, resizer: &mut Resizer, to: Dimensions) -> Result<Self, ImageError> {
        let [blue, red] = &self.chroma;
        Ok(Self {
            size: to,
            luma: self.luma.resize(resizer, to, (1.0, 1.0), self.corner)?,
            chroma: [
                blue.resize_chroma(resizer, to, self.corner)?,
                red.resize_chroma(resizer, to, self.corner)?,
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
            picture: Area {
                left: 0.0,
                top: 0.0,
                width,
                height,
            },
        }
    }

    /// This plane as the chroma of a thumbnail.
    fn resize_chroma(
        &self,
        resizer: &mut Resizer,
        thumbnail: Dimensions,
        corner: Corner,
    ) -> Result<Self, ImageError> {
        // How much more than the picture the samples stand for. A single one has nothing beyond it to be told apart by.
        let overhang = |side: u32| match side {
            1 => 1.0,
            _ => 2.0 * f64::from(side.div_ceil(2)) / f64::from(side),
        };
        let overhang = (overhang(thumbnail.width), overhang(thumbnail.height));
        self.resize(resizer, chroma_size(thumbnail), overhang, corner)
    }

    /// This plane in another size, whose samples stand for `overhang` times the picture.
    fn resize(
        &self,
        resizer: &mut Resizer,
        to: Dimensions,
        overhang: (f64, f64),
        corner: Corner,
    ) -> Result<Self, ImageError> {
        let picture = Area {
            left: 0.0,
            top: 0.0,
            width: f64::from(to.width) / overhang.0,
            height: f64::from(to.height) / overhang.1,
        };
        let picture = Area {
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
        let wanted = self.picture.grown(overhang, corner);
        let (padded, offset) = padded(&self.samples, wanted);
        let from = padded.as_ref().unwrap_or(&self.samples);
        // Rounding must not lead beyond the plane.
        let crop = |start: f64, before: u32, length: f64, side: u32| {
            let start = (start + f64::from(before)).max(0.0);
            (start, length.min(f64::from(side) - start))
        };
        let (left, width) = crop(wanted.left, offset.0, wanted.width, from.size.width);
        let (top, height) = crop(wanted.top, offset.1, wanted.height, from.size.height);
        let samples = resize_samples::<U8>(
            resizer,
            &from.samples,
            from.size,
            to,
            &options().crop(left, top, width, height),
        )?;
        Ok(Self {
            samples: gray(to, samples),
            picture,
        })
    }
}

impl Area {
    /// This many times as wide and high, away from a corner that stays.
    fn grown(self, factors: (f64, f64), corner: Corner) -> Self {
        let (width, height) = (self.width * factors.0, self.height * factors.1);
        Self {
            left: if corner.right {
                self.left + self.width - width
            } else {
                self.left
            },
            top: if corner.bottom {
                self.top + self.height - height
            } else {
                self.top
            },
            width,
            height,
        }
    }
}

/// The plane with its outermost samples repeated where the area reaches beyond it, and how many columns and rows that
/// puts before it; `None` where the area lies within.
fn padded(plane: &Raster, area: Area) -> (Option<Raster>, (u32, u32)) {
    let size = plane.size;
    let beyond = |start: f64, length: f64, side: u32| {
        /// A rounding error is no sample.
        const EXACT: f64 = 1e-6;
        let before = (-start - EXACT).ceil().max(0.0) as u32;
        let after = (start + length - f64::from(side) - EXACT).ceil().max(0.0) as u32;
        (before, after)
    };
    let (left, right) = beyond(area.left, area.width, size.width);
    let (above, below) = beyond(area.top, area.height, size.height);
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
