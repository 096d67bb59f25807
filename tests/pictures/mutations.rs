//! Pictures broken by chance, the same in every run.

use super::{Exif, Jpeg, Png};

/// Pictures of every kind, small enough that thousands of mutations take seconds. `profile` is an ICC profile.
pub fn seeds(profile: &[u8]) -> Vec<Vec<u8>> {
    vec![
        Jpeg::photo(40, 30).orientation(6).profile(profile).encode(),
        Jpeg::photo(40, 30).progressive().encode(),
        Jpeg::photo(33, 17).restart_interval(1).bare().encode(),
        Jpeg::cmyk(24, 24, true).encode(),
        Jpeg::cmyk(24, 24, false).encode(),
        Jpeg::gray(40, 30).progressive().encode(),
        Jpeg::untransformed_rgb(24, 24).encode(),
        Jpeg::photo(16, 16).metadata().place_in_text().encode(),
        Png::new(40, 30, 6, 8)
            .chunk(b"eXIf", &Exif::orientation(8).tiff())
            .profile(profile)
            .encode(),
        Png::new(40, 30, 2, 16)
            .interlaced()
            .chunk(b"tRNS", &[0; 6])
            .encode(),
        Png::new(40, 30, 3, 2).chunk(b"tRNS", &[1, 2, 3]).encode(),
        Png::new(40, 30, 0, 1)
            .chunk(b"gAMA", &100_000_u32.to_be_bytes())
            .encode(),
        Png::new(40, 30, 4, 16)
            .chunk(b"cICP", &[9, 16, 0, 1])
            .encode(),
    ]
}

/// A sequence of mutations (chance by xorshift, Marsaglia 2003).
pub struct Mutations(u64);

impl Mutations {
    /// The sequence of this number, which is not 0.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Breaks a file. Every other PNG gets right checksums, so that what is wrong gets past them.
    pub fn apply(&mut self, file: &mut Vec<u8>) {
        for _ in 0..=self.below(4) {
            let at = self.below(file.len());
            match self.below(6) {
                0 => file[at] ^= 1 << self.below(8),
                1 => file[at] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF][self.below(6)],
                2 => file.truncate(at.max(9)),
                3 => {
                    let end = (at + self.below(20)).min(file.len());
                    file.drain(at..end);
                }
                4 => {
                    let part = file[at..(at + self.below(60)).min(file.len())].to_vec();
                    let to = self.below(file.len());
                    file.splice(to..to, part);
                }
                _ => file[at] = self.below(256) as u8,
            }
            if file.len() < 9 {
                return;
            }
        }
        if self.below(2) == 0 && file.starts_with(b"\x89PNG") {
            mend_checksums(file);
        }
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % end
    }
}

/// Gives chunks the checksums of what they now hold.
pub fn mend_checksums(png: &mut [u8]) {
    let mut at = 8;
    while let Some(&[a, b, c, d]) = png.get(at..at + 4) {
        let end = (u32::from_be_bytes([a, b, c, d]) as usize).saturating_add(at + 8);
        let Some(named) = png.get(at + 4..end) else {
            return;
        };
        let checksum = crc32fast::hash(named).to_be_bytes();
        let Some(place) = png.get_mut(end..end + 4) else {
            return;
        };
        place.copy_from_slice(&checksum);
        at = end + 4;
    }
}
