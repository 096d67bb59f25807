//! Marker codes (Table B.1), each the byte after 0xFF.

pub(super) const SOF0: u8 = 0xC0;
/// Progressive, Huffman.
pub(super) const SOF2: u8 = 0xC2;
/// Last frame header.
pub(super) const SOF15: u8 = 0xCF;
/// Huffman tables.
pub(super) const DHT: u8 = 0xC4;
/// Reserved for extensions.
pub(super) const JPG: u8 = 0xC8;
/// First restart marker; there are eight.
pub(super) const RST0: u8 = 0xD0;
/// Last restart marker.
pub(super) const RST7: u8 = 0xD7;
/// Start of image.
pub(super) const SOI: u8 = 0xD8;
/// End of image.
pub(super) const EOI: u8 = 0xD9;
/// Start of scan.
pub(super) const SOS: u8 = 0xDA;
/// Quantisation tables.
pub(super) const DQT: u8 = 0xDB;
/// Restart interval.
pub(super) const DRI: u8 = 0xDD;
/// Application data 0: JFIF.
pub(super) const APP0: u8 = 0xE0;
/// Application data 1: Exif and XMP.
pub(super) const APP1: u8 = 0xE1;
/// Application data 2: ICC profile.
pub(super) const APP2: u8 = 0xE2;
/// Application data 14: Adobe's colour transform.
pub(super) const APP14: u8 = 0xEE;
/// For temporary use; stands alone.
pub(super) const TEM: u8 = 0x01;
