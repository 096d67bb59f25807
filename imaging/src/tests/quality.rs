//! Thumbnails beside those made the slow way: decode everything, one Lanczos resize.

use std::ops::ControlFlow;

use jpeg_encoder::{ColorType, SamplingFactor};
use proptest::prelude::*;

use super::super::picture::Picture;
use super::super::raster::{Layout, Raster};
use super::super::render::decode;
use super::super::resize::resample;
use super::pictures::{Jpeg, Png, photo};
use super::viewer::show;
use super::*;
use crate::{Dimensions, jpeg};

/// What other decoders show of a file, in one resize.
fn reference(file: &[u8], to: Dimensions) -> Raster {
    let shown = show(file);
    let size = Dimensions {
        width: shown.width,
        height: shown.height,
    };
    let mut rgba = shown.pixels.concat();
    let pixels = tierpix_resampler::Pixels::Four;
    let mut resampler = tierpix_resampler::Resampler::new();
    let resized = resample(&mut resampler, pixels, &mut rgba, (size, to), None).unwrap();
    Raster {
        size: to,
        layout: Layout::Rgba,
        samples: resized,
    }
}

/// Luma PSNR in decibels of what would be encoded, against a whole decode by other decoders and one resize.
fn psnr(file: &[u8], height: u32) -> f64 {
    psnr_among(file, height, &[height])
}

/// The same where other heights are wanted as well.
fn psnr_among(file: &[u8], height: u32, heights: &[u32]) -> f64 {
    let mut source = Cursor::new(file);
    let probe = probe(&mut source, &LIMITS).unwrap();
    let to = probe.dimensions.thumbnail(height);
    let sizes = super::super::render::sizes(&probe, heights);
    let decoded = decode(&mut source, &probe, &sizes, &Deadline::NEVER).unwrap();
    let place = sizes.iter().position(|&size| size == to).unwrap();
    let ours = match &decoded.pictures[place] {
        Picture::Raster(raster) => raster,
        Picture::Planes(planes) => planes.luma(),
    };
    psnr_of(&luma(ours), &luma(&reference(file, to)))
}

fn psnr_of(ours: &[f64], reference: &[f64]) -> f64 {
    assert_eq!(ours.len(), reference.len());
    let squares: f64 = ours
        .iter()
        .zip(reference)
        .map(|(a, b)| (a - b).powi(2))
        .sum();
    10.0 * (255.0_f64.powi(2) / (squares / ours.len() as f64)).log10()
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
    let file = Jpeg::photo(2400, 1800).quality(92).encode();
    // Scales 2/8, 4/8 and 8/8, each where it is stretched the most.
    for height in [60, 299, 300, 301, 599, 600, 601] {
        let psnr = psnr(&file, height);
        assert!(psnr >= 48.0, "{psnr:.1} dB at {height}");
    }
}

/// Threads that cross, aslant, of as many pixels from one to the next.
fn fabric(side: u32, threads: f64) -> Vec<u8> {
    let mut samples = Vec::new();
    for (y, x) in (0..side).flat_map(|y| (0..side).map(move |x| (f64::from(y), f64::from(x)))) {
        let (across, down) = (
            (0.955 * x + 0.296 * y) / threads,
            (0.955 * y - 0.296 * x) / threads * 1.2,
        );
        let over = (across.floor() + down.floor()) % 2.0 == 0.0;
        let thread = if over { across } else { down };
        let gray = 128.0 + 70.0 * (thread * std::f64::consts::TAU).sin();
        samples.extend([gray * 1.05, gray, gray * 0.9].map(|sample| sample as u8));
    }
    samples
}

#[test]
fn a_scaled_decode_keeps_48_decibels_on_fabric() {
    for threads in [4.3, 7.3, 11.0] {
        let file = Jpeg::of_pixels(1800, 1800, fabric(1800, threads), ColorType::Rgb)
            .quality(92)
            .encode();
        for height in [100, 300] {
            let psnr = psnr(&file, height);
            assert!(
                psnr >= 48.0,
                "{psnr:.1} dB at {height}, {threads} pixels a thread"
            );
        }
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
    let file = rgb_png(451, 351, &photo(451, 351));
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

/// Lines of letters: strokes of one to three pixels, in colours, on white.
fn text(width: u32, height: u32) -> Vec<u8> {
    let mut samples = Vec::new();
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        let (line, letter) = (y / 17, x / 9);
        let mixed = (line * 131 + letter).wrapping_mul(0x9E37_79B9);
        let (down, across) = (y % 17, x % 9);
        let inked = (3..13).contains(&down)
            && across < 7
            && mixed % 5 != 0
            && (mixed >> (8 + down / 3 * 4 + across / 2) & 1 == 1 || across == mixed % 7);
        let color = [[20, 20, 20], [160, 20, 30], [20, 40, 170]][(line / 3 % 3) as usize];
        samples.extend(if inked { color } else { [255; 3] });
    }
    samples
}

fn rgb_png(width: u32, height: u32, samples: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(samples).unwrap();
    writer.finish().unwrap();
    file
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_height_is_as_good_among_others_as_alone(
        height in 20_u32..400,
        others in prop::collection::vec(20_u32..500, 1..6),
        kind in 0..4,
    ) {
        let (width, full) = (533, 400);
        let file = match kind {
            0 => rgb_png(width, full, &text(width, full)),
            1 => Jpeg::of_pixels(width, full, text(width, full), ColorType::Rgb).quality(92).encode(),
            2 => Jpeg::photo(width, full).progressive().encode(),
            _ => Png::new(width, full, 6, 8).interlaced().encode(),
        };
        let heights = [&[height][..], &others].concat();
        let (alone, among) = (psnr(&file, height), psnr_among(&file, height, &heights));
        // Beyond this nobody sees a difference, and two good results may be far apart.
        prop_assert!(among.min(60.0) >= alone.min(60.0) - 1.0, "{alone:.1} dB alone, {among:.1} dB among {others:?}");
        if file.starts_with(b"\x89PNG") {
            let alone = thumbnail(&file, height).unwrap().bytes;
            prop_assert_eq!(&thumbnails(&file, &heights).unwrap()[0].bytes, &alone);
        }
    }
}

#[test]
fn an_interlaced_picture_gives_the_same_as_one_whose_rows_come_from_the_top() {
    let kinds = [(0, 8), (0, 1), (2, 16), (3, 4), (4, 8), (6, 8)];
    let sizes = [
        (301, 233, &[1, 9, 100, 232, 233][..]),
        (10, 300, &[299][..]),
    ];
    for ((color_type, bits), (width, own, heights)) in kinds
        .into_iter()
        .flat_map(|kind| sizes.map(|size| (kind, size)))
    {
        let png = Png::new(width, own, color_type, bits);
        let (plain, interlaced) = (png.clone().encode(), png.interlaced().encode());
        for &height in heights {
            let [plain, interlaced] = [&plain, &interlaced]
                .map(|file| show(&thumbnail(file, height).unwrap().bytes).pixels);
            // Colours of pixels that are nearly transparent count as little as they are seen.
            let seen = |pixels: &[[u8; 4]]| -> Vec<f64> {
                let pixels = pixels.iter().map(|pixel| pixel.map(f64::from));
                let seen = pixels
                    .flat_map(|[r, g, b, a]| [r * a / 255.0, g * a / 255.0, b * a / 255.0, a]);
                seen.collect()
            };
            let (plain, interlaced) = (seen(&plain), seen(&interlaced));
            let squares = plain.iter().zip(&interlaced).map(|(a, b)| (a - b).powi(2));
            let mean = squares.sum::<f64>() / plain.len() as f64;
            assert!(mean < 0.5, "{color_type}, {bits} bits, {height}: {mean:.2}");
        }
    }
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
    let mut decoder = jpeg::Decoder::new(&thumbnail.bytes[..]).unwrap();
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
