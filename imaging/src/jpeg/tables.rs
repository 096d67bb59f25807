//! Tables that markers between scans define: quantisation (B.2.4.1), Huffman (B.2.4.2), restart
//! interval (B.2.4.4).

use std::rc::Rc;

use super::huffman::HuffmanTable;
use super::standard::{self, HuffmanSpec};
use super::{JpegError, damaged, marker};

/// The natural (row by row) index of each coefficient in zigzag order (Figure A.6).
pub(crate) const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// Quantisation steps in natural order.
pub(super) type QuantTable = [u16; 64];

/// The tables in force. A scan keeps those that it began with.
#[derive(Default)]
pub(super) struct Tables {
    pub(super) quant: [Option<Rc<QuantTable>>; 4],
    pub(super) dc: [Option<Rc<HuffmanTable>>; 4],
    pub(super) ac: [Option<Rc<HuffmanTable>>; 4],
    /// MCUs between restart markers, 0 for none.
    pub(super) restart_interval: u32,
}

const MALFORMED: &str = "a malformed table segment";

impl Tables {
    /// Takes in a DHT, DQT or DRI segment.
    pub(super) fn define(&mut self, code: u8, payload: &[u8]) -> Result<(), JpegError> {
        match code {
            marker::DQT => self.define_quant(payload),
            marker::DHT => self.define_huffman(payload),
            _ => self.define_restart_interval(payload),
        }
    }

    /// A DQT segment: any number of tables.
    fn define_quant(&mut self, mut payload: &[u8]) -> Result<(), JpegError> {
        while let Some((&kind, rest)) = payload.split_first() {
            let width = match kind >> 4 {
                0 => 1,
                1 => 2,
                _ => return damaged(MALFORMED),
            };
            let (Some(steps), Some(slot)) = (
                rest.get(..64 * width),
                self.quant.get_mut(usize::from(kind & 15)),
            ) else {
                return damaged(MALFORMED);
            };
            let mut table = [0; 64];
            for (step, &place) in steps.chunks_exact(width).zip(&ZIGZAG) {
                table[usize::from(place)] =
                    step.iter().fold(0, |high, &low| high << 8 | u16::from(low));
            }
            *slot = Some(Rc::new(table));
            payload = &rest[64 * width..];
        }
        Ok(())
    }

    /// A DHT segment: any number of tables.
    fn define_huffman(&mut self, mut payload: &[u8]) -> Result<(), JpegError> {
        while let Some((&kind, rest)) = payload.split_first() {
            let Some((counts, rest)) = rest.split_first_chunk::<16>() else {
                return damaged(MALFORMED);
            };
            let total = counts.iter().map(|&count| usize::from(count)).sum();
            let slots = match kind >> 4 {
                0 => &mut self.dc,
                1 => &mut self.ac,
                _ => return damaged(MALFORMED),
            };
            let (Some(symbols), Some(slot)) =
                (rest.get(..total), slots.get_mut(usize::from(kind & 15)))
            else {
                return damaged(MALFORMED);
            };
            *slot = Some(Rc::new(HuffmanTable::new(counts, symbols)?));
            payload = &rest[total..];
        }
        Ok(())
    }

    /// Puts the standard's Huffman tables where there are none, as frames of Motion JPEG mean it: they
    /// bring none.
    pub(super) fn add_standard(&mut self) -> Result<(), JpegError> {
        for (slots, specs) in [(&mut self.dc, standard::DC), (&mut self.ac, standard::AC)] {
            for (slot, HuffmanSpec { counts, symbols }) in slots.iter_mut().zip(specs) {
                if slot.is_none() {
                    *slot = Some(Rc::new(HuffmanTable::new(&counts, symbols)?));
                }
            }
        }
        Ok(())
    }

    /// A DRI segment.
    fn define_restart_interval(&mut self, payload: &[u8]) -> Result<(), JpegError> {
        match *payload {
            [high, low] => {
                self.restart_interval = u32::from(u16::from_be_bytes([high, low]));
                Ok(())
            }
            _ => damaged(MALFORMED),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zigzag_visits_every_place_once_along_the_diagonals() {
        let mut seen = [false; 64];
        for pair in ZIGZAG.windows(2) {
            let diagonal = |place: u8| place / 8 + place % 8;
            assert!(diagonal(pair[1]) - diagonal(pair[0]) <= 1);
        }
        for place in ZIGZAG {
            seen[usize::from(place)] = true;
        }
        assert_eq!(seen, [true; 64]);
    }

    #[test]
    fn steps_of_16_bits_are_read() {
        let mut payload = vec![0x13];
        payload.extend((0..64u16).flat_map(|n| (n + 300).to_be_bytes()));
        let mut tables = Tables::default();
        tables.define_quant(&payload).unwrap();
        let table = tables.quant[3].as_deref().unwrap();
        assert_eq!(
            (table[0], table[1], table[8], table[63]),
            (300, 301, 302, 363)
        );
    }

    #[test]
    fn table_segments_cut_short_are_damage() {
        let mut tables = Tables::default();
        assert!(tables.define_quant(&[0; 64]).is_err());
        assert!(tables.define_quant(&[4; 65]).is_err());
        assert!(tables.define_huffman(&[0; 16]).is_err());
        assert!(tables.define_huffman(&[0x20; 17]).is_err());
        assert!(tables.define_restart_interval(&[1]).is_err());
    }
}
