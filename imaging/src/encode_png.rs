//! Encoding PNG: in the smallest form that holds every pixel exactly.

use png::{BitDepth, ColorType, DeflateCompression, Encoder, EncodingError, Filter};

use super::Dimensions;
use super::ImageError;
use super::png_form::{Form, Packed};
use super::raster::Raster;

/// Of zlib's 1 to 9. From 7 on a photo's thumbnail is no larger than a PNG optimiser's fast setting makes it; 4 would
/// take little more than a third of the time for 2 % more bytes.
const LEVEL: u8 = 7;

/// Bytes of pixels up to which a palette may cost more than it saves, so that both ways are tried.
const SMALL: usize = 16 * 1024;

/// Encodes gray or RGB, with alpha or without.
pub(super) fn encode_png(raster: &Raster) -> Result<Vec<u8>, ImageError> {
    let form = Form::of(raster);
    let bytes = smallest(raster, &form)?;
    if form.has_palette() && raster.samples.len() <= SMALL {
        return Ok(shorter(bytes, smallest(raster, &form.without_palette())?));
    }
    Ok(bytes)
}

/// A photo's samples are told best by what they differ from their neighbours; those of a drawing, with its even
/// surfaces, often as they are. Drawings take little time, so both ways are tried.
fn smallest(raster: &Raster, form: &Form) -> Result<Vec<u8>, ImageError> {
    let packed = form.pack(raster);
    let plain = || write(raster.size, &packed, Filter::NoFilter);
    // Neighbouring indices, and several samples in a byte, have nothing to predict one another by.
    if packed.color == ColorType::Indexed || packed.depth != BitDepth::Eight {
        return plain();
    }
    let filtered = write(raster.size, &packed, Filter::Adaptive)?;
    if form.is_even() {
        return Ok(shorter(filtered, plain()?));
    }
    Ok(filtered)
}

fn shorter(one: Vec<u8>, other: Vec<u8>) -> Vec<u8> {
    if other.len() < one.len() { other } else { one }
}

fn write(size: Dimensions, packed: &Packed, filter: Filter) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, size.width, size.height);
    encoder.set_color(packed.color);
    encoder.set_depth(packed.depth);
    encoder.set_deflate_compression(DeflateCompression::Level(LEVEL));
    encoder.set_filter(filter);
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
