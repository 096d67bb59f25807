//! JPEG at every scale: no panic, no endless loop.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { tierpix_fuzz::mutate(data, size, max_size, seed) });

fuzz_target!(|file: &[u8]| tierpix_imaging::fuzzing::decode_jpeg(file, 1_000_000));
