//! Encoding PNG: in the smallest form that holds every pixel exactly.

mod bits;
mod block;
mod costs;
mod deflate;
mod filter;
mod huffman;
mod matches;
mod parse;
mod symbols;

use png::{BitDepth, ColorType, DeflateCompression, Encoder, EncodingError, Filter};

use super::Dimensions;
use super::ImageError;
use super::png_form::{Form, Packed};
use super::raster::{Raster, to_usize};

/// Of zlib's 1 to 9, for drawings: their repetitions are long, and there is little between the levels.
const LEVEL: u8 = 7;

/// One pixel in so many repeats the one before: a photo with some of a drawing, a drawing.
const HARDLY_EVEN: usize = 16;
const EVEN: usize = 4;

/// Bytes of a file without its pixels, about.
const HEADS: usize = 128;

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

/// A photo's samples are told best by what they differ from their neighbours, and packed as [`deflate`] does it; those
/// of a drawing, with its even surfaces, by zlib, and often as they are. Few of a photo's pixels are like the one before:
/// where some are, zlib is tried as well, and where many are, so is doing without filters.
fn smallest(raster: &Raster, form: &Form) -> Result<Vec<u8>, ImageError> {
    let packed = form.pack(raster);
    let plain = || write(raster.size, &packed, Filter::NoFilter);
    // Neighbouring indices, and several samples in a byte, have nothing to predict one another by.
    if packed.color == ColorType::Indexed || packed.depth != BitDepth::Eight {
        return plain();
    }
    let mut bytes = write_photo(raster.size, &packed)?;
    if form.repeats_one_in(HARDLY_EVEN) {
        bytes = shorter(bytes, write(raster.size, &packed, Filter::Adaptive)?);
    }
    if form.repeats_one_in(EVEN) {
        bytes = shorter(bytes, plain()?);
    }
    Ok(bytes)
}

fn shorter(one: Vec<u8>, other: Vec<u8>) -> Vec<u8> {
    if other.len() < one.len() { other } else { one }
}

fn write(size: Dimensions, packed: &Packed, filter: Filter) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::new();
    let mut encoder = encoder(&mut bytes, size, packed);
    encoder.set_deflate_compression(DeflateCompression::Level(LEVEL));
    encoder.set_filter(filter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&packed.samples)?;
    writer.finish()?;
    Ok(bytes)
}

fn write_photo(size: Dimensions, packed: &Packed) -> Result<Vec<u8>, ImageError> {
    let pixel_bytes = packed.color.samples();
    let row_bytes = to_usize(size.width) * pixel_bytes;
    let stream = deflate::zlib(&filter::filter(&packed.samples, row_bytes, pixel_bytes));
    let mut bytes = Vec::with_capacity(stream.len() + HEADS);
    let mut writer = encoder(&mut bytes, size, packed).write_header()?;
    writer.write_chunk(png::chunk::IDAT, &stream)?;
    writer.finish()?;
    Ok(bytes)
}

fn encoder<'a>(
    bytes: &'a mut Vec<u8>,
    size: Dimensions,
    packed: &Packed,
) -> Encoder<'static, &'a mut Vec<u8>> {
    let mut encoder = Encoder::new(bytes, size.width, size.height);
    encoder.set_color(packed.color);
    encoder.set_depth(packed.depth);
    if !packed.palette.is_empty() {
        encoder.set_palette(packed.palette.clone());
    }
    if !packed.transparency.is_empty() {
        encoder.set_trns(packed.transparency.clone());
    }
    encoder
}

impl From<EncodingError> for ImageError {
    /// Pixels and header are made to fit together; a refusal is no panic.
    fn from(error: EncodingError) -> Self {
        Self::damaged(format!("cannot be encoded: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Layout;
    use crate::tests::pictures::photo;

    #[test]
    fn a_photo_is_no_larger_than_zlib_makes_it() {
        let size = Dimensions {
            width: 320,
            height: 240,
        };
        let raster = Raster {
            size,
            layout: Layout::Rgb,
            samples: photo(size.width, size.height),
        };
        let zlib = write(size, &Form::of(&raster).pack(&raster), Filter::Adaptive).unwrap();
        let ours = encode_png(&raster).unwrap();
        assert!(ours.len() <= zlib.len(), "{} {}", ours.len(), zlib.len());
    }
}
