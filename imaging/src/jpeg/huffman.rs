//! Huffman codes (Annex C, F.2.2.3), read by table.

use std::cell::OnceCell;

use super::bits::Bits;
use super::{JpegError, damaged};

/// Codes up to this length are found by one look; longer ones are rare.
const LOOKUP_BITS: u32 = 10;

/// The longest code (C.1).
const MAX_LENGTH: usize = 16;

/// One Huffman table, ready for reading.
pub(super) struct HuffmanTable {
    /// For the next bits: the code's length above its symbol, or 0 if it is longer.
    lookup: [u16; 1 << LOOKUP_BITS],
    /// For each length above `LOOKUP_BITS`: the first 16 bits that are beyond the codes of this
    /// length …
    limits: [u32; MAX_LENGTH + 1],
    /// … and what leads from a code of this length to the index of its symbol.
    offsets: [i32; MAX_LENGTH + 1],
    symbols: Box<[u8]>,
    short: OnceCell<ShortTable>,
    strides: OnceCell<SkipTable>,
}

/// A symbol and the length of its code.
#[derive(Clone, Copy)]
pub(super) struct Code {
    pub(super) symbol: u8,
    pub(super) length: u32,
}

impl HuffmanTable {
    /// Builds the table from BITS and HUFFVAL (B.2.4.2): how many codes there are of each length,
    /// and their symbols.
    pub(super) fn new(counts: &[u8; MAX_LENGTH], symbols: &[u8]) -> Result<Self, JpegError> {
        let mut table = Self {
            lookup: [0; 1 << LOOKUP_BITS],
            limits: [0; MAX_LENGTH + 1],
            offsets: [0; MAX_LENGTH + 1],
            symbols: symbols.into(),
            short: OnceCell::new(),
            strides: OnceCell::new(),
        };
        let mut code = 0u32;
        let mut index = 0usize;
        for (length, &count) in (1u32..).zip(counts) {
            let count = u32::from(count);
            if code + count > 1 << length {
                return damaged("a Huffman table with too many codes");
            }
            table.offsets[length as usize] = index as i32 - code as i32;
            for &symbol in symbols.iter().skip(index).take(count as usize) {
                if length <= LOOKUP_BITS {
                    let spare = LOOKUP_BITS - length;
                    let first = (code << spare) as usize;
                    table.lookup[first..first + (1 << spare)]
                        .fill((length as u16) << 8 | u16::from(symbol));
                }
                code += 1;
            }
            index += count as usize;
            table.limits[length as usize] = code << (MAX_LENGTH as u32 - length);
            code <<= 1;
        }
        Ok(table)
    }

    /// The code that comes next, of at least 16 bits at hand; it is not consumed.
    #[inline(always)]
    pub(super) fn peek(&self, bits: &Bits) -> Result<Code, JpegError> {
        let entry = self.lookup[bits.peek(LOOKUP_BITS)];
        if entry == 0 {
            return self.peek_long(bits.peek(16) as u32);
        }
        Ok(Code {
            symbol: entry as u8,
            length: u32::from(entry >> 8),
        })
    }

    /// The next symbol, consumed, of at least 16 bits at hand.
    #[inline(always)]
    pub(super) fn symbol(&self, bits: &mut Bits) -> Result<u8, JpegError> {
        let code = self.peek(bits)?;
        bits.consume(code.length);
        Ok(code.symbol)
    }

    /// The same codes, taken for AC codes of sequential coding, with the values that stand beside them.
    #[inline(always)]
    pub(super) fn short(&self) -> &ShortTable {
        self.short.get_or_init(|| ShortTable::new(self))
    }

    /// The same codes, taken for AC codes of sequential coding, for passing over them.
    #[inline(always)]
    pub(super) fn strides(&self) -> &SkipTable {
        self.strides.get_or_init(|| SkipTable::new(self))
    }

    #[cold]
    fn peek_long(&self, next: u32) -> Result<Code, JpegError> {
        for length in LOOKUP_BITS as usize + 1..=MAX_LENGTH {
            if next < self.limits[length] {
                let code = (next >> (MAX_LENGTH - length)) as i32;
                let index = usize::try_from(code + self.offsets[length]).unwrap_or(usize::MAX);
                if let Some(&symbol) = self.symbols.get(index) {
                    let length = length as u32;
                    return Ok(Code { symbol, length });
                }
            }
        }
        damaged("an invalid Huffman code")
    }
}

/// AC coefficients of sequential coding that are short enough to be read, code and value, by one look.
pub(super) struct ShortTable {
    entries: Box<[Short; 1 << LOOKUP_BITS]>,
}

/// A coefficient: its value in the upper half, then the zeros before it, then the bits of both.
#[derive(Clone, Copy, Default)]
pub(super) struct Short(u32);

impl Short {
    /// The zeros of an EOB: they leave every block.
    pub(super) const EOB_RUN: usize = 64;

    /// The bits that it takes, 0 if it is not a short one.
    #[inline(always)]
    pub(super) fn bits(self) -> u32 {
        self.0 & 0xFF
    }

    #[inline(always)]
    pub(super) fn run(self) -> usize {
        (self.0 >> 8 & 0xFF) as usize
    }

    #[inline(always)]
    pub(super) fn value(self) -> i16 {
        (self.0 >> 16) as i16
    }
}

impl ShortTable {
    fn new(ac: &HuffmanTable) -> Self {
        let mut entries = Box::new([Short::default(); 1 << LOOKUP_BITS]);
        for (next, entry) in (0u32..).zip(entries.iter_mut()) {
            *entry = Self::entry(ac, next);
        }
        Self { entries }
    }

    fn entry(ac: &HuffmanTable, next: u32) -> Short {
        let code = ac.lookup[next as usize];
        let (length, run, size) = (u32::from(code >> 8), code >> 4 & 15, u32::from(code & 15));
        let (run, value) = match (run, size) {
            (0, 0) => (Short::EOB_RUN as u32, 0),
            (_, 0) => return Short::default(),
            _ if length + size > LOOKUP_BITS => return Short::default(),
            _ => {
                // EXTEND (F.2.2.1): a leading zero stands for a negative number.
                let bits = next >> (LOOKUP_BITS - length - size) & ((1 << size) - 1);
                let is_negative = bits >> (size - 1) == 0;
                let value = bits as i16 - if is_negative { (1 << size) - 1 } else { 0 };
                (u32::from(run), value)
            }
        };
        match length {
            0 => Short::default(),
            _ => Short(u32::from(value as u16) << 16 | run << 8 | (length + size)),
        }
    }

    /// What the bits at hand begin with.
    #[inline(always)]
    pub(super) fn peek(&self, bits: &Bits) -> Short {
        self.entries[bits.peek(LOOKUP_BITS)]
    }
}

/// What the next bits of a sequential block's AC coefficients hold, several symbols at a time, for
/// those that no scale needs: only how far they reach.
pub(super) struct SkipTable {
    strides: Box<[Stride; 1 << SKIP_BITS]>,
}

/// How many bits a look into a [`SkipTable`] covers. Wider tables cover more symbols but fall out
/// of the nearest cache.
pub(super) const SKIP_BITS: u32 = 12;

/// Some symbols with the bits beside them: bits covered below, the advance of the zigzag index
/// above.
#[derive(Clone, Copy, Default)]
pub(super) struct Stride(u16);

impl Stride {
    /// Added to the advance where the last symbol is EOB.
    const EOB: u16 = 128;
    /// The next symbol must be read by itself. As an advance it leaves every block.
    const SINGLE: Self = Self(64 << 5);

    #[inline(always)]
    pub(super) fn bits(self) -> u32 {
        u32::from(self.0 & 31)
    }

    /// How far the zigzag index moves, above 63 if the block ends or if [`SkipTable`] could not
    /// tell.
    #[inline(always)]
    pub(super) fn advance(self) -> usize {
        usize::from(self.0 >> 5)
    }

    /// The advance before EOB, if the symbols end with it.
    #[inline(always)]
    pub(super) fn advance_to_eob(self) -> Option<usize> {
        self.advance().checked_sub(usize::from(Self::EOB))
    }
}

impl SkipTable {
    /// Builds the table for AC codes. Anything irregular is left to single reading.
    pub(super) fn new(ac: &HuffmanTable) -> Self {
        let mut strides = Box::new([Stride::SINGLE; 1 << SKIP_BITS]);
        for (next, stride) in (0u32..).zip(strides.iter_mut()) {
            *stride = Self::stride(ac, next);
        }
        Self { strides }
    }

    fn stride(ac: &HuffmanTable, next: u32) -> Stride {
        let mut covered = 0;
        let mut advance = 0;
        while advance < 64 {
            let rest = (next << covered) & ((1 << SKIP_BITS) - 1);
            let entry = ac.lookup[(rest >> (SKIP_BITS - LOOKUP_BITS)) as usize];
            let (length, run, size) = (u32::from(entry >> 8), entry >> 4 & 15, entry & 15);
            let step = match (run, size) {
                (0, 0) => Stride::EOB,
                (15, 0) => 16,
                (_, 0) => break,
                _ => run + 1,
            };
            let end = covered + length + u32::from(size);
            if entry == 0 || size > u16::from(MAX_AC_SIZE) || end > SKIP_BITS {
                break;
            }
            covered = end;
            advance += step;
        }
        match covered {
            0 => Stride::SINGLE,
            _ => Stride(advance << 5 | covered as u16),
        }
    }

    /// What the bits at hand begin with.
    #[inline(always)]
    pub(super) fn peek(&self, bits: &Bits) -> Stride {
        self.strides[bits.peek(SKIP_BITS)]
    }
}

/// The largest category of an AC coefficient of 8-bit samples (Table F.2).
pub(super) const MAX_AC_SIZE: u8 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_codes_than_a_length_allows_are_refused() {
        let mut counts = [0; 16];
        counts[0] = 3;
        assert!(HuffmanTable::new(&counts, &[1, 2, 3]).is_err());
    }

    #[test]
    fn a_full_tree_of_long_codes_is_read() {
        // One code of each length, 1 to 15, and two of 16: 0, 10, 110, …
        let mut counts = [1; 16];
        counts[15] = 2;
        let symbols: Vec<u8> = (0..17).collect();
        let table = HuffmanTable::new(&counts, &symbols).unwrap();
        for length in 1..=16u32 {
            let code = 0xFFFF_FFFEu32 << (32 - length);
            let code = if length == 16 { 0xFFFE_0000 } else { code };
            let mut input = super::super::input::Input::new(std::io::Cursor::new(stuffed(code)));
            let mut segment = super::super::bits::EntropySegment::new();
            segment.top_up(&mut input).unwrap();
            let mut bits = segment.bits();
            bits.refill();
            let found = table.peek(&bits).unwrap();
            assert_eq!(
                (u32::from(found.symbol), found.length),
                (length - 1, length)
            );
        }
    }

    fn stuffed(word: u32) -> Vec<u8> {
        let stuff = |byte| {
            if byte == 0xFF {
                vec![byte, 0]
            } else {
                vec![byte]
            }
        };
        word.to_be_bytes().into_iter().flat_map(stuff).collect()
    }
}
