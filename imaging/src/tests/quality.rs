//! Thumbnails beside those made the slow way: decode everything, one Lanczos resize.

use super::super::raster::{Layout, Raster};
use super::super::render::decode;
use super::super::resize::resize;
use super::pictures::{Jpeg, Png, photo};
use super::viewer::show;
use super::*;
use crate::Dimensions;

/// Luma PSNR in decibels of what would be encoded, against a whole decode by other decoders and one resize.
fn psnr(file: &[u8], height: u32) -> f64 {
    let mut source = Cursor::new(file);
    let probe = probe(&mut source, &LIMITS).unwrap();
    let to = probe.dimensions.thumbnail(height);
    let mut resizer = fast_image_resize::Resizer::new();
    let (ours, _) = decode(&mut source, &probe, to, &mut resizer, &Deadline::NEVER).unwrap();
    let shown = show(file);
    let whole = Raster {
        size: Dimensions {
            width: shown.width,
            height: shown.height,
        },
        layout: Layout::Rgb,
        samples: shown.rgb(),
    };
    let reference = resize(&mut resizer, &whole, to).unwrap();
    let ours = if ours.size == to {
        ours
    } else {
        resize(&mut resizer, &ours, to).unwrap()
    };
    let squares: f64 = luma(&ours)
        .iter()
        .zip(luma(&reference))
        .map(|(a, b)| (a - b).powi(2))
        .sum();
    let count = f64::from(to.width) * f64::from(to.height);
    10.0 * (255.0_f64.powi(2) / (squares / count)).log10()
}

fn luma(raster: &Raster) -> Vec<f64> {
    let pixels = raster.samples.chunks(raster.layout.channels());
    pixels
        .map(|pixel| match raster.layout {
            Layout::Rgb | Layout::Rgba => {
                0.299 * f64::from(pixel[0])
                    + 0.587 * f64::from(pixel[1])
                    + 0.114 * f64::from(pixel[2])
            }
            _ => f64::from(pixel[0]),
        })
        .collect()
}

#[test]
fn a_scaled_decode_keeps_48_decibels() {
    let file = Jpeg::photo(800, 600).quality(92).encode();
    // Scales 1/8, 2/8, 4/8 and 8/8, each where it is stretched the most.
    for height in [20, 30, 31, 99, 100, 199, 200, 399, 450] {
        let psnr = psnr(&file, height);
        assert!(psnr >= 48.0, "{psnr:.1} dB at {height}");
    }
}

#[test]
fn a_scaled_decode_of_a_progressive_or_gray_picture_keeps_48_decibels() {
    for file in [
        Jpeg::photo(603, 451).progressive().encode(),
        Jpeg::gray(603, 451).encode(),
    ] {
        for height in [22, 56, 75, 112, 150] {
            let psnr = psnr(&file, height);
            assert!(psnr >= 48.0, "{psnr:.1} dB at {height}");
        }
    }
}

#[test]
fn rows_that_pass_by_give_the_same_as_the_whole_picture() {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 451, 351);
    encoder.set_color(png::ColorType::Rgb);
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&photo(451, 351))
        .unwrap();
    for height in [1, 7, 100, 350] {
        let psnr = psnr(&file, height);
        assert!(psnr >= 55.0, "{psnr:.1} dB at {height}");
    }
}

#[test]
fn alpha_lends_no_colour_to_its_neighbours() {
    // White figures on a transparent ground whose hidden colour is black: no gray may show anywhere.
    let file = Png::new(400, 300, 6, 8)
        .samples(|x, y, _| {
            if (x / 37 + y / 23) % 2 == 0 {
                [255, 255, 255, 255]
            } else {
                [0, 0, 0, 0]
            }
        })
        .encode();
    let shown = show(&thumbnail(&file, 47).unwrap().bytes);
    let dark = shown
        .pixels
        .iter()
        .filter(|[red, _, _, alpha]| *alpha > 8 && *red < 250)
        .count();
    assert_eq!(dark, 0);
}

#[test]
fn samples_of_16_bits_are_rounded() {
    let file = Png::new(300, 2, 0, 16)
        .samples(|x, _, _| [(x * 218) as u16, 0, 0, 0])
        .encode();
    let shown = show(&thumbnail(&file, 2).unwrap().bytes);
    for x in 0..300_u32 {
        let exact = f64::from(x * 218) / 257.0;
        assert!((f64::from(shown.pixels[x as usize][0]) - exact).abs() <= 0.501);
    }
}

#[test]
fn a_small_thumbnail_made_from_a_large_one_is_as_good() {
    let file = Jpeg::photo(800, 600).encode();
    let both = thumbnails(&file, &[400, 200]).unwrap();
    let alone = thumbnail(&file, 200).unwrap();
    let (cascaded, alone) = (show(&both[1].bytes), show(&alone.bytes));
    let squares: f64 = cascaded
        .rgb()
        .iter()
        .zip(alone.rgb())
        .map(|(&a, b)| (f64::from(a) - f64::from(b)).powi(2))
        .sum();
    let psnr = 10.0 * (255.0_f64.powi(2) / (squares / cascaded.rgb().len() as f64)).log10();
    assert!(psnr >= 36.0, "{psnr:.1} dB");
}
