//! JPEG at every scale: no panic, no endless loop.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| tierpix_imaging::fuzzing::decode_jpeg(file, 1_000_000));
