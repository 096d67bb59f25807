//! How much memory a render takes, told from the header.

use super::probe::{Header, Probe};
use super::raster::{Layout, byte_count};
use super::render::sizes;
use super::resize::resize_peak;
use super::{decode_jpeg, decode_png};
use crate::domain::image::Dimensions;

/// Tables, encoders, transforms: what every render takes.
const FIXED: u64 = 2 << 20;

/// The bytes that a render allocates at its peak, at most.
pub(super) fn render_peak(probe: &Probe, heights: &[u32]) -> u64 {
    let sizes = sizes(probe, heights);
    let Some(&largest) = sizes.first() else {
        return FIXED;
    };
    let (decode, decoded, layout, profile) = match &probe.header {
        Header::Jpeg(header) => {
            let profile: u64 = header
                .profile
                .iter()
                .map(|part| u64::from(part.length))
                .sum();
            let layout = if header.components.len() == 1 {
                Layout::Gray
            } else if header.components.len() == 3 {
                Layout::Rgb
            } else {
                Layout::Cmyk
            };
            (
                decode_jpeg::decode_peak(header, probe.file_bytes),
                header.size,
                layout,
                profile,
            )
        }
        Header::Png(header) => {
            let decoded = if header.interlaced {
                header.size
            } else {
                largest
            };
            (
                decode_png::decode_peak(header, largest),
                decoded,
                decode_png::channels(header),
                1 << 20,
            )
        }
    };
    let thumbnails = thumbnails_peak(decoded, &sizes, layout);
    decode.max(byte_count(decoded, layout.channels()) + thumbnails) + 8 * profile + FIXED
}

/// What resizing, turning, converting and encoding hold beside the decoded picture.
fn thumbnails_peak(decoded: Dimensions, sizes: &[Dimensions], layout: Layout) -> u64 {
    let Some(&largest) = sizes.first() else {
        return 0;
    };
    // The thumbnail, upright, converted, and its encoded forms.
    let copies = 5 * byte_count(largest, 4);
    let resize = sizes
        .iter()
        .scan(decoded, |from, &to| {
            Some(resize_peak(std::mem::replace(from, to), to, layout))
        })
        .max()
        .unwrap_or(0);
    copies + resize
}
