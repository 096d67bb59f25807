//! A block of a deflate stream with codes of its own (RFC 1951, 3.2.7).

use super::bits::BitWriter;
use super::deflate::Token;
use super::huffman::{Code, codes, lengths};
use super::symbols::{self, DISTANCES, END, LENGTHS, LITERALS, LONGEST, SHORTEST};

/// The longest code of a symbol, and of a code's length.
const LONGEST_CODE: usize = 15;
const LONGEST_LENGTH_CODE: usize = 7;

/// What a token can begin with: a literal, or a match's length from 0 on.
const FIRST: usize = 256 + LONGEST + 1;

/// The order in which the lengths of the code lengths' codes are told.
const LENGTH_ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

/// Writes a block of these tokens. It is counted how often they have each literal or length, the end among them, and each
/// distance.
pub(super) fn write(
    bits: &mut BitWriter,
    tokens: &[Token],
    literals: &[u32; LITERALS],
    distances: &[u32; DISTANCES],
    is_last: bool,
) {
    let literal_lengths = lengths(literals, LONGEST_CODE);
    let mut distance_lengths = lengths(distances, LONGEST_CODE);
    if distance_lengths == [0; DISTANCES] {
        // Some decoders want one code at least.
        distance_lengths[0] = 1;
    }
    bits.put(u64::from(is_last) | 0b100, 3);
    write_lengths(bits, &literal_lengths, &distance_lengths);
    let literals = codes(&literal_lengths);
    let distances = codes(&distance_lengths);
    // Literals, then matches' lengths with their extra bits.
    let first: [Code; FIRST] = std::array::from_fn(|index| {
        if index < 256 {
            return literals[index];
        }
        (index - 256)
            .checked_sub(SHORTEST)
            .map_or(Code::default(), |length| {
                let symbol = LENGTHS[length];
                let extra = Code::extra(symbol.extra, symbol.extra_bits);
                literals[usize::from(symbol.symbol)].then(extra)
            })
    });
    let code = |token: Token| {
        let (index, back) = token.parts();
        if index < 256 {
            return first[index];
        }
        let distance = symbols::distance(back);
        let extra = Code::extra(distance.extra, distance.extra_bits);
        first[index]
            .then(distances[usize::from(distance.symbol)])
            .then(extra)
    };
    let (pairs, last) = tokens.as_chunks();
    for &[one, other] in pairs {
        let (one, other) = (code(one), code(other));
        // As nearly always, since most are literals.
        if one.length + other.length <= BitWriter::ROOM {
            bits.code(one.then(other));
        } else {
            bits.code(one);
            bits.code(other);
        }
    }
    for &token in last {
        bits.code(code(token));
    }
    bits.code(literals[END]);
}

/// The lengths of both alphabets' codes, run by run, in a code of their own.
fn write_lengths(bits: &mut BitWriter, literals: &[u8; LITERALS], distances: &[u8; DISTANCES]) {
    let used = |lengths: &[u8], at_least: usize| {
        let last = lengths.iter().rposition(|&length| length > 0);
        last.map_or(0, |last| last + 1).max(at_least)
    };
    let (literals, distances) = (
        &literals[..used(literals, END + 1)],
        &distances[..used(distances, 1)],
    );
    let runs = runs(&[literals, distances].concat());
    let mut counts = [0; LENGTH_ORDER.len()];
    for run in &runs {
        counts[usize::from(run.symbol)] += 1;
    }
    let run_lengths = lengths(&counts, LONGEST_LENGTH_CODE);
    let told = used(&LENGTH_ORDER.map(|symbol| run_lengths[symbol]), 4);
    bits.put((literals.len() - 257) as u64, 5);
    bits.put((distances.len() - 1) as u64, 5);
    bits.put((told - 4) as u64, 4);
    for &symbol in LENGTH_ORDER.iter().take(told) {
        bits.put(u64::from(run_lengths[symbol]), 3);
    }
    let codes = codes(&run_lengths);
    for run in runs {
        bits.code(codes[usize::from(run.symbol)].then(Code::extra(run.extra, run.extra_bits)));
    }
}

/// A length's symbol, or that of a run.
struct Run {
    symbol: u8,
    extra: u32,
    extra_bits: u32,
}

fn runs(lengths: &[u8]) -> Vec<Run> {
    let mut runs = Vec::new();
    for same in lengths.chunk_by(|one, other| one == other) {
        let length = same[0];
        let mut left = same.len();
        let mut tell = |left: &mut usize, symbol, counted: usize, extra: usize, extra_bits| {
            *left -= counted;
            runs.push(Run {
                symbol,
                extra: extra as u32,
                extra_bits,
            });
        };
        if length > 0 {
            // A run repeats the length before it.
            tell(&mut left, length, 1, 0, 0);
        }
        while left > 0 {
            match (length, left) {
                (0, 11..) => {
                    let run = left.min(138);
                    tell(&mut left, 18, run, run - 11, 7);
                }
                (0, 3..) => {
                    let run = left.min(10);
                    tell(&mut left, 17, run, run - 3, 3);
                }
                (_, 3..) => {
                    let run = left.min(6);
                    tell(&mut left, 16, run, run - 3, 2);
                }
                _ => tell(&mut left, length, 1, 0, 0),
            }
        }
    }
    runs
}
