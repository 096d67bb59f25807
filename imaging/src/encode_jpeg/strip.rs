//! The samples of a row of MCUs, and their blocks.

use super::Component;
use super::dct::Quantiser;
use super::entropy::EntropyWriter;
use crate::raster::to_usize;

/// What a component has of one row of MCUs, its outermost samples repeated to fill the blocks.
pub(super) struct Strip<'a> {
    component: &'a Component<'a>,
    quantiser: Quantiser,
    /// Rows of eight samples at a time.
    samples: Vec<[u8; 8]>,
    /// Groups of eight in a row.
    groups: usize,
    prediction: i16,
}

impl<'a> Strip<'a> {
    pub(super) fn new(component: &'a Component<'a>) -> Self {
        let sampling = component.sampling;
        let groups = component.plane.row_pixels().div_ceil(8 * sampling) * sampling;
        Self {
            component,
            quantiser: Quantiser::new(&component.coding.steps),
            samples: vec![[0; 8]; groups * 8 * sampling],
            groups,
            prediction: 0,
        }
    }

    /// MCUs across and down.
    pub(super) fn mcus(&self) -> (usize, usize) {
        let sampling = self.component.sampling;
        let height = to_usize(self.component.plane.size.height);
        (self.groups / sampling, height.div_ceil(8 * sampling))
    }

    /// Takes the samples of a row of MCUs.
    pub(super) fn fill(&mut self, mcu_row: usize) {
        let plane = self.component.plane;
        let width = plane.row_pixels();
        let last = to_usize(plane.size.height).saturating_sub(1);
        let first = mcu_row * 8 * self.component.sampling;
        for (y, target) in self.samples.chunks_exact_mut(self.groups).enumerate() {
            let start = (first + y).min(last) * width;
            let row = plane.samples.get(start..start + width).unwrap_or_default();
            let target = target.as_flattened_mut();
            let (inside, beyond) = target.split_at_mut(row.len().min(target.len()));
            inside.copy_from_slice(row);
            beyond.fill(row.last().copied().unwrap_or_default());
        }
    }

    /// Writes the component's blocks of an MCU.
    pub(super) fn write(&mut self, writer: &mut EntropyWriter, column: usize) {
        let (dc, ac) = &self.component.coding.codes;
        let sampling = self.component.sampling;
        for (down, across) in
            (0..sampling).flat_map(|down| (0..sampling).map(move |across| (down, across)))
        {
            let first = down * 8 * self.groups + column * sampling + across;
            let mut block = [[0; 8]; 8];
            for (row, samples) in block
                .iter_mut()
                .zip(self.samples.iter().skip(first).step_by(self.groups))
            {
                *row = *samples;
            }
            let coefficients = self.quantiser.coefficients(&block);
            self.prediction = writer.block(&coefficients, self.prediction, (dc, ac));
        }
    }
}
