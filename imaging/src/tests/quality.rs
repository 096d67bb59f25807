//! Thumbnails beside those made the slow way: decode everything, one Lanczos resize.

use std::ops::ControlFlow;

use jpeg_encoder::{ColorType, SamplingFactor};

use super::super::picture::Picture;
use super::super::raster::{Layout, Raster};
use super::super::render::decode;
use super::super::resize::resize;
use super::pictures::{Jpeg, Png, photo};
use super::viewer::show;
use super::*;
use crate::{Dimensions, jpeg};

/// Luma PSNR in decibels of what would be encoded, against a whole decode by other decoders and one resize.
fn psnr(file: &[u8], height: u32) -> f64 {
    let mut source = Cursor::new(file);
    let probe = probe(&mut source, &LIMITS).unwrap();
    let to = probe.dimensions.thumbnail(height);
    let mut resampler = tierpix_resampler::Resampler::new();
    let ours = decode(&mut source, &probe, to, &mut resampler, &Deadline::NEVER).unwrap();
    let shown = show(file);
    let whole = Raster {
        size: Dimensions {
            width: shown.width,
            height: shown.height,
        },
        layout: Layout::Rgb,
        samples: shown.rgb(),
    };
    let reference = resize(&mut resampler, whole, to).unwrap();
    let ours = if ours.size() == to {
        ours
    } else {
        ours.resize(&mut resampler, to).unwrap()
    };
    let ours = match &ours {
        Picture::Raster { raster, .. } => raster,
        Picture::Planes(planes) => planes.luma(),
    };
    let squares: f64 = luma(ours)
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

/// A colour that changes along both sides by much more in a pixel than coding and rounding do.
fn slope(width: u32, height: u32) -> Raster {
    let mut samples = Vec::new();
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        let blue = (f64::from(x) * 1.6 + f64::from(y) * 1.1) as u8;
        samples.extend([255 - blue, 255 - blue, blue]);
    }
    Raster {
        size: Dimensions { width, height },
        layout: Layout::Rgb,
        samples,
    }
}

/// The chroma of a picture's thumbnail, as coded, row by row.
fn blue_difference(file: &[u8], height: u32) -> Vec<Vec<u8>> {
    let thumbnail = thumbnail(file, height).unwrap();
    let decoder = jpeg::Decoder::new(&thumbnail.bytes[..]).unwrap();
    let planes = decoder
        .decode(jpeg::Scale::Full, &mut || ControlFlow::Continue(()))
        .unwrap();
    planes[1].rows().map(<[u8]>::to_vec).collect()
}

fn lossless(raster: &Raster) -> Jpeg {
    let Dimensions { width, height } = raster.size;
    Jpeg::of_pixels(width, height, raster.samples.clone(), ColorType::Rgb)
        .sampling(SamplingFactor::F_1_1)
        .quality(100)
}

#[test]
fn a_chroma_sample_has_the_colour_of_the_four_pixels_it_is_shown_with() {
    // 90 × 80 become 45 × 40 pixels: one chroma sample for 4 × 4 of the source, the last column's beyond it.
    let chroma = blue_difference(&lossless(&slope(90, 80)).encode(), 40);
    assert_eq!((chroma[0].len(), chroma.len()), (23, 20));
    let mut sum = 0.0;
    for (y, x) in (1..19).flat_map(|y| (1..21).map(move |x| (y, x))) {
        let center = |sample: usize| 4.0 * sample as f64 + 1.5;
        // Of 255 - b, 255 - b and b the difference is b.
        sum += f64::from(chroma[y][x]) - (center(x) * 1.6 + center(y) * 1.1);
    }
    // Half a sample beside its place it would be 3.2 or 2.2 more or less.
    let mean = sum / (18.0 * 20.0);
    assert!(mean.abs() < 0.7, "{mean}");
}

#[test]
fn chroma_of_odd_sides_lies_in_place_whichever_way_up() {
    let stored = slope(90, 90);
    for orientation in 1..=8 {
        let turned = lossless(&stored).orientation(orientation).encode();
        let probe = probe(&mut Cursor::new(&turned), &LIMITS).unwrap();
        let upright = lossless(&probe.orientation.apply(&stored)).encode();
        let (one, other) = (blue_difference(&turned, 45), blue_difference(&upright, 45));
        for (one, other) in one.iter().flatten().zip(other.iter().flatten()) {
            assert!(
                one.abs_diff(*other) <= 2,
                "orientation {orientation}: {one}, {other}"
            );
        }
    }
}
