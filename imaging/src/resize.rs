//! Making pixels fewer.

use tierpix_resampler::{Part, Pixels, Resampler};

use super::Dimensions;
use super::ImageError;
use super::raster::Layout;

/// Samples of a pixel as the resampler takes it.
///
/// Pixels of two and three samples are resized as four: each kind more would take the compiler half a minute.
pub(super) fn resampled_channels(layout: Layout) -> usize {
    if layout == Layout::Gray { 1 } else { 4 }
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

/// What [`widen`] was given, from pixels as the resampler has them.
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

/// Sizes and buffers are made to fit together here, so the resampler has no reason to refuse; if it does, it is no panic.
pub(super) fn mismatch(error: impl std::fmt::Display) -> ImageError {
    ImageError::damaged(format!("cannot be resized: {error}"))
}
