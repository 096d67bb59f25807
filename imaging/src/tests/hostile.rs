//! Files made to do harm: none panics, none takes more than its header says.

use std::time::Duration;

use super::pictures::{
    Exif, Jpeg, Mutations, PRIVATE, Png, chunk, insert_segment, with_chunk, zlib,
};
use super::viewer::show;
use super::*;

#[test]
fn mutated_pictures_do_not_panic() {
    let limits = Limits {
        max_pixels: 1_000_000,
    };
    let mut mutations = Mutations::new(0x7465_7374);
    let (mut refused, mut rendered) = (0, 0);
    for _ in 0..100 {
        for mut file in seeds() {
            mutations.apply(&mut file);
            let mut source = Cursor::new(&file[..]);
            let outcome = probe(&mut source, &limits).and_then(|probe| {
                render(
                    &mut source,
                    &probe,
                    &[12, 7],
                    &Deadline::after(Duration::from_secs(5)),
                )
            });
            match outcome {
                Ok(thumbnails) => rendered += thumbnails.len() / 2,
                Err(_) => refused += 1,
            }
        }
    }
    assert!(
        refused > 500 && rendered > 100,
        "{refused} refused, {rendered} rendered"
    );
}

#[test]
fn a_picture_over_the_pixel_limit_is_refused_by_its_header() {
    // Nothing behind the header: it is enough.
    let png = Png::new(1, 1, 2, 8).encode();
    let mut header = png[16..29].to_vec();
    header[..8].copy_from_slice(&[0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF]);
    let huge = [&png[..8], &chunk(b"IHDR", &header), &chunk(b"IDAT", b"")].concat();
    assert!(matches!(
        thumbnail(&huge, 20),
        Err(ImageError::TooManyPixels { .. })
    ));

    let mut jpeg = Jpeg::photo(16, 16).encode();
    let frame = jpeg
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xFF; 4]);
    assert!(matches!(
        thumbnail(&jpeg, 20),
        Err(ImageError::TooManyPixels { .. })
    ));
}

#[test]
fn a_progressive_picture_with_more_scans_than_any_encoder_writes_is_refused() {
    let file = Jpeg::photo(40, 30).progressive().encode();
    let scan = file
        .windows(2)
        .rposition(|pair| pair == [0xFF, 0xDA])
        .unwrap();
    let (head, last_scan) = (&file[..scan], &file[scan..file.len() - 2]);
    let many = [head, &last_scan.repeat(101), b"\xFF\xD9"].concat();
    assert!(matches!(
        thumbnail(&many, 20),
        Err(ImageError::TooComplex("scans"))
    ));
}

#[test]
fn an_end_marker_inside_of_metadata_hides_no_scans() {
    let file = Jpeg::photo(40, 30).progressive().encode();
    let scan = file
        .windows(2)
        .rposition(|pair| pair == [0xFF, 0xDA])
        .unwrap();
    let many = [
        &file[..scan],
        &file[scan..file.len() - 2].repeat(101),
        b"\xFF\xD9",
    ]
    .concat();
    let hidden = insert_segment(&many, 0xE5, b"\xFF\xD9\xFF\xD9");
    assert!(matches!(
        thumbnail(&hidden, 20),
        Err(ImageError::TooComplex("scans"))
    ));
}

#[test]
fn a_profile_that_inflates_without_end_is_ignored() {
    let bomb = zlib(&vec![0; 20 << 20]);
    let file = Png::new(40, 30, 2, 8)
        .chunk(b"iCCP", &[b"bomb\0\0", bomb.as_slice()].concat())
        .encode();
    assert!(thumbnail(&file, 20).is_ok());
}

#[test]
fn text_that_inflates_without_end_is_passed_over() {
    let bomb = zlib(&vec![0; 20 << 20]);
    let file = Png::new(40, 30, 2, 8)
        .chunk(b"zTXt", &[b"bomb\0\0", bomb.as_slice()].concat())
        .chunk(b"iTXt", &[b"bomb\0\x01\0\0\0", bomb.as_slice()].concat())
        .encode();
    assert!(thumbnail(&file, 20).is_ok());
}

#[test]
fn shapes_out_of_all_proportion_keep_the_size_rule() {
    for (width, height) in [
        (1, 1),
        (65_535, 1),
        (1, 65_535),
        (65_535, 12),
        (3, 9_000),
        (9_000, 3),
    ] {
        for file in [
            Jpeg::gray(width, height).encode(),
            Png::new(width, height, 0, 8).encode(),
        ] {
            for wanted in [1, 2, 10] {
                let thumbnail = thumbnail(&file, wanted).unwrap();
                let expected = crate::Dimensions { width, height }.thumbnail(wanted);
                assert_eq!(thumbnail.dimensions, expected);
                let shown = show(&thumbnail.bytes);
                assert_eq!(
                    (shown.width, shown.height),
                    (expected.width, expected.height)
                );
            }
        }
    }
}

#[test]
fn no_metadata_come_through() {
    let display_p3 = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let jpeg = Jpeg::photo(60, 50)
        .orientation(3)
        .metadata()
        .profile(&display_p3)
        .encode();
    let jpeg = insert_segment(&jpeg, 0xFE, PRIVATE);
    let png = Png::new(60, 50, 2, 8)
        .chunk(b"eXIf", &Exif::orientation(3).tiff())
        .chunk(b"tEXt", &[b"GPS\0", PRIVATE].concat())
        .chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", PRIVATE].concat())
        .profile(&display_p3)
        .encode();
    let png = with_chunk(
        &png,
        b"IEND",
        &chunk(b"tEXt", &[b"GPS\0", PRIVATE].concat()),
    );
    for file in [jpeg, png] {
        // Also where the picture keeps its size.
        for thumbnail in thumbnails(&file, &[20, 100]).unwrap() {
            let bytes = &thumbnail.bytes;
            let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
            for needle in [
                PRIVATE,
                b"Exif",
                b"eXIf",
                b"http",
                b"tEXt",
                b"iTXt",
                b"ICC_PROFILE",
                b"iCCP",
            ] {
                assert!(!holds(needle), "{}", String::from_utf8_lossy(needle));
            }
        }
    }
}

#[test]
fn heights_with_the_same_outcome_share_one_file() {
    let file = Jpeg::photo(60, 50).encode();
    let thumbnails = thumbnails(&file, &[100, 20, 50, 200]).unwrap();
    let heights: Vec<u32> = thumbnails
        .iter()
        .map(|thumbnail| thumbnail.height_asked)
        .collect();
    assert_eq!(heights, [100, 20, 50, 200]);
    assert!(std::sync::Arc::ptr_eq(
        &thumbnails[0].bytes,
        &thumbnails[3].bytes
    ));
    assert!(std::sync::Arc::ptr_eq(
        &thumbnails[0].bytes,
        &thumbnails[2].bytes
    ));
}
