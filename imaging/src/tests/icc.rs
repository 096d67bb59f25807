//! Profiles as scanners and printers' programs write them, made from the specification (ICC.1:2001-04, version 2): curves
//! as tables, and CMYK by a look-up table.

use super::color::{mean_delta_e, photo_in, png_with};
use super::pictures::{Jpeg, photo};
use super::viewer::show;
use super::*;

const WIDTH: u32 = 320;
const HEIGHT: u32 = 240;

/// D50, the white of the connection space.
const WHITE: [f64; 3] = [0.9642, 1.0, 0.8249];

/// Linear sRGB to XYZ, adapted to D50 (the columns of sRGB profiles).
const SRGB: [[f64; 3]; 3] = [
    [0.4360, 0.3851, 0.1431],
    [0.2225, 0.7169, 0.0606],
    [0.0139, 0.0971, 0.7141],
];

/// A profile of version 2: a header of 128 bytes, a table of tags, their data.
fn profile(
    class: &[u8; 4],
    colors: &[u8; 4],
    space: &[u8; 4],
    tags: &[(&[u8; 4], Vec<u8>)],
) -> Vec<u8> {
    let mut header = vec![0; 128];
    header[8..12].copy_from_slice(&[2, 0x40, 0, 0]);
    header[12..16].copy_from_slice(class);
    header[16..20].copy_from_slice(colors);
    header[20..24].copy_from_slice(space);
    header[36..40].copy_from_slice(b"acsp");
    header[68..80].copy_from_slice(&numbers(&WHITE));
    let mut table = (tags.len() as u32).to_be_bytes().to_vec();
    let mut data = Vec::new();
    let data_offset = header.len() + 4 + 12 * tags.len();
    for (name, tag) in tags {
        table.extend(*name);
        table.extend(((data_offset + data.len()) as u32).to_be_bytes());
        table.extend((tag.len() as u32).to_be_bytes());
        data.extend(tag);
        data.resize(data.len().next_multiple_of(4), 0);
    }
    let length = (data_offset + data.len()) as u32;
    header[..4].copy_from_slice(&length.to_be_bytes());
    [header, table, data].concat()
}

/// s15Fixed16.
fn numbers(values: &[f64]) -> Vec<u8> {
    let fixed = values.iter().map(|value| (value * 65_536.0).round() as i32);
    fixed.flat_map(i32::to_be_bytes).collect()
}

fn xyz(values: [f64; 3]) -> Vec<u8> {
    [b"XYZ \0\0\0\0", &numbers(&values)[..]].concat()
}

/// A curve as a table of 256 values, or as one gamma.
fn curve(gamma: f64, as_table: bool) -> Vec<u8> {
    let values: Vec<u16> = if as_table {
        let entries = (0..256).map(|entry| (f64::from(entry) / 255.0).powf(gamma));
        entries
            .map(|value| (value * 65_535.0).round() as u16)
            .collect()
    } else {
        vec![(gamma * 256.0).round() as u16]
    };
    let values: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_be_bytes())
        .collect();
    let count = (values.len() as u32 / 2).to_be_bytes();
    [b"curv\0\0\0\0", &count[..], &values].concat()
}

/// An RGB profile of a matrix and one curve.
fn rgb_profile(columns: [[f64; 3]; 3], gamma: f64, as_table: bool) -> Vec<u8> {
    let curve = curve(gamma, as_table);
    profile(
        b"mntr",
        b"RGB ",
        b"XYZ ",
        &[
            (b"wtpt", xyz(WHITE)),
            (b"rXYZ", xyz(columns[0])),
            (b"gXYZ", xyz(columns[1])),
            (b"bXYZ", xyz(columns[2])),
            (b"rTRC", curve.clone()),
            (b"gTRC", curve.clone()),
            (b"bTRC", curve),
        ],
    )
}

/// A profile of version 4.4 that names BT.2020 and PQ by their code points; its curves are a gamma's, for programs that do
/// not know those.
pub(super) fn pq_profile() -> Vec<u8> {
    let curve = curve(2.2, false);
    let mut icc = profile(
        b"mntr",
        b"RGB ",
        b"XYZ ",
        &[
            (b"wtpt", xyz(WHITE)),
            (b"rXYZ", xyz([0.673_48, 0.279_04, -0.001_93])),
            (b"gXYZ", xyz([0.165_66, 0.675_34, 0.029_98])),
            (b"bXYZ", xyz([0.125_06, 0.045_61, 0.796_86])),
            (b"rTRC", curve.clone()),
            (b"gTRC", curve.clone()),
            (b"bTRC", curve),
            (b"cicp", b"cicp\0\0\0\0\x09\x10\0\x01".to_vec()),
        ],
    );
    icc[8..10].copy_from_slice(&[4, 0x40]);
    icc
}

/// The linear sRGB of inks on paper: each takes its part of the light that is left.
fn print(inks: [f64; 4]) -> [f64; 3] {
    const PASSES: [[f64; 3]; 4] = [
        [0.08, 0.42, 0.72],
        [0.55, 0.07, 0.25],
        [0.90, 0.75, 0.06],
        [0.03, 0.03, 0.03],
    ];
    let channel = |channel: usize| {
        let left = |(ink, passes): (f64, [f64; 3])| 1.0 - ink * (1.0 - passes[channel]);
        inks.into_iter().zip(PASSES).map(left).product()
    };
    [channel(0), channel(1), channel(2)]
}

/// CIE L*a*b* beside D50 of linear sRGB.
fn lab(linear: [f64; 3]) -> [f64; 3] {
    let f = |row: usize| {
        let sum: f64 = SRGB[row].iter().zip(linear).map(|(a, b)| a * b).sum();
        let ratio = sum / WHITE[row];
        if ratio > 216.0 / 24_389.0 {
            ratio.cbrt()
        } else {
            (24_389.0 / 27.0 * ratio + 16.0) / 116.0
        }
    };
    let [x, y, z] = [f(0), f(1), f(2)];
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// A printer's profile of these inks: a table of 13 steps an ink (lut16Type; Lab as version 2 encodes it).
fn cmyk_profile() -> Vec<u8> {
    const STEPS: u32 = 13;
    let mut lut = b"mft2\0\0\0\0\x04\x03".to_vec();
    lut.extend([STEPS as u8, 0]);
    lut.extend(numbers(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]));
    let mut words = vec![2, 2];
    words.extend([0, 65_535].repeat(4));
    for entry in 0..STEPS.pow(4) {
        let ink =
            |place: u32| f64::from(entry / STEPS.pow(3 - place) % STEPS) / f64::from(STEPS - 1);
        let [l, a, b] = lab(print([ink(0), ink(1), ink(2), ink(3)]));
        let encoded = [l * 652.8, (a + 128.0) * 256.0, (b + 128.0) * 256.0];
        words.extend(encoded.map(|value| value.round() as u16));
    }
    words.extend([0, 65_535].repeat(3));
    lut.extend(words.into_iter().flat_map(u16::to_be_bytes));
    profile(
        b"prtr",
        b"CMYK",
        b"Lab ",
        &[(b"wtpt", xyz(WHITE)), (b"A2B0", lut)],
    )
}

fn srgb(linear: f64) -> u8 {
    let sample = if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    };
    (sample * 255.0).round() as u8
}

#[test]
fn a_cmyk_profiles_table_says_what_the_inks_look_like() {
    // A photo's three colours as inks, and black where all three are.
    let inks: Vec<[u8; 4]> = photo(WIDTH, HEIGHT)
        .as_chunks()
        .0
        .iter()
        .map(|&[r, g, b]| [255 - r, 255 - g, 255 - b, (255 - r.max(g).max(b)) / 2])
        .collect();
    let expected: Vec<u8> = inks
        .iter()
        .flat_map(|inks| print(inks.map(|ink| f64::from(ink) / 255.0)).map(srgb))
        .collect();
    // Without Adobe's segment the samples are amounts of ink; the encoder writes it, and inverts for it.
    let pixels = inks.into_flattened();
    for (kind, color) in [
        ("CMYK", jpeg_encoder::ColorType::Cmyk),
        ("YCCK", jpeg_encoder::ColorType::CmykAsYcck),
    ] {
        let file = Jpeg::of_pixels(WIDTH, HEIGHT, pixels.clone(), color)
            .quality(97)
            .profile(&cmyk_profile())
            .encode();
        let shown = show(&thumbnail(&file, HEIGHT).unwrap().bytes).rgb();
        let delta_e = mean_delta_e(&shown, &expected);
        println!("{kind}: ΔE {delta_e:.2}");
        assert!(delta_e < 1.5, "{kind}: {delta_e:.2}");
    }
}

#[test]
fn profiles_of_version_2_are_read_as_those_of_version_4() {
    let adobe = [
        [0.609_74, 0.311_11, 0.019_47],
        [0.205_28, 0.625_67, 0.060_87],
        [0.149_19, 0.063_22, 0.744_57],
    ];
    let pro_photo = [
        [0.797_7, 0.288_0, 0.0],
        [0.135_2, 0.711_9, 0.0],
        [0.031_4, 0.000_1, 0.824_9],
    ];
    for (name, columns, gamma) in [("Adobe RGB", adobe, 2.199_2), ("ProPhoto", pro_photo, 1.8)] {
        for as_table in [false, true] {
            let icc = rgb_profile(columns, gamma, as_table);
            let samples = photo_in(&moxcms::ColorProfile::new_from_slice(&icc).unwrap());
            let file = png_with(&samples, |info| info.icc_profile = Some(icc.into()));
            let shown = show(&thumbnail(&file, HEIGHT).unwrap().bytes).rgb();
            let delta_e = mean_delta_e(&shown, &photo(WIDTH, HEIGHT));
            println!("{name}: ΔE {delta_e:.2}");
            assert!(delta_e < 1.0, "{name}: {delta_e:.2}");
        }
    }
}
