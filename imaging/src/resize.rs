//! Making rasters smaller.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8, U8x4};
use fast_image_resize::{FilterType, PixelTrait, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::Dimensions;
use super::ImageError;
use super::raster::{Layout, Raster, byte_count, to_usize};

/// The filter of every resize: Lanczos with three lobes.
pub(super) fn options() -> ResizeOptions {
    ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
}

/// The kind of pixel as the resizer names it.
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
    let options = options().use_alpha(from.layout.has_alpha());
    let samples = resize_pixels(
        resizer,
        from.layout,
        &from.samples,
        (from.size, size),
        &options,
    )?;
    Ok(Raster {
        size,
        layout: from.layout,
        samples,
    })
}

/// Pixels in another size.
///
/// Those of two and three samples are resized as four: the resizer is compiled anew for every kind of pixel, and each
/// takes longer than all the rest of the program.
pub(super) fn resize_pixels(
    resizer: &mut Resizer,
    layout: Layout,
    samples: &[u8],
    (from, to): (Dimensions, Dimensions),
    options: &ResizeOptions,
) -> Result<Vec<u8>, ImageError> {
    let mut resize_four =
        |samples: &[u8]| resize_samples::<U8x4>(resizer, samples, from, to, options);
    match layout.channels() {
        1 => resize_samples::<U8>(resizer, samples, from, to, options),
        2 => {
            let four = widen::<2>(samples, |[gray, alpha]| [gray, gray, gray, alpha]);
            Ok(narrow(&resize_four(&four)?, |[gray, _, _, alpha]| {
                [gray, alpha]
            }))
        }
        3 => {
            let four = widen::<3>(samples, |[a, b, c]| [a, b, c, 0xFF]);
            Ok(narrow(&resize_four(&four)?, |[a, b, c, _]| [a, b, c]))
        }
        _ => resize_four(samples),
    }
}

/// Samples of one kind of pixel in another size.
pub(super) fn resize_samples<P: PixelTrait>(
    resizer: &mut Resizer,
    samples: &[u8],
    from: Dimensions,
    to: Dimensions,
    options: &ResizeOptions,
) -> Result<Vec<u8>, ImageError> {
    let source = TypedImageRef::<P>::from_buffer(from.width, from.height, samples);
    let mut resized = vec![0; to_usize(to.width) * to_usize(to.height) * P::size()];
    let mut target =
        TypedImage::<P>::from_buffer(to.width, to.height, &mut resized).map_err(mismatch)?;
    resizer
        .resize_typed(&source.map_err(mismatch)?, &mut target, options)
        .map_err(mismatch)?;
    Ok(resized)
}

fn widen<const N: usize>(samples: &[u8], pixel: impl Fn([u8; N]) -> [u8; 4]) -> Vec<u8> {
    samples
        .as_chunks()
        .0
        .iter()
        .flat_map(|&samples| pixel(samples))
        .collect()
}

fn narrow<const N: usize>(samples: &[u8], pixel: impl Fn([u8; 4]) -> [u8; N]) -> Vec<u8> {
    samples
        .as_chunks()
        .0
        .iter()
        .flat_map(|&samples| pixel(samples))
        .collect()
}

/// Bytes that a resize holds besides source and target: rows that are as wide as the target and as many as the source's.
pub(super) fn resize_peak(from: Dimensions, to: Dimensions, layout: Layout) -> u64 {
    if from == to {
        return 0;
    }
    let half_done = Dimensions {
        width: to.width,
        height: from.height,
    };
    let channels = if layout == Layout::Gray { 1 } else { 4 };
    let widened = widened_peak(from, to, layout);
    let premultiplied = if layout.has_alpha() {
        byte_count(from, channels)
    } else {
        0
    };
    byte_count(half_done, channels) + widened + premultiplied
}

/// Bytes that source and target take as pixels of four samples, where they are not.
pub(super) fn widened_peak(from: Dimensions, to: Dimensions, layout: Layout) -> u64 {
    match layout.channels() {
        2 | 3 => byte_count(from, 4) + byte_count(to, 4),
        _ => 0,
    }
}

/// Sizes and buffers are made to fit together here, so the resizer has no reason to refuse; if it does, it is no panic.
pub(super) fn mismatch(error: impl std::fmt::Display) -> ImageError {
    ImageError::damaged(format!("cannot be resized: {error}"))
}
