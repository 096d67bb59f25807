//! The place taken out of anything: no panic, edits within the file, nothing left to do, and the same picture.
#![no_main]

use std::{io::Cursor, time::Duration};

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use tierpix_imaging::{Deadline, Edit, Limits, Thumbnail, probe, render, strip_location};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { tierpix_fuzz::mutate(data, size, max_size, seed) });

fuzz_target!(|file: &[u8]| {
    let stripped = strip(file);
    assert_eq!(strip(&stripped), stripped, "edits again");
    let before = thumbnails(file).map(|all| all.into_iter().map(|one| one.bytes).collect::<Vec<_>>());
    let after = thumbnails(&stripped).map(|all| all.into_iter().map(|one| one.bytes).collect::<Vec<_>>());
    assert!(before == after, "another picture");
});

fn strip(file: &[u8]) -> Vec<u8> {
    let mut stripped = file.to_vec();
    let mut apply = |edit: Edit| {
        match edit {
            Edit::Put { offset, bytes } => stripped[offset as usize..][..bytes.len()].copy_from_slice(bytes),
            Edit::Blank { offset, length } => stripped[offset as usize..][..length as usize].fill(0),
            Edit::Cut { length } => stripped.truncate(length as usize),
        }
        Ok(())
    };
    strip_location(&mut Cursor::new(file), &mut apply).expect("memory can be read");
    stripped
}

fn thumbnails(file: &[u8]) -> Option<Vec<Thumbnail>> {
    let probe = probe(&mut Cursor::new(file), &Limits { max_pixels: 100_000 }).ok()?;
    render(&mut Cursor::new(file), &probe, &[7], &Deadline::after(Duration::from_secs(20))).ok()
}
