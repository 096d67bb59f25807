//! Bits of entropy-coded data: one entropy-coded segment (B.1.1.5) at a time, 64 bits at hand.

use super::input::{End, Input, TRUNCATED};
use super::{JpegError, damaged, marker};

/// Bytes of clean data held at a time.
const WINDOW: usize = 32 * 1024;

/// More than any MCU is coded in: 10 blocks (B.2.3) of 64 coefficients, each a code of 16 bits and
/// 15 bits beside it.
const MCU_RESERVE: usize = 10 * 64 * 31 / 8 + 16;

/// The entropy-coded segment being read: clean bytes between two markers.
pub(super) struct EntropySegment {
    window: Box<[u8]>,
    filled: usize,
    end: Option<End>,
    position: Position,
}

/// How far reading has come. Bits after the first `count` of `bits` are either zero or what follows
/// in the window.
#[derive(Clone, Copy, Default)]
struct Position {
    next: usize,
    bits: u64,
    count: u32,
}

impl EntropySegment {
    pub(super) fn new() -> Self {
        Self {
            window: vec![0; WINDOW].into_boxed_slice(),
            filled: 0,
            end: None,
            position: Position::default(),
        }
    }

    /// Makes sure that a whole MCU, or all that is left of the segment, is in the window.
    #[inline]
    pub(super) fn top_up(&mut self, input: &mut Input) -> Result<(), JpegError> {
        if self.end.is_none() && self.filled < self.position.next + MCU_RESERVE {
            self.refill_window(input)?;
        }
        Ok(())
    }

    #[cold]
    fn refill_window(&mut self, input: &mut Input) -> Result<(), JpegError> {
        // The reserve guarantees that a segment that goes on was not read beyond its window.
        let read = self.position.next.min(self.filled);
        self.window.copy_within(read..self.filled, 0);
        self.filled -= read;
        self.position.next -= read;
        let (count, end) = input.entropy_coded(&mut self.window[self.filled..])?;
        self.filled += count;
        self.end = end;
        Ok(())
    }

    /// Reads bits from where the last reader stopped.
    #[inline]
    pub(super) fn bits(&self) -> Bits<'_> {
        Bits {
            data: &self.window[..self.filled],
            position: self.position,
        }
    }

    /// Goes on from a reader's place. Fails if more bits were taken than there are.
    #[inline]
    pub(super) fn advance_to(&mut self, position: BitPosition) -> Result<(), JpegError> {
        self.position = position.0;
        if self.position.next * 8 > self.filled * 8 + self.position.count as usize {
            return damaged(match self.end {
                Some(End::Marker(_)) => "a marker before the scan's end",
                _ => TRUNCATED,
            });
        }
        Ok(())
    }

    /// Ends this segment at its restart marker, number `index` modulo 8 (E.1.4), and begins the
    /// next. What an encoder left between the last MCU and it is passed over.
    pub(super) fn restart(&mut self, input: &mut Input, index: u32) -> Result<(), JpegError> {
        let end = self.end_of_data(input)?;
        if end != End::Marker(marker::RST0 + (index % 8) as u8) {
            return damaged(match end {
                End::File => TRUNCATED,
                End::Marker(_) => "a restart marker is missing",
            });
        }
        self.filled = 0;
        self.end = None;
        self.position = Position::default();
        Ok(())
    }

    /// The first marker after the scan. What an encoder left between the last MCU and it is passed
    /// over.
    pub(super) fn finish(self, input: &mut Input) -> Result<End, JpegError> {
        self.end_of_data(input)
    }

    /// What ends the segment, behind what is left of it.
    fn end_of_data(&self, input: &mut Input) -> Result<End, JpegError> {
        let left = self.filled * 8 + self.position.count as usize - self.position.next * 8;
        if left >= 8 {
            input.note_junk();
        }
        match self.end {
            Some(end) => Ok(end),
            None => input.next_marker(),
        }
    }
}

/// Where a reader stopped.
#[derive(Clone, Copy)]
pub(super) struct BitPosition(Position);

/// A reader of bits, small enough to live in registers. Past the segment's end it reads zeros;
/// [`EntropySegment::advance_to`] then tells.
#[derive(Clone, Copy)]
pub(super) struct Bits<'a> {
    data: &'a [u8],
    position: Position,
}

impl Bits<'_> {
    pub(super) fn position(self) -> BitPosition {
        BitPosition(self.position)
    }

    /// Brings at least 56 bits to hand.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        let Position { next, bits, count } = self.position;
        let word = match self.data.get(next..next + 8) {
            Some(&[a, b, c, d, e, f, g, h]) => u64::from_be_bytes([a, b, c, d, e, f, g, h]),
            _ => last_word(self.data, next),
        };
        self.position = Position {
            next: next + ((63 - count) >> 3) as usize,
            bits: bits | (word >> count),
            count: count | 56,
        };
    }

    /// The next `count` bits, 1 to 56 of those at hand.
    #[inline(always)]
    pub(super) fn peek(&self, count: u32) -> usize {
        (self.position.bits >> (64 - count)) as usize
    }

    /// Drops bits that are at hand.
    #[inline(always)]
    pub(super) fn consume(&mut self, count: u32) {
        self.position.bits <<= count;
        self.position.count = self.position.count.wrapping_sub(count);
    }

    /// Takes 0 to 16 of the bits at hand as an unsigned number.
    #[inline(always)]
    pub(super) fn take(&mut self, count: u32) -> u32 {
        let value = (self.position.bits >> 1 >> (63 - count)) as u32;
        self.consume(count);
        value
    }

    /// RECEIVE and EXTEND (F.2.2.1): a signed number of 0 to 16 bits of those at hand.
    #[inline(always)]
    pub(super) fn take_signed(&mut self, size: u32) -> i32 {
        let positive = self.position.bits >> 63;
        let value = self.take(size) as i32;
        // A leading zero stands for a negative number: value - (2^size - 1).
        value - (((1 << size) - 1) & (positive as i32).wrapping_sub(1))
    }
}

/// The last bytes of the data, followed by zeros.
#[cold]
fn last_word(data: &[u8], next: usize) -> u64 {
    let mut word = [0; 8];
    let rest = data.get(next..).unwrap_or_default();
    for (to, from) in word.iter_mut().zip(rest) {
        *to = *from;
    }
    u64::from_be_bytes(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment_of(bytes: &[u8]) -> (EntropySegment, Input<'_>) {
        let mut input = Input::new(bytes);
        let mut segment = EntropySegment::new();
        segment.top_up(&mut input).unwrap();
        (segment, input)
    }

    #[test]
    fn bits_come_most_significant_first() {
        let (segment, _) = segment_of(&[0b1010_0110, 0xFF, 0, 0b0101_0000]);
        let mut bits = segment.bits();
        bits.refill();
        assert_eq!(bits.take(3), 0b101);
        assert_eq!(bits.take(0), 0);
        assert_eq!(bits.take(13), 0b0_0110_1111_1111);
        assert_eq!(bits.peek(4), 0b0101);
    }

    #[test]
    fn signed_numbers_follow_the_category_tables() {
        // Table F.1: category 3 is -7..-4 and 4..7.
        let (segment, _) = segment_of(&[0b0000_1110, 0b0111_0100]);
        let mut bits = segment.bits();
        bits.refill();
        let values: Vec<i32> = [3, 3, 3, 3, 1, 1, 0]
            .map(|size| bits.take_signed(size))
            .into();
        assert_eq!(values, [-7, -4, 4, 7, -1, 1, 0]);
    }

    #[test]
    fn taking_more_bits_than_there_are_is_noticed() {
        let (mut segment, _) = segment_of(&[1, 2, 3, 0xFF, 0xD9]);
        let mut bits = segment.bits();
        for _ in 0..3 {
            bits.refill();
            bits.take(8);
        }
        assert!(segment.advance_to(bits.position()).is_ok());
        let mut bits = segment.bits();
        bits.take(1);
        let position = bits.position();
        assert!(matches!(
            segment.advance_to(position),
            Err(JpegError::Damaged(_))
        ));
    }

    #[test]
    fn a_window_refilled_in_the_middle_loses_no_bit() {
        let bytes: Vec<u8> = (0..100_000u32).map(|n| (n * 7 % 251) as u8).collect();
        let mut input = Input::new(&bytes[..]);
        let mut segment = EntropySegment::new();
        for expected in bytes.chunks_exact(5) {
            segment.top_up(&mut input).unwrap();
            let mut bits = segment.bits();
            bits.refill();
            for &byte in expected {
                assert_eq!(bits.take(8), u32::from(byte));
            }
            let position = bits.position();
            segment.advance_to(position).unwrap();
        }
    }

    #[test]
    fn a_restart_wants_its_own_number() {
        let bytes = [0x12, 0xFF, marker::RST0 + 3, 0x34];
        for (index, accepted) in [(3, true), (11, true), (4, false)] {
            let (mut segment, mut input) = segment_of(&bytes);
            let mut bits = segment.bits();
            bits.refill();
            bits.take(5);
            let position = bits.position();
            segment.advance_to(position).unwrap();
            assert_eq!(segment.restart(&mut input, index).is_ok(), accepted);
        }
    }
}
