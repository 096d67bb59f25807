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

/// The first pixel of an 8 × 8 picture with these chunks, as it is shown.
fn shown_with(chunks: &[(&[u8; 4], &[u8])]) -> [u8; 3] {
    let mut png = Png::new(8, 8, 2, 8).samples(|_, _, _| [200, 100, 50, 0]);
    for (name, data) in chunks {
        png = png.chunk(name, data);
    }
    let [red, green, blue, _] = show(&thumbnail(&png.encode(), 8).unwrap().bytes).pixels[0];
    [red, green, blue]
}

fn numbers(numbers: [i32; 8]) -> Vec<u8> {
    numbers.into_iter().flat_map(i32::to_be_bytes).collect()
}

fn gamma(gamma: u32) -> [u8; 4] {
    gamma.to_be_bytes()
}

fn assert_near(shown: [u8; 3], expected: [u8; 3], what: &str) {
    let near = shown.iter().zip(expected).all(|(&a, b)| a.abs_diff(b) <= 1);
    assert!(near, "{what}: {shown:?} for {expected:?}");
}

/// What Chromium shows of (200, 100, 50) with these chunks.
#[test]
fn gamma_and_chromaticities_are_taken_as_chromium_takes_them() {
    const PLAIN: [u8; 3] = [200, 100, 50];
    const LINEAR: [u8; 3] = [229, 168, 122];
    const SRGB: [i32; 8] = [
        31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000,
    ];
    const ADOBE: [i32; 8] = [
        31_270, 32_900, 64_000, 33_000, 21_000, 71_000, 15_000, 6_000,
    ];
    let with = |place: usize, value: i32| {
        let mut numbers = SRGB;
        numbers[place] = value;
        numbers
    };
    for (what, chromaticities, gamma_value, expected) in [
        ("gamma alone", None, 100_000, LINEAR),
        ("gamma alone, near sRGB's", None, 43_300, PLAIN),
        ("gamma alone, near sRGB's", None, 47_700, PLAIN),
        ("gamma alone, not near sRGB's", None, 43_000, [199, 95, 41]),
        ("gamma alone, not near sRGB's", None, 48_000, [204, 105, 51]),
        ("both", Some(ADOBE), 45_455, [227, 100, 42]),
        ("both", Some(ADOBE), 100_000, [248, 168, 120]),
        ("both, of sRGB", Some(SRGB), 45_455, [201, 100, 46]),
        ("negative", Some(with(2, -64_000)), 100_000, PLAIN),
        ("out of range", Some(with(2, 110_000)), 100_000, PLAIN),
        ("white without light", Some(with(1, 0)), 100_000, PLAIN),
        (
            "singular",
            Some([
                31_270, 32_900, 30_000, 30_000, 30_000, 30_000, 30_000, 30_000,
            ]),
            100_000,
            PLAIN,
        ),
        (
            "red is green",
            Some([
                31_270, 32_900, 64_000, 33_000, 64_000, 33_000, 15_000, 6_000,
            ]),
            45_455,
            PLAIN,
        ),
        (
            "x and y above 1 together",
            Some([
                31_270, 32_900, 70_000, 60_000, 30_000, 60_000, 15_000, 6_000,
            ]),
            45_455,
            [201, 140, 0],
        ),
    ] {
        let gamma = gamma(gamma_value);
        let told = chromaticities.map(numbers).unwrap_or_default();
        let mut chunks: Vec<(&[u8; 4], &[u8])> = vec![(b"gAMA", &gamma)];
        if chromaticities.is_some() {
            chunks.push((b"cHRM", &told));
        }
        assert_near(shown_with(&chunks), expected, what);
    }
    assert_near(
        shown_with(&[(b"cHRM", &numbers(ADOBE))]),
        PLAIN,
        "chromaticities alone",
    );
    let two = [gamma(100_000), gamma(45_455)];
    assert_near(
        shown_with(&[(b"gAMA", &two[0]), (b"gAMA", &two[1])]),
        LINEAR,
        "the first counts",
    );
    assert_near(
        shown_with(&[(b"gAMA", &gamma(0)), (b"gAMA", &two[0])]),
        LINEAR,
        "0 is none",
    );
}

#[test]
fn what_cannot_be_used_leaves_the_word_to_what_ranks_below_it() {
    let linear = gamma(100_000);
    let profile = |data: &[u8]| [b"a profile\0\0", data].concat();
    let broken = profile(&super::pictures::zlib(&[b'x'; 300]));
    let no_zlib = profile(b"no zlib");
    let too_long = profile(&super::pictures::zlib(&vec![0; (4 << 20) + 1]));
    for useless in [
        (b"iCCP", &broken[..]),
        (b"iCCP", &no_zlib),
        (b"iCCP", &too_long),
        (b"cICP", &[99, 8, 0, 1]),
        (b"cICP", &[1, 99, 0, 1]),
        (b"cICP", &[1, 8, 0, 0]),
        (b"cICP", &[2, 2, 0, 1]),
        (b"sRGB", &[9]),
    ] {
        let shown = shown_with(&[useless, (b"gAMA", &linear)]);
        assert_near(shown, [229, 168, 122], &String::from_utf8_lossy(useless.0));
    }
    let shown = shown_with(&[(b"iCCP", &broken), (b"sRGB", &[0]), (b"gAMA", &linear)]);
    assert_near(shown, [200, 100, 50], "sRGB before gAMA");
}

#[test]
fn a_large_profile_counts_in_a_png_as_in_a_jpeg() {
    // A tag that nobody reads makes it large.
    let mut icc = ColorProfile::new_display_p3().encode().unwrap();
    icc.resize(3 << 20, 7);
    let length = icc.len() as u32;
    icc[..4].copy_from_slice(&length.to_be_bytes());
    let samples = photo_in(&ColorProfile::new_display_p3());
    let file = png_with(&samples, |info| info.icc_profile = Some(icc.into()));
    let shown = show(&thumbnail(&file, HEIGHT).unwrap().bytes).rgb();
    let delta_e = mean_delta_e(&shown, &photo(WIDTH, HEIGHT));
    assert!(delta_e < 1.0, "{delta_e:.2}");
}

#[test]
fn a_profile_that_a_jpeg_brings_twice_is_applied_once() {
    let profile = ColorProfile::new_display_p3();
    let once = jpeg_in(&profile);
    let segment = [&b"ICC_PROFILE\0\x01\x01"[..], &profile.encode().unwrap()].concat();
    let twice = super::pictures::insert_segment(&once, 0xE2, &segment);
    assert_eq!(
        thumbnail(&twice, 100).unwrap().bytes,
        thumbnail(&once, 100).unwrap().bytes
    );
}
