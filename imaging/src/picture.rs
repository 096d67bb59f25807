//! A picture on its way to its thumbnails.

use tierpix_resampler::Resampler;

use super::color::{ToSrgb, to_srgb};
use super::encode_jpeg::{encode_jpeg, encode_planes};
use super::encode_png::encode_png;
use super::orientation::Orientation;
use super::planes::{self, Planes};
use super::raster::Raster;
use super::resize::resize;
use super::{Dimensions, Format, ImageError};

/// A decoded picture, as it is stored.
pub(super) enum Picture {
    Raster {
        raster: Raster,
        /// How its colours become sRGB's, where they are not.
        converter: Option<ToSrgb>,
    },
    Planes(Planes),
}

/// An upright picture in sRGB.
pub(super) enum Upright<'a> {
    Raster(Raster),
    Planes(planes::Upright<'a>),
}

impl Picture {
    pub(super) fn size(&self) -> Dimensions {
        match self {
            Self::Raster { raster, .. } => raster.size,
            Self::Planes(planes) => planes.size,
        }
    }

    /// The picture in a smaller size.
    pub(super) fn resize(
        self,
        resampler: &mut Resampler,
        to: Dimensions,
    ) -> Result<Self, ImageError> {
        Ok(match self {
            Self::Raster { raster, converter } => Self::Raster {
                raster: resize(resampler, raster, to)?,
                converter,
            },
            Self::Planes(mut planes) => Self::Planes(planes.resize(resampler, to)?),
        })
    }

    /// The picture as it is to be seen.
    pub(super) fn upright(&self, orientation: Orientation) -> Upright<'_> {
        match self {
            Self::Raster { raster, converter } => {
                let upright = orientation.apply(raster).into_owned();
                Upright::Raster(to_srgb(upright, converter.as_ref()))
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
