//! DC scans of progressive coding (G.1.2.1).

use std::rc::Rc;

use super::bits::Bits;
use super::huffman::HuffmanTable;
use super::progressive::Coefficients;
use super::scan::{BlockDecoder, Scan};
use super::sequential::next_dc;
use super::{JpegError, damaged};

/// The first scan of DC coefficients: coded as in sequential coding, without their low bits.
pub(super) struct DcFirst<'a> {
    components: &'a mut [Coefficients],
    parts: Vec<DcPart>,
    low: u8,
}

struct DcPart {
    index: usize,
    table: Rc<HuffmanTable>,
    prediction: i32,
}

impl<'a> DcFirst<'a> {
    pub(super) fn new(scan: &Scan, components: &'a mut [Coefficients]) -> Result<Self, JpegError> {
        let mut parts = Vec::new();
        for part in &scan.components {
            let Some(table) = &part.dc else {
                return damaged("a scan without its tables");
            };
            parts.push(DcPart {
                index: part.index,
                table: Rc::clone(table),
                prediction: 0,
            });
        }
        Ok(Self {
            components,
            parts,
            low: scan.approximation.1,
        })
    }
}

impl BlockDecoder for DcFirst<'_> {
    #[inline(always)]
    fn block(
        &mut self,
        bits: &mut Bits,
        component: usize,
        x: usize,
        y: usize,
    ) -> Result<(), JpegError> {
        let part = &mut self.parts[component];
        bits.refill();
        part.prediction = next_dc(&part.table, bits, part.prediction)?;
        *self.components[part.index].dc(x, y) = (part.prediction << self.low) as i16;
        Ok(())
    }

    fn restart(&mut self) {
        for part in &mut self.parts {
            part.prediction = 0;
        }
    }
}

/// A later scan of DC coefficients: one bit more of each.
pub(super) struct DcRefining<'a> {
    components: &'a mut [Coefficients],
    indices: Vec<usize>,
    low: u8,
}

impl<'a> DcRefining<'a> {
    pub(super) fn new(scan: &Scan, components: &'a mut [Coefficients]) -> Self {
        Self {
            components,
            indices: scan.components.iter().map(|part| part.index).collect(),
            low: scan.approximation.1,
        }
    }
}

impl BlockDecoder for DcRefining<'_> {
    #[inline(always)]
    fn block(
        &mut self,
        bits: &mut Bits,
        component: usize,
        x: usize,
        y: usize,
    ) -> Result<(), JpegError> {
        bits.refill();
        let bit = bits.take(1) as i16;
        *self.components[self.indices[component]].dc(x, y) |= bit << self.low;
        Ok(())
    }

    fn restart(&mut self) {}
}

impl Coefficients {
    #[inline(always)]
    fn dc(&mut self, x: usize, y: usize) -> &mut i16 {
        &mut self.kept[(y * self.columns + x) * self.keeping.count]
    }
}
