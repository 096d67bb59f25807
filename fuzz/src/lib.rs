//! Mutations that keep to the structure of PNG and JPEG: what a fuzzer that knows only bytes finds once in an age.

mod jpeg;
mod pieces;
mod png;
mod random;

use random::Random;

/// Changes a file in place, in one way out of many; gives its new size. Files of neither format, and one in four of the
/// others, are left to the fuzzer's own mutations.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut random = Random::new(seed);
    let file = &data[..size];
    let mutated = match () {
        () if random.one_in(4) => None,
        () if file.starts_with(png::SIGNATURE) => Some(png::mutate(file, &mut random)),
        () if file.starts_with(jpeg::SOI) => Some(jpeg::mutate(file, &mut random)),
        () => None,
    };
    match mutated {
        Some(mutated) if mutated.len() <= max_size => {
            data[..mutated.len()].copy_from_slice(&mutated);
            mutated.len()
        }
        _ => libfuzzer_sys::fuzzer_mutate(data, size, max_size),
    }
}
