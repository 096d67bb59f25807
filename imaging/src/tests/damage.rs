//! Which broken files are refused and which are taken: docs/decisions/0001-damaged-pictures.md, row by row.

use super::pictures::{self, Exif, Jpeg, Png, chunk, with_chunk, without_chunk};
use super::viewer::show;
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

/// The length of a PNG up to where its pixels' zlib stream ends, before the last chunk's checksum.
fn stream_length(png: &[u8]) -> usize {
    png.len() - 12 - 4
}

#[test]
fn a_png_cut_before_the_end_of_its_data_is_damaged() {
    for (kind, file) in pngs() {
        for length in 8..stream_length(&file) {
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
        for length in stream_length(&file)..file.len() {
            assert!(is_taken(&file[..length]), "{kind} cut to {length}");
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
            if matches!(&name, b"IEND" | b"IDAT") {
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
fn pixels_are_vouched_for_by_the_chunks_checksums_or_by_their_own() {
    for (kind, file) in pngs() {
        let bare = without_chunk(&file, b"IDAT");
        let stream: Vec<u8> = pictures::chunks(&file)
            .into_iter()
            .filter(|(name, _)| name == b"IDAT")
            .flat_map(|(_, range)| file[range.start + 8..range.end - 4].to_vec())
            .collect();
        let with = |chunks: &[u8]| with_chunk(&bare, b"IEND", chunks);
        let wrong = |data: &[u8]| {
            let mut chunk = chunk(b"IDAT", data);
            *chunk.last_mut().unwrap() ^= 1;
            chunk
        };
        let mut off = stream.clone();
        *off.last_mut().unwrap() ^= 1;
        let whole = chunk(b"IDAT", &stream);
        let longer = [&stream[..], b"what is no part of the stream"].concat();
        for (what, file) in [
            ("wrong checksum of the samples", with(&chunk(b"IDAT", &off))),
            (
                "no checksum of the samples",
                with(&chunk(b"IDAT", &stream[..stream.len() - 4])),
            ),
            ("wrong checksum of the chunk", with(&wrong(&stream))),
            ("more than the stream", with(&wrong(&longer))),
            (
                "another stream",
                with(&[whole.clone(), wrong(&stream)].concat()),
            ),
            (
                "half a chunk",
                with(&[&whole[..], b"\0\0\x10\0IDATxy"].concat()),
            ),
            (
                "a length beyond the end",
                with(&[&(1_u32 << 20).to_be_bytes(), &whole[4..]].concat()),
            ),
        ] {
            assert!(is_taken(&file), "{kind}: {what}");
        }
        for (what, file) in [
            ("both checksums wrong", with(&wrong(&off))),
            (
                "none but a wrong one",
                with(&wrong(&stream[..stream.len() - 4])),
            ),
            (
                "cut in the last one",
                with(&wrong(&stream[..stream.len() - 1])),
            ),
        ] {
            assert!(is_damaged(&file), "{kind}: {what}");
        }
    }
}

/// A palette picture with these chunks in the place of PLTE.
fn with_palette(bit_depth: u8, chunks: &[Vec<u8>]) -> Vec<u8> {
    let bare = without_chunk(&Png::new(60, 50, 3, bit_depth).encode(), b"PLTE");
    with_chunk(&bare, b"IDAT", &chunks.concat())
}

#[test]
fn a_palette_that_is_missing_twice_there_or_too_long_is_damage() {
    let palette = |length: usize| chunk(b"PLTE", &vec![7; length]);
    assert!(is_damaged(&with_palette(4, &[])));
    assert!(is_damaged(&with_palette(4, &[palette(0)])));
    assert!(is_damaged(&with_palette(4, &[palette(2)])));
    assert!(is_damaged(&with_palette(4, &[palette(48), palette(48)])));
    assert!(is_damaged(&with_palette(8, &[palette(769)])));
    assert!(is_taken(&with_palette(8, &[palette(768)])));
    // More than samples of four bits can name.
    assert!(is_taken(&with_palette(4, &[palette(300)])));
}

#[test]
fn a_palettes_last_entry_stands_for_all_behind_it_and_half_an_entry_for_none() {
    let colors = [[250, 0, 0], [0, 250, 0]].concat();
    let expected = show(
        &thumbnail(&with_palette(4, &[chunk(b"PLTE", &colors)]), 50)
            .unwrap()
            .bytes,
    );
    assert!(
        expected
            .pixels
            .iter()
            .all(|pixel| matches!(pixel, [250, 0, 0, 255] | [0, 250, 0, 255]))
    );
    assert!(expected.pixels.contains(&[250, 0, 0, 255]));
    for half in [&[1][..], &[1, 2]] {
        let irregular = [&colors[..], half].concat();
        let file = with_palette(4, &[chunk(b"PLTE", &irregular)]);
        assert_eq!(
            show(&thumbnail(&file, 50).unwrap().bytes).pixels,
            expected.pixels
        );
    }
}

#[test]
fn transparency_that_is_out_of_place_or_malformed_is_ignored() {
    let colors = chunk(b"PLTE", &[9; 48]);
    let alpha = |length: usize| chunk(b"tRNS", &vec![0; length]);
    let is_opaque = |chunks: &[Vec<u8>]| {
        let shown = show(&thumbnail(&with_palette(4, chunks), 50).unwrap().bytes);
        shown.pixels.iter().all(|pixel| pixel[3] == 255)
    };
    let plte = || colors.clone();
    assert!(!is_opaque(&[plte(), alpha(16)]));
    assert!(!is_opaque(&[plte(), alpha(17)]), "its first entries count");
    assert!(is_opaque(&[alpha(16), plte()]), "before the palette");
    assert!(is_opaque(&[plte(), alpha(0)]));
    assert!(is_opaque(&[plte(), alpha(257)]));
    let mut broken = alpha(16);
    *broken.last_mut().unwrap() ^= 1;
    assert!(is_opaque(&[plte(), broken]));
    let opaque = chunk(b"tRNS", &[255; 16]);
    assert!(
        !is_opaque(&[plte(), alpha(16), opaque.clone()]),
        "the first counts"
    );
    assert!(is_opaque(&[plte(), opaque, alpha(16)]), "the first counts");
    for (color_type, length) in [(0, 1), (2, 5), (4, 2), (6, 6)] {
        let file = Png::new(60, 50, color_type, 8);
        let plain = thumbnail(&file.encode(), 50).unwrap().bytes;
        let file = file.chunk(b"tRNS", &vec![0; length]).encode();
        assert_eq!(thumbnail(&file, 50).unwrap().bytes, plain, "{color_type}");
    }
}

#[test]
fn a_critical_chunk_that_nobody_knows_and_a_second_header_are_damage() {
    let file = Png::new(60, 50, 2, 8).encode();
    assert!(is_damaged(&with_chunk(
        &file,
        b"IDAT",
        &chunk(b"ABCD", b"")
    )));
    assert!(is_damaged(&with_chunk(&file, b"IDAT", &file[8..33])));
    assert!(is_taken(&with_chunk(&file, b"IDAT", &chunk(b"abCD", b""))));
    assert!(is_taken(&with_chunk(&file, b"IEND", &chunk(b"ABCD", b""))));
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

#[test]
fn an_exif_block_of_any_length_turns_a_png() {
    let mut tiff = Exif::orientation(6).tiff();
    for length in [70_000, 3 << 20] {
        tiff.resize(length, 0);
        let file = Png::new(60, 50, 2, 8).chunk(b"eXIf", &tiff).encode();
        assert_eq!(
            thumbnail(&file, 20).unwrap().dimensions.width,
            17,
            "{length}"
        );
    }
}
