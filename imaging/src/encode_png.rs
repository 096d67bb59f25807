//! Encoding PNG: in the smallest form that holds every pixel exactly.

use png::{BitDepth, ColorType, DeflateCompression, Encoder, EncodingError, Filter};

use super::Dimensions;
use super::ImageError;
use super::png_form::{Form, Packed};
use super::raster::Raster;

/// Of zlib's 1 to 9. From 7 on a thumbnail is no larger than a PNG optimiser's fast setting makes it; 4 takes a third
/// of the time and 2 % more bytes, 9 three times the time and nothing less.
const LEVEL: u8 = 7;

/// Bytes of pixels up to which a palette may cost more than it saves, so that both ways are tried.
const SMALL: usize = 16 * 1024;

/// Encodes gray or RGB, with alpha or without.
pub(super) fn encode_png(raster: &Raster) -> Result<Vec<u8>, ImageError> {
    let form = Form::of(raster);
    let bytes = write(raster.size, &form.pack(raster))?;
    if form.has_palette() && raster.samples.len() <= SMALL {
        let direct = write(raster.size, &form.without_palette().pack(raster))?;
        if direct.len() < bytes.len() {
            return Ok(direct);
        }
    }
    Ok(bytes)
}

fn write(size: Dimensions, packed: &Packed) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, size.width, size.height);
    encoder.set_color(packed.color);
    encoder.set_depth(packed.depth);
    encoder.set_deflate_compression(DeflateCompression::Level(LEVEL));
    // Neighbouring indices, and several samples in a byte, have nothing to predict one another by.
    let predictable = packed.color != ColorType::Indexed && packed.depth == BitDepth::Eight;
    encoder.set_filter(if predictable {
        Filter::MinEntropy
    } else {
        Filter::NoFilter
    });
    if !packed.palette.is_empty() {
        encoder.set_palette(&packed.palette);
    }
    if !packed.transparency.is_empty() {
        encoder.set_trns(&packed.transparency);
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&packed.samples)?;
    writer.finish()?;
    Ok(bytes)
}

impl From<EncodingError> for ImageError {
    /// Pixels and header are made to fit together; a refusal is no panic.
    fn from(error: EncodingError) -> Self {
        Self::damaged(format!("cannot be encoded: {error}"))
    }
}
