//! The orientation in an Exif block: no panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|block: &[u8]| tierpix_imaging::fuzzing::exif(block));
