//! A picture on its way to its thumbnails.

use super::color::{ToSrgb, to_srgb};
use super::encode_jpeg::{encode_jpeg, encode_planes};
use super::encode_png::encode_png;
use super::orientation::Orientation;
use super::planes::{self, Planes};
use super::quantise::quantise;
use super::raster::Raster;
use super::{Format, ImageError};

/// A decoded picture, in each size that is wanted.
pub(super) struct Decoded {
    pub(super) pictures: Vec<Picture>,
    /// How their colours become sRGB's, where they are not.
    pub(super) converter: Option<ToSrgb>,
    pub(super) origin: Origin,
}

/// What the file that a picture is from allows its thumbnails.
#[derive(Default)]
pub(super) struct Origin {
    /// Each pixel has a colour of its own, so that a JPEG may, too.
    pub(super) full_chroma: bool,
    /// Its coded data show the picture as it is to be seen, so that a thumbnail of its size may be those.
    pub(super) keeps_codes: bool,
    /// It has a palette, so that few colours may be enough.
    pub(super) palette: bool,
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
    pub(super) fn encode(&self, format: Format, origin: &Origin) -> Result<Vec<u8>, ImageError> {
        match (self, format) {
            (Self::Raster(raster), Format::Jpeg) => encode_jpeg(raster, origin.full_chroma),
            (Self::Raster(raster), Format::Png) => {
                let few = origin.palette.then(|| quantise(raster)).flatten();
                let exact = encode_png(raster)?;
                match few.as_ref().map(encode_png).transpose()? {
                    Some(few) if few.len() < exact.len() => Ok(few),
                    _ => Ok(exact),
                }
            }
            (Self::Planes(planes), _) => encode_planes(planes),
        }
    }
}
