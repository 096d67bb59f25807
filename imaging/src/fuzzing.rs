//! What the fuzz targets in `fuzz/` need and nobody else gets: compiled by cargo-fuzz alone.

use std::io::Cursor;
use std::ops::ControlFlow;

use super::jpeg::{Decoder, Scale};
use super::orientation::Orientation;

/// Decodes a JPEG at every scale; pixels over the limit are not tried.
pub fn decode_jpeg(file: &[u8], max_pixels: u64) {
    for scale in Scale::ALL {
        let Ok(mut decoder) = Decoder::new(Cursor::new(file)) else {
            return;
        };
        let header = decoder.header();
        if u64::from(header.width) * u64::from(header.height) > max_pixels {
            return;
        }
        let _ = decoder.decode(scale, &mut || ControlFlow::Continue(()));
    }
}

/// Reads the orientation of an Exif block.
pub fn exif(block: &[u8]) {
    Orientation::from_exif(block);
}
