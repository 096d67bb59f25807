//! Where a stream repeats itself (RFC 1951, section 2).

use super::symbols::LONGEST;

/// The tables fit into the second cache.
const HASH_BITS: u32 = 15;

/// Bytes that are looked at together.
const WORD: usize = 8;

/// Bytes that are kept: what 16 bits count.
const KEPT: usize = 1 << 16;

/// An earlier place with the same bytes, by how far back it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) length: u32,
    /// The distance less 1. One of the window's size or more is no match of deflate's: the caller looks.
    pub(super) back: u16,
}

impl Match {
    pub(super) fn distance(self) -> usize {
        usize::from(self.back) + 1
    }
}

/// Remembers the last two places where the same five bytes stood.
///
/// A photo's repetitions are short and many. Two looks for each byte find nearly what zlib finds along chains of
/// hundreds of places, and cost the same whatever the bytes are.
pub(super) struct Matcher {
    /// The low halves of the two last places of each hash, the last one the lower.
    places: Box<[u32; 1 << HASH_BITS]>,
    /// The last bytes, each at the low half of its place; behind them those that stand first, for words that reach over.
    kept: Box<[u8; KEPT + WORD]>,
}

impl Matcher {
    pub(super) fn new() -> Self {
        Self {
            places: Box::new([0; 1 << HASH_BITS]),
            kept: Box::new([0; KEPT + WORD]),
        }
    }

    /// Finds a match for every byte of a chunk, which begins at `start` and must not cross a multiple of [`KEPT`]. Matches
    /// end where the chunk does; its last bytes have none.
    #[inline(always)]
    pub(super) fn find(&mut self, data: &[u8], start: usize, mut found: impl FnMut(usize, Match)) {
        let chunk = data.get(start..).unwrap_or_default();
        let first = start % KEPT;
        if let Some(kept) = self.kept.get_mut(first..first + chunk.len()) {
            kept.copy_from_slice(chunk);
        }
        if first == 0 {
            self.kept.copy_within(..WORD, KEPT);
        }
        for (index, word) in chunk.windows(WORD).enumerate() {
            let word = word
                .first_chunk()
                .map_or(0, |word| u64::from_le_bytes(*word));
            let at = (start + index) as u16;
            let five = word << (64 - 5 * 8);
            let hash = five.wrapping_mul(0x9E37_79B1_85EB_CA87) >> (64 - HASH_BITS);
            let places = &mut self.places[hash as usize];
            let (last, before) = (*places as u16, (*places >> 16) as u16);
            *places = (*places << 16) | u32::from(at);
            let (near, far) = (self.common(last, word), self.common(before, word));
            let place = if far > near { before } else { last };
            let mut longest = Match {
                length: near.max(far),
                back: at.wrapping_sub(place).wrapping_sub(1),
            };
            if longest.length == WORD as u32 {
                longest.length = extended(data, start + index, longest);
            }
            found(index, longest);
        }
    }

    /// How many of a word's bytes stand at an earlier place.
    #[inline(always)]
    fn common(&self, place: u16, word: u64) -> u32 {
        let place = usize::from(place);
        let earlier = self.kept[place..place + WORD].first_chunk();
        let earlier = earlier.map_or(!word, |earlier| u64::from_le_bytes(*earlier));
        (earlier ^ word).trailing_zeros() / 8
    }
}

/// The whole length of a match that a word is too short for: rare in a photo, and kept apart for the rest to stay in
/// registers.
#[cold]
#[inline(never)]
fn extended(data: &[u8], at: usize, found: Match) -> u32 {
    let end = data.len().min(at + LONGEST);
    let (Some(from), Some(rest)) = (at.checked_sub(found.distance()), data.get(at..end)) else {
        return 0;
    };
    let earlier = data.get(from..).unwrap_or_default();
    let words = rest.as_chunks::<WORD>().0.iter();
    let same = words
        .zip(earlier.as_chunks::<WORD>().0)
        .take_while(|(one, other)| one == other);
    let whole = same.count() * WORD;
    let bytes = rest.iter().zip(earlier).skip(whole).take(WORD);
    let same = bytes.take_while(|(one, other)| one == other);
    (whole + same.count()) as u32
}
