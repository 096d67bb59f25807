//! AC scans of progressive coding (G.1.2.2, G.1.2.3), always of one component.

use std::rc::Rc;

use super::bits::Bits;
use super::huffman::{HuffmanTable, MAX_AC_SIZE};
use super::progressive::{Coefficients, Keeping, band};
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
        let part = scan
            .components
            .first()
            .and_then(|part| Some((part.index, part.ac.as_ref()?)));
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
        let mut block = scan.coefficients.block(x, y);
        let last = scan.last;
        let mut zigzag = scan.first;
        let mut found = 0u64;
        while zigzag <= last {
            bits.refill();
            let code = scan.table.peek(bits)?;
            let (run, size) = (code.symbol >> 4, code.symbol & 15);
            bits.consume(code.length);
            if size == 0 && run < 15 {
                // EOBn (Table G.1): this block and 2^n - 1 + the n bits more end here.
                scan.end_of_band_run = (1 << run) - 1 + bits.take(u32::from(run));
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
            let value = bits.take_signed(u32::from(size)) << scan.low;
            block.set(zigzag, value as i16);
            found |= 1 << zigzag;
            zigzag += 1;
        }
        *block.nonzero |= found;
        Ok(())
    }

    fn restart(&mut self) {
        self.0.end_of_band_run = 0;
    }
}

/// A later scan of a band: one bit more of each coefficient that is not zero, and those that this
/// bit makes so.
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
        let mut block = scan.coefficients.block(x, y);
        let step = 1 << scan.low;
        let known = *block.nonzero;
        let band = band(scan.first, scan.last);
        let mut found = 0;
        let mut zigzag = u32::from(scan.first);
        while scan.end_of_band_run == 0 && zigzag <= u32::from(scan.last) {
            bits.refill();
            let code = scan.table.peek(bits)?;
            let (run, size) = (u32::from(code.symbol >> 4), code.symbol & 15);
            bits.consume(code.length);
            if size == 0 && run < 15 {
                scan.end_of_band_run = (1 << run) + bits.take(run);
                break;
            }
            if size > 1 {
                return damaged("an undefined Huffman symbol");
            }
            let positive = bits.take(u32::from(size));
            // The code stands at the coefficient after `run` zeros; those not zero on the way get
            // their bits.
            let ahead = band & (u64::MAX << zigzag);
            let Some(place) = nth_one(ahead & !known, run) else {
                return damaged(OUTSIDE);
            };
            let corrections = place - zigzag - run;
            block.correct(
                bits,
                ahead & known & !(u64::MAX << place),
                corrections,
                step,
            );
            if size == 1 {
                found |= 1 << place;
                block.set(place as u8, if positive == 1 { step } else { -step });
            }
            zigzag = place + 1;
        }
        if scan.end_of_band_run > 0 {
            scan.end_of_band_run -= 1;
            let rest = known & band & (u64::MAX << zigzag);
            if rest != 0 {
                bits.refill();
                block.correct(bits, rest, rest.count_ones(), step);
            }
        }
        *block.nonzero = known | found;
        Ok(())
    }

    fn restart(&mut self) {
        self.0.end_of_band_run = 0;
    }
}

/// The index of the one bit of `bits` that has `n` others below it.
#[inline(always)]
fn nth_one(mut bits: u64, mut n: u32) -> Option<u32> {
    while n >= 4 {
        for _ in 0..4 {
            bits &= bits.wrapping_sub(1);
        }
        n -= 4;
    }
    // No branch for the common ones, which nobody can foretell.
    let second = bits & bits.wrapping_sub(1);
    let third = second & second.wrapping_sub(1);
    let fourth = third & third.wrapping_sub(1);
    let bits = [bits, second, third, fourth][n as usize & 3];
    (bits != 0).then(|| bits.trailing_zeros())
}

/// The coefficients of one block.
struct BlockCoefficients<'a> {
    kept: &'a mut [i16],
    nonzero: &'a mut u64,
    keeping: Keeping,
}

impl Coefficients {
    #[inline(always)]
    fn block(&mut self, x: usize, y: usize) -> BlockCoefficients<'_> {
        let index = y * self.columns + x;
        let count = self.keeping.count;
        BlockCoefficients {
            kept: &mut self.kept[index * count..][..count],
            nonzero: &mut self.nonzero[index],
            keeping: self.keeping,
        }
    }
}

impl BlockCoefficients<'_> {
    /// Sets a coefficient, if it is kept.
    #[inline(always)]
    fn set(&mut self, zigzag: u8, value: i16) {
        if let Some(place) = self.place(u32::from(zigzag)) {
            *place = value;
        }
    }

    #[inline(always)]
    fn place(&mut self, zigzag: u32) -> Option<&mut i16> {
        self.kept
            .get_mut(usize::from(self.keeping.slots[zigzag as usize & 63]))
    }

    /// Reads a correction bit for each of `count` coefficients given by zigzag index, and applies
    /// those that are kept. Wants 39 bits at hand.
    #[inline(always)]
    fn correct(&mut self, bits: &mut Bits, mut coefficients: u64, count: u32, step: i16) {
        if count > 39 {
            return self.correct_many(bits, coefficients, step);
        }
        let mut unread = count;
        while coefficients & self.keeping.up_to_last != 0 {
            self.correct_one(bits, coefficients.trailing_zeros(), step);
            coefficients &= coefficients - 1;
            unread -= 1;
        }
        bits.consume(unread);
    }

    #[cold]
    fn correct_many(&mut self, bits: &mut Bits, mut coefficients: u64, step: i16) {
        while coefficients != 0 {
            bits.refill();
            self.correct_one(bits, coefficients.trailing_zeros(), step);
            coefficients &= coefficients - 1;
        }
        bits.refill();
    }

    #[inline(always)]
    fn correct_one(&mut self, bits: &mut Bits, zigzag: u32, step: i16) {
        let bit = bits.take(1) as i16;
        if let Some(value) = self.place(zigzag) {
            *value = value.wrapping_add((step * value.signum()) & -bit);
        }
    }
}

const OUTSIDE: &str = "a coefficient outside its band";
