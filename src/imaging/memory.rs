//! How much memory a render takes, told from the header.

use super::png_header::PngColor;
use super::probe::{Header, Probe};
use super::raster::{Layout, byte_count};
use super::render::sizes;
use super::resize::resize_peak;
use super::{decode_jpeg, decode_png};
use crate::domain::image::Dimensions;

/// Tables, encoders, transforms: what every render takes.
const FIXED: u64 = 2 << 20;

/// A profile's bytes, its parsed tables, and the tables of its transform.
const PROFILE_COPIES: u64 = 8;

/// The bytes that a render allocates at its peak, at most.
pub(super) fn render_peak(probe: &Probe, heights: &[u32]) -> u64 {
    let sizes = sizes(probe, heights);
    let Some(&largest) = sizes.first() else {
        return FIXED;
    };
    let (decode, decoded, layout, profile) = match &probe.header {
        Header::Jpeg {
            frame,
            profile_bytes,
        } => {
            let layout = if frame.components.len() == 1 {
                Layout::Gray
            } else {
                Layout::Cmyk
            };
            (
                decode_jpeg::decode_peak(frame, largest),
                largest,
                layout,
                *profile_bytes as u64,
            )
        }
        Header::Png(header) => {
            let decoded = if header.interlaced {
                header.size
            } else {
                largest
            };
            let profile = if header.color == PngColor::Srgb {
                0
            } else {
                512 * 1024
            };
            (
                decode_png::decode_peak(header, largest),
                decoded,
                decode_png::layout(header),
                profile,
            )
        }
    };
    let after = byte_count(decoded, layout.channels()) + thumbnails_peak(decoded, &sizes, layout);
    decode.max(after) + PROFILE_COPIES * profile + FIXED
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
