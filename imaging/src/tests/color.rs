//! Colours beside what a colour-managed viewer shows of the original.

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use super::pictures::{Jpeg, Png, photo};
use super::viewer::show;
use super::*;

const WIDTH: u32 = 320;
const HEIGHT: u32 = 240;

/// The mean ΔE2000 between two pictures of sRGB samples.
pub(super) fn mean_delta_e(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let sum: f64 = a
        .chunks(3)
        .zip(b.chunks(3))
        .map(|(a, b)| delta_e(lab(a), lab(b)))
        .sum();
    sum / (a.len() / 3) as f64
}

/// CIE L*a*b* of an sRGB pixel (IEC 61966-2-1; CIE 15:2004), white D65.
fn lab(rgb: &[u8]) -> [f64; 3] {
    let linear = |sample: u8| {
        let sample = f64::from(sample) / 255.0;
        if sample <= 0.04045 {
            sample / 12.92
        } else {
            ((sample + 0.055) / 1.055).powf(2.4)
        }
    };
    let [r, g, b] = [linear(rgb[0]), linear(rgb[1]), linear(rgb[2])];
    let f = |t: f64| {
        if t > 216.0 / 24389.0 {
            t.cbrt()
        } else {
            (24389.0 / 27.0 * t + 16.0) / 116.0
        }
    };
    let x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
    let y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
    let z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// CIEDE2000 (ISO/CIE 11664-6).
fn delta_e([l1, a1, b1]: [f64; 3], [l2, a2, b2]: [f64; 3]) -> f64 {
    let mean_chroma = (a1.hypot(b1) + a2.hypot(b2)) / 2.0;
    let stretch = 1.5 - 0.5 * (mean_chroma.powi(7) / (mean_chroma.powi(7) + 25_f64.powi(7))).sqrt();
    let (a1, a2) = (a1 * stretch, a2 * stretch);
    let (c1, c2) = (a1.hypot(b1), a2.hypot(b2));
    let hue = |a: f64, b: f64| {
        if a == 0.0 && b == 0.0 {
            0.0
        } else {
            b.atan2(a).to_degrees().rem_euclid(360.0)
        }
    };
    let (h1, h2) = (hue(a1, b1), hue(a2, b2));
    let apart = (h1 - h2).abs() > 180.0;
    let turn = if c1 * c2 == 0.0 {
        0.0
    } else {
        (h2 - h1 + 180.0).rem_euclid(360.0) - 180.0
    };
    let delta_h = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin();
    let (l, c) = ((l1 + l2) / 2.0, (c1 + c2) / 2.0);
    let h = if c1 * c2 == 0.0 {
        h1 + h2
    } else if apart {
        (h1 + h2 + if h1 + h2 < 360.0 { 360.0 } else { -360.0 }) / 2.0
    } else {
        (h1 + h2) / 2.0
    };
    let cos = |degrees: f64| degrees.to_radians().cos();
    let t = 1.0 - 0.17 * cos(h - 30.0) + 0.24 * cos(2.0 * h) + 0.32 * cos(3.0 * h + 6.0)
        - 0.2 * cos(4.0 * h - 63.0);
    let s_l = 1.0 + 0.015 * (l - 50.0).powi(2) / (20.0 + (l - 50.0).powi(2)).sqrt();
    let (s_c, s_h) = (1.0 + 0.045 * c, 1.0 + 0.015 * c * t);
    let rotation = -2.0
        * (c.powi(7) / (c.powi(7) + 25_f64.powi(7))).sqrt()
        * (60.0 * (-((h - 275.0) / 25.0).powi(2)).exp())
            .to_radians()
            .sin();
    let (l, c, h) = ((l2 - l1) / s_l, (c2 - c1) / s_c, delta_h / s_h);
    (l * l + c * c + h * h + rotation * c * h).max(0.0).sqrt()
}

/// The photo's colours in a profile's numbers.
pub(super) fn photo_in(profile: &ColorProfile) -> Vec<u8> {
    let to = if profile.color_space == DataColorSpace::Gray {
        Layout::Gray
    } else {
        Layout::Rgb
    };
    let srgb = ColorProfile::new_srgb();
    let transform = srgb
        .create_transform_8bit(Layout::Rgb, profile, to, TransformOptions::default())
        .unwrap();
    let mut samples = vec![0; (WIDTH * HEIGHT) as usize * to.channels()];
    transform
        .transform(&photo(WIDTH, HEIGHT), &mut samples)
        .unwrap();
    samples
}

fn jpeg_in(profile: &ColorProfile) -> Vec<u8> {
    Jpeg::of_pixels(
        WIDTH,
        HEIGHT,
        photo_in(profile),
        jpeg_encoder::ColorType::Rgb,
    )
    .quality(95)
    .profile(&profile.encode().unwrap())
    .encode()
}

pub(super) fn png_with(samples: &[u8], prepare: impl FnOnce(&mut png::Info)) -> Vec<u8> {
    let mut file = Vec::new();
    let mut info = png::Info::with_size(WIDTH, HEIGHT);
    info.bit_depth = png::BitDepth::Eight;
    info.color_type = if samples.len() == (WIDTH * HEIGHT) as usize {
        png::ColorType::Grayscale
    } else {
        png::ColorType::Rgb
    };
    prepare(&mut info);
    let mut writer = png::Encoder::with_info(&mut file, info)
        .unwrap()
        .write_header()
        .unwrap();
    writer.write_image_data(samples).unwrap();
    writer.finish().unwrap();
    file
}

fn wide_profiles() -> [(&'static str, ColorProfile); 3] {
    [
        ("Display P3", ColorProfile::new_display_p3()),
        ("Adobe RGB", ColorProfile::new_adobe_rgb()),
        ("ProPhoto", ColorProfile::new_pro_photo_rgb()),
    ]
}

#[test]
fn the_measure_gives_the_published_values() {
    // Pairs 1, 7 and 25 of Sharma, Wu and Dalal's test data (2005).
    let pairs = [
        ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
        ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
        (
            [60.2574, -34.0099, 36.2677],
            [60.4626, -34.1751, 39.4387],
            1.2644,
        ),
    ];
    for (a, b, expected) in pairs {
        assert!((delta_e(a, b) - expected).abs() < 1e-4);
    }
}

#[test]
fn a_jpeg_in_a_wide_space_looks_the_same() {
    let plain = Jpeg::photo(WIDTH, HEIGHT).quality(95).encode();
    let expected = show(&thumbnail(&plain, 120).unwrap().bytes).rgb();
    for (name, profile) in wide_profiles() {
        let shown = show(&thumbnail(&jpeg_in(&profile), 120).unwrap().bytes).rgb();
        let delta_e = mean_delta_e(&shown, &expected);
        assert!(delta_e < 1.5, "{name}: {delta_e:.2}");
    }
}

#[test]
fn a_png_in_a_wide_space_looks_the_same() {
    for (name, profile) in wide_profiles() {
        let icc = profile.encode().unwrap();
        let file = png_with(&photo_in(&profile), |info| {
            info.icc_profile = Some(icc.into())
        });
        let shown = show(&thumbnail(&file, HEIGHT).unwrap().bytes).rgb();
        let delta_e = mean_delta_e(&shown, &photo(WIDTH, HEIGHT));
        assert!(delta_e < 1.0, "{name}: {delta_e:.2}");
    }
}

#[test]
fn a_gray_picture_keeps_its_tones_and_stays_gray() {
    let profile = ColorProfile::new_gray_with_gamma(1.8);
    let samples = photo_in(&profile);
    let jpeg = Jpeg::of_pixels(
        WIDTH,
        HEIGHT,
        samples.clone(),
        jpeg_encoder::ColorType::Luma,
    )
    .quality(95)
    .profile(&profile.encode().unwrap())
    .encode();
    let thumbnail = thumbnail(&jpeg, HEIGHT).unwrap();
    let components = thumbnail
        .bytes
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .unwrap()
        + 9;
    assert_eq!(thumbnail.bytes[components], 1);
    let to_srgb = |gray: u8| {
        let linear = (f64::from(gray) / 255.0).powf(1.8);
        let sample = if linear <= 0.0031308 {
            12.92 * linear
        } else {
            1.055 * linear.powf(1.0 / 2.4) - 0.055
        };
        (sample * 255.0).round() as u8
    };
    let expected: Vec<u8> = samples
        .iter()
        .flat_map(|&gray| [to_srgb(gray); 3])
        .collect();
    let delta_e = mean_delta_e(&show(&thumbnail.bytes).rgb(), &expected);
    assert!(delta_e < 1.5, "{delta_e:.2}");
}

#[test]
fn a_profile_that_says_srgb_changes_nothing() {
    let srgb = ColorProfile::new_srgb().encode().unwrap();
    let plain = Jpeg::photo(WIDTH, HEIGHT);
    let tagged = plain.clone().profile(&srgb);
    assert_eq!(
        thumbnail(&tagged.encode(), 100).unwrap().bytes,
        thumbnail(&plain.encode(), 100).unwrap().bytes
    );
}

#[test]
fn a_broken_profile_is_ignored() {
    let mut broken = ColorProfile::new_display_p3().encode().unwrap();
    broken[16..20].copy_from_slice(b"XXXX");
    let cmyk_tagged_rgb = ColorProfile::new_gray_with_gamma(2.2).encode().unwrap();
    let plain = Jpeg::photo(WIDTH, HEIGHT);
    let expected = thumbnail(&plain.clone().encode(), 100).unwrap().bytes;
    for profile in [&broken[..], &broken[..200], b"no profile", &cmyk_tagged_rgb] {
        let tagged = plain.clone().profile(profile);
        assert_eq!(thumbnail(&tagged.encode(), 100).unwrap().bytes, expected);
    }
}

#[test]
fn the_chunk_that_rules_a_pngs_colours_is_the_first_of_the_specifications_order() {
    let gamma = 100_000_u32.to_be_bytes();
    let middle = |png: Png| show(&thumbnail(&png.encode(), 8).unwrap().bytes).pixels[0][0];
    let gray = || Png::new(8, 8, 0, 8).samples(|_, _, _| [64, 0, 0, 0]);
    // Linear light: 64 of 255 is 137 in sRGB.
    assert_eq!(middle(gray()), 64);
    assert_eq!(middle(gray().chunk(b"gAMA", &gamma)), 137);
    assert_eq!(middle(gray().chunk(b"gAMA", &45_455_u32.to_be_bytes())), 64);
    assert_eq!(
        middle(gray().chunk(b"sRGB", &[0]).chunk(b"gAMA", &gamma)),
        64
    );
    let profile = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    assert_eq!(middle(gray().profile(&profile).chunk(b"sRGB", &[0])), 137);
    // ITU-T H.273: 8 is linear, 13 is sRGB's curve; 1 is BT.709's primaries.
    assert_eq!(middle(gray().chunk(b"cICP", &[1, 8, 0, 1])), 137);
    assert_eq!(
        middle(gray().chunk(b"cICP", &[1, 13, 0, 1]).profile(&profile)),
        64
    );
}

#[test]
fn primaries_told_by_numbers_are_converted() {
    // Adobe RGB's, with its gamma.
    let chromaticities = [
        31_270_u32, 32_900, 64_000, 33_000, 21_000, 71_000, 15_000, 6_000,
    ];
    let adobe = ColorProfile::new_adobe_rgb();
    let samples = photo_in(&adobe);
    let file = png_with(&samples, |_| ());
    let chrm: Vec<u8> = chromaticities
        .iter()
        .flat_map(|number| number.to_be_bytes())
        .collect();
    let file = super::pictures::with_chunk(&file, b"IDAT", &super::pictures::chunk(b"cHRM", &chrm));
    let file = super::pictures::with_chunk(
        &file,
        b"IDAT",
        &super::pictures::chunk(b"gAMA", &45_470_u32.to_be_bytes()),
    );
    let shown = show(&thumbnail(&file, HEIGHT).unwrap().bytes).rgb();
    let delta_e = mean_delta_e(&shown, &photo(WIDTH, HEIGHT));
    assert!(delta_e < 1.0, "{delta_e:.2}");
}
