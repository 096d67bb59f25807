//! Making rasters smaller.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::ImageError;
use super::raster::{Layout, Raster, byte_count};
use crate::domain::image::Dimensions;

/// The filter of every resize: Lanczos with three lobes.
pub(super) fn options() -> ResizeOptions {
    ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
}

pub(super) fn pixel_type(layout: Layout) -> PixelType {
    match layout {
        Layout::Gray => PixelType::U8,
        Layout::GrayAlpha => PixelType::U8x2,
        Layout::Rgb | Layout::YCbCr => PixelType::U8x3,
        Layout::Rgba | Layout::Cmyk => PixelType::U8x4,
    }
}

/// The raster in another size. Alpha is multiplied in meanwhile, so transparent pixels lend no colour to their neighbours.
pub(super) fn resize(
    resizer: &mut Resizer,
    from: &Raster,
    size: Dimensions,
) -> Result<Raster, ImageError> {
    let pixel_type = pixel_type(from.layout);
    let source = ImageRef::new(from.size.width, from.size.height, &from.samples, pixel_type)
        .map_err(mismatch)?;
    let mut target = Image::new(size.width, size.height, pixel_type);
    resizer
        .resize(
            &source,
            &mut target,
            &options().use_alpha(from.layout.has_alpha()),
        )
        .map_err(mismatch)?;
    Ok(Raster {
        size,
        layout: from.layout,
        samples: target.into_vec(),
    })
}

/// Bytes that a resize holds besides source and target: rows that are as wide as the target and as many as the source's.
pub(super) fn resize_peak(from: Dimensions, to: Dimensions, layout: Layout) -> u64 {
    if from == to {
        return 0;
    }
    let narrowed = byte_count(
        Dimensions {
            width: to.width,
            height: from.height,
        },
        layout.channels(),
    );
    let premultiplied = if layout.has_alpha() {
        byte_count(from, layout.channels())
    } else {
        0
    };
    narrowed + premultiplied
}

/// Sizes and buffers are made to fit together here, so the resizer has no reason to refuse; if it does, it is no panic.
pub(super) fn mismatch(error: impl std::fmt::Display) -> ImageError {
    ImageError::damaged(format!("cannot be resized: {error}"))
}
