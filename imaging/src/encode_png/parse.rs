//! Which bytes are told as matches and which as they are: the way through a chunk that takes the fewest bits.
//!
//! A photo's repetitions are so short that telling one takes about as many bits as its bytes do. Where zlib takes the longer
//! match, each place's cheapest rest is told from the end of the chunk backwards here.

use super::costs::Costs;
use super::matches::{Match, Matcher};

/// Bytes of a chunk; a divisor of what [`Matcher`] keeps.
pub(super) const CHUNK: usize = 4096;

/// A literal, or a match's length and distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Token(u32);

impl Token {
    #[inline(always)]
    fn of(found: Match) -> Self {
        Self((found.length << 16) | u32::from(found.back))
    }

    /// The literal or 256 and the match's length, and the match's distance less 1.
    #[inline(always)]
    pub(super) fn parts(self) -> (usize, u16) {
        let first = match self.length() {
            0 => self.0 & 0xFF,
            length => 256 + length,
        };
        (first as usize, self.0 as u16)
    }

    /// A match's length, 0 for a literal.
    #[inline(always)]
    fn length(self) -> u32 {
        self.0 >> 16
    }
}

pub(super) struct Parser {
    matcher: Matcher,
    /// What begins at each byte: first the match that was found, then what was chosen.
    tokens: Box<[Token; CHUNK]>,
    match_costs: Box<[u32; CHUNK]>,
    /// The fewest bits that the chunk's rest takes from each byte on.
    rests: Box<[u32; CHUNK + 1]>,
}

impl Parser {
    pub(super) fn new() -> Self {
        Self {
            matcher: Matcher::new(),
            tokens: Box::new([Token::default(); CHUNK]),
            match_costs: Box::new([0; CHUNK]),
            rests: Box::new([0; CHUNK + 1]),
        }
    }

    /// Tells the chunk that `data` ends with and that begins at `start`, a multiple of [`CHUNK`].
    pub(super) fn chunk(
        &mut self,
        data: &[u8],
        start: usize,
        costs: &Costs,
        mut tell: impl FnMut(Token),
    ) {
        let chunk = data.get(start..).unwrap_or_default();
        self.find(data, start, costs);
        self.choose(chunk, costs);
        let mut at = 0;
        while at < chunk.len().min(CHUNK) {
            let token = self.tokens[at];
            tell(token);
            at += token.length().max(1) as usize;
        }
    }

    fn find(&mut self, data: &[u8], start: usize, costs: &Costs) {
        let none = Token::default();
        // The last bytes have no match.
        self.tokens.fill(none);
        self.match_costs.fill(costs.lengths[0]);
        let (tokens, match_costs) = (&mut self.tokens, &mut self.match_costs);
        self.matcher.find(data, start, |index, found| {
            if let (Some(token), Some(cost)) = (tokens.get_mut(index), match_costs.get_mut(index)) {
                *token = Token::of(found);
                *cost = costs.lengths[found.length as usize] + costs.back(found.back);
            }
        });
    }

    fn choose(&mut self, chunk: &[u8], costs: &Costs) {
        let length = chunk.len().min(CHUNK);
        self.rests[length] = 0;
        let mut rest = 0;
        for at in (0..length).rev() {
            let found = self.tokens[at];
            let byte = chunk[at];
            let literal = costs.literals[usize::from(byte)] + rest;
            let end = (at + found.length() as usize).min(CHUNK);
            let matched = self.match_costs[at] + self.rests[end];
            rest = literal.min(matched);
            self.rests[at] = rest;
            // Without a branch, which would be guessed wrong half of the time.
            let keep = 0_u32.wrapping_sub(u32::from(matched < literal));
            self.tokens[at] = Token((found.0 & keep) | (u32::from(byte) & !keep));
        }
    }
}
