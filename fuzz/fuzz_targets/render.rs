//! From a file to thumbnails: no panic, and what comes out has the sizes that were asked for.
#![no_main]

use std::{io::Cursor, time::Duration};

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use tierpix_imaging::{Deadline, Limits, probe, render};

const HEIGHTS: [u32; 3] = [7, 30, 200];

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { tierpix_fuzz::mutate(data, size, max_size, seed) });

fuzz_target!(|file: &[u8]| {
    let Ok(probe) = probe(&mut Cursor::new(file), &Limits { max_pixels: 1_000_000 }) else { return };
    let deadline = Deadline::after(Duration::from_secs(20));
    if let Ok(thumbnails) = render(&mut Cursor::new(file), &probe, &HEIGHTS, &deadline) {
        for (thumbnail, height) in thumbnails.iter().zip(HEIGHTS) {
            assert_eq!(thumbnail.dimensions, probe.dimensions.thumbnail(height));
        }
        assert_eq!(thumbnails.len(), HEIGHTS.len());
    }
});
