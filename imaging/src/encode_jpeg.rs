//! Encoding JPEG.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::ImageError;
use super::raster::{Layout, Raster};

/// Of 1 to 100.
const QUALITY: u8 = 80;

/// Encodes gray, YCbCr or RGB. Chroma has half the width and height.
///
/// With the standard's Huffman tables: optimised ones make a thumbnail 2.5 % smaller in the same time, but come from
/// this encoder as one scan a component, which some decoders get wrong.
pub(super) fn encode_jpeg(raster: &Raster) -> Result<Vec<u8>, ImageError> {
    let color = match raster.layout {
        Layout::Gray => ColorType::Luma,
        Layout::YCbCr => ColorType::Ycbcr,
        _ => ColorType::Rgb,
    };
    // A JPEG's thumbnail is no larger than the JPEG, whose sides fit into 16 bits.
    let (Ok(width), Ok(height)) = (
        u16::try_from(raster.size.width),
        u16::try_from(raster.size.height),
    ) else {
        return Err(ImageError::Unsupported("a side that JPEG cannot have"));
    };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, QUALITY);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder
        .encode(&raster.samples, width, height, color)
        .map_err(|error| ImageError::damaged(error.to_string()))?;
    Ok(bytes)
}
