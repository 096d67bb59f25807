//! Thumbnails of pictures that are small enough already.

use jpeg_encoder::{ColorType, SamplingFactor};

use super::pictures::{Jpeg, PRIVATE, insert_segment, photo};
use super::viewer::show;
use super::*;

/// Some JPEGs that are to be seen as they are stored.
fn plain() -> Vec<(&'static str, Jpeg)> {
    let photo = || Jpeg::photo(60, 50);
    vec![
        ("baseline", photo()),
        ("progressive", photo().progressive()),
        ("gray", Jpeg::gray(60, 50)),
        ("4:4:4", photo().sampling(SamplingFactor::R_4_4_4)),
        ("restarts", photo().restart_interval(2)),
        ("RGB", Jpeg::untransformed_rgb(60, 50)),
        ("without JFIF", photo().bare()),
        ("metadata", photo().orientation(1).metadata()),
    ]
}

#[test]
fn a_jpeg_that_is_small_enough_keeps_its_coded_data_and_nothing_else() {
    for (kind, jpeg) in plain() {
        let file = insert_segment(&jpeg.encode(), 0xFE, PRIVATE);
        let file = [&file[..], PRIVATE].concat();
        for height in [50, 51, 1000] {
            let bytes = thumbnail(&file, height).unwrap().bytes;
            assert_eq!(show(&bytes).pixels, show(&file).pixels, "{kind}");
            assert!(bytes.len() < file.len(), "{kind}");
            assert!(
                !bytes.windows(PRIVATE.len()).any(|window| window == PRIVATE),
                "{kind}"
            );
        }
    }
}

#[test]
fn a_jpeg_that_is_small_enough_gives_no_larger_one_whatever_its_quality() {
    for quality in [5, 40, 60, 80, 95, 100] {
        for progressive in [false, true] {
            let jpeg = Jpeg::photo(120, 90).quality(quality);
            let file = if progressive {
                jpeg.progressive()
            } else {
                jpeg
            }
            .encode();
            let bytes = thumbnail(&file, 200).unwrap().bytes;
            assert!(
                bytes.len() <= file.len(),
                "{quality}: {} of {}",
                bytes.len(),
                file.len()
            );
        }
    }
}

#[test]
fn coded_data_that_are_twice_too_many_are_coded_anew() {
    let noise: Vec<u8> = (0..120 * 90 * 3_u32)
        .map(|n| (n.wrapping_mul(0x9E37_79B9) >> 24) as u8)
        .collect();
    let file = Jpeg::of_pixels(120, 90, noise, ColorType::Rgb)
        .sampling(SamplingFactor::R_4_4_4)
        .quality(100)
        .encode();
    let bytes = thumbnail(&file, 200).unwrap().bytes;
    assert!(
        2 * bytes.len() < file.len(),
        "{} of {}",
        bytes.len(),
        file.len()
    );
}

#[test]
fn what_is_to_be_turned_or_has_bytes_without_meaning_is_coded_anew() {
    let plain = Jpeg::photo(60, 50).encode();
    let behind_scan = [&plain[..plain.len() - 2], PRIVATE, b"\xFF\xD9"].concat();
    let between = [&plain[..20], PRIVATE, &plain[20..]].concat();
    let restarts = Jpeg::photo(60, 50).restart_interval(2).encode();
    let restart = restarts
        .windows(2)
        .position(|pair| pair == [0xFF, 0xD0])
        .unwrap();
    let before_restart = [&restarts[..restart], PRIVATE, &restarts[restart..]].concat();
    for file in [behind_scan, between, before_restart] {
        let bytes = thumbnail(&file, 100).unwrap().bytes;
        assert!(!bytes.windows(PRIVATE.len()).any(|window| window == PRIVATE));
    }
    let turned = Jpeg::photo(60, 50).orientation(6).encode();
    let shown = show(&thumbnail(&turned, 100).unwrap().bytes);
    assert_eq!((shown.width, shown.height), (50, 60));
    let smaller = show(&thumbnail(&plain, 49).unwrap().bytes);
    assert_eq!(smaller.height, 49);
}

#[test]
fn a_profile_of_other_colours_is_no_reason_to_keep_them() {
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let file = Jpeg::of_pixels(60, 50, photo(60, 50), ColorType::Rgb)
        .profile(&profile)
        .encode();
    let plain = thumbnail(&Jpeg::photo(60, 50).encode(), 100).unwrap().bytes;
    assert_ne!(thumbnail(&file, 100).unwrap().bytes, plain);
}
