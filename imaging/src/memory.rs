//! How much memory a render takes, told from the header.

use super::png_color::PngColor;
use super::probe::{Header, Probe};
use super::raster::{Layout, byte_count};
use super::render::sizes;
use super::{decode_jpeg, decode_png};

/// Tables, encoders, transforms: what every render takes.
const FIXED: u64 = 2 << 20;

/// The tables of a transform from what a PNG's chunks tell in numbers.
const TOLD_BY_NUMBERS: u64 = 64 * 1024;

/// A profile's bytes, its parsed tables, and the tables of its transform.
const PROFILE_COPIES: u64 = 8;

/// The bytes that a render allocates at its peak, at most.
pub(super) fn render_peak(probe: &Probe, heights: &[u32]) -> u64 {
    let sizes = sizes(probe, heights);
    let Some(&largest) = sizes.first() else {
        return FIXED;
    };
    let (decode, layout, profile) = match &probe.header {
        Header::Jpeg {
            frame,
            profile_bytes,
        } => (
            decode_jpeg::decode_peak(frame, &sizes),
            decode_jpeg::layout(frame.color),
            *profile_bytes as u64,
        ),
        Header::Png(header) => {
            let profile = header.color.iter().map(|color| match color {
                PngColor::Srgb => 0,
                PngColor::Profile { length, .. } => u64::from(*length),
                PngColor::Cicp { .. } | PngColor::Gamma { .. } => TOLD_BY_NUMBERS,
            });
            (
                decode_png::decode_peak(header, &sizes),
                decode_png::layout(header),
                profile.max().unwrap_or(0),
            )
        }
    };
    let decoded: u64 = sizes
        .iter()
        .map(|&size| byte_count(size, layout.channels()))
        .sum();
    // The upright copy, the file, and the copy of it that is shared.
    let encoding = 3;
    // Conversion holds its input in another layout, and its output.
    let conversion = if profile > 0 || layout == Layout::Cmyk {
        2
    } else {
        0
    };
    // PNG is packed before it is compressed, and one with a palette has a copy in few colours.
    let packing = match &probe.header {
        Header::Jpeg { .. } => 0,
        Header::Png(header) => 1 + u64::from(header.color_type == 3),
    };
    let copies = (encoding + conversion + packing) * byte_count(largest, layout.channels());
    decode.max(decoded + copies) + PROFILE_COPIES * profile + FIXED
}
