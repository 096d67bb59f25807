//! Making rasters smaller.

use tierpix_resampler::{Part, Pixels, Resampler};

use super::Dimensions;
use super::ImageError;
use super::raster::{Layout, Raster, byte_count};

/// Samples of a pixel as the resampler takes it.
///
/// Pixels of two and three samples are resized as four: each kind more would take the compiler half a minute.
pub(super) fn resampled_channels(layout: Layout) -> usize {
    match layout.channels() {
        2 => 4,
        channels => channels,
    }
}

/// The raster in another size.
pub(super) fn resize(
    resampler: &mut Resampler,
    mut from: Raster,
    size: Dimensions,
) -> Result<Raster, ImageError> {
    let layout = from.layout;
    let channels = (layout.channels(), resampled_channels(layout));
    let mut samples = std::mem::take(&mut from.samples);
    if channels.0 != channels.1 {
        let mut widened = vec![0; samples.len() / channels.0 * channels.1];
        widen(layout, &samples, &mut widened);
        samples = widened;
    }
    let pixels = match channels.1 {
        1 => Pixels::One,
        3 => Pixels::Three,
        _ if layout.has_alpha() => Pixels::Alpha,
        _ => Pixels::Four,
    };
    let resized = resample(resampler, pixels, &mut samples, (from.size, size), None)?;
    Ok(Raster {
        size,
        layout,
        samples: narrow(layout, resized),
    })
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

/// Bytes that a resize holds besides source and target: rows that are as wide as the target and as many as the source's.
pub(super) fn resize_peak(from: Dimensions, to: Dimensions, layout: Layout) -> u64 {
    if from == to {
        return 0;
    }
    let half_done = Dimensions {
        width: to.width,
        height: from.height,
    };
    let channels = resampled_channels(layout);
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
        2 => byte_count(from, 4) + byte_count(to, 4),
        _ => 0,
    }
}

/// Sizes and buffers are made to fit together here, so the resampler has no reason to refuse; if it does, it is no panic.
pub(super) fn mismatch(error: impl std::fmt::Display) -> ImageError {
    ImageError::damaged(format!("cannot be resized: {error}"))
}
