//! The same thumbnails by the usual crates: `image` decodes, `fast_image_resize` resizes (the largest first, the next
//! from it), `jpeg-encoder` or `image`'s own PNG encoder writes.

use fast_image_resize::{
    PixelType, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use image::{ExtendedColorType, ImageFormat, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// Both thumbnails' files.
pub fn thumbnails(file: &[u8], heights: &[u32]) -> Vec<Vec<u8>> {
    let format = image::guess_format(file).expect("a format");
    let mut picture = image::load_from_memory(file)
        .expect("a picture")
        .into_rgb8();
    let mut resizer = Resizer::new();
    heights
        .iter()
        .map(|&height| {
            picture = resize(&mut resizer, &picture, height);
            encode(&picture, format)
        })
        .collect()
}

fn resize(resizer: &mut Resizer, picture: &RgbImage, height: u32) -> RgbImage {
    let width = (picture.width() * height + picture.height() / 2) / picture.height();
    let (from_width, from_height) = picture.dimensions();
    let source =
        ImageRef::new(from_width, from_height, picture, PixelType::U8x3).expect("the size agrees");
    let mut target = Image::new(width, height, PixelType::U8x3);
    resizer
        .resize(&source, &mut target, &ResizeOptions::new())
        .expect("the pixel types agree");
    RgbImage::from_raw(width, height, target.into_vec()).expect("the size agrees")
}

fn encode(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Vec::new();
    if format == ImageFormat::Png {
        let encoder = image::codecs::png::PngEncoder::new(&mut file);
        let (width, height) = picture.dimensions();
        image::ImageEncoder::write_image(encoder, picture, width, height, ExtendedColorType::Rgb8)
            .expect("a PNG");
        return file;
    }
    let mut encoder = Encoder::new(&mut file, 80);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    let (width, height) = (picture.width() as u16, picture.height() as u16);
    encoder
        .encode(picture, width, height, ColorType::Rgb)
        .expect("a JPEG");
    file
}
