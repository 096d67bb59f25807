//! Broken files of all sorts, the same in each run: none may panic, and each ends in planes or in
//! an error.

use jpeg_encoder::ColorType;

use super::{ARITHMETIC, Kind, LUMA_SUBSAMPLED, REFINED, REFINED_ODDLY, decode};
use crate::jpeg::{Scale, marker, read_header};

/// Numbers that are the same each time (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % limit.max(1)
    }
}

fn mutate(file: &mut Vec<u8>, random: &mut Random) {
    let place = random.below(file.len());
    let end = (place + random.below(40)).min(file.len());
    match random.below(6) {
        0 => file[place] ^= 1 << random.below(8),
        1 => file[place] = random.below(256) as u8,
        2 => file.truncate(place.max(20)),
        3 => drop(file.drain(place..end)),
        4 => drop(file.splice(place..place, file[place..end].to_vec())),
        _ => {
            let codes = [
                marker::SOS,
                marker::DHT,
                marker::DQT,
                marker::EOI,
                marker::RST0,
                marker::SOF2,
                0,
            ];
            let code = codes[random.below(codes.len())];
            drop(file.splice(place..end, [0xFF, code]));
        }
    }
    if file.is_empty() {
        file.push(0xFF);
    }
}

#[test]
fn mutated_files_never_panic() {
    let small = Kind {
        width: 33,
        height: 26,
        ..Kind::PLAIN
    };
    let with = |color, progressive, restart_interval| {
        let kind = Kind {
            color,
            progressive,
            restart_interval,
            ..small
        };
        kind.encode()
    };
    let seeds = [
        with(ColorType::Rgb, false, 0),
        with(ColorType::Rgb, false, 1),
        with(ColorType::Rgb, true, 2),
        with(ColorType::Luma, true, 0),
        with(ColorType::Cmyk, false, 0),
        REFINED.to_vec(),
        REFINED_ODDLY.to_vec(),
        LUMA_SUBSAMPLED.to_vec(),
        ARITHMETIC.to_vec(),
    ];
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let (mut taken, mut refused) = (0, 0);
    for round in 0..9000 {
        let mut file = seeds[round % seeds.len()].clone();
        for _ in 0..=random.below(3) {
            mutate(&mut file, &mut random);
        }
        // As the caller does: a size that nobody asked for is not decoded.
        if read_header(&file[..]).is_ok_and(|header| header.width * header.height <= 1 << 16) {
            match decode(&file, Scale::ALL[round % 4]) {
                Ok(_) => taken += 1,
                Err(_) => refused += 1,
            }
        }
    }
    assert!(
        taken > 500 && refused > 500,
        "{taken} taken, {refused} refused"
    );
}
