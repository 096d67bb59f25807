//! Writing bits as deflate has them: from the low end of each byte up (RFC 1951, 3.1.1).

use super::huffman::Code;

/// Bytes that grow bit by bit.
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// Bits that are not in `bytes` yet, the next one to be written the lowest.
    pending: u64,
    count: u32,
}

impl BitWriter {
    /// Bits that can be put at once.
    pub(super) const ROOM: u32 = 56;

    /// Goes on behind these bytes.
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            pending: 0,
            count: 0,
        }
    }

    /// Adds the low `count` bits of `value`, of which the others are 0; at most [`Self::ROOM`].
    #[inline(always)]
    pub(super) fn put(&mut self, value: u64, count: u32) {
        self.pending |= value << self.count;
        self.count += count;
        // All of it is written and the bytes that are not whole yet are taken back: that needs no branch, which would be
        // guessed wrong every other time.
        self.bytes.extend_from_slice(&self.pending.to_le_bytes());
        let whole = self.count / 8;
        self.bytes.truncate(self.bytes.len() - 8 + whole as usize);
        self.pending >>= 8 * whole;
        self.count %= 8;
    }

    #[inline(always)]
    pub(super) fn code(&mut self, code: Code) {
        self.put(code.bits, code.length);
    }

    /// The bytes, the last one filled with zeros.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let whole = self.count.div_ceil(8) as usize;
        self.bytes
            .extend(self.pending.to_le_bytes().iter().take(whole));
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bit_is_the_lowest_of_the_first_byte() {
        let mut bits = BitWriter::new(Vec::new());
        bits.put(1, 1);
        bits.put(0b10, 2);
        bits.put(0xFFFF_FFFF_FFFF, 48);
        assert_eq!(
            bits.finish(),
            [0b1111_1101, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0b111]
        );
    }
}
