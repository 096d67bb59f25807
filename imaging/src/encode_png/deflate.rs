//! A photo's filtered rows as a zlib stream (RFC 1950, RFC 1951).

use super::bits::BitWriter;
use super::block;
use super::costs::{Costs, Counts, TokenCounts};
use super::parse::{CHUNK, Parser, Token};

/// Tokens of a block: enough for its codes to weigh little, few enough to follow the picture.
const BLOCK: usize = 1 << 15;

/// Compresses to a zlib stream.
pub(super) fn zlib(data: &[u8]) -> Vec<u8> {
    // Noise stays as long as it is.
    let mut stream = Vec::with_capacity(data.len() + data.len() / 64 + 1024);
    // A window of 32 KB, the usual effort (RFC 1950, 2.2).
    stream.extend([0x78, 0x9C]);
    let mut bits = BitWriter::new(stream);
    let mut parser = Parser::new();
    let mut costs = Costs::of(&Counts::usual());
    let mut counts = TokenCounts::NONE;
    let mut tokens: Vec<Token> = Vec::with_capacity(BLOCK + CHUNK);
    let mut start = 0;
    loop {
        let end = (start + CHUNK).min(data.len());
        let until_end = data.get(..end).unwrap_or_default();
        parser.chunk(until_end, start, &costs, |token| {
            counts.add(token);
            tokens.push(token);
        });
        start = end;
        let is_last = end == data.len();
        if is_last || tokens.len() >= BLOCK {
            let told = counts.symbols();
            block::write(&mut bits, &tokens, &told, is_last);
            costs = Costs::of(&told);
            counts = TokenCounts::NONE;
            tokens.clear();
        }
        if is_last {
            break;
        }
    }
    let mut stream = bits.finish();
    stream.extend(simd_adler32::adler32(&data).to_be_bytes());
    stream
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use proptest::prelude::*;

    use super::*;

    fn inflated(stream: &[u8]) -> Vec<u8> {
        let mut data = Vec::new();
        flate2::read::ZlibDecoder::new(stream)
            .read_to_end(&mut data)
            .unwrap();
        data
    }

    #[test]
    fn nothing_comes_back_as_nothing() {
        assert_eq!(inflated(&zlib(&[])), []);
    }

    #[test]
    fn a_long_run_comes_back_and_is_short() {
        let data = vec![7; 300_000];
        let stream = zlib(&data);
        assert!(stream.len() < 3_000, "{}", stream.len());
        assert_eq!(inflated(&stream), data);
    }

    #[test]
    fn what_repeats_at_every_distance_comes_back() {
        let noise = |index: u32| (index.wrapping_mul(0x9E37_79B1) >> 24) as u8;
        for period in [
            1, 2, 3, 7, 8, 9, 257, 4_096, 32_767, 32_768, 32_769, 65_535, 65_536,
        ] {
            let data: Vec<u8> = (0..200_000).map(|index| noise(index % period)).collect();
            assert_eq!(inflated(&zlib(&data)), data, "{period}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_goes_in_comes_back(
            parts in prop::collection::vec((prop::collection::vec(any::<u8>(), 1..40), 1_usize..500), 1..40),
            mask in prop::sample::select(&[0xFF_u8, 0x0F, 0x03, 0x01][..]),
        ) {
            let mut data = Vec::new();
            for (part, times) in parts {
                data.extend(part.iter().map(|byte| byte & mask).cycle().take(part.len() * times));
            }
            prop_assert_eq!(inflated(&zlib(&data)), data);
        }
    }
}
