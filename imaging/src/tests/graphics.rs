//! Pictures that are drawn: what their thumbnails keep that photographs do not need.

use jpeg_encoder::{ColorType, SamplingFactor};

use super::color::mean_delta_e;
use super::pictures::{Jpeg, Png, chunk, photo, with_chunk, without_chunk};
use super::viewer::show;
use super::*;

const WIDTH: u32 = 480;
const HEIGHT: u32 = 320;

/// Saturated shapes and letters: rings and bars on red.
fn logo() -> Vec<u8> {
    let mut samples = Vec::new();
    for (y, x) in (0..HEIGHT as i32).flat_map(|y| (0..WIDTH as i32).map(move |x| (y, x))) {
        let ring = ((x % 120 - 60).pow(2) + (y % 110 - 55).pow(2)) / 400 % 3 == 1;
        let bar = (20..60).contains(&(y % 110)) && (x / 7) % 3 == 0;
        samples.extend(match (ring, bar) {
            (true, _) => [255, 220, 0],
            (false, true) => [0, 60, 200],
            _ => [200, 0, 20],
        });
    }
    samples
}

/// Sampling factors of the first component.
fn sampling(jpeg: &[u8]) -> u8 {
    let frame = jpeg
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .unwrap();
    jpeg[frame + 11]
}

#[test]
fn a_graphic_keeps_its_colours_where_its_source_has_them() {
    let source = |pixels: Vec<u8>, sampling| {
        Jpeg::of_pixels(WIDTH, HEIGHT, pixels, ColorType::Rgb)
            .quality(92)
            .sampling(sampling)
    };
    let p3 = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let full = || source(logo(), SamplingFactor::R_4_4_4);
    for (what, file, expected) in [
        ("a logo", full().encode(), 0x11),
        ("a logo, turned", full().orientation(6).encode(), 0x11),
        ("a logo with a profile", full().profile(&p3).encode(), 0x11),
        (
            "a logo, 4:2:0",
            source(logo(), SamplingFactor::R_4_2_0).encode(),
            0x22,
        ),
        (
            "a photo",
            source(photo(WIDTH, HEIGHT), SamplingFactor::R_4_4_4).encode(),
            0x22,
        ),
        (
            "a photo with a profile",
            source(photo(WIDTH, HEIGHT), SamplingFactor::R_4_4_4)
                .profile(&p3)
                .encode(),
            0x22,
        ),
    ] {
        for height in [100, 200] {
            assert_eq!(
                sampling(&thumbnail(&file, height).unwrap().bytes),
                expected,
                "{what}"
            );
        }
    }
}

#[test]
fn a_graphic_in_full_chroma_looks_as_it_did() {
    let file = Jpeg::of_pixels(WIDTH, HEIGHT, logo(), ColorType::Rgb)
        .sampling(SamplingFactor::R_4_4_4)
        .quality(97);
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, WIDTH, HEIGHT);
    encoder.set_color(png::ColorType::Rgb);
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&logo())
        .unwrap();
    let expected = show(&thumbnail(&png, 160).unwrap().bytes).rgb();
    let full = show(&thumbnail(&file.clone().encode(), 160).unwrap().bytes).rgb();
    let halved = file.sampling(SamplingFactor::R_4_2_0).encode();
    let halved = show(&thumbnail(&halved, 160).unwrap().bytes).rgb();
    let (full, halved) = (
        mean_delta_e(&full, &expected),
        mean_delta_e(&halved, &expected),
    );
    assert!(
        full < 4.0 && full < halved / 2.0,
        "{full:.2} and {halved:.2}"
    );
}

/// A screenshot with a palette: letters of three inks on white.
fn screenshot() -> Png {
    Png::new(900, 600, 3, 4).samples(|x, y, _| {
        let mixed = (y / 14 * 977 + x / 8).wrapping_mul(0x9E37_79B9);
        let inked = y % 14 < 10 && x % 8 < 6 && mixed >> (x % 8 + y % 14 / 2 * 3) & 1 == 1;
        [if inked { (y / 200 * 5) as u16 } else { 15 }, 0, 0, 0]
    })
}

fn in_colors(png: &Png, colors: &[u8]) -> Vec<u8> {
    let bare = without_chunk(&png.encode(), b"PLTE");
    with_chunk(&bare, b"IDAT", &chunk(b"PLTE", colors))
}

/// Ink from dark blue to dark red, on white.
fn inks() -> Vec<u8> {
    let inks = (0..15).flat_map(|index| [index * 12, 20, 180 - index * 11]);
    inks.chain([255; 3]).collect()
}

#[test]
fn a_thumbnail_of_few_colours_has_a_palette_where_nobody_sees_it() {
    let with_palette = in_colors(&screenshot(), &inks());
    let shown = show(&with_palette);
    let mut rgb = Vec::new();
    let mut encoder = png::Encoder::new(&mut rgb, shown.width, shown.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&shown.rgb())
        .unwrap();
    for height in [400, 200] {
        let few = thumbnail(&with_palette, height).unwrap().bytes;
        let many = thumbnail(&rgb, height).unwrap().bytes;
        assert_eq!((few[25], many[25]), (3, 2), "{height}");
        assert!(
            few.len() < many.len(),
            "{height}: {} of {}",
            few.len(),
            many.len()
        );
        let delta_e = mean_delta_e(&show(&few).rgb(), &show(&many).rgb());
        assert!(delta_e < 1.0, "{height}: {delta_e:.2}");
        assert_eq!(
            thumbnail(&with_palette, height).unwrap().bytes,
            few,
            "made twice"
        );
    }
}

#[test]
fn colours_that_a_palette_cannot_hold_stay() {
    // A photo in 256 colours: its thumbnail has more than can be parted.
    let png = Png::new(640, 480, 3, 8).samples(|x, y, _| {
        let mixed = (y / 2 * 977 + x / 2).wrapping_mul(0x9E37_79B9);
        [(mixed >> 24) as u16, 0, 0, 0]
    });
    let colors: Vec<u8> = (0..768_u32)
        .map(|n| (n.wrapping_mul(0x85EB_CA6B) >> 24) as u8)
        .collect();
    let thumbnail = thumbnail(&in_colors(&png, &colors), 300).unwrap();
    assert_eq!(thumbnail.bytes[25], 2);
}
