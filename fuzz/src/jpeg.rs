//! JPEG: segments, and scans with the coded data behind them.

use crate::{
    pieces::{self, Piece},
    random::Random,
};

pub const SOI: &[u8] = b"\xFF\xD8\xFF";

const fn marker(code: u8) -> [u8; 4] {
    [0, 0, 0, code]
}

const KINDS: [[u8; 4]; 20] = [
    marker(0xC0), marker(0xC1), marker(0xC2), marker(0xC4), marker(0xC8), marker(0xD0), marker(0xD7), marker(0xD8), marker(0xD9), marker(0xDA),
    marker(0xDB), marker(0xDC), marker(0xDD), marker(0xE0), marker(0xE1), marker(0xE2), marker(0xED), marker(0xEE), marker(0xFE), marker(0x01),
];

pub fn mutate(file: &[u8], random: &mut Random) -> Vec<u8> {
    let mut segments = parse(file);
    for _ in 0..=random.below(3) {
        pieces::mutate(&mut segments, &KINDS, random);
    }
    let mut mutated = SOI[..2].to_vec();
    for segment in &segments {
        mutated.extend([0xFF, segment.kind[3]]);
        if !stands_alone(segment.kind[3]) {
            mutated.extend((segment.told(segment.data.len() + 2) as u16).to_be_bytes());
            mutated.extend(&segment.data);
        }
        mutated.extend(&segment.tail);
    }
    mutated
}

fn stands_alone(code: u8) -> bool {
    matches!(code, 0x01 | 0xD0..=0xD9)
}

/// Segments from behind SOI on; what stands between them belongs to the one before.
fn parse(file: &[u8]) -> Vec<Piece> {
    let mut segments = Vec::new();
    let mut at = 2;
    while let Some(&[0xFF, code]) = file.get(at..at + 2) {
        at += 2;
        let mut data = &[][..];
        if !stands_alone(code) {
            let Some(&[high, low]) = file.get(at..at + 2) else { break };
            let end = (at + usize::from(u16::from_be_bytes([high, low])).max(2)).min(file.len());
            data = &file[at + 2..end];
            at = end;
        }
        let next = file[at..].windows(2).position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0 | 0xFF));
        let end = next.map_or(file.len(), |next| at + next);
        segments.push(Piece { tail: file[at..end].to_vec(), ..Piece::new(marker(code), data.to_vec()) });
        at = end;
    }
    segments
}
