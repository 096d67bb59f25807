//! Making rasters smaller.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8, U8x4};
use fast_image_resize::{Filter, FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

use super::Dimensions;
use super::ImageError;
use super::raster::{Layout, Raster, byte_count, to_usize};

/// Lobes of the Lanczos kernel on each side.
pub(super) const LOBES: f64 = 3.0;

/// The filter of every resize: Lanczos with three lobes.
pub(super) fn options() -> ResizeOptions {
    // The resizer's own kernel takes two sines of the system's for each weight, and every resize finds its weights anew.
    let filter =
        Filter::new("Lanczos", lanczos, LOBES).map_or(FilterType::Lanczos3, FilterType::Custom);
    ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter))
}

/// The Lanczos kernel of three lobes: sinc(πx) · sinc(πx/3).
///
/// With t = πx/3 and s = sin t it is s² (3 − 4s²) / 3t², since sin 3t = 3s − 4s³.
fn lanczos(x: f64) -> f64 {
    use std::f64::consts::PI;
    let t = x.abs() * (PI / LOBES);
    if t >= PI {
        return 0.0;
    }
    if t < 1e-6 {
        return 1.0;
    }
    // The sine by its series, where the angle is at most a right one: true to 1e-7, and weights have 16 bits.
    let angle = t.min(PI - t);
    let square = angle * angle;
    let sine = angle
        * (1.0
            + square
                * (-1.0 / 6.0
                    + square
                        * (1.0 / 120.0
                            + square
                                * (-1.0 / 5_040.0
                                    + square * (1.0 / 362_880.0 - square / 39_916_800.0)))));
    let sine_square = sine * sine;
    sine_square * (3.0 - 4.0 * sine_square) / (3.0 * t * t)
}

/// Samples of a pixel as the resizer takes it.
///
/// Pixels of two and three samples are resized as four: the resizer is compiled anew for every kind of pixel, and each
/// takes longer than all the rest of the program.
pub(super) fn resizer_channels(layout: Layout) -> usize {
    if layout == Layout::Gray { 1 } else { 4 }
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
pub(super) fn resize_pixels(
    resizer: &mut Resizer,
    layout: Layout,
    samples: &[u8],
    sizes: (Dimensions, Dimensions),
    options: &ResizeOptions,
) -> Result<Vec<u8>, ImageError> {
    if layout.channels() == resizer_channels(layout) {
        return resize_widened(resizer, layout, samples, sizes, options);
    }
    let mut widened = vec![0; samples.len() / layout.channels() * 4];
    widen(layout, samples, &mut widened);
    let resized = resize_widened(resizer, layout, &widened, sizes, options)?;
    Ok(narrow(layout, resized))
}

/// The same, of pixels as the resizer takes them.
pub(super) fn resize_widened(
    resizer: &mut Resizer,
    layout: Layout,
    samples: &[u8],
    (from, to): (Dimensions, Dimensions),
    options: &ResizeOptions,
) -> Result<Vec<u8>, ImageError> {
    match resizer_channels(layout) {
        1 => resize_samples::<U8>(resizer, samples, from, to, options),
        _ => resize_samples::<U8x4>(resizer, samples, from, to, options),
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

/// Puts pixels into `widened` as the resizer takes them.
pub(super) fn widen(layout: Layout, samples: &[u8], widened: &mut [u8]) {
    match layout.channels() {
        2 => {
            let (pixels, _) = samples.as_chunks();
            let (targets, _) = widened.as_chunks_mut();
            for (&[gray, alpha], target) in pixels.iter().zip(targets) {
                *target = [gray, gray, gray, alpha];
            }
        }
        3 => widen_three(samples, widened),
        _ => widened.copy_from_slice(samples),
    }
}

/// Spreads pixels of three samples over pixels of four, four at a time: three words become four.
fn widen_three(samples: &[u8], widened: &mut [u8]) {
    const FOURTH: u32 = 0xFF00_0000;
    let (fours, rest) = samples.as_chunks::<12>();
    let (targets, rest_targets) = widened.split_at_mut(fours.len() * 16);
    let (targets, _) = targets.as_chunks_mut::<16>();
    for (four, target) in fours.iter().zip(targets) {
        let (words, _) = four.as_chunks();
        let &[a, b, c] = words else { continue };
        let [a, b, c] = [a, b, c].map(u32::from_le_bytes);
        let pixels = [a, (a >> 24) | (b << 8), (b >> 16) | (c << 16), c >> 8];
        let (words, _) = target.as_chunks_mut();
        for (word, pixel) in words.iter_mut().zip(pixels) {
            *word = (pixel | FOURTH).to_le_bytes();
        }
    }
    let (pixels, _) = rest.as_chunks::<3>();
    let (targets, _) = rest_targets.as_chunks_mut::<4>();
    for (&[a, b, c], target) in pixels.iter().zip(targets) {
        *target = [a, b, c, 0xFF];
    }
}

/// What [`widen`] was given, from pixels as the resizer has them.
pub(super) fn narrow(layout: Layout, widened: Vec<u8>) -> Vec<u8> {
    let (pixels, _) = widened.as_chunks();
    match layout.channels() {
        2 => pixels
            .iter()
            .flat_map(|&[gray, _, _, alpha]| [gray, alpha])
            .collect(),
        3 => {
            let mut narrowed = vec![0; pixels.len() * 3];
            let (targets, _) = narrowed.as_chunks_mut();
            for (target, &[a, b, c, _]) in targets.iter_mut().zip(pixels) {
                *target = [a, b, c];
            }
            narrowed
        }
        _ => widened,
    }
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
    let channels = resizer_channels(layout);
    let widened = widened_peak(from, to, layout);
    let premultiplied = if layout.has_alpha() {
        byte_count(from, channels)
    } else {
        0
    };
    byte_count(half_done, channels) + widened + premultiplied
}

/// Bytes that source and target take as pixels of four samples, where they are not.
fn widened_peak(from: Dimensions, to: Dimensions, layout: Layout) -> u64 {
    match layout.channels() {
        2 | 3 => byte_count(from, 4) + byte_count(to, 4),
        _ => 0,
    }
}

/// Sizes and buffers are made to fit together here, so the resizer has no reason to refuse; if it does, it is no panic.
pub(super) fn mismatch(error: impl std::fmt::Display) -> ImageError {
    ImageError::damaged(format!("cannot be resized: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_is_the_product_of_two_sines() {
        let sinc = |x: f64| if x == 0.0 { 1.0 } else { x.sin() / x };
        for step in -3100..3100 {
            let x = f64::from(step) / 1000.0;
            let angle = std::f64::consts::PI * x;
            let expected = if x.abs() < LOBES {
                sinc(angle) * sinc(angle / LOBES)
            } else {
                0.0
            };
            assert!((lanczos(x) - expected).abs() < 1e-6, "{x}");
        }
    }
}
