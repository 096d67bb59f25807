//! Every kind of picture and what comes out, proved and written down: docs/pictures.md.
//!
//! Each row's thumbnail is compared with what a person sees of the picture, here by other decoders and in `chromium` by a
//! browser; the page is made from the rows. Where it
//! differs from the committed one the test fails; run it with `BLESS=1` to write the page anew.

use std::fmt::Write;

use jpeg_encoder::{ColorType, SamplingFactor};

use super::pictures::{Exif, Jpeg, Png, chunk, insert_segment, photo, with_chunk};
use super::viewer::show;
use super::*;

const WIDTH: u32 = 48;
const HEIGHT: u32 = 36;

/// What Chromium shows otherwise than a thumbnail does, with what stands in the names of the kinds.
const OTHERWISE: [(&str, &str); 2] = [
    ("JPEG, no EOI", "without its last rows"),
    ("(LONG, ", "not turned: SHORT alone counts"),
];

impl Row {
    /// What Chromium shows otherwise than a thumbnail does.
    pub(super) fn otherwise_in_chromium(&self) -> Option<&'static str> {
        let mut kinds = OTHERWISE.iter();
        let kind = kinds.find(|(part, _)| self.name.contains(part));
        kind.map(|(_, what)| *what)
    }
}

/// A picture on a screen: RGBA.
type Seen = Vec<[u8; 4]>;

/// A kind of picture: its name, a file of it, and what is seen of it.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) file: Vec<u8>,
    /// `None` where a browser alone can tell.
    seen: Option<Seen>,
    /// How far a sample may be from what is seen, on average.
    tolerance: f64,
}

fn rgba(rgb: &[u8]) -> Vec<[u8; 4]> {
    rgb.chunks(3)
        .map(|pixel| [pixel[0], pixel[1], pixel[2], 255])
        .collect()
}

/// An upright photo as a camera stores it that writes this orientation (Exif 3.0, 4.6.4.A): where row 0 and column 0 are.
fn stored(orientation: u32, upright: &[u8], width: u32, height: u32) -> (u32, u32, Vec<u8>) {
    let (stored_width, stored_height) = if orientation > 4 {
        (height, width)
    } else {
        (width, height)
    };
    let mut pixels = Vec::new();
    for row in 0..stored_height {
        for column in 0..stored_width {
            let (x, y) = match orientation {
                1 => (column, row),
                2 => (width - 1 - column, row),
                3 => (width - 1 - column, height - 1 - row),
                4 => (column, height - 1 - row),
                5 => (row, column),
                6 => (width - 1 - row, column),
                7 => (width - 1 - row, height - 1 - column),
                _ => (row, height - 1 - column),
            };
            let at = ((y * width + x) * 3) as usize;
            pixels.extend(&upright[at..at + 3]);
        }
    }
    (stored_width, stored_height, pixels)
}

fn jpeg_rows() -> Vec<Row> {
    let color = rgba(&photo(WIDTH, HEIGHT));
    let gray: Vec<[u8; 4]> = color
        .iter()
        .map(|&[_, green, _, _]| [green, green, green, 255])
        .collect();
    let fine = |jpeg: Jpeg| jpeg.quality(95);
    let sampled = |sampling| fine(Jpeg::photo(WIDTH, HEIGHT)).sampling(sampling).encode();
    let plain = fine(Jpeg::photo(WIDTH, HEIGHT)).encode();
    let frame = plain
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .unwrap();
    let mut extended = plain.clone();
    extended[frame + 1] = 0xC1;
    let multi_picture = [
        &insert_segment(&plain, 0xE2, b"MPF\0II*\0\x08\0\0\0\0\0"),
        &plain[..],
    ]
    .concat();
    // Nobody says that they are inverted; they are, as all that programs write.
    let plain_cmyk =
        super::pictures::cut_segments(&fine(Jpeg::cmyk(WIDTH, HEIGHT, false)).encode(), 0xEE);
    let repeated_names = {
        let mut file = plain.clone();
        let scan = file
            .windows(2)
            .position(|pair| pair == [0xFF, 0xDA])
            .unwrap();
        for component in 0..3 {
            file[frame + 10 + 3 * component] = 1;
            file[scan + 5 + 2 * component] = 1;
        }
        file
    };
    let webcam = {
        let mut file = fine(Jpeg::photo(WIDTH, HEIGHT).restart_interval(2))
            .bare()
            .encode();
        while let Some(tables) = file.windows(2).position(|pair| pair == [0xFF, 0xC4]) {
            let length = usize::from(u16::from_be_bytes([file[tables + 2], file[tables + 3]]));
            file.drain(tables..tables + 2 + length);
        }
        let restart = file
            .windows(2)
            .position(|pair| pair == [0xFF, 0xD0])
            .unwrap();
        file.insert(restart, 0);
        file
    };
    let rows: Vec<(&str, Vec<u8>, &Seen)> = vec![
        ("baseline, 4:2:0", plain.clone(), &color),
        ("extended sequential", extended, &color),
        (
            "progressive",
            fine(Jpeg::photo(WIDTH, HEIGHT)).progressive().encode(),
            &color,
        ),
        ("4:4:4", sampled(SamplingFactor::R_4_4_4), &color),
        ("4:2:2", sampled(SamplingFactor::R_4_2_2), &color),
        ("4:4:0", sampled(SamplingFactor::R_4_4_0), &color),
        ("4:1:1", sampled(SamplingFactor::R_4_1_1), &color),
        ("4:1:0", sampled(SamplingFactor::R_4_1_0), &color),
        ("4:4:1", sampled(SamplingFactor::R_4_4_1), &color),
        (
            "restart markers",
            fine(Jpeg::photo(WIDTH, HEIGHT))
                .restart_interval(1)
                .encode(),
            &color,
        ),
        ("grayscale", fine(Jpeg::gray(WIDTH, HEIGHT)).encode(), &gray),
        (
            "grayscale, progressive",
            fine(Jpeg::gray(WIDTH, HEIGHT)).progressive().encode(),
            &gray,
        ),
        (
            "RGB, Adobe transform 0",
            fine(Jpeg::untransformed_rgb(WIDTH, HEIGHT)).encode(),
            &color,
        ),
        (
            "CMYK, inverted (Adobe)",
            fine(Jpeg::cmyk(WIDTH, HEIGHT, false)).encode(),
            &color,
        ),
        ("CMYK, without Adobe's marker", plain_cmyk, &color),
        (
            "YCCK, inverted (Adobe)",
            fine(Jpeg::cmyk(WIDTH, HEIGHT, true)).encode(),
            &color,
        ),
        ("of a webcam (Motion JPEG)", webcam, &color),
        ("components of one name", repeated_names, &color),
        (
            "without JFIF",
            fine(Jpeg::photo(WIDTH, HEIGHT)).bare().encode(),
            &color,
        ),
        (
            "with Exif, XMP, IPTC",
            fine(Jpeg::photo(WIDTH, HEIGHT))
                .orientation(1)
                .metadata()
                .encode(),
            &color,
        ),
        ("several pictures (MPO)", multi_picture, &color),
        (
            "bytes after the end",
            [&plain[..], b"PK\x03\x04"].concat(),
            &color,
        ),
        ("no EOI", plain[..plain.len() - 2].to_vec(), &color),
    ];
    rows.into_iter()
        .map(|(name, file, seen)| Row {
            name: format!("JPEG, {name}"),
            file,
            seen: Some(seen.clone()),
            tolerance: 9.0,
        })
        .collect()
}

fn orientation_rows() -> Vec<Row> {
    let upright = photo(WIDTH, HEIGHT);
    let seen = rgba(&upright);
    let mut rows = Vec::new();
    let kinds = [
        ("SHORT, II", false, false),
        ("SHORT, MM", false, true),
        ("LONG, II", true, false),
        ("LONG, MM", true, true),
    ];
    for orientation in 1..=8 {
        let (width, height, pixels) = stored(orientation, &upright, WIDTH, HEIGHT);
        let (kind, long, big_endian) = kinds[(orientation % 4) as usize];
        let exif = Exif {
            orientation,
            long,
            big_endian,
        };
        let jpeg = Jpeg::of_pixels(width, height, pixels.clone(), ColorType::Rgb)
            .quality(95)
            .exif(exif)
            .encode();
        let name = format!("orientation {orientation} ({kind})");
        rows.push(Row {
            name: format!("JPEG, {name}"),
            file: jpeg,
            seen: Some(seen.clone()),
            tolerance: 9.0,
        });
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder
            .write_header()
            .unwrap()
            .write_image_data(&pixels)
            .unwrap();
        let png = with_chunk(&png, b"IDAT", &chunk(b"eXIf", &exif.tiff()));
        rows.push(Row {
            name: format!("PNG, {name}"),
            file: png,
            seen: Some(seen.clone()),
            tolerance: 0.0,
        });
    }
    for orientation in [0, 9, 65_542] {
        let exif = Exif {
            orientation,
            long: true,
            big_endian: false,
        };
        let file = Jpeg::photo(WIDTH, HEIGHT).quality(95).exif(exif).encode();
        rows.push(Row {
            name: format!("JPEG, orientation {orientation}, which is none"),
            file,
            seen: Some(seen.clone()),
            tolerance: 9.0,
        });
    }
    rows
}

/// What is seen of a PNG, by decoding it with another program's rules: as an 8-bit RGBA picture.
fn png_row(name: &str, png: Png) -> Row {
    let file = png.encode();
    // A transparent pixel's colour is not seen.
    let seen = show(&file)
        .pixels
        .into_iter()
        .map(|pixel| if pixel[3] == 0 { [0; 4] } else { pixel })
        .collect();
    Row {
        name: format!("PNG, {name}"),
        file,
        seen: Some(seen),
        tolerance: 0.6,
    }
}

fn png_rows() -> Vec<Row> {
    let png = |color_type, bit_depth| Png::new(WIDTH, HEIGHT, color_type, bit_depth);
    let frame_control = [
        &0_u32.to_be_bytes()[..],
        &WIDTH.to_be_bytes(),
        &HEIGHT.to_be_bytes(),
        &[0; 8],
        &[0, 1, 0, 10, 0, 0],
    ]
    .concat();
    let mut rows: Vec<Row> = [1, 2, 4, 8, 16]
        .map(|bits| png_row(&format!("gray, {bits} bit"), png(0, bits)))
        .into_iter()
        .chain([8, 16].map(|bits| png_row(&format!("gray and alpha, {bits} bit"), png(4, bits))))
        .chain([8, 16].map(|bits| png_row(&format!("RGB, {bits} bit"), png(2, bits))))
        .chain([8, 16].map(|bits| png_row(&format!("RGBA, {bits} bit"), png(6, bits))))
        .chain([1, 2, 4, 8].map(|bits| png_row(&format!("palette, {bits} bit"), png(3, bits))))
        .collect();
    rows.extend([
        png_row("gray, tRNS", png(0, 8).chunk(b"tRNS", &[0, 0])),
        png_row("gray, 16 bit, tRNS", png(0, 16).chunk(b"tRNS", &[0, 0])),
        png_row(
            "RGB, tRNS",
            png(2, 8)
                .samples(|x, _, _| [[9, 8, 7, 0], [200, 3, 4, 0]][(x / 8 % 2) as usize])
                .chunk(b"tRNS", &[0, 9, 0, 8, 0, 7]),
        ),
        png_row("palette, tRNS", png(3, 4).chunk(b"tRNS", &[0, 60, 120])),
        png_row(
            "RGBA that is opaque",
            png(6, 8)
                .samples(|x, y, _| [(5 * x) as u16, (6 * y) as u16, (x * y % 251) as u16, 255]),
        ),
        png_row(
            "RGB that is gray",
            png(2, 8).samples(|x, y, _| [(3 * x + y) as u16; 4]),
        ),
        png_row("interlaced RGB", png(2, 8).interlaced()),
        png_row("interlaced RGBA, 16 bit", png(6, 16).interlaced()),
        png_row("interlaced palette, 2 bit", png(3, 2).interlaced()),
        png_row(
            "animated: the default image",
            png(2, 8)
                .chunk(b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0])
                .chunk(b"fcTL", &frame_control),
        ),
    ]);
    let whole = png(2, 8).encode();
    let seen = show(&whole).pixels;
    let cut = whole[..whole.len() - 12].to_vec();
    rows.push(Row {
        name: "PNG, no IEND".into(),
        file: cut,
        seen: Some(seen.clone()),
        tolerance: 0.0,
    });
    let trailing = [&whole[..], b"<script>"].concat();
    rows.push(Row {
        name: "PNG, bytes after the end".into(),
        file: trailing,
        seen: Some(seen),
        tolerance: 0.0,
    });
    rows
}

/// Pictures whose values are not sRGB's by far: what they look like, a browser tells.
fn color_rows() -> Vec<Row> {
    let png = || Png::new(WIDTH, HEIGHT, 2, 8);
    let chromaticities = |numbers: [i32; 8]| numbers.map(i32::to_be_bytes).concat();
    let adobe = chromaticities([
        31_270, 32_900, 64_000, 33_000, 21_000, 71_000, 15_000, 6_000,
    ]);
    let negative = chromaticities([
        31_270, 32_900, -64_000, 33_000, 30_000, 60_000, 15_000, 6_000,
    ]);
    let linear = 100_000_u32.to_be_bytes();
    let power = 45_455_u32.to_be_bytes();
    let peak = [40_000_000_u32.to_be_bytes(), [0; 4]].concat();
    let profile = |profile: moxcms::ColorProfile| profile.encode().unwrap();
    let p3 = profile(moxcms::ColorProfile::new_display_p3());
    let pq = super::icc::pq_profile();
    let code_points = |primaries, transfer| png().chunk(b"cICP", &[primaries, transfer, 0, 1]);
    let pngs = [
        ("PQ (cICP 9/16)", code_points(9, 16)),
        (
            "PQ with a peak of 4000 nits",
            code_points(9, 16).chunk(b"cLLI", &peak),
        ),
        ("PQ, Display P3 (cICP 12/16)", code_points(12, 16)),
        ("HLG (cICP 9/18)", code_points(9, 18)),
        ("PQ by its ICC profile", png().profile(&pq)),
        ("video (cICP 1/1)", code_points(1, 1)),
        ("video, BT.2020 (cICP 9/14)", code_points(9, 14)),
        ("Display P3 by its ICC profile", png().profile(&p3)),
        ("gAMA 1.0", png().chunk(b"gAMA", &linear)),
        (
            "gAMA and cHRM of Adobe RGB",
            png().chunk(b"gAMA", &power).chunk(b"cHRM", &adobe),
        ),
        ("cHRM alone", png().chunk(b"cHRM", &adobe)),
        (
            "gAMA and a negative cHRM",
            png().chunk(b"gAMA", &linear).chunk(b"cHRM", &negative),
        ),
        (
            "gAMA behind a broken iCCP",
            png().profile(b"no profile").chunk(b"gAMA", &linear),
        ),
    ];
    let row = |name: String, file| Row {
        name,
        file,
        seen: None,
        tolerance: 0.0,
    };
    let mut rows: Vec<Row> = pngs
        .into_iter()
        .map(|(name, png)| row(format!("PNG, {name}"), png.encode()))
        .collect();
    for (name, profile) in [
        ("Display P3 by its ICC profile", p3),
        ("PQ by its ICC profile", pq),
    ] {
        let file = Jpeg::photo(WIDTH, HEIGHT)
            .quality(95)
            .profile(&profile)
            .encode();
        rows.push(row(format!("JPEG, {name}"), file));
    }
    let palette = Png::new(WIDTH, HEIGHT, 3, 4);
    let with_plte = |name: &str, plte: &[u8], alpha: &[u8]| {
        let bare = super::pictures::without_chunk(&palette.encode(), b"PLTE");
        let mut chunks = chunk(b"PLTE", plte);
        if !alpha.is_empty() {
            chunks.extend(chunk(b"tRNS", alpha));
        }
        row(format!("PNG, {name}"), with_chunk(&bare, b"IDAT", &chunks))
    };
    let colors: Vec<u8> = (0..48).map(|value| value * 5).collect();
    rows.extend([
        with_plte("palette with half an entry", &colors[..47], &[]),
        with_plte(
            "palette that ends before its last index",
            &colors[..24],
            &[],
        ),
        with_plte("tRNS longer than its palette", &colors, &[90; 17]),
    ]);
    let whole = Png::new(WIDTH, HEIGHT, 2, 8).encode();
    rows.push(row(
        "PNG, cut behind the pixels".into(),
        whole[..whole.len() - 16].to_vec(),
    ));
    rows
}

/// All kinds.
pub(super) fn rows() -> Vec<Row> {
    [jpeg_rows(), orientation_rows(), png_rows(), color_rows()]
        .into_iter()
        .flatten()
        .collect()
}

/// What a thumbnail of this file says it is.
fn describe(thumbnail: &Thumbnail, file: &[u8]) -> String {
    let bytes = &thumbnail.bytes;
    let kind = if bytes.starts_with(b"\x89PNG") {
        let color =
            ["gray", "", "RGB", "palette", "gray and alpha", "", "RGBA"][usize::from(bytes[25])];
        format!("PNG, {color}, {} bit", bytes[24])
    } else {
        let coded = |code| bytes.windows(2).position(|pair| pair == [0xFF, code]);
        let scan = &bytes[coded(0xDA).unwrap()..];
        let kept = file.windows(scan.len()).any(|window| window == scan);
        let kind = match coded(0xC0) {
            _ if kept => "as it was coded",
            Some(frame) if bytes[frame + 9] == 1 => "gray",
            Some(frame) if bytes[frame + 11] == 0x11 => "YCbCr 4:4:4",
            _ => "YCbCr 4:2:0",
        };
        format!("JPEG, {kind}")
    };
    let size = thumbnail.dimensions;
    format!("{kind}, {} × {}", size.width, size.height)
}

#[test]
fn every_kind_of_picture_looks_right_and_the_page_says_so() {
    let mut page = String::from(PREFACE);
    for row in rows() {
        let thumbnails = thumbnails(&row.file, &[HEIGHT, HEIGHT / 2]).unwrap();
        let shown = show(&thumbnails[0].bytes);
        assert_eq!((shown.width, shown.height), (WIDTH, HEIGHT), "{}", row.name);
        if let Some(seen) = &row.seen {
            let apart = mean_distance(&shown.pixels, seen);
            assert!(apart <= row.tolerance, "{}: {apart:.2} apart", row.name);
        }
        let [own, half] = [0, 1].map(|index| describe(&thumbnails[index], &row.file));
        let shown = row.otherwise_in_chromium().unwrap_or("as its thumbnail");
        writeln!(page, "| {} | {own} | {half} | {shown} |", row.name).unwrap();
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/pictures.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap_or_default() == page,
        "docs/pictures.md is out of date: run with BLESS=1"
    );
}

/// How far samples are apart, in the mean.
pub(super) fn mean_distance(one: &[[u8; 4]], other: &[[u8; 4]]) -> f64 {
    assert_eq!(one.len(), other.len());
    let pairs = one.as_flattened().iter().zip(other.as_flattened());
    let sum: f64 = pairs.map(|(&a, &b)| f64::from(a.abs_diff(b))).sum();
    sum / (4 * one.len()) as f64
}

const PREFACE: &str = "\
# Pictures in, thumbnails out

Made by the test `every_kind_of_picture_looks_right_and_the_page_says_so`, which compares each thumbnail with what a
person sees of the picture; run it with `BLESS=1` to write this page anew. Each picture is 48 × 36 pixels as seen, and
comes out in its own size and at a height of 18.

What Chromium shows of the picture and of the thumbnail in its own size is compared by `make test-browser-pictures`.

| picture | in its own size | at half the height | in Chromium |
| --- | --- | --- | --- |
";
