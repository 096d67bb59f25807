//! The header of anything: no panic, and never more memory than a picture's header may take.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use tierpix_imaging::{Limits, probe};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { tierpix_fuzz::mutate(data, size, max_size, seed) });

fuzz_target!(|file: &[u8]| {
    if let Ok(probe) = probe(&mut Cursor::new(file), &Limits { max_pixels: 100_000_000 }) {
        assert!(probe.dimensions.width > 0 && probe.dimensions.height > 0);
        probe.render_memory(&[1, 200, 1000]);
    }
});
