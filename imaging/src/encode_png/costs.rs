//! What symbols will take, as told before a block's codes are known: by how often the block before had them.

use super::block::FIRST;
use super::parse::Token;
use super::symbols::{self, DISTANCES, END, LENGTHS, LITERALS, LONGEST, SHORTEST};

/// Parts of a bit that costs are counted in.
const BIT: u32 = 64;

/// More than a chunk takes, and small enough to be added to.
const NEVER: u32 = 1 << 28;

/// How often each symbol occurs.
pub(super) struct Counts {
    pub(super) literals: [u32; LITERALS],
    pub(super) distances: [u32; DISTANCES],
}

impl Counts {
    /// What a photo's rows have after filtering, roughly.
    pub(super) fn usual() -> Self {
        let literal = |symbol: usize| match symbol {
            // A difference, by its size.
            0..=255 => 4096 / (4 + symbol.min(256 - symbol) as u32),
            _ => 256,
        };
        Self {
            literals: std::array::from_fn(literal),
            distances: [64; DISTANCES],
        }
    }
}

/// How often tokens have each literal or length, and each distance by its [`symbols::distance_index`].
pub(super) struct TokenCounts {
    first: [u32; FIRST],
    distances: [u32; 3 * 256],
}

impl TokenCounts {
    pub(super) const NONE: Self = Self {
        first: [0; FIRST],
        distances: [0; 3 * 256],
    };

    #[inline(always)]
    pub(super) fn add(&mut self, token: Token) {
        let (first, back) = token.parts();
        self.first[first] += 1;
        self.distances[symbols::distance_index(back)] += u32::from(first >= 256);
    }

    /// The symbols of a block of these tokens, its end among them.
    pub(super) fn symbols(&self) -> Counts {
        let mut counts = Counts {
            literals: [0; LITERALS],
            distances: [0; DISTANCES],
        };
        let (literals, lengths) = self.first.split_at(256);
        for (count, literal) in counts.literals.iter_mut().zip(literals) {
            *count = *literal;
        }
        for (length, count) in LENGTHS.iter().zip(lengths.iter().skip(SHORTEST)) {
            counts.literals[usize::from(length.symbol)] += count;
        }
        for (&symbol, count) in symbols::DISTANCE_SYMBOLS.iter().zip(&self.distances) {
            counts.distances[usize::from(symbol)] += count;
        }
        counts.literals[END] = 1;
        counts
    }
}

/// The cost of each literal, and of each match's length and distance with their extra bits.
pub(super) struct Costs {
    pub(super) literals: [u32; 256],
    /// From a length of 0 on.
    pub(super) lengths: [u32; LONGEST + 1],
    distances: [u32; 3 * 256],
}

impl Costs {
    pub(super) fn of(counts: &Counts) -> Self {
        let literals = entropies(&counts.literals);
        let distances = entropies(&counts.distances);
        let length = |length: usize| {
            let Some(symbol) = length
                .checked_sub(SHORTEST)
                .and_then(|index| LENGTHS.get(index))
            else {
                return NEVER;
            };
            literals[usize::from(symbol.symbol)] + BIT * symbol.extra_bits
        };
        let distance = |index: usize| match symbols::DISTANCE_SYMBOLS.get(index) {
            Some(&symbol) => distances[usize::from(symbol)] + BIT * symbols::distance_bits(symbol),
            // Too far.
            None => NEVER,
        };
        Self {
            literals: std::array::from_fn(|literal| literals[literal]),
            lengths: std::array::from_fn(length),
            distances: std::array::from_fn(distance),
        }
    }

    /// The cost of a distance, which is given less 1.
    #[inline(always)]
    pub(super) fn back(&self, back: u16) -> u32 {
        self.distances[symbols::distance_index(back)]
    }
}

/// The bits that each symbol takes in a code without loss. One that did not occur counts as half a time.
fn entropies<const N: usize>(counts: &[u32; N]) -> [u32; N] {
    let weight = |count: u32| (count as f32).max(0.5);
    let total: f32 = counts.iter().map(|&count| weight(count)).sum();
    counts.map(|count| ((total / weight(count)).log2() * BIT as f32) as u32)
}
