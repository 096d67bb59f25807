//! What is refused, and what is taken although it is irregular.

use jpeg_encoder::ColorType;

use super::{ARITHMETIC, Kind, REFINED, REFINED_ODDLY, decode};
use crate::jpeg::{JpegError, Scale, marker};

fn is_damaged(file: &[u8], scale: Scale) -> bool {
    matches!(decode(file, scale), Err(JpegError::Damaged(_)))
}

/// Where the first segment of a kind has its marker.
fn find(file: &[u8], code: u8) -> usize {
    file.windows(2)
        .position(|pair| pair == [0xFF, code])
        .unwrap()
}

fn sequential() -> Vec<u8> {
    Kind::PLAIN.encode()
}

fn with_restarts() -> Vec<u8> {
    Kind {
        restart_interval: 2,
        ..Kind::PLAIN
    }
    .encode()
}

#[test]
fn a_file_cut_anywhere_before_its_end_is_damaged() {
    let progressive = Kind {
        progressive: true,
        ..Kind::PLAIN
    };
    for file in [
        &sequential()[..],
        &with_restarts(),
        &progressive.encode(),
        REFINED,
    ] {
        for length in 0..file.len() - 2 {
            for scale in [Scale::Eighth, Scale::Full] {
                assert!(
                    is_damaged(&file[..length], scale),
                    "cut at {length} of {}",
                    file.len()
                );
            }
        }
    }
}

#[test]
fn a_missing_end_marker_after_complete_data_is_taken() {
    let sequential = sequential();
    for file in [&sequential, REFINED, REFINED_ODDLY] {
        assert!(decode(&file[..file.len() - 2], Scale::Full).is_ok());
    }
}

#[test]
fn a_progressive_file_without_its_finest_bits_is_taken_only_if_it_says_that_it_ends() {
    let last_scan = REFINED
        .windows(2)
        .rposition(|pair| pair == [0xFF, marker::SOS])
        .unwrap();
    let coarse = &REFINED[..last_scan];
    assert!(is_damaged(coarse, Scale::Full));
    let ended = [coarse, &[0xFF, marker::EOI]].concat();
    assert!(decode(&ended, Scale::Full).is_ok());
}

#[test]
fn a_progressive_file_without_some_component_is_damaged() {
    let first_scan = find(REFINED, marker::SOS);
    let without_scans = [&REFINED[..first_scan], &[0xFF, marker::EOI]].concat();
    assert!(is_damaged(&without_scans, Scale::Eighth));
}

#[test]
fn bytes_after_the_picture_are_ignored() {
    let tail: &[u8] = b"\xFF\xD8 another picture, or PK\x03\x04";
    let sequential = sequential();
    for file in [&sequential, REFINED] {
        assert!(decode(&[file, tail].concat(), Scale::Half).is_ok());
    }
}

#[test]
fn junk_between_segments_and_fill_bytes_are_passed_over() {
    let file = sequential();
    for code in [marker::DHT, marker::SOS] {
        let place = find(&file, code);
        let irregular = [&file[..place], b"junk\xFF\xFF\xFF", &file[place..]].concat();
        assert!(decode(&irregular, Scale::Half).is_ok());
    }
}

#[test]
fn a_restart_marker_out_of_turn_or_missing_is_damage() {
    let file = with_restarts();
    let place = find(&file, marker::RST0 + 1);
    let mut wrong = file.clone();
    wrong[place + 1] = marker::RST0 + 2;
    assert!(is_damaged(&wrong, Scale::Full));
    let mut missing = file;
    missing.drain(place..place + 2);
    assert!(is_damaged(&missing, Scale::Full));
}

#[test]
fn a_marker_inside_a_scan_is_damage() {
    let file = sequential();
    let middle = find(&file, marker::SOS) + 100;
    for code in [marker::RST0, marker::EOI, marker::DHT] {
        let cut = [&file[..middle], &[0xFF, code], &file[middle..]].concat();
        assert!(is_damaged(&cut, Scale::Quarter));
    }
}

#[test]
fn a_scan_without_its_tables_is_damaged() {
    assert!(is_damaged(
        &without(&sequential(), marker::DQT),
        Scale::Full
    ));
    // What stands for missing Huffman tables is made for sequential coding.
    assert!(is_damaged(&without(REFINED, marker::DHT), Scale::Full));
}

/// The file with a comment in the place of each segment of a kind.
fn without(file: &[u8], code: u8) -> Vec<u8> {
    let mut renamed = file.to_vec();
    while let Some(place) = renamed.windows(2).position(|pair| pair == [0xFF, code]) {
        renamed[place + 1] = 0xFE;
    }
    renamed
}

fn samples(file: &[u8]) -> Vec<Vec<u8>> {
    let planes = decode(file, Scale::Full).unwrap();
    planes.into_iter().map(|plane| plane.data).collect()
}

#[test]
fn a_sequential_file_without_huffman_tables_means_the_standards() {
    let file = sequential();
    assert_eq!(samples(&without(&file, marker::DHT)), samples(&file));
}

#[test]
fn bytes_left_over_before_a_restart_marker_are_passed_over() {
    let file = with_restarts();
    for junk in [&b"\x00"[..], b"\xA5\xFF\x00", &[0x5A; 70_000]] {
        let mut irregular = file.clone();
        for index in [3, 0] {
            let place = find(&irregular, marker::RST0 + index);
            irregular.splice(place..place, junk.iter().copied());
        }
        assert_eq!(samples(&irregular), samples(&file), "{}", junk.len());
    }
    let place = find(&file, marker::RST0);
    assert!(is_damaged(&file[..place], Scale::Full), "cut");
    // In the middle of an interval nothing may be missing.
    let mut lacking = file.clone();
    lacking.drain(place - 4..place);
    assert!(is_damaged(&lacking, Scale::Full));
}

#[test]
fn a_frame_of_a_webcam_has_no_tables_and_bytes_left_over() {
    let file = with_restarts();
    let mut frame = without(&file, marker::DHT);
    let place = find(&frame, marker::RST0 + 1);
    frame.insert(place, 0);
    assert_eq!(samples(&frame), samples(&file));
}

#[test]
fn components_of_one_name_count_by_their_place() {
    let file = sequential();
    let (frame, scan) = (find(&file, marker::SOF0), find(&file, marker::SOS));
    for ids in [[1, 1, 1], [1, 1, 3], [7, 2, 7]] {
        let mut renamed = file.clone();
        for (place, id) in ids.into_iter().enumerate() {
            renamed[frame + 10 + 3 * place] = id;
            renamed[scan + 5 + 2 * place] = id;
        }
        assert_eq!(samples(&renamed), samples(&file), "{ids:?}");
    }
}

#[test]
fn metadata_shorter_than_their_length_field_are_empty() {
    let file = sequential();
    let place = find(&file, marker::DQT);
    for (code, length) in [(0xFE, 0), (0xFE, 1), (0xE1, 0), (0xE2, 1), (0xEC, 0)] {
        let irregular = [&file[..place], &[0xFF, code, 0, length], &file[place..]].concat();
        assert_eq!(samples(&irregular), samples(&file), "{code:X} {length}");
    }
    let tables = [&file[..place], &[0xFF, marker::DQT, 0, 1], &file[place..]].concat();
    assert!(is_damaged(&tables, Scale::Full));
}

#[test]
fn a_huge_size_with_no_data_fails_at_once() {
    for progressive in [false, true] {
        let kind = Kind {
            color: ColorType::Luma,
            progressive,
            ..Kind::PLAIN
        };
        let mut file = kind.encode();
        let frame = find(
            &file,
            if progressive {
                marker::SOF2
            } else {
                marker::SOF0
            },
        );
        file[frame + 5..frame + 9].copy_from_slice(&[0x40, 0, 0x40, 0]);
        assert!(is_damaged(&file, Scale::Eighth));
    }
}

#[test]
fn arithmetic_coding_is_unsupported() {
    assert!(matches!(
        decode(ARITHMETIC, Scale::Full),
        Err(JpegError::Unsupported(_))
    ));
}
