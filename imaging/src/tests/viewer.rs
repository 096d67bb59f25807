//! A viewer that shares no code with the service: other decoders, to RGBA as a screen shows it.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// A picture on a screen.
pub struct Shown {
    pub width: u32,
    pub height: u32,
    pub pixels: Vec<[u8; 4]>,
}

impl Shown {
    pub fn rgb(&self) -> Vec<u8> {
        self.pixels
            .iter()
            .flat_map(|&[red, green, blue, _]| [red, green, blue])
            .collect()
    }
}

/// Decodes a file, without any look at its orientation or profile.
pub fn show(file: &[u8]) -> Shown {
    if file.starts_with(b"\xFF\xD8") {
        show_jpeg(file)
    } else {
        show_png(file)
    }
}

fn show_jpeg(file: &[u8]) -> Shown {
    let options = DecoderOptions::default()
        .jpeg_set_out_colorspace(ColorSpace::RGB)
        .set_max_width(65_535)
        .set_max_height(65_535);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    let rgb = decoder.decode().unwrap();
    let (width, height) = decoder.dimensions().unwrap();
    Shown {
        width: width as u32,
        height: height as u32,
        pixels: rgb
            .chunks(3)
            .map(|pixel| [pixel[0], pixel[1], pixel[2], 255])
            .collect(),
    }
}

fn show_png(file: &[u8]) -> Shown {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().unwrap();
    let mut samples = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut samples).unwrap();
    let pixels = samples
        .chunks(frame.color_type.samples())
        .map(|pixel| match *pixel {
            [gray] => [gray, gray, gray, 255],
            [gray, alpha] => [gray, gray, gray, alpha],
            [red, green, blue] => [red, green, blue, 255],
            _ => [pixel[0], pixel[1], pixel[2], pixel[3]],
        });
    Shown {
        width: frame.width,
        height: frame.height,
        pixels: pixels.collect(),
    }
}
