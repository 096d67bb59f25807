//! AC scans of progressive coding (G.1.2.2, G.1.2.3), always of one component.

use std::rc::Rc;

use super::bits::Bits;
use super::huffman::{HuffmanTable, MAX_AC_SIZE};
use super::progressive::{Coefficients, band};
use super::scan::{BlockDecoder, Scan};
use super::{JpegError, damaged};

/// What both kinds of scan work with.
struct AcScan<'a> {
    table: Rc<HuffmanTable>,
    coefficients: &'a mut Coefficients,
    first: u8,
    last: u8,
    low: u8,
    /// Blocks to come in which the band has no new coefficient (EOBRUN).
    end_of_band_run: u32,
}

impl<'a> AcScan<'a> {
    fn new(scan: &Scan, components: &'a mut [Coefficients]) -> Result<Self, JpegError> {
        let part = scan.components.first().and_then(|part| Some((part.index, part.ac.as_ref()?)));
        let Some((index, table)) = part else {
            return damaged("a scan without its tables");
        };
        Ok(Self {
            table: Rc::clone(table),
            coefficients: &mut components[index],
            first: scan.band.0,
            last: scan.band.1,
            low: scan.approximation.1,
            end_of_band_run: 0,
        })
    }

    /// The kept coefficients and the nonzero bits of a block.
    #[inline(always)]
    fn block(&mut self, x: usize, y: usize) -> (&mut [i16], &mut u64) {
        let index = y * self.coefficients.columns + x;
        let count = self.coefficients.keeping.count;
        let kept = &mut self.coefficients.kept[index * count..][..count];
        (kept, &mut self.coefficients.nonzero[index])
    }
}

/// The first scan of a band.
pub(super) struct AcFirst<'a>(AcScan<'a>);

impl<'a> AcFirst<'a> {
    pub(super) fn new(scan: &Scan, components: &'a mut [Coefficients]) -> Result<Self, JpegError> {
        AcScan::new(scan, components).map(Self)
    }
}

impl BlockDecoder for AcFirst<'_> {
    #[inline(always)]
    fn block(&mut self, bits: &mut Bits, _: usize, x: usize, y: usize) -> Result<(), JpegError> {
        let scan = &mut self.0;
        if scan.end_of_band_run > 0 {
            scan.end_of_band_run -= 1;
            return Ok(());
        }
        let (last, low, keeping) = (scan.last, scan.low, scan.coefficients.keeping);
        let table = Rc::clone(&scan.table);
        let mut zigzag = scan.first;
        let mut found = 0u64;
        let mut run_of_blocks = 0;
        let (kept, nonzero) = scan.block(x, y);
        while zigzag <= last {
            bits.refill();
            let code = table.peek(bits)?;
            bits.consume(code.length);
            let (run, size) = (code.symbol >> 4, code.symbol & 15);
            if size == 0 && run < 15 {
                // EOBn (Table G.1): this block and 2^n - 1 + the n bits more end here.
                run_of_blocks = (1 << run) - 1 + bits.take(u32::from(run));
                break;
            }
            if size == 0 {
                zigzag += 16;
                if zigzag > last + 1 {
                    return damaged(OUTSIDE);
                }
                continue;
            }
            zigzag += run;
            if zigzag > last || size > MAX_AC_SIZE {
                return damaged(OUTSIDE);
            }
            let value = bits.take_signed(u32::from(size)) << low;
            found |= 1 << zigzag;
            if let Some(place) = kept.get_mut(usize::from(keeping.slots[usize::from(zigzag & 63)])) {
                *place = value as i16;
            }
            zigzag += 1;
        }
        *nonzero |= found;
        scan.end_of_band_run = run_of_blocks;
        Ok(())
    }

    fn restart(&mut self) {
        self.0.end_of_band_run = 0;
    }
}

/// A later scan of a band: one bit more of each coefficient that is not zero, and those that this bit makes so.
pub(super) struct AcRefining<'a>(AcScan<'a>);

impl<'a> AcRefining<'a> {
    pub(super) fn new(scan: &Scan, components: &'a mut [Coefficients]) -> Result<Self, JpegError> {
        AcScan::new(scan, components).map(Self)
    }
}

impl BlockDecoder for AcRefining<'_> {
    #[inline(always)]
    fn block(&mut self, bits: &mut Bits, _: usize, x: usize, y: usize) -> Result<(), JpegError> {
        let scan = &mut self.0;
        let keeping = scan.coefficients.keeping;
        let refinement = Refinement {
            kept_zigzags: keeping.zigzags,
            slots: keeping.slots,
            step: 1 << scan.low,
        };
        let table = Rc::clone(&scan.table);
        let mut run_of_blocks = scan.end_of_band_run;
        // What of the band is still to be gone through.
        let mut rest = band(scan.first, scan.last);
        let (kept, nonzero) = scan.block(x, y);
        let known = *nonzero;
        while rest != 0 && run_of_blocks == 0 {
            bits.refill();
            let code = table.peek(bits)?;
            bits.consume(code.length);
            let (run, size) = (code.symbol >> 4, code.symbol & 15);
            if size > 1 {
                return damaged("an undefined Huffman symbol");
            }
            if size == 0 && run < 15 {
                run_of_blocks = (1 << run) + bits.take(u32::from(run));
                break;
            }
            let positive = size == 1 && bits.take(1) == 1;
            // The code stands at the coefficient after `run` zeros; those not zero on the way get their bits.
            let Some(place) = nth_one(rest & !known, run) else {
                return damaged(OUTSIDE);
            };
            let up_to = u64::MAX >> (63 - place);
            refinement.correct(bits, rest & known & up_to, kept);
            rest &= !up_to;
            if size == 1 {
                *nonzero |= 1 << place;
                if let Some(slot) = kept.get_mut(usize::from(keeping.slots[place as usize & 63])) {
                    *slot = if positive { refinement.step } else { -refinement.step };
                }
            }
        }
        if run_of_blocks > 0 {
            bits.refill();
            refinement.correct(bits, rest & known, kept);
            run_of_blocks -= 1;
        }
        scan.end_of_band_run = run_of_blocks;
        Ok(())
    }

    fn restart(&mut self) {
        self.0.end_of_band_run = 0;
    }
}

/// The index of the one bit of `bits` that has `n` others below it.
#[inline(always)]
fn nth_one(mut bits: u64, n: u8) -> Option<u32> {
    for _ in 0..n {
        bits &= bits.wrapping_sub(1);
    }
    (bits != 0).then(|| bits.trailing_zeros())
}

struct Refinement {
    kept_zigzags: u64,
    slots: &'static [u8; 64],
    step: i16,
}

impl Refinement {
    /// Reads a correction bit for each of the coefficients given by zigzag index; applies those that are kept.
    #[inline(always)]
    fn correct(&self, bits: &mut Bits, coefficients: u64, kept: &mut [i16]) {
        let mut left = coefficients;
        let mut unread = 0;
        while left & self.kept_zigzags != 0 {
            // Those before the next kept one are passed over together.
            let zigzag = (left & self.kept_zigzags).trailing_zeros();
            unread += (left & ((1 << zigzag) - 1)).count_ones();
            pass_over(bits, unread);
            unread = 0;
            bits.refill();
            if bits.take(1) == 1
                && let Some(value) = kept.get_mut(usize::from(self.slots[zigzag as usize & 63]))
            {
                *value += self.step * value.signum();
            }
            left &= !(u64::MAX >> (63 - zigzag));
        }
        pass_over(bits, unread + left.count_ones());
    }
}

/// Drops up to 64 bits.
#[inline(always)]
fn pass_over(bits: &mut Bits, count: u32) {
    bits.refill();
    if count > 56 {
        bits.consume(32);
        bits.refill();
        return bits.consume(count - 32);
    }
    bits.consume(count);
}

const OUTSIDE: &str = "a coefficient outside its band";
