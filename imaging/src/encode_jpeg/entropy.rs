//! Huffman coding of blocks (F.1.2), with the bytes that hold it (F.1.2.3).

use super::dct::Coefficients;
use crate::jpeg::ZIGZAG;
use crate::jpeg::standard::HuffmanSpec;

/// The code of each symbol: its bits above their number, 0 for none.
pub(super) struct Codes([u32; 256]);

impl Codes {
    /// Numbers the codes in order (Annex C).
    pub(super) const fn new(spec: &HuffmanSpec) -> Self {
        let mut codes = [0; 256];
        let (mut code, mut index, mut length) = (0, 0, 1);
        while length <= 16 {
            let mut left = spec.counts[length as usize - 1];
            while left > 0 {
                codes[spec.symbols[index] as usize] = code << 8 | length;
                code += 1;
                index += 1;
                left -= 1;
            }
            code <<= 1;
            length += 1;
        }
        Self(codes)
    }

    #[inline(always)]
    fn get(&self, symbol: u8) -> (u64, u32) {
        let code = self.0[usize::from(symbol)];
        (u64::from(code >> 8), code & 0xFF)
    }
}

/// Entropy-coded data as it grows.
#[derive(Default)]
pub(super) struct EntropyWriter {
    pub(super) bytes: Vec<u8>,
    /// Bits not written yet, the last one lowest.
    bits: u64,
    count: u32,
}

/// For each place in [`Coefficients`], which go by columns, in zigzag order.
const PLACES: [u8; 64] = {
    let mut places = [0; 64];
    let mut zigzag = 0;
    while zigzag < 64 {
        places[zigzag] = ZIGZAG[zigzag] % 8 * 8 + ZIGZAG[zigzag] / 8;
        zigzag += 1;
    }
    places
};

/// For each four places in [`Coefficients`], and for which of them, as bits, is meant: their zigzag indices, as bits.
const ZIGZAG_BITS: [[u64; 16]; 16] = {
    let mut table = [[0; 16]; 16];
    let mut zigzag = 0;
    while zigzag < 64 {
        let place = PLACES[zigzag] as usize;
        let mut four = 0;
        while four < 16 {
            if four >> (place % 4) & 1 == 1 {
                table[place / 4][four] |= 1 << zigzag;
            }
            four += 1;
        }
        zigzag += 1;
    }
    table
};

/// The zigzag indices, as bits, of what is not zero.
#[inline(always)]
fn nonzero(coefficients: &Coefficients) -> u64 {
    /// Brings the lowest bits of eight bytes together in the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (columns, _) = coefficients.as_chunks::<8>();
    let (tables, _) = ZIGZAG_BITS.as_chunks::<2>();
    let mut nonzero = 0;
    for (column, [upper, lower]) in columns.iter().zip(tables) {
        let flags = std::array::from_fn(|down| u8::from(column[down] != 0));
        let places = (u64::from_le_bytes(flags).wrapping_mul(GATHER) >> 56) as usize;
        nonzero |= upper[places & 15] | lower[places >> 4];
    }
    nonzero
}

impl EntropyWriter {
    /// Codes a block; gives its DC coefficient, from which the component's next is told.
    #[inline(always)]
    pub(super) fn block(
        &mut self,
        coefficients: &Coefficients,
        prediction: i16,
        (dc, ac): (&Codes, &Codes),
    ) -> i16 {
        let mean = coefficients[0];
        let (size, bits) = magnitude(mean - prediction);
        self.symbol(dc, size as u8, size, bits);

        let mut nonzero = nonzero(coefficients) & !1;
        let mut before = 0;
        while nonzero != 0 {
            let zigzag = nonzero.trailing_zeros();
            nonzero &= nonzero - 1;
            let mut run = zigzag - before - 1;
            before = zigzag;
            while run > 15 {
                self.symbol(ac, ZRL, 0, 0);
                run -= 16;
            }
            let place = PLACES[zigzag as usize & 63];
            let (size, bits) = magnitude(coefficients[usize::from(place & 63)]);
            self.symbol(ac, (run << 4 | size) as u8, size, bits);
        }
        if before < 63 {
            self.symbol(ac, EOB, 0, 0);
        }
        mean
    }

    /// Writes a symbol's code and the bits beside it.
    #[inline(always)]
    fn symbol(&mut self, codes: &Codes, symbol: u8, size: u32, bits: u64) {
        let (code, length) = codes.get(symbol);
        let (value, length) = (code << size | bits, length + size);
        // At most 27 bits come to at most 31 that wait.
        self.bits = self.bits << length | value;
        self.count += length;
        if self.count >= 32 {
            self.count -= 32;
            self.word((self.bits >> self.count) as u32);
        }
    }

    #[inline(always)]
    fn word(&mut self, word: u32) {
        // A byte of ones gets a zero after it.
        let is_plain = (word & 0x8080_8080 & !word.wrapping_add(0x0101_0101)) == 0;
        if is_plain {
            self.bytes.extend_from_slice(&word.to_be_bytes());
        } else {
            self.stuffed(word);
        }
    }

    #[cold]
    fn stuffed(&mut self, word: u32) {
        for byte in word.to_be_bytes() {
            self.bytes.push(byte);
            if byte == 0xFF {
                self.bytes.push(0);
            }
        }
    }

    /// Fills the last byte with ones, and gives all.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let fill = self.count.next_multiple_of(8) - self.count;
        self.bits = self.bits << fill | ((1 << fill) - 1);
        self.count += fill;
        while self.count > 0 {
            self.count -= 8;
            let byte = (self.bits >> self.count) as u8;
            self.bytes.push(byte);
            if byte == 0xFF {
                self.bytes.push(0);
            }
        }
        self.bytes
    }
}

/// Sixteen zeros.
const ZRL: u8 = 0xF0;
/// Nothing but zeros up to the end of the block.
const EOB: u8 = 0;

/// A number's category and the bits that tell it from others of that category (F.1.2.1).
#[inline(always)]
fn magnitude(value: i16) -> (u32, u64) {
    let value = i32::from(value);
    let size = 32 - value.unsigned_abs().leading_zeros();
    // Negative numbers are one less, so that they begin with a zero.
    let bits = (value + (value >> 31)) as u32 & ((1 << size) - 1);
    (size, u64::from(bits))
}
