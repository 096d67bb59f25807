//! Huffman codes (Annex C, F.2.2.3), read by table.

use std::cell::OnceCell;

use super::ac_table::AcTable;
use super::bits::Bits;
use super::{JpegError, damaged};

/// Codes up to this length are found by one look; longer ones are rare.
pub(super) const LOOKUP_BITS: u32 = 10;

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
    ac: OnceCell<AcTable>,
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
            ac: OnceCell::new(),
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

    /// The same codes, taken for AC codes of sequential coding.
    #[inline(always)]
    pub(super) fn ac(&self) -> &AcTable {
        self.ac.get_or_init(|| AcTable::new(self))
    }

    /// The code that `next`, [`LOOKUP_BITS`] bits, begins with, if it is no longer than that.
    pub(super) fn short_code(&self, next: u32) -> Option<Code> {
        match *self.lookup.get(next as usize)? {
            0 => None,
            entry => Some(Code {
                symbol: entry as u8,
                length: u32::from(entry >> 8),
            }),
        }
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
