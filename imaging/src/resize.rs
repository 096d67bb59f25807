//! Making pixels fewer.

use tierpix_resampler::{Part, Pixels, Resampler};

use super::Dimensions;
use super::ImageError;
use super::raster::Layout;

/// Samples of a pixel as the resampler takes it.
///
/// Pixels of two samples are resized as four: each kind more takes the compiler 19 seconds.
pub(super) fn resampled_channels(layout: Layout) -> usize {
    match layout.channels() {
        2 => 4,
        channels => channels,
    }
}

/// Pixels, or a part of them, in another size.
pub(super) fn resample(
    resampler: &mut Resampler,
    pixels: Pixels,
    samples: &mut [u8],
    (from, to): (Dimensions, Dimensions),
    part: Option<Part>,
) -> Result<Vec<u8>, ImageError> {
    let [from, to] = [from, to].map(|size| (size.width, size.height));
    resampler
        .resample(pixels, samples, from, to, part)
        .map_err(mismatch)
}

/// Puts pixels into `widened` as the resampler takes them.
pub(super) fn widen(layout: Layout, samples: &[u8], widened: &mut [u8]) {
    match layout.channels() {
        2 => {
            let (pixels, _) = samples.as_chunks();
            let (targets, _) = widened.as_chunks_mut();
            for (&[gray, alpha], target) in pixels.iter().zip(targets) {
                *target = [gray, gray, gray, alpha];
            }
        }
        _ => widened.copy_from_slice(samples),
    }
}

/// What [`widen`] was given, from pixels as the resampler has them.
pub(super) fn narrow(layout: Layout, widened: Vec<u8>) -> Vec<u8> {
    let (pixels, _) = widened.as_chunks();
    match layout.channels() {
        2 => pixels
            .iter()
            .flat_map(|&[gray, _, _, alpha]| [gray, alpha])
            .collect(),
        _ => widened,
    }
}

/// Sizes and buffers are made to fit together here, so the resampler has no reason to refuse; if it does, it is no panic.
pub(super) fn mismatch(error: impl std::fmt::Display) -> ImageError {
    ImageError::damaged(format!("cannot be resized: {error}"))
}
