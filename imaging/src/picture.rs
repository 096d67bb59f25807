//! A picture on its way to its thumbnails.

use super::color::{ToSrgb, to_srgb};
use super::encode_jpeg::{encode_jpeg, encode_planes};
use super::encode_png::encode_png;
use super::orientation::Orientation;
use super::planes::{self, Planes};
use super::raster::Raster;
use super::{Format, ImageError};

/// A decoded picture, in each size that is wanted.
pub(super) struct Decoded {
    pub(super) pictures: Vec<Picture>,
    /// How their colours become sRGB's, where they are not.
    pub(super) converter: Option<ToSrgb>,
}

/// A picture in one size, as it is stored.
pub(super) enum Picture {
    Raster(Raster),
    Planes(Planes),
}

/// An upright picture in sRGB.
pub(super) enum Upright<'a> {
    Raster(Raster),
    Planes(planes::Upright<'a>),
}

impl Picture {
    /// The picture as it is to be seen.
    pub(super) fn upright(
        &self,
        orientation: Orientation,
        converter: Option<&ToSrgb>,
    ) -> Upright<'_> {
        match self {
            Self::Raster(raster) => {
                let upright = orientation.apply(raster).into_owned();
                Upright::Raster(to_srgb(upright, converter))
            }
            Self::Planes(planes) => Upright::Planes(planes.upright(orientation)),
        }
    }
}

impl Upright<'_> {
    /// The picture's file.
    pub(super) fn encode(&self, format: Format) -> Result<Vec<u8>, ImageError> {
        match (self, format) {
            (Self::Raster(raster), Format::Jpeg) => encode_jpeg(raster),
            (Self::Raster(raster), Format::Png) => encode_png(raster),
            (Self::Planes(planes), _) => encode_planes(planes),
        }
    }
}
