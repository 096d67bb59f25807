//! Files that tell no place any more, and are the same pictures.

use super::pictures::{
    Exif, Jpeg, Mutations, PLACE, PRIVATE, Png, chunk, chunks, insert_segment, mend_checksums,
    tells_place, with_chunk, xmp, zlib,
};
use super::*;
use crate::{Edit, jpeg, strip_location};

/// The edited file, and how many edits it took.
fn edited(file: &[u8]) -> (Vec<u8>, usize) {
    let (mut edited, mut edits) = (file.to_vec(), 0);
    let mut apply = |edit: Edit| {
        edits += 1;
        match edit {
            Edit::Put { offset, bytes } => {
                edited[offset as usize..][..bytes.len()].copy_from_slice(bytes);
            }
            Edit::Blank { offset, length } => {
                edited[offset as usize..][..length as usize].fill(0);
            }
            Edit::Cut { length } => edited.truncate(length as usize),
        }
        Ok(())
    };
    strip_location(&mut Cursor::new(file), &mut apply).unwrap();
    (edited, edits)
}

fn strip(file: &[u8]) -> Vec<u8> {
    edited(file).0
}

fn position(file: &[u8], needle: &[u8]) -> Option<usize> {
    file.windows(needle.len())
        .position(|window| window == needle)
}

/// From the frame header on.
fn coded(jpeg: &[u8]) -> &[u8] {
    &jpeg[position(jpeg, &[0xFF, 0xC0]).unwrap()..]
}

fn renders(file: &[u8]) -> Option<Vec<Thumbnail>> {
    thumbnails(file, &[12, 7]).ok()
}

#[track_caller]
fn assert_same_pictures(before: &[u8], after: &[u8]) {
    let bytes =
        |file| renders(file).map(|all| all.into_iter().map(|one| one.bytes).collect::<Vec<_>>());
    assert_eq!(bytes(before), bytes(after));
}

/// The tags of the first directory.
fn tags(tiff: &[u8], big_endian: bool) -> Vec<u16> {
    let number = |at: usize| {
        let bytes = [tiff[at], tiff[at + 1]];
        if big_endian {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        }
    };
    let entries = 0..usize::from(number(8));
    entries.map(|index| number(10 + 12 * index)).collect()
}

#[test]
fn exif_keeps_all_but_the_place() {
    for orientation in 1..=8 {
        for (long, big_endian) in [(false, false), (true, true)] {
            let exif = Exif {
                orientation,
                long,
                big_endian,
            };
            let file = Jpeg::photo(60, 50).exif(exif).encode();
            let stripped = strip(&file);
            assert!(tells_place(&file) && !tells_place(&stripped));
            assert_eq!(stripped.len(), file.len());
            assert_eq!(coded(&stripped), coded(&file));
            assert_same_pictures(&file, &stripped);
            let tiff = &stripped[position(&stripped, b"Exif\0\0").unwrap() + 6..];
            assert_eq!(tags(tiff, big_endian), [0x010F, 0x0112, 0x8769, 0xA401]);
            for kept in [PRIVATE, b"2024:06:01 12:00:00"] {
                assert!(position(tiff, kept).is_some());
            }
        }
    }
}

#[test]
fn exif_whose_place_cannot_be_found_keeps_the_orientation_alone() {
    let mut tiff = Exif::orientation(6).tiff();
    // The pointer of the fourth entry leads behind the block.
    tiff[8 + 2 + 3 * 12 + 8 + 1] = 0xFF;
    let file = insert_segment(
        &Jpeg::photo(60, 50).encode(),
        0xE1,
        &[b"Exif\0\0", &tiff[..]].concat(),
    );
    let stripped = strip(&file);
    assert!(tells_place(&file) && !tells_place(&stripped));
    assert_same_pictures(&file, &stripped);
    let tiff = &stripped[position(&stripped, b"Exif\0\0").unwrap() + 6..];
    assert_eq!(tags(tiff, false), [0x0112]);
}

#[test]
fn exif_that_goes_on_in_a_second_segment_is_taken_out_there() {
    let second = [b"Exif\0\0", PLACE].concat();
    let file = Jpeg::photo(60, 50).orientation(6).encode();
    let file = insert_segment(&file, 0xE1, &second);
    // The first block is the one that counts, readable or not.
    let stripped = strip(&file);
    assert!(!tells_place(&stripped));
    assert_same_pictures(&file, &stripped);
}

#[test]
fn xmp_iptc_and_other_text_that_tell_a_place_go_whole() {
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let file = Jpeg::photo(60, 50)
        .place_in_text()
        .profile(&profile)
        .encode();
    let file = insert_segment(&file, 0xFE, &[b"GPS: ", PLACE].concat());
    let stripped = strip(&file);
    assert!(tells_place(&file) && !tells_place(&stripped));
    assert_same_pictures(&file, &stripped);
    assert_eq!(coded(&stripped), coded(&file));
    for gone in [&b"ns.adobe.com"[..], b"GPSLati", b"8BIM"] {
        assert_eq!(position(&stripped, gone), None);
    }
}

#[test]
fn every_picture_of_a_file_is_stripped_and_stays_where_it_is() {
    let one = Jpeg::photo(60, 50).orientation(6).encode();
    let other = Jpeg::gray(30, 20).orientation(3).place_in_text().encode();
    let film = [b"\0\0\0\x18ftypmp42\xA9xyz", PLACE].concat();
    let pictures = [&one[..], &[0; 300], &other].concat();
    let file = [&pictures[..], &film].concat();
    let stripped = strip(&file);
    assert!(!tells_place(&stripped));
    assert_eq!(stripped.len(), pictures.len());
    let second = &stripped[one.len() + 300..];
    assert_eq!(coded(second), coded(&other));
    assert_same_pictures(&file, &stripped);
    assert_same_pictures(&other, second);
}

#[test]
fn a_file_that_tells_no_place_is_not_edited() {
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<rdf:Description xmp:Rating='5'/>";
    let text = [b"XML:com.adobe.xmp\0\0\0\0\0", &xmp[29..]].concat();
    let two = [Jpeg::photo(40, 30).encode(), Jpeg::gray(40, 30).encode()].concat();
    let others = [
        insert_segment(&Jpeg::photo(40, 30).metadata().encode(), 0xE1, xmp),
        insert_segment(&two, 0xFE, b"a comment"),
        Png::new(40, 30, 2, 8).chunk(b"iTXt", &text).encode(),
        Png::new(40, 30, 2, 8)
            .chunk(b"zTXt", &[b"Comment\0\0".to_vec(), zlib(b"sunny")].concat())
            .encode(),
    ];
    let seeds = seeds().into_iter().filter(|seed| !tells_place(seed));
    for file in seeds.chain(others) {
        assert_eq!(edited(&file), (file.clone(), 0));
    }
}

#[test]
fn a_png_keeps_all_chunks_but_those_that_tell_a_place() {
    let packet = [b"XML:com.adobe.xmp\0\x01\0\0\0", &zlib(&xmp())[..]].concat();
    let places: [(&[u8; 4], Vec<u8>); 6] = [
        (b"eXIf", Exif::orientation(6).tiff()),
        (
            b"iTXt",
            [b"XML:com.adobe.xmp\0\0\0\0\0", &xmp()[..]].concat(),
        ),
        (b"iTXt", packet),
        (b"tEXt", [b"exif:GPSLatitude\0", PLACE].concat()),
        (
            b"zTXt",
            [b"Raw profile type exif\0\0", &zlib(b"\nexif\n")[..]].concat(),
        ),
        (b"caBX", [b"jumb\"exif:GPSLatitude\"", PLACE].concat()),
    ];
    let plain = Png::new(60, 50, 6, 8)
        .chunk(b"tEXt", b"Title\0a dog")
        .encode();
    for (name, data) in places {
        for before in [b"IDAT", b"IEND"] {
            let file = with_chunk(&plain, before, &chunk(name, &data));
            let (stripped, edits) = edited(&file);
            assert!(edits > 0 && !tells_place(&stripped));
            assert_same_pictures(&file, &stripped);
            let kept = chunks(&stripped)
                .into_iter()
                .map(|(name, range)| (name, &stripped[range]))
                .filter(|(name, _)| name != b"eXIf" && name != b"voId");
            let chunks = chunks(&plain);
            let expected = chunks
                .into_iter()
                .map(|(name, range)| (name, &plain[range]));
            assert!(kept.eq(expected));
            let mut mended = stripped.clone();
            mend_checksums(&mut mended);
            assert_eq!(mended, stripped, "checksums");
        }
    }
}

#[test]
fn exif_that_counts_for_nothing_does_not_begin_to() {
    let mut file = Png::new(60, 50, 2, 8)
        .chunk(b"eXIf", &Exif::orientation(6).tiff())
        .encode();
    let exif = position(&file, b"eXIf").unwrap();
    // The checksum of the header that stands before it is right, its own is not.
    let end = chunks(&file)[1].1.end;
    file[end - 1] ^= 1;
    let stripped = strip(&file);
    assert!(!tells_place(&stripped));
    assert_eq!(&stripped[exif..exif + 4], b"voId");
    assert_same_pictures(&file, &stripped);
}

/// Found by fuzzing: of such a segment the marker was cut off too, and with it the proof that the scan before it is whole.
#[test]
fn a_segment_that_the_files_end_cuts_is_emptied_and_keeps_its_marker() {
    let mut file = Jpeg::photo(40, 30).encode();
    file.truncate(file.len() - 2);
    for marker in [&[0xFF, 0xE1][..], &[0xFF, 0x31], &[0xFF, 0xFF, 0xFF, 0xE1]] {
        let head = [&file[..], marker, &[0x5F, 0xFF]].concat();
        let cut = [&head[..], b"Exif\0\0", PLACE].concat();
        assert!(renders(&cut).is_some());
        let stripped = strip(&cut);
        assert!(stripped.starts_with(&head));
        assert!(stripped[head.len()..].iter().all(|&byte| byte == 0));
        assert_eq!(stripped.len(), cut.len());
        assert_same_pictures(&cut, &stripped);
    }
}

/// Found by fuzzing: a progressive picture whose last scan is passed over and ends at a marker like that.
#[test]
fn a_scan_that_is_passed_over_still_ends_at_a_marker() {
    for file in [
        &include_bytes!("testdata/cut-behind-a-passed-over-scan.jpg")[..],
        include_bytes!("testdata/cut-behind-a-refining-scan.jpg"),
    ] {
        // As it is read where it is part of a large picture.
        let is_taken = |file: &[u8]| {
            let mut decoder = jpeg::Decoder::new(file).unwrap();
            let mut go_on = || std::ops::ControlFlow::Continue(());
            decoder.decode(jpeg::Scale::Eighth, &mut go_on).is_ok()
        };
        assert!(is_taken(file));
        assert!(is_taken(&strip(file)));
    }
}

/// Found by fuzzing: taking one directory out made another of what it overlapped.
#[test]
fn directories_that_overlap_leave_nothing_to_strip() {
    let stripped = strip(include_bytes!("testdata/overlapping-directories.jpg"));
    assert_eq!(edited(&stripped).1, 0);
}

#[test]
fn what_follows_a_pngs_end_is_cut_off() {
    let plain = Png::new(60, 50, 2, 8).encode();
    assert_eq!(strip(&[&plain[..], PLACE].concat()), plain);
}

#[test]
fn half_a_chunk_in_the_place_of_a_pngs_end_is_emptied_and_keeps_its_head() {
    let plain = Png::new(60, 50, 2, 8).encode();
    let open = &plain[..plain.len() - 12];
    let half = chunk(b"tEXt", &[b"GPS\0", PLACE].concat());
    let stripped = strip(&[open, &half[..half.len() - 1]].concat());
    let mut empty = [open, &half[..8]].concat();
    empty.resize(stripped.len(), 0);
    assert_eq!(stripped, empty);
    // Found by fuzzing: what is no chunk proves as much as one.
    let stripped = strip(&[open, &[0xFF; 8], PLACE].concat());
    assert!(stripped.starts_with(&[open, &[0xFF; 8]].concat()));
    assert!(!tells_place(&stripped));
}

#[test]
fn text_that_cannot_be_read_goes() {
    let endless = zlib(&vec![0; 20 << 20]);
    for text in [&endless[..], b"\x78\x9Cno zlib"] {
        let file = Png::new(40, 30, 2, 8)
            .chunk(b"zTXt", &[b"Comment\0\0", text].concat())
            .encode();
        let stripped = strip(&file);
        assert_eq!(position(&stripped, b"zTXt"), None);
        assert_same_pictures(&file, &stripped);
    }
}

#[test]
fn mutated_files_render_as_before_and_have_nothing_left_to_strip() {
    let places = [
        Jpeg::photo(24, 16).orientation(6).place_in_text().encode(),
        [
            Jpeg::gray(24, 16).orientation(8).encode(),
            Jpeg::photo(16, 16).orientation(3).encode(),
        ]
        .concat(),
        Png::new(24, 16, 2, 8)
            .chunk(b"eXIf", &Exif::orientation(6).tiff())
            .chunk(
                b"iTXt",
                &[b"XML:com.adobe.xmp\0\0\0\0\0", &xmp()[..]].concat(),
            )
            .encode(),
    ];
    let mut mutations = Mutations::new(0x706C_6163);
    let (mut rendered, mut changed) = (0, 0);
    for round in 0..300 {
        let others = if round % 10 == 0 { seeds() } else { Vec::new() };
        for mut file in places.iter().cloned().chain(others) {
            mutations.apply(&mut file);
            let (stripped, edits) = edited(&file);
            assert_same_pictures(&file, &stripped);
            assert!(edited(&stripped) == (stripped.clone(), 0), "edits again");
            rendered += usize::from(renders(&file).is_some());
            changed += usize::from(edits > 0);
        }
    }
    assert!(
        rendered > 300 && changed > 500,
        "{rendered} rendered, {changed} changed"
    );
}
