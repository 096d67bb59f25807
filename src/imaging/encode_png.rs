//! Encoding PNG.

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, Filter};

use super::ImageError;
use super::raster::{Layout, Raster};

/// Encodes gray or RGB, with alpha or without.
pub(super) fn encode_png(raster: &Raster) -> Result<Vec<u8>, ImageError> {
    let color = match raster.layout {
        Layout::Gray => ColorType::Grayscale,
        Layout::GrayAlpha => ColorType::GrayscaleAlpha,
        Layout::Rgb | Layout::YCbCr => ColorType::Rgb,
        Layout::Rgba | Layout::Cmyk => ColorType::Rgba,
    };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, raster.size.width, raster.size.height);
    encoder.set_color(color);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Balanced);
    encoder.set_filter(Filter::Adaptive);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&raster.samples)?;
    writer.finish()?;
    Ok(bytes)
}

impl From<EncodingError> for ImageError {
    fn from(error: EncodingError) -> Self {
        Self::damaged(error.to_string())
    }
}
