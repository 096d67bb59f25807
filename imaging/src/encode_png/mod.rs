//! Encoding PNG: in the smallest form that holds every pixel exactly.

mod bits;
mod block;
mod deflate;
mod filter;
mod huffman;
mod matches;
mod symbols;

use std::io::{self, Write};

use flate2::{Compression, write::ZlibEncoder};
use png::{BitDepth, ColorType, Encoder, EncodingError};

use super::ImageError;
use super::png_form::{Form, Packed};
use super::raster::Raster;

/// Of zlib's 1 to 9: what the higher ones save in bytes is little beside the time that they take.
const LEVEL: u32 = 5;

/// Bytes of a file without its pixels, about.
const HEADS: usize = 128;

/// Bytes of pixels that take no time: up to here a palette may cost more than it saves, so that both ways are tried.
const SMALL: usize = 16 * 1024;

/// Differences that are so many times smaller than the pixels are no photo's.
const EVEN: usize = 6;

/// The stretches of rows that tell which way is the shorter one, and the rows of each.
const STRETCHES: usize = 16;
const STRETCH: usize = 4;

/// Encodes gray or RGB, with alpha or without.
pub(super) fn encode_png(raster: &Raster) -> Result<Vec<u8>, ImageError> {
    let form = Form::of(raster);
    let bytes = encode(raster, &form)?;
    if form.has_palette() && raster.samples.len() <= SMALL {
        let other = encode(raster, &form.without_palette())?;
        return Ok(if other.len() < bytes.len() {
            other
        } else {
            bytes
        });
    }
    Ok(bytes)
}

fn encode(raster: &Raster, form: &Form) -> Result<Vec<u8>, ImageError> {
    let packed = form.pack(raster);
    let stream = compress(&packed)?;
    let mut bytes = Vec::with_capacity(stream.len() + HEADS);
    let mut writer = encoder(&mut bytes, raster, packed).write_header()?;
    writer.write_chunk(png::chunk::IDAT, &stream)?;
    writer.finish()?;
    Ok(bytes)
}

/// A photo's samples are told best by what they differ from their neighbours, those of a drawing, with its even surfaces,
/// as they are. Which of the two a picture is, some of its rows tell, packed both ways.
fn compress(packed: &Packed) -> io::Result<Vec<u8>> {
    let (rows, stride) = (&packed.rows, packed.stride);
    // Neighbouring indices, and several samples in a byte, have nothing to predict one another by.
    if packed.color == ColorType::Indexed || packed.depth != BitDepth::Eight {
        return zlib(rows);
    }
    let as_pixels = |rows: &[u8]| match packed.color {
        ColorType::Rgb => Ok(deflate::pixels(rows, stride)),
        _ => zlib(rows),
    };
    let pixel_bytes = packed.color.samples();
    let as_differences =
        |rows: &[u8]| deflate::differences(&filter::filter(rows, stride, pixel_bytes));
    let some = stretches(rows, stride);
    // Without the rows before them, those that repeat them are somewhat larger than they will be.
    let differences = as_differences(&some).len();
    if as_pixels(&some)?.len() * 31 < differences * 32 {
        as_pixels(rows)
    } else if differences < some.len() / EVEN && zlib(&some)?.len() * 16 < differences * 15 {
        // Slopes without a flaw repeat bytes, be it neither pixels nor differences.
        zlib(rows)
    } else {
        Ok(as_differences(rows))
    }
}

/// Some of the rows, from all over the picture; all of a small one.
fn stretches(rows: &[u8], stride: usize) -> Vec<u8> {
    if rows.len() <= SMALL {
        return rows.to_vec();
    }
    let height = rows.len() / stride;
    let between = (height / STRETCHES).max(4 * STRETCH);
    let starts = (between.min(height) / 2..height).step_by(between);
    let stretches = starts.map(|start| start * stride..(start + STRETCH).min(height) * stride);
    stretches
        .filter_map(|range| rows.get(range))
        .collect::<Vec<_>>()
        .concat()
}

fn zlib(rows: &[u8]) -> io::Result<Vec<u8>> {
    // Noise stays as long as it is.
    let stream = Vec::with_capacity(rows.len() + rows.len() / 64 + 1024);
    let mut encoder = ZlibEncoder::new(stream, Compression::new(LEVEL));
    encoder.write_all(rows)?;
    encoder.finish()
}

fn encoder<'a>(
    bytes: &'a mut Vec<u8>,
    raster: &Raster,
    packed: Packed,
) -> Encoder<'static, &'a mut Vec<u8>> {
    let mut encoder = Encoder::new(bytes, raster.size.width, raster.size.height);
    encoder.set_color(packed.color);
    encoder.set_depth(packed.depth);
    if !packed.palette.is_empty() {
        encoder.set_palette(packed.palette);
    }
    if !packed.transparency.is_empty() {
        encoder.set_trns(packed.transparency);
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
mod tests;
