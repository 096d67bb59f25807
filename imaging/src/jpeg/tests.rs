//! The decoder as a whole, on pictures that the tests encode and on a few small files that our
//! encoder cannot make.

mod damage;
mod mutations;
mod pictures;
mod scales;

use std::ops::ControlFlow;

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::{Decoder, JpegError, Plane, Scale};

/// A progressive 4:2:0 picture with successive approximation and restarts, by libjpeg's own script.
const REFINED: &[u8] = include_bytes!("testdata/refined.jpg");
/// The same with a script that refines bands other than those first sent, down from Al = 4.
const REFINED_ODDLY: &[u8] = include_bytes!("testdata/refined-oddly.jpg");
/// Luma with fewer samples than one of the chroma components.
const LUMA_SUBSAMPLED: &[u8] = include_bytes!("testdata/luma-subsampled.jpg");
/// Arithmetic coding.
const ARITHMETIC: &[u8] = include_bytes!("testdata/arithmetic.jpg");

fn decode(file: &[u8], scale: Scale) -> Result<Vec<Plane>, JpegError> {
    Decoder::new(file)?.decode(scale, &mut || ControlFlow::Continue(()))
}

/// A picture with slopes, an edge and some noise in each of its `channels`.
fn picture(width: usize, height: usize, channels: usize) -> Vec<u8> {
    let mut random = 1u32;
    let mut samples = Vec::with_capacity(width * height * channels);
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        for channel in 0..channels {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let slope = (x * (3 + channel) + y * (5 - channel)) as f32 / 9.0;
            let edge = if (x / 11 + y / 7) % 3 == channel {
                60.0
            } else {
                0.0
            };
            let value = 90.0 + 50.0 * slope.sin() + edge + (random >> 28) as f32;
            samples.push(value as u8);
        }
    }
    samples
}

/// How a picture is to be encoded.
#[derive(Clone, Copy, Debug)]
struct Kind {
    width: u16,
    height: u16,
    color: ColorType,
    sampling: SamplingFactor,
    progressive: bool,
    optimized: bool,
    restart_interval: u16,
}

impl Kind {
    const PLAIN: Self = Self {
        width: 75,
        height: 50,
        color: ColorType::Rgb,
        sampling: SamplingFactor::F_2_2,
        progressive: false,
        optimized: false,
        restart_interval: 0,
    };

    fn encode(self) -> Vec<u8> {
        let channels = match self.color {
            ColorType::Luma => 1,
            ColorType::Cmyk | ColorType::CmykAsYcck | ColorType::Ycck => 4,
            _ => 3,
        };
        let samples = picture(usize::from(self.width), usize::from(self.height), channels);
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, 85);
        encoder.set_sampling_factor(self.sampling);
        encoder.set_progressive(self.progressive);
        encoder.set_optimized_huffman_tables(self.optimized);
        if self.restart_interval > 0 {
            encoder.set_restart_interval(self.restart_interval);
        }
        encoder
            .encode(&samples, self.width, self.height, self.color)
            .unwrap();
        file
    }
}
