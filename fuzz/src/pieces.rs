//! What both formats are made of: pieces with a kind, a length and data.

use crate::random::Random;

/// A chunk or a segment.
#[derive(Clone)]
pub struct Piece {
    /// A chunk's name, or a marker in the last byte.
    pub kind: [u8; 4],
    pub data: Vec<u8>,
    /// What its length field says more or less than the data have, or instead.
    pub length: Length,
    /// What follows and has no length: a scan's coded data.
    pub tail: Vec<u8>,
}

/// What a length field says.
#[derive(Clone, Copy)]
pub enum Length {
    Right,
    Off(i32),
    Is(u32),
}

impl Piece {
    pub fn new(kind: [u8; 4], data: Vec<u8>) -> Self {
        Self { kind, data, length: Length::Right, tail: Vec::new() }
    }

    /// The value of the length field, of data of this length.
    pub fn told(&self, right: usize) -> u32 {
        match self.length {
            Length::Right => right as u32,
            Length::Off(by) => (right as u32).wrapping_add_signed(by),
            Length::Is(value) => value,
        }
    }
}

/// Changes one piece, or the order. `kinds` are those that the format knows.
pub fn mutate(pieces: &mut Vec<Piece>, kinds: &[[u8; 4]], random: &mut Random) {
    if pieces.is_empty() {
        return;
    }
    let at = random.below(pieces.len());
    match random.below(9) {
        0 => {
            pieces.remove(at);
        }
        1 => pieces.insert(random.below(pieces.len() + 1), pieces[at].clone()),
        2 => {
            let other = random.below(pieces.len());
            pieces.swap(at, other);
        }
        3 => pieces[at].kind = random.pick(kinds),
        4 => {
            let length = random.pick(&[0, 1, 2, 3, 4, 6, 13, 256, 257, 768, 769]);
            let piece = Piece::new(random.pick(kinds), vec![random.below(256) as u8; length]);
            pieces.insert(at, piece);
        }
        5 => {
            let lengths = [Length::Off(1), Length::Off(-1), Length::Off(7), Length::Is(0), Length::Is(1), Length::Is(0x7FFF_FFFF), Length::Is(u32::MAX)];
            pieces[at].length = random.pick(&lengths);
        }
        6 => set_field(&mut pieces[at].data, random),
        7 => {
            let tail = &mut pieces[at].tail;
            let bytes = if tail.is_empty() { &mut pieces[at].data } else { tail };
            set_field(bytes, random);
        }
        _ => {
            let data = &mut pieces[at].data;
            let length = random.pick(&[data.len() + 1, data.len() + 5, data.len() / 2, data.len().saturating_sub(1), 1, 0]);
            data.resize(length, random.below(256) as u8);
        }
    }
}

/// Sets a number of one, two or four bytes to one of those where rules end.
pub fn set_field(bytes: &mut [u8], random: &mut Random) {
    let width = random.pick(&[1, 2, 4]);
    let Some(last) = bytes.len().checked_sub(width) else { return };
    // Where the data begin stands what they are.
    let at = if random.one_in(2) { random.below(last.min(24) + 1) } else { random.below(last + 1) };
    let values = [0, 1, 2, u32::MAX, 0x7FFF_FFFF, 0x8000_0000, random.below(256) as u32, 0x0101_0101 * random.below(256) as u32];
    let value = random.pick(&values).to_be_bytes();
    bytes[at..at + width].copy_from_slice(&value[4 - width..]);
}
