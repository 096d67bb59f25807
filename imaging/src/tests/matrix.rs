//! Every kind of picture and what comes out, proved and written down: docs/pictures.md.
//!
//! Each row's thumbnail is compared with what a person sees of the picture; the page is made from the rows. Where it
//! differs from the committed one the test fails; run it with `BLESS=1` to write the page anew.

use std::fmt::Write;

use jpeg_encoder::{ColorType, SamplingFactor};

use super::pictures::{Exif, Jpeg, Png, chunk, insert_segment, photo, with_chunk};
use super::viewer::show;
use super::*;

const WIDTH: u32 = 48;
const HEIGHT: u32 = 36;

/// A picture on a screen: RGBA.
type Seen = Vec<[u8; 4]>;

/// A kind of picture: its name, a file of it, and what is seen of it: size and RGBA.
struct Row {
    name: String,
    file: Vec<u8>,
    seen: Seen,
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
            seen: seen.clone(),
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
            seen: seen.clone(),
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
            seen: seen.clone(),
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
            seen: seen.clone(),
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
        seen,
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
        seen: seen.clone(),
        tolerance: 0.0,
    });
    let trailing = [&whole[..], b"<script>"].concat();
    rows.push(Row {
        name: "PNG, bytes after the end".into(),
        file: trailing,
        seen,
        tolerance: 0.0,
    });
    rows
}

/// What a file says it is.
fn describe(thumbnail: &Thumbnail) -> String {
    let bytes = &thumbnail.bytes;
    let kind = if bytes.starts_with(b"\x89PNG") {
        let color =
            ["gray", "", "RGB", "palette", "gray and alpha", "", "RGBA"][usize::from(bytes[25])];
        format!("PNG, {color}, {} bit", bytes[24])
    } else {
        let frame = bytes
            .windows(2)
            .position(|pair| pair == [0xFF, 0xC0])
            .unwrap();
        format!(
            "JPEG, {}",
            if bytes[frame + 9] == 1 {
                "gray"
            } else {
                "YCbCr 4:2:0"
            }
        )
    };
    let size = thumbnail.dimensions;
    format!("{kind}, {} × {}", size.width, size.height)
}

#[test]
fn every_kind_of_picture_looks_right_and_the_page_says_so() {
    let mut page = String::from(PREFACE);
    for row in jpeg_rows()
        .into_iter()
        .chain(orientation_rows())
        .chain(png_rows())
    {
        let thumbnails = thumbnails(&row.file, &[HEIGHT, HEIGHT / 2]).unwrap();
        let shown = show(&thumbnails[0].bytes);
        assert_eq!((shown.width, shown.height), (WIDTH, HEIGHT), "{}", row.name);
        let apart: f64 = shown
            .pixels
            .as_flattened()
            .iter()
            .zip(row.seen.as_flattened())
            .map(|(&a, &b)| f64::from(a.abs_diff(b)))
            .sum::<f64>()
            / row.seen.as_flattened().len() as f64;
        assert!(apart <= row.tolerance, "{}: {apart:.2} apart", row.name);
        writeln!(
            page,
            "| {} | {} | {} |",
            row.name,
            describe(&thumbnails[0]),
            describe(&thumbnails[1])
        )
        .unwrap();
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

const PREFACE: &str = "\
# Pictures in, thumbnails out

Made by the test `every_kind_of_picture_looks_right_and_the_page_says_so`, which compares each thumbnail with what a
person sees of the picture; run it with `BLESS=1` to write this page anew. Each picture is 48 × 36 pixels as seen, and
comes out in its own size and at a height of 18.

| picture | in its own size | at half the height |
| --- | --- | --- |
";
