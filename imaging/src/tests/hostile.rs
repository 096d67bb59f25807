//! Files made to do harm: none panics, none takes more than its header says.

use std::time::Duration;

use super::pictures::{Exif, Jpeg, PRIVATE, Png, chunk, insert_segment, with_chunk, zlib};
use super::viewer::show;
use super::*;

/// Seeds of every kind, small enough that thousands of mutations take seconds.
fn seeds() -> Vec<Vec<u8>> {
    let display_p3 = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    vec![
        Jpeg::photo(40, 30)
            .orientation(6)
            .profile(&display_p3)
            .encode(),
        Jpeg::photo(40, 30).progressive().encode(),
        Jpeg::photo(33, 17).restart_interval(1).bare().encode(),
        Jpeg::cmyk(24, 24, true).encode(),
        Jpeg::cmyk(24, 24, false).encode(),
        Jpeg::gray(40, 30).progressive().encode(),
        Jpeg::untransformed_rgb(24, 24).encode(),
        Png::new(40, 30, 6, 8)
            .chunk(b"eXIf", &Exif::orientation(8).tiff())
            .profile(&display_p3)
            .encode(),
        Png::new(40, 30, 2, 16)
            .interlaced()
            .chunk(b"tRNS", &[0; 6])
            .encode(),
        Png::new(40, 30, 3, 2).chunk(b"tRNS", &[1, 2, 3]).encode(),
        Png::new(40, 30, 0, 1)
            .chunk(b"gAMA", &100_000_u32.to_be_bytes())
            .encode(),
        Png::new(40, 30, 4, 16)
            .chunk(b"cICP", &[9, 16, 0, 1])
            .encode(),
    ]
}

/// A generator of numbers (xorshift, Marsaglia 2003), the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % end
    }
}

fn mutate(file: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        let at = random.below(file.len());
        match random.below(6) {
            0 => file[at] ^= 1 << random.below(8),
            1 => file[at] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF][random.below(6)],
            2 => file.truncate(at.max(9)),
            3 => {
                let end = (at + random.below(20)).min(file.len());
                file.drain(at..end);
            }
            4 => {
                let part = file[at..(at + random.below(60)).min(file.len())].to_vec();
                let to = random.below(file.len());
                file.splice(to..to, part);
            }
            _ => file[at] = random.below(256) as u8,
        }
        if file.len() < 9 {
            return;
        }
    }
}

/// Gives chunks the checksums of what they now hold, so that mutations get past them.
fn mend_checksums(png: &mut [u8]) {
    let mut at = 8;
    while let Some(&[a, b, c, d]) = png.get(at..at + 4) {
        let end = (u32::from_be_bytes([a, b, c, d]) as usize).saturating_add(at + 8);
        let Some(named) = png.get(at + 4..end) else {
            return;
        };
        let checksum = crc32fast::hash(named).to_be_bytes();
        let Some(place) = png.get_mut(end..end + 4) else {
            return;
        };
        place.copy_from_slice(&checksum);
        at = end + 4;
    }
}

#[test]
fn mutated_pictures_do_not_panic() {
    let limits = Limits {
        max_pixels: 1_000_000,
    };
    let mut random = Random(0x7465_7374);
    let (mut refused, mut rendered) = (0, 0);
    for round in 0..100 {
        for seed in seeds() {
            let mut file = seed;
            mutate(&mut file, &mut random);
            if round % 2 == 0 && file.starts_with(b"\x89PNG") {
                mend_checksums(&mut file);
            }
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
fn a_deadline_that_has_passed_ends_the_render() {
    for file in [
        Jpeg::photo(400, 300).encode(),
        Png::new(400, 300, 2, 8).encode(),
    ] {
        let mut source = Cursor::new(&file[..]);
        let probe = probe(&mut source, &LIMITS).unwrap();
        let outcome = render(&mut source, &probe, &[20], &Deadline::after(Duration::ZERO));
        assert!(matches!(outcome, Err(ImageError::TimedOut)));
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
