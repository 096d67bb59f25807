//! The samples that decoding gives.

use super::block::Block;
use super::idct::{self, Steps};
use super::layout::Grid;
use super::{Header, Scale};

/// One component's samples at its own resolution.
#[derive(Clone, Debug)]
pub struct Plane {
    /// Samples in a row that belong to the picture.
    pub width: u32,
    /// Rows that belong to the picture.
    pub height: u32,
    /// The exact width and height of the picture in samples of this plane. Where a side of the
    /// picture is no multiple of the scale, the last sample stands for less than a whole; a resize
    /// that is to keep every edge in place takes this as its source's size.
    pub extent: (f64, f64),
    /// Samples from the start of one row to the next, at least `width`.
    pub stride: usize,
    /// The rows, `stride` samples each, from the top; at least `height` of them.
    pub data: Vec<u8>,
}

impl Plane {
    /// A plane for the whole padded grid, so that every block has its place. Zeroed memory: the
    /// system hands out pages as they are written to, so a size that the file does not live up to
    /// costs little.
    pub(super) fn new(grid: &Grid, header: &Header, scale: Scale) -> Self {
        let extent = grid.extent(header, scale);
        let stride = grid.padded_columns as usize * scale.block_side();
        Self {
            width: extent.0.ceil() as u32,
            height: extent.1.ceil() as u32,
            extent,
            stride,
            data: vec![0; stride * grid.padded_rows as usize * scale.block_side()],
        }
    }

    /// Transforms the coefficients of the block in column `x` and row `y` of the grid into its
    /// place.
    #[inline(always)]
    pub(super) fn put<const N: usize>(&mut self, x: usize, y: usize, block: &Block, steps: &Steps) {
        let start = y * N * self.stride + x * N;
        if let Some(place) = self.data.get_mut(start..) {
            idct::transform::<N>(block, steps, place, self.stride);
        }
    }

    /// The picture's samples without the padding, `width` times `height` of them.
    pub fn into_picture(mut self) -> Vec<u8> {
        let (width, height) = (self.width as usize, self.height as usize);
        for row in 1..height {
            let start = row * self.stride;
            self.data.copy_within(start..start + width, row * width);
        }
        self.data.truncate(width * height);
        self.data
    }

    /// Rows from the top, `width` samples each.
    #[cfg(test)]
    pub fn rows(&self) -> impl Iterator<Item = &[u8]> {
        let width = self.width as usize;
        self.data
            .chunks(self.stride)
            .take(self.height as usize)
            .map(move |row| &row[..width])
    }
}
