//! Whether a thumbnail's colours survive 4:2:0, which keeps one colour for two by two pixels.
//!
//! Photographs do, and take a fifth to a third less for it. Logos, charts and coloured text do not: their edges are between
//! colours as far apart as the numbers go.

use super::raster::Raster;

/// A pixel's colour is lost where it is further than this from the mean of its four, in units of a sample.
const FAR: i32 = 24;

/// A thumbnail is a graphic where one pixel in so many loses its colour: of those of photographs 0.9 % at most, of those of
/// logos, charts and text 1.1 % at least (docs/decisions).
const ONE_IN: usize = 100;

/// Whether so many pixels would lose their colour that the chroma is to be kept in full. Both planes have the picture's size.
pub(super) fn is_needed_in_full(blue: &Raster, red: &Raster) -> bool {
    let two_rows = 2 * blue.row_pixels();
    let pairs = blue.samples.chunks_exact(two_rows);
    let pairs = pairs.zip(red.samples.chunks_exact(two_rows));
    let lost: usize = pairs.map(|(blue, red)| lost(blue, red)).sum();
    lost * ONE_IN > blue.samples.len()
}

/// How many of the pixels of two rows lose their colour.
fn lost(blue: &[u8], red: &[u8]) -> usize {
    blocks(blue)
        .zip(blocks(red))
        .map(|(blue, red)| {
            let (blue, red) = (from_mean(blue), from_mean(red));
            let far = |(blue, red): &(i32, i32)| blue * blue + red * red > FAR * FAR;
            blue.into_iter().zip(red).filter(far).count()
        })
        .sum()
}

/// Two by two samples at a time, of two rows.
fn blocks(rows: &[u8]) -> impl Iterator<Item = [u8; 4]> {
    let (upper, lower) = rows.split_at(rows.len() / 2);
    let (upper, lower) = (upper.as_chunks::<2>().0, lower.as_chunks::<2>().0);
    let blocks = upper.iter().zip(lower);
    blocks.map(|(&[a, b], &[c, d])| [a, b, c, d])
}

fn from_mean(block: [u8; 4]) -> [i32; 4] {
    let samples = block.map(i32::from);
    let mean = (samples.iter().sum::<i32>() + 2) / 4;
    samples.map(|sample| sample - mean)
}
