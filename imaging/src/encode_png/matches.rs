//! Where rows repeat themselves (RFC 1951, section 2), told pixel by pixel.
//!
//! Drawings repeat whole pixels: matches begin where a pixel does and end where one does. So only every third byte is
//! looked up, and a single pixel is a match, which zlib's levels up to 8 pass over, since they look for four bytes.

use std::ops::Range;

use super::deflate::Stream;
use super::symbols::{LONGEST, WINDOW};

/// Bytes of a pixel.
const PIXEL: usize = 3;

/// The tables fit into the second cache.
const ONE_BITS: u32 = 12;
const TWO_BITS: u32 = 15;

/// Bytes of a match behind which nothing longer is looked for.
const LONG: usize = 16 * PIXEL;

/// Remembers where one pixel stood last, and where two.
struct Places {
    one: Box<[u32; 1 << ONE_BITS]>,
    two: Box<[u32; 1 << TWO_BITS]>,
}

/// An earlier place with the same bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Match {
    length: usize,
    distance: usize,
}

/// Tells rows of RGB, each behind the number of its filter, as matches and literals.
pub(super) fn tell(rows: &[u8], stride: usize, stream: &mut Stream) {
    let mut places = Places {
        one: Box::new([0; 1 << ONE_BITS]),
        two: Box::new([0; 1 << TWO_BITS]),
    };
    for start in (0..rows.len()).step_by(stride) {
        let row = start + 1..(start + stride).min(rows.len());
        stream.literal(rows[start]);
        let mut at = row.start;
        while at < row.end {
            let found = places.find(rows, at, &row, stride);
            if found.length > 0 {
                stream.matched(found.length, found.distance);
                at += found.length;
                places.keep(rows, at - PIXEL);
            } else {
                for &byte in &rows[at..row.end.min(at + PIXEL)] {
                    stream.literal(byte);
                }
                at += PIXEL;
            }
        }
        stream.row_is_told();
    }
}

impl Places {
    /// The longest match of the pixels at `at` and the row's others, of equally long ones the nearest that is seen first:
    /// the pixel before, where such a pixel stood last, the row above, where two such pixels stood last.
    #[inline(always)]
    fn find(&mut self, rows: &[u8], at: usize, row: &Range<usize>, stride: usize) -> Match {
        let (one, two) = self.keep(rows, at);
        let longest_here = (row.end - at).min(LONGEST);
        let mut longest = Match::default();
        let mut look = |place: Option<usize>| {
            let Some(place) = place.filter(|&place| at - place <= WINDOW) else {
                return true;
            };
            let length = common(rows, place, at, longest_here);
            if length > longest.length {
                longest = Match {
                    length,
                    distance: at - place,
                };
            }
            length < LONG
        };
        let before = (at > row.start).then(|| at - PIXEL);
        let _ = look(before) && look(one) && look(at.checked_sub(stride)) && look(two);
        longest
    }

    /// Puts down that a pixel stands here; where it stood before, and where it and the next one did.
    #[inline(always)]
    fn keep(&mut self, rows: &[u8], at: usize) -> (Option<usize>, Option<usize>) {
        let word = word(rows, at).unwrap_or_default();
        let hash = |bytes: usize, bits: u32| {
            let key = word << (64 - 8 * bytes);
            (key.wrapping_mul(0x9E37_79B1_85EB_CA87) >> (64 - bits)) as usize
        };
        let here = u32::try_from(at).unwrap_or_default();
        let one = std::mem::replace(&mut self.one[hash(PIXEL, ONE_BITS)], here);
        let two = std::mem::replace(&mut self.two[hash(2 * PIXEL, TWO_BITS)], here);
        // A filter's number stands at 0, and no pixel.
        let place = |place: u32| (place > 0 && place < here).then_some(place as usize);
        (place(one), place(two))
    }
}

/// How many bytes of whole pixels stand at both places, up to so many.
#[inline(always)]
fn common(rows: &[u8], place: usize, at: usize, longest: usize) -> usize {
    let mut length = 0;
    while length < longest
        && let (Some(earlier), Some(later)) = (word(rows, place + length), word(rows, at + length))
    {
        let different = earlier ^ later;
        if different != 0 {
            length += different.trailing_zeros() as usize / 8;
            break;
        }
        length += 8;
    }
    let length = length.min(longest);
    length - length % PIXEL
}

#[inline(always)]
fn word(rows: &[u8], at: usize) -> Option<u64> {
    let bytes = rows.get(at..)?.first_chunk()?;
    Some(u64::from_le_bytes(*bytes))
}
