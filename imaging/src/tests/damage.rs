//! Which broken files are refused and which are taken: docs/decisions/0001-damaged-pictures.md, row by row.

use super::pictures::{self, Exif, Jpeg, Png, chunk, with_chunk, without_chunk};
use super::*;

fn is_damaged(file: &[u8]) -> bool {
    matches!(thumbnail(file, 20), Err(ImageError::Damaged(_)))
}

fn is_taken(file: &[u8]) -> bool {
    thumbnail(file, 20).is_ok()
}

/// The length of a JPEG up to where its last coded data end.
fn coded_length(jpeg: &[u8]) -> usize {
    jpeg.len() - 2
}

fn jpegs() -> [(&'static str, Vec<u8>); 5] {
    [
        ("baseline", Jpeg::photo(60, 50).encode()),
        ("progressive", Jpeg::photo(60, 50).progressive().encode()),
        ("gray", Jpeg::gray(60, 50).encode()),
        (
            "with restarts",
            Jpeg::photo(60, 50).restart_interval(2).encode(),
        ),
        ("CMYK", Jpeg::cmyk(60, 50, true).encode()),
    ]
}

fn pngs() -> [(&'static str, Vec<u8>); 3] {
    [
        ("RGB", Png::new(30, 24, 2, 8).encode()),
        ("interlaced", Png::new(20, 16, 6, 16).interlaced().encode()),
        ("palette", Png::new(30, 24, 3, 4).encode()),
    ]
}

#[test]
fn a_jpeg_cut_before_the_end_of_its_data_is_damaged() {
    for (kind, file) in jpegs() {
        // A last byte of nothing but padding bits may be missed by nobody.
        for length in 3..coded_length(&file) - 1 {
            assert!(
                is_damaged(&file[..length]),
                "{kind} cut to {length} of {}",
                file.len()
            );
        }
    }
}

#[test]
fn a_png_cut_before_the_end_of_its_data_is_damaged() {
    for (kind, file) in pngs() {
        let end = file.len() - 12;
        for length in 8..end {
            assert!(
                is_damaged(&file[..length]),
                "{kind} cut to {length} of {}",
                file.len()
            );
        }
    }
}

#[test]
fn a_missing_end_marker_after_complete_data_is_taken() {
    for (kind, file) in jpegs() {
        assert!(is_taken(&file[..file.len() - 2]), "{kind} without EOI");
        assert!(is_taken(&file[..file.len() - 1]), "{kind} with half of EOI");
    }
    for (kind, file) in pngs() {
        for cut in 1..=12 {
            assert!(
                is_taken(&file[..file.len() - cut]),
                "{kind} without IEND's last {cut} bytes"
            );
        }
    }
}

#[test]
fn bytes_after_the_end_are_taken() {
    let trailer = b"PK\x03\x04 <script>alert(1)</script> \xFF\xD8\xFF\xE0 \0\0\0\x0DIHDR";
    for (kind, file) in jpegs().into_iter().chain(pngs()) {
        assert!(is_taken(&[&file[..], trailer].concat()), "{kind}");
    }
}

#[test]
fn junk_between_a_jpegs_segments_is_taken() {
    let file = Jpeg::photo(60, 50).encode();
    assert!(
        is_taken(&[&file[..2], b"\xFF\xFF\xFF", &file[2..]].concat()),
        "fill bytes"
    );
    let after_jfif = 20;
    assert!(
        is_taken(&[&file[..after_jfif], b"junk", &file[after_jfif..]].concat()),
        "junk"
    );
}

#[test]
fn bad_codes_in_a_jpegs_data_are_damage() {
    let file = Jpeg::photo(60, 50).restart_interval(2).encode();
    let first = file
        .windows(2)
        .position(|pair| pair == [0xFF, 0xD0])
        .unwrap();
    let out_of_turn = [&file[..first], &[0xFF, 0xD3], &file[first + 2..]].concat();
    assert!(is_damaged(&out_of_turn), "restart marker out of turn");
    // All ones are a code of no table.
    let ones = [&file[..first - 12], &[0xFF, 0].repeat(6), &file[first..]].concat();
    assert!(is_damaged(&ones), "a code of no table");
}

#[test]
fn a_wrong_checksum_of_a_critical_chunk_is_damage() {
    for (kind, file) in pngs() {
        for (name, range) in pictures::chunks(&file) {
            if name == *b"IEND" {
                continue;
            }
            let mut broken = file.clone();
            broken[range.end - 1] ^= 1;
            assert!(
                is_damaged(&broken),
                "{kind}: {}",
                String::from_utf8_lossy(&name)
            );
        }
    }
}

#[test]
fn an_ancillary_chunk_with_a_wrong_checksum_is_as_if_not_there() {
    let turned = Png::new(60, 50, 2, 8)
        .chunk(b"eXIf", &Exif::orientation(6).tiff())
        .encode();
    assert_eq!(thumbnail(&turned, 20).unwrap().dimensions.width, 17);
    let (_, range) = pictures::chunks(&turned)
        .into_iter()
        .find(|(name, _)| name == b"eXIf")
        .unwrap();
    let mut broken = turned.clone();
    broken[range.end - 1] ^= 1;
    assert_eq!(thumbnail(&broken, 20).unwrap().dimensions.width, 24);
}

#[test]
fn damaged_pixels_under_a_right_checksum_are_damage() {
    let pixels = pictures::zlib(&[0; 100]);
    let file = without_chunk(&Png::new(60, 50, 2, 8).encode(), b"IDAT");
    assert!(is_damaged(&file), "no pixels");
    assert!(
        is_damaged(&with_chunk(&file, b"IEND", &chunk(b"IDAT", &pixels))),
        "too few pixels"
    );
    assert!(
        is_damaged(&with_chunk(
            &file,
            b"IEND",
            &chunk(b"IDAT", b"\x78\x9Cno zlib")
        )),
        "no zlib"
    );
    let filter_9 = pictures::zlib(&[9; 50 * 181]);
    assert!(
        is_damaged(&with_chunk(&file, b"IEND", &chunk(b"IDAT", &filter_9))),
        "no such filter"
    );
}

#[test]
fn a_palette_that_is_missing_is_damage() {
    assert!(is_damaged(&without_chunk(
        &Png::new(60, 50, 3, 4).encode(),
        b"PLTE"
    )));
}

#[test]
fn what_is_no_picture_of_the_two_formats_is_told_apart_from_damage() {
    for file in [
        &b""[..],
        b"GIF89a",
        b"\x89PNG\r\n\x1a",
        b"\xFF\xD8",
        b"<svg/>",
        b"RIFF\0\0\0\0WEBP",
    ] {
        assert!(matches!(thumbnail(file, 20), Err(ImageError::OtherFormat)));
    }
    for file in [
        &b"\xFF\xD8\xFF"[..],
        b"\x89PNG\r\n\x1a\n",
        b"\xFF\xD8\xFF\xE0<html>",
    ] {
        assert!(is_damaged(file));
    }
}

#[test]
fn jpegs_that_browsers_do_not_show_are_unsupported() {
    let file = Jpeg::photo(60, 50).encode();
    let frame = file
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .unwrap();
    for (marker, kind) in [
        (0xC3, "lossless"),
        (0xC5, "hierarchical"),
        (0xC9, "arithmetic"),
        (0xCA, "arithmetic"),
    ] {
        let mut other = file.clone();
        other[frame + 1] = marker;
        assert!(
            matches!(thumbnail(&other, 20), Err(ImageError::Unsupported(_))),
            "{kind}"
        );
    }
    let mut deep = file.clone();
    deep[frame + 4] = 12;
    assert!(
        matches!(thumbnail(&deep, 20), Err(ImageError::Unsupported(_))),
        "12 bits"
    );
}
