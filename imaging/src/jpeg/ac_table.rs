//! AC coefficients of sequential coding (F.1.2.2), several at each look.
//!
//! Codes are so short that the next ten bits often hold two coefficients, values included. Each look depends on the one
//! before, so looks are what decoding takes its time for.

use super::bits::Bits;
use super::huffman::{HuffmanTable, LOOKUP_BITS, MAX_AC_SIZE};

/// How many looks a refill lasts for.
pub(super) const LOOKS: usize = 56 / LOOKUP_BITS as usize;

/// For the next bits what they begin with.
pub(super) struct AcTable {
    looks: Box<[Look; 1 << LOOKUP_BITS]>,
}

/// What a look gives: up to two coefficients to store, and how far all the symbols reach for those who store none.
///
/// From the lowest byte on: bits of the coefficients below those of all symbols, distance of the first coefficient, its
/// value in two bytes, distance and value of the second, advance over the coefficients, advance over all symbols.
#[derive(Clone, Copy)]
pub(super) struct Look(u64);

/// Some symbols: the bits that they take, and the advance of the zigzag index.
#[derive(Clone, Copy, Default)]
pub(super) struct Stride {
    pub(super) bits: u32,
    /// Above 63 if the block ends, or if the next symbol must be read by itself.
    pub(super) advance: usize,
}

impl Stride {
    /// Added to the advance where the last symbol is EOB.
    const EOB: usize = 128;
    /// The next symbol must be read by itself. As an advance it leaves every block.
    const SINGLE: usize = 64;

    /// The advance before EOB, if the symbols end with it.
    #[inline(always)]
    pub(super) fn advance_to_eob(self) -> Option<usize> {
        self.advance.checked_sub(Self::EOB)
    }
}

impl Look {
    fn new([first, second]: [Coefficient; 2], read: Stride, skip: Stride) -> Self {
        Self(u64::from_le_bytes([
            (read.bits | skip.bits << 4) as u8,
            first.distance as u8,
            first.value as u8,
            (first.value >> 8) as u8,
            second.distance as u8,
            second.value as u8,
            read.advance as u8,
            skip.advance as u8,
        ]))
    }

    /// Distances from the zigzag index and values of two coefficients. Those that are none lie outside every block.
    #[inline(always)]
    pub(super) fn coefficients(self) -> [(usize, i16); 2] {
        [
            ((self.0 >> 8) as usize & 0xFF, (self.0 >> 16) as i16),
            (
                (self.0 >> 32) as usize & 0xFF,
                i16::from((self.0 >> 40) as i8),
            ),
        ]
    }

    /// Over the coefficients.
    #[inline(always)]
    pub(super) fn read(self) -> Stride {
        Stride {
            bits: self.0 as u32 & 15,
            advance: (self.0 >> 48) as usize & 0xFF,
        }
    }

    /// Over all symbols.
    #[inline(always)]
    pub(super) fn skip(self) -> Stride {
        Stride {
            bits: self.0 as u32 >> 4 & 15,
            advance: (self.0 >> 56) as usize,
        }
    }
}

#[derive(Clone, Copy)]
struct Coefficient {
    distance: usize,
    value: i16,
}

impl Coefficient {
    /// Lies outside every block.
    const NONE: Self = Self {
        distance: 64,
        value: 0,
    };
}

impl AcTable {
    /// Builds the table for AC codes. Anything irregular is left to single reading.
    pub(super) fn new(codes: &HuffmanTable) -> Self {
        let mut looks = Box::new([Look(0); 1 << LOOKUP_BITS]);
        for (next, look) in (0u32..).zip(looks.iter_mut()) {
            *look = Self::look(codes, next);
        }
        Self { looks }
    }

    fn look(codes: &HuffmanTable, next: u32) -> Look {
        let mut coefficients = [Coefficient::NONE; 2];
        let mut places = coefficients.iter_mut();
        let mut all = Stride::default();
        let mut read = None;
        while all.advance < Stride::SINGLE {
            let Some((symbol, bits)) = Self::symbol(codes, next, all.bits) else {
                break;
            };
            let advance = match symbol {
                Symbol::EndOfBlock => Stride::EOB,
                Symbol::Zeros => 16,
                Symbol::Coefficient { run, value } => {
                    let distance = all.advance + run;
                    match places.next() {
                        Some(place) => *place = Coefficient { distance, value },
                        None => _ = read.get_or_insert(all),
                    }
                    run + 1
                }
            };
            all.bits += bits;
            all.advance += advance;
        }
        if all.bits == 0 {
            all.advance = Stride::SINGLE;
        }
        Look::new(coefficients, read.unwrap_or(all), all)
    }

    /// The symbol that comes `covered` bits after the start of `next`, and the bits of its code and value, if they
    /// are all there.
    fn symbol(codes: &HuffmanTable, next: u32, covered: u32) -> Option<(Symbol, u32)> {
        let rest = (next << covered) & ((1 << LOOKUP_BITS) - 1);
        let code = codes.short_code(rest)?;
        let (run, size) = (usize::from(code.symbol >> 4), code.symbol & 15);
        let bits = code.length + u32::from(size);
        if covered + bits > LOOKUP_BITS || size > MAX_AC_SIZE {
            return None;
        }
        let symbol = match (run, size) {
            (0, 0) => Symbol::EndOfBlock,
            (15, 0) => Symbol::Zeros,
            (_, 0) => return None,
            _ => {
                // EXTEND (F.2.2.1): a leading zero stands for a negative number.
                let magnitude = rest >> (LOOKUP_BITS - bits) & ((1 << size) - 1);
                let is_negative = magnitude >> (size - 1) == 0;
                let value = magnitude as i16 - if is_negative { (1 << size) - 1 } else { 0 };
                Symbol::Coefficient { run, value }
            }
        };
        Some((symbol, bits))
    }

    /// What the bits at hand begin with.
    #[inline(always)]
    pub(super) fn look_at(&self, bits: &Bits) -> Look {
        self.looks[bits.peek(LOOKUP_BITS)]
    }
}

/// An AC symbol with its value (F.1.2.2.1).
#[derive(Clone, Copy)]
enum Symbol {
    /// EOB.
    EndOfBlock,
    /// ZRL: sixteen zeros.
    Zeros,
    Coefficient {
        run: usize,
        value: i16,
    },
}
