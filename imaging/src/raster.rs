//! Pixels in memory.

use super::Dimensions;

/// Which samples a pixel has, in this order, one byte each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Gray,
    GrayAlpha,
    Rgb,
    Rgba,
    /// Luma and colour differences as JFIF has them.
    YCbCr,
    /// Amounts of ink, 255 for full.
    Cmyk,
}

impl Layout {
    pub(super) fn channels(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::GrayAlpha => 2,
            Self::Rgb | Self::YCbCr => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }

    pub(super) fn has_alpha(self) -> bool {
        matches!(self, Self::GrayAlpha | Self::Rgba)
    }
}

/// A picture in memory: rows from the top, pixels from the left, alpha not multiplied in.
///
/// `samples` holds exactly width × height × channels bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Raster {
    pub(super) size: Dimensions,
    pub(super) layout: Layout,
    pub(super) samples: Vec<u8>,
}

impl Raster {
    /// Pixels in a row.
    pub(super) fn row_pixels(&self) -> usize {
        to_usize(self.size.width)
    }
}

/// Bytes that pixels of this size and these channels take.
pub(super) fn byte_count(size: Dimensions, channels: usize) -> u64 {
    (u64::from(size.width) * u64::from(size.height)).saturating_mul(channels as u64)
}

/// A side as an index. The machines that the service runs on have 64 bits.
pub(super) fn to_usize(side: u32) -> usize {
    usize::try_from(side).unwrap_or(usize::MAX)
}
