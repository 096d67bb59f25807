//! Rows as a zlib stream (RFC 1950, RFC 1951).

use super::bits::BitWriter;
use super::block;
use super::matches;
use super::symbols::{self, DISTANCES, LENGTHS, LITERALS, LONGEST, SHORTEST};

/// Tokens of a block: enough for its codes to weigh little, few enough to follow the picture.
const BLOCK: usize = 1 << 14;

/// A run of one byte is told as a match from this length on: its literals have short codes.
const SHORT_RUN: usize = 6;

/// Packs rows of RGB with the number of a filter before each, by the pixels that they repeat.
pub(super) fn pixels(rows: &[u8], stride: usize) -> Vec<u8> {
    let mut stream = Stream::new(rows);
    matches::tell(rows, stride, &mut stream);
    stream.finish(rows)
}

/// Packs differences. On photographs the search for matches costs five times the time and changes the size by a
/// hundredth, to either side; runs are worth it for what even surfaces there are.
pub(super) fn differences(rows: &[u8]) -> Vec<u8> {
    let mut stream = Stream::new(rows);
    let mut at = 0;
    while let Some(&byte) = rows.get(at) {
        stream.literal(byte);
        at += 1;
        if rows.get(at..at + SHORT_RUN) == Some(&[byte; SHORT_RUN]) {
            let rest = rows.iter().skip(at).take(LONGEST);
            let run = rest.take_while(|&&next| next == byte).count();
            stream.matched(run, 1);
            at += run;
        }
        if stream.tokens.len() >= BLOCK {
            stream.write_block(false);
        }
    }
    stream.finish(rows)
}

/// A literal, or a match's length and its distance less 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token(u32);

impl Token {
    /// The literal or 256 and the match's length, and the match's distance less 1.
    #[inline(always)]
    pub(super) fn parts(self) -> (usize, u16) {
        let first = match self.0 >> 16 {
            0 => self.0 & 0xFF,
            length => 256 + length,
        };
        (first as usize, self.0 as u16)
    }
}

/// A stream that grows block by block.
pub(super) struct Stream {
    bits: BitWriter,
    /// What the next block will hold, and how often it has each symbol.
    tokens: Vec<Token>,
    literals: [u32; LITERALS],
    distances: [u32; DISTANCES],
}

impl Stream {
    fn new(rows: &[u8]) -> Self {
        // Noise stays as long as it is.
        let mut bytes = Vec::with_capacity(rows.len() + rows.len() / 64 + 1024);
        // A window of 32 KB, the usual effort (RFC 1950, 2.2).
        bytes.extend([0x78, 0x9C]);
        Self {
            bits: BitWriter::new(bytes),
            tokens: Vec::with_capacity(2 * BLOCK),
            literals: [0; LITERALS],
            distances: [0; DISTANCES],
        }
    }

    #[inline(always)]
    pub(super) fn literal(&mut self, byte: u8) {
        self.tokens.push(Token(u32::from(byte)));
        self.literals[usize::from(byte)] += 1;
    }

    /// A match of [`SHORTEST`] to [`LONGEST`] bytes, from within the window.
    #[inline(always)]
    pub(super) fn matched(&mut self, length: usize, distance: usize) {
        let back = (distance - 1) as u16;
        self.tokens
            .push(Token((length as u32) << 16 | u32::from(back)));
        self.literals[usize::from(LENGTHS[length - SHORTEST].symbol)] += 1;
        self.distances[usize::from(symbols::distance(back).symbol)] += 1;
    }

    /// Ends the block where it has become long enough.
    pub(super) fn row_is_told(&mut self) {
        if self.tokens.len() >= BLOCK {
            self.write_block(false);
        }
    }

    fn write_block(&mut self, is_last: bool) {
        self.literals[symbols::END] = 1;
        block::write(
            &mut self.bits,
            &self.tokens,
            &self.literals,
            &self.distances,
            is_last,
        );
        self.tokens.clear();
        self.literals = [0; LITERALS];
        self.distances = [0; DISTANCES];
    }

    fn finish(mut self, rows: &[u8]) -> Vec<u8> {
        self.write_block(true);
        let mut stream = self.bits.finish();
        stream.extend(simd_adler32::adler32(&rows).to_be_bytes());
        stream
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use proptest::prelude::*;

    use super::*;

    /// Whether both ways to pack these rows of RGB lead back to them.
    fn come_back(rows: &[u8], stride: usize) -> bool {
        [pixels(rows, stride), differences(rows)]
            .iter()
            .all(|stream| {
                let mut unpacked = Vec::new();
                flate2::read::ZlibDecoder::new(&stream[..])
                    .read_to_end(&mut unpacked)
                    .unwrap();
                unpacked == rows
            })
    }

    /// Rows of so many pixels each, which repeat after a period in bytes.
    fn repeated(width: usize, rows: usize, period: u32) -> Vec<u8> {
        let noise = |index: u32| (index.wrapping_mul(0x9E37_79B1) >> 24) as u8;
        let bytes = rows * (1 + 3 * width);
        (0..bytes as u32)
            .map(|index| noise(index % period))
            .collect()
    }

    #[test]
    fn an_even_surface_is_short() {
        let rows = vec![0; 400 * (1 + 3 * 600)];
        assert!(pixels(&rows, 1801).len() < 3_000);
        assert!(differences(&rows).len() < 3_000);
    }

    #[test]
    fn what_repeats_at_every_distance_comes_back() {
        let periods = [
            1, 2, 3, 4, 6, 7, 255, 258, 261, 4_096, 32_766, 32_767, 32_768, 32_769, 32_771, 65_536,
        ];
        for period in periods {
            assert!(come_back(&repeated(1_365, 48, period), 4_096), "{period}");
            assert!(come_back(&repeated(1, 3_000, period), 4), "{period}");
            assert!(come_back(&repeated(20_000, 4, period), 60_001), "{period}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_goes_in_comes_back(
            width in 1_usize..200,
            parts in prop::collection::vec((prop::collection::vec(any::<u8>(), 1..40), 1_usize..500), 1..40),
            mask in prop::sample::select(&[0xFF_u8, 0x0F, 0x03, 0x01][..]),
        ) {
            let stride = 1 + 3 * width;
            let mut rows = Vec::new();
            for (part, times) in parts {
                rows.extend(part.iter().map(|byte| byte & mask).cycle().take(part.len() * times));
            }
            rows.truncate(rows.len() / stride * stride);
            prop_assert!(come_back(&rows, stride));
        }
    }
}
