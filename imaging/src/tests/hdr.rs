//! Pictures of high dynamic range, beside what Chromium shows of them.

use super::color::mean_delta_e;
use super::pictures::{Jpeg, Png, photo};
use super::viewer::show;
use super::*;

const COLORS: [[u8; 3]; 8] = [
    [64; 3],
    [128; 3],
    [160; 3],
    [192; 3],
    [192, 128, 64],
    [64, 160, 192],
    [255, 0, 0],
    [160, 192, 128],
];

fn swatches(chunks: &[(&[u8; 4], &[u8])]) -> Vec<[u8; 3]> {
    let mut png = Png::new(8, 1, 2, 8).samples(|x, _, _| {
        let [red, green, blue] = COLORS[x as usize].map(u16::from);
        [red, green, blue, 0]
    });
    for (name, data) in chunks {
        png = png.chunk(name, data);
    }
    let shown = show(&thumbnail(&png.encode(), 1).unwrap().bytes);
    let pixels = shown.pixels.iter();
    pixels
        .map(|&[red, green, blue, _]| [red, green, blue])
        .collect()
}

fn assert_near(shown: &[[u8; 3]], expected: &[[u8; 3]], what: &str) {
    for (shown, expected) in shown.as_flattened().iter().zip(expected.as_flattened()) {
        assert!(
            shown.abs_diff(*expected) <= 1,
            "{what}: {shown} for {expected}"
        );
    }
}

#[test]
fn pq_and_hlg_are_shown_as_chromium_shows_them() {
    let gray_pq = [[30; 3], [132; 3], [213; 3], [255; 3]];
    let gray_hlg = [[43; 3], [99; 3], [135; 3], [189; 3]];
    for (primaries, transfer, grays, colors) in [
        (
            9,
            16,
            gray_pq,
            [[255, 0, 0], [0, 159, 255], [255, 0, 0], [0, 255, 0]],
        ),
        (
            9,
            18,
            gray_hlg,
            [[210, 89, 35], [0, 139, 181], [255, 0, 0], [105, 191, 96]],
        ),
        (
            1,
            16,
            gray_pq,
            [[255, 99, 20], [17, 156, 255], [255, 0, 0], [155, 255, 88]],
        ),
        (
            1,
            18,
            gray_hlg,
            [[176, 103, 52], [52, 134, 177], [255, 0, 0], [141, 186, 109]],
        ),
        (
            12,
            16,
            gray_pq,
            [[255, 73, 0], [0, 155, 255], [255, 0, 0], [113, 255, 36]],
        ),
        (
            12,
            18,
            gray_hlg,
            [[188, 98, 37], [0, 136, 181], [255, 0, 0], [128, 188, 99]],
        ),
    ] {
        let shown = swatches(&[(b"cICP", &[primaries, transfer, 0, 1])]);
        let expected = [grays, colors].concat();
        assert_near(&shown, &expected, &format!("{primaries}/{transfer}"));
    }
}

/// Grays of PQ, and what is shown of them where the file tells its peak.
#[test]
fn a_picture_that_tells_its_peak_is_rolled_off_up_to_that() {
    let peaks = |nits: u32| [(nits * 10_000).to_be_bytes(), [0; 4]].concat();
    let mastering = |nits: u32| [&[0; 16], &(nits * 10_000).to_be_bytes()[..], &[0; 4]].concat();
    let shown_of = |chunks: &[(&[u8; 4], &[u8])]| {
        let mut png = Png::new(6, 1, 0, 8)
            .samples(|x, _, _| [[100, 148, 170, 192, 220, 255][x as usize], 0, 0, 0]);
        png = png.chunk(b"cICP", &[9, 16, 0, 1]);
        for (name, data) in chunks {
            png = png.chunk(name, data);
        }
        let shown = show(&thumbnail(&png.encode(), 1).unwrap().bytes);
        shown
            .pixels
            .iter()
            .map(|pixel| [pixel[0]; 3])
            .collect::<Vec<_>>()
    };
    for (what, chunks, expected) in [
        ("nothing", vec![], [76, 187, 229, 255, 255, 255]),
        (
            "cLLI",
            vec![(b"cLLI", peaks(4000))],
            [76, 187, 210, 226, 247, 255],
        ),
        (
            "mDCV",
            vec![(b"mDCV", mastering(600))],
            [88, 212, 248, 255, 255, 255],
        ),
        (
            "no more than white",
            vec![(b"cLLI", peaks(203))],
            [107, 255, 255, 255, 255, 255],
        ),
        (
            "both",
            vec![(b"mDCV", mastering(4000)), (b"cLLI", peaks(600))],
            [88, 212, 248, 255, 255, 255],
        ),
        (
            "nits of 0",
            vec![(b"cLLI", peaks(0))],
            [76, 187, 229, 255, 255, 255],
        ),
    ] {
        let chunks: Vec<(&[u8; 4], &[u8])> = chunks
            .iter()
            .map(|(name, data)| (*name, &data[..]))
            .collect();
        assert_near(
            &shown_of(&chunks),
            &expected.map(|gray: u8| [gray; 3]),
            what,
        );
    }
}

#[test]
fn a_profile_that_names_pq_by_its_code_point_means_that() {
    let icc = super::icc::pq_profile();
    let data = [b"a profile\0\0", &super::pictures::zlib(&icc)[..]].concat();
    assert_eq!(
        swatches(&[(b"iCCP", &data)]),
        swatches(&[(b"cICP", &[9, 16, 0, 1])])
    );
    let (width, height) = (80, 60);
    let jpeg = |profile: &[u8]| {
        Jpeg::photo(width, height)
            .quality(97)
            .profile(profile)
            .encode()
    };
    let shown = show(&thumbnail(&jpeg(&icc), height).unwrap().bytes).rgb();
    let mut png = Vec::new();
    let mut info = png::Info::with_size(width, height);
    (info.bit_depth, info.color_type) = (png::BitDepth::Eight, png::ColorType::Rgb);
    let mut writer = png::Encoder::with_info(&mut png, info)
        .unwrap()
        .write_header()
        .unwrap();
    writer.write_image_data(&photo(width, height)).unwrap();
    writer.finish().unwrap();
    let chunk = super::pictures::chunk(b"cICP", &[9, 16, 0, 1]);
    let png = super::pictures::with_chunk(&png, b"IDAT", &chunk);
    let expected = show(&thumbnail(&png, height).unwrap().bytes).rgb();
    let delta_e = mean_delta_e(&shown, &expected);
    assert!(delta_e < 4.0, "{delta_e:.2}");
}

/// What Chromium shows of (64, 64, 64) and (200, 100, 50).
#[test]
fn video_is_shown_as_on_the_displays_it_is_made_for() {
    for (primaries, transfer, gray, color) in [
        (1, 1, [54; 3], [197, 91, 39]),
        (1, 4, [62; 3], [201, 100, 46]),
        (1, 5, [40; 3], [189, 76, 26]),
        (1, 6, [54; 3], [197, 91, 39]),
        (1, 7, [81; 3], [206, 115, 68]),
        (1, 8, [137; 3], [229, 168, 122]),
        (1, 9, [64; 3], [200, 100, 50]),
        (1, 13, [64; 3], [200, 100, 50]),
        (1, 15, [54; 3], [197, 91, 39]),
        (1, 17, [48; 3], [200, 87, 34]),
        (4, 13, [64; 3], [232, 93, 30]),
        (5, 13, [64; 3], [203, 100, 51]),
        (6, 13, [64; 3], [196, 102, 49]),
        (8, 13, [64; 3], [222, 92, 32]),
        (9, 13, [64; 3], [241, 76, 29]),
        (11, 13, [64; 3], [211, 93, 32]),
        (12, 13, [64; 3], [215, 93, 31]),
        (22, 13, [64; 3], [202, 102, 49]),
        (9, 1, [54; 3], [239, 63, 5]),
        (9, 14, [54; 3], [239, 63, 5]),
    ] {
        let png = Png::new(2, 1, 2, 8)
            .samples(|x, _, _| [[64, 64, 64, 0], [200, 100, 50, 0]][x as usize])
            .chunk(b"cICP", &[primaries, transfer, 0, 1]);
        let shown = show(&thumbnail(&png.encode(), 1).unwrap().bytes);
        let shown: Vec<u8> = shown
            .pixels
            .iter()
            .flat_map(|pixel| pixel[..3].to_vec())
            .collect();
        for (shown, expected) in shown.iter().zip([gray, color].as_flattened()) {
            assert!(
                shown.abs_diff(*expected) <= 2,
                "{primaries}/{transfer}: {shown} for {expected}"
            );
        }
    }
}
