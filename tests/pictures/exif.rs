//! Exif as cameras write it.

/// Stands in every piece of metadata that must not get out.
pub const PRIVATE: &[u8] = b"PRIVATE-50.0647N-19.9450E";

/// A place as XMP, IPTC and text have it.
pub const PLACE: &[u8] = b"50,3.8820N 19,56.7E";

/// Ten millionths of a second, of both coordinates in Exif: a number that stands nowhere else.
const SECONDS: u32 = 529_200_417;

/// When the photo was made.
const DATE: &[u8; 20] = b"2024:06:01 12:00:00\0";

const ASCII: u16 = 2;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const RATIONAL: u16 = 5;

/// A tag of the first directory that stands behind the place's.
const RATING: u16 = 0xA401;

/// Whether a file holds the coordinates of [`Exif`] or [`PLACE`] anywhere.
pub fn tells_place(file: &[u8]) -> bool {
    let numbers = [SECONDS.to_be_bytes(), SECONDS.to_le_bytes()];
    let needles = [PLACE, &numbers[0], &numbers[1]];
    needles
        .iter()
        .any(|needle| file.windows(needle.len()).any(|window| window == *needle))
}

/// Bytes of a directory of so many entries.
const fn directory_length(entries: u32) -> u32 {
    2 + 12 * entries + 4
}

/// The Exif of a photo: a maker, an orientation, a date, a place.
#[derive(Debug, Clone, Copy)]
pub struct Exif {
    /// The orientation tag's value.
    pub orientation: u32,
    /// Stored as LONG and not as SHORT.
    pub long: bool,
    /// `MM` and not `II`.
    pub big_endian: bool,
}

impl Exif {
    /// As most cameras write it.
    pub fn orientation(orientation: u32) -> Self {
        Self {
            orientation,
            long: false,
            big_endian: false,
        }
    }

    /// The TIFF structure, as it stands in PNG's eXIf and, after `Exif\0\0`, in a JPEG.
    pub fn tiff(self) -> Vec<u8> {
        let mut tiff = if self.big_endian {
            b"MM".to_vec()
        } else {
            b"II".to_vec()
        };
        self.u16(&mut tiff, 42);
        self.u32(&mut tiff, 8);
        // Where the directories and the longer values begin.
        let details = 8 + directory_length(5);
        let gps = details + directory_length(1);
        let maker = gps + directory_length(4);
        let date = maker + PRIVATE.len() as u32;
        let (latitude, longitude) = (date + DATE.len() as u32, date + DATE.len() as u32 + 24);

        self.u16(&mut tiff, 5);
        self.entry(&mut tiff, 0x010F, ASCII, PRIVATE.len() as u32, maker);
        if self.long {
            self.entry(&mut tiff, 0x0112, LONG, 1, self.orientation);
        } else {
            self.short_entry(&mut tiff, 0x0112, self.orientation as u16);
        }
        self.entry(&mut tiff, 0x8769, LONG, 1, details);
        self.entry(&mut tiff, 0x8825, LONG, 1, gps);
        self.short_entry(&mut tiff, RATING, 5);
        self.u32(&mut tiff, 0);

        self.u16(&mut tiff, 1);
        self.entry(&mut tiff, 0x9003, ASCII, DATE.len() as u32, date);
        self.u32(&mut tiff, 0);

        self.u16(&mut tiff, 4);
        self.letter_entry(&mut tiff, 1, b'N');
        self.entry(&mut tiff, 2, RATIONAL, 3, latitude);
        self.letter_entry(&mut tiff, 3, b'E');
        self.entry(&mut tiff, 4, RATIONAL, 3, longitude);
        self.u32(&mut tiff, 0);

        tiff.extend(PRIVATE);
        tiff.extend(DATE);
        for degrees in [50, 19] {
            for number in [degrees, 1, 3, 1, SECONDS, 10_000_000] {
                self.u32(&mut tiff, number);
            }
        }
        tiff
    }

    fn short_entry(self, tiff: &mut Vec<u8>, tag: u16, value: u16) {
        self.u16(tiff, tag);
        self.u16(tiff, SHORT);
        self.u32(tiff, 1);
        self.u16(tiff, value);
        self.u16(tiff, 0);
    }

    fn letter_entry(self, tiff: &mut Vec<u8>, tag: u16, letter: u8) {
        self.u16(tiff, tag);
        self.u16(tiff, ASCII);
        self.u32(tiff, 2);
        tiff.extend([letter, 0, 0, 0]);
    }

    fn entry(self, tiff: &mut Vec<u8>, tag: u16, kind: u16, count: u32, value: u32) {
        self.u16(tiff, tag);
        self.u16(tiff, kind);
        self.u32(tiff, count);
        self.u32(tiff, value);
    }

    fn u16(self, tiff: &mut Vec<u8>, value: u16) {
        tiff.extend(if self.big_endian {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        });
    }

    fn u32(self, tiff: &mut Vec<u8>, value: u32) {
        tiff.extend(if self.big_endian {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        });
    }
}
