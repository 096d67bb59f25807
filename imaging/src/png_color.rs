//! What the values of a PNG's samples mean, as its chunks tell (PNG specification, 4.3).

use super::png_chunks::Chunk;
use super::profile;
use super::source::Span;

/// One way in which a PNG tells what its samples' values mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum PngColor {
    Srgb,
    /// Code points of ITU-T H.273.
    Cicp {
        primaries: u8,
        transfer: u8,
        /// The brightest pixel, in ten thousandths of a nit.
        peak: Option<u32>,
    },
    /// A compressed ICC profile: the chunk's data, and how many bytes they unpack to.
    Profile {
        chunk: Span,
        length: u32,
    },
    /// gAMA, and cHRM where it is there.
    Gamma {
        gamma: u32,
        chromaticities: Option<[i32; 8]>,
    },
}

/// The chunks about colour that are there and valid, the first of each kind.
#[derive(Default)]
pub(super) struct ColorChunks {
    /// Primaries and transfer.
    code_points: Option<(u8, u8)>,
    /// The picture's peak, and that of the display it was made on.
    peak: Option<u32>,
    mastering_peak: Option<u32>,
    profile: Option<PngColor>,
    srgb: Option<PngColor>,
    gamma: Option<u32>,
    chromaticities: Option<[i32; 8]>,
}

impl ColorChunks {
    pub(super) fn take(&mut self, chunk: &Chunk, data: &[u8]) {
        match (&chunk.name, data) {
            // RGB (matrix 0), full range.
            (b"cICP", &[primaries, transfer, 0, 1]) => {
                self.code_points.get_or_insert((primaries, transfer));
            }
            (b"cLLI", &[a, b, c, d, _, _, _, _]) => {
                self.peak.get_or_insert(u32::from_be_bytes([a, b, c, d]));
            }
            (b"mDCV", data) => {
                if let Some(&peak) = data.get(16..20).and_then(<[u8]>::first_chunk)
                    && data.len() == 24
                {
                    self.mastering_peak.get_or_insert(u32::from_be_bytes(peak));
                }
            }
            (b"iCCP", _) => {
                if let Some(length) = profile::unpacked_length(data) {
                    let chunk = chunk.data;
                    let profile = PngColor::Profile { chunk, length };
                    self.profile.get_or_insert(profile);
                }
            }
            // A rendering intent.
            (b"sRGB", [0..=3]) => self.srgb = Some(PngColor::Srgb),
            (b"gAMA", &[a, b, c, d]) => {
                let gamma = u32::from_be_bytes([a, b, c, d]);
                if gamma != 0 {
                    self.gamma.get_or_insert(gamma);
                }
            }
            (b"cHRM", _) => {
                let (numbers, rest) = data.as_chunks::<4>();
                if let Ok(numbers) = <[[u8; 4]; 8]>::try_from(numbers)
                    && rest.is_empty()
                {
                    self.chromaticities
                        .get_or_insert(numbers.map(i32::from_be_bytes));
                }
            }
            _ => {}
        }
    }

    /// What was told, the word that rules first (section 4.3: cICP before iCCP before sRGB before gAMA and cHRM). Where
    /// one turns out to be of no use, the next rules.
    pub(super) fn by_rank(self) -> Vec<PngColor> {
        let cicp = self
            .code_points
            .map(|(primaries, transfer)| PngColor::Cicp {
                primaries,
                transfer,
                peak: self.peak.or(self.mastering_peak).filter(|&peak| peak > 0),
            });
        // As browsers have it, cHRM alone says nothing.
        let gamma = self.gamma.map(|gamma| PngColor::Gamma {
            gamma,
            chromaticities: self.chromaticities,
        });
        [cicp, self.profile, self.srgb, gamma]
            .into_iter()
            .flatten()
            .collect()
    }
}
