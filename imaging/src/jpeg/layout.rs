//! Where blocks lie: the block grid of each component (A.1.1, A.2) and the size of its plane at a
//! scale.

use super::{Component, Header, Scale};

/// The block grid of one component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    /// Blocks across and down that hold samples of the picture: what a scan of this component alone
    /// codes.
    pub(super) columns: u32,
    pub(super) rows: u32,
    /// Blocks across and down with those that fill up the last MCUs.
    pub(super) padded_columns: u32,
    pub(super) padded_rows: u32,
    /// Sampling factors: blocks across and down in one MCU of several components.
    pub(super) horizontal: u32,
    pub(super) vertical: u32,
    /// The largest sampling factors of the picture.
    max_horizontal: u32,
    max_vertical: u32,
}

impl Grid {
    /// The grids of all components.
    pub(super) fn of(header: &Header) -> Vec<Self> {
        header
            .components
            .iter()
            .map(|component| Self::new(header, component))
            .collect()
    }

    fn new(header: &Header, component: &Component) -> Self {
        let (max_horizontal, max_vertical) = max_sampling(header);
        let (mcu_columns, mcu_rows) = mcus(header);
        let (horizontal, vertical) = (
            u32::from(component.horizontal),
            u32::from(component.vertical),
        );
        Self {
            columns: (header.width * horizontal).div_ceil(8 * max_horizontal),
            rows: (header.height * vertical).div_ceil(8 * max_vertical),
            padded_columns: mcu_columns * horizontal,
            padded_rows: mcu_rows * vertical,
            horizontal,
            vertical,
            max_horizontal,
            max_vertical,
        }
    }

    /// All blocks of the padded grid.
    pub(super) fn blocks(&self) -> usize {
        self.padded_columns as usize * self.padded_rows as usize
    }

    /// The exact size of the component in samples of a scale; its last sample may be covered in
    /// part.
    pub(super) fn extent(&self, header: &Header, scale: Scale) -> (f64, f64) {
        let size = |pixels: u32, factor: u32, max: u32| {
            f64::from(pixels * factor * scale.numerator()) / f64::from(8 * max)
        };
        (
            size(header.width, self.horizontal, self.max_horizontal),
            size(header.height, self.vertical, self.max_vertical),
        )
    }
}

fn max_sampling(header: &Header) -> (u32, u32) {
    let max = |factor: fn(&Component) -> u8| {
        header
            .components
            .iter()
            .map(factor)
            .max()
            .map_or(1, u32::from)
    };
    (
        max(|component| component.horizontal),
        max(|component| component.vertical),
    )
}

/// MCUs of all components across and down.
pub(super) fn mcus(header: &Header) -> (u32, u32) {
    let (max_horizontal, max_vertical) = max_sampling(header);
    (
        header.width.div_ceil(8 * max_horizontal),
        header.height.div_ceil(8 * max_vertical),
    )
}
