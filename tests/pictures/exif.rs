//! Exif as cameras write it.

/// Stands in every piece of metadata that must not get out.
pub const PRIVATE: &[u8] = b"PRIVATE-50.0647N-19.9450E";

/// The Exif of a photo: a maker, an orientation, a place.
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
        const ENTRIES: u16 = 3;
        let mut tiff = if self.big_endian {
            b"MM".to_vec()
        } else {
            b"II".to_vec()
        };
        self.u16(&mut tiff, 42);
        self.u32(&mut tiff, 8);
        self.u16(&mut tiff, ENTRIES);
        let after = 8 + 2 + u32::from(ENTRIES) * 12 + 4;
        // Make, ASCII.
        self.entry(&mut tiff, 0x010F, 2, PRIVATE.len() as u32);
        self.u32(&mut tiff, after);
        self.entry(&mut tiff, 0x0112, if self.long { 4 } else { 3 }, 1);
        if self.long {
            self.u32(&mut tiff, self.orientation);
        } else {
            self.u16(&mut tiff, self.orientation as u16);
            self.u16(&mut tiff, 0);
        }
        // GPS directory: empty, behind the maker.
        self.entry(&mut tiff, 0x8825, 4, 1);
        self.u32(&mut tiff, after + PRIVATE.len() as u32);
        self.u32(&mut tiff, 0);
        tiff.extend(PRIVATE);
        self.u16(&mut tiff, 0);
        self.u32(&mut tiff, 0);
        tiff
    }

    fn entry(self, tiff: &mut Vec<u8>, tag: u16, kind: u16, count: u32) {
        self.u16(tiff, tag);
        self.u16(tiff, kind);
        self.u32(tiff, count);
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
