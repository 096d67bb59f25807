//! Interlaced PNGs (PNG specification, 8.2): seven passes, each of which has some pixels of some rows.

use super::Dimensions;
use super::raster::{Layout, Raster, to_usize};

/// The first pixel and the steps of each pass: column, row, columns, rows.
const PASSES: [[u32; 4]; 7] = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
];

/// Where the pixels of a pass's row lie in the picture.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) row: usize,
    pub(super) first_column: usize,
    pub(super) step: usize,
}

/// The rows of all passes, in the order in which they come.
pub(super) fn places(size: Dimensions) -> impl Iterator<Item = Place> {
    PASSES
        .into_iter()
        .filter(move |[column, ..]| *column < size.width)
        .flat_map(move |[column, row, columns, rows]| {
            let rows = (row..size.height).step_by(to_usize(rows));
            rows.map(move |row| Place {
                row: to_usize(row),
                first_column: to_usize(column),
                step: to_usize(columns),
            })
        })
}

/// Puts a row's pixels in their places.
pub(super) fn put(raster: &mut Raster, place: Place, pixels: &[u8]) {
    match raster.layout {
        Layout::Gray => put_pixels::<1>(raster, place, pixels),
        Layout::GrayAlpha => put_pixels::<2>(raster, place, pixels),
        Layout::Rgb | Layout::YCbCr => put_pixels::<3>(raster, place, pixels),
        Layout::Rgba | Layout::Cmyk => put_pixels::<4>(raster, place, pixels),
    }
}

fn put_pixels<const N: usize>(raster: &mut Raster, place: Place, pixels: &[u8]) {
    let start = place.row * raster.row_pixels();
    let (places, _) = raster.samples.as_chunks_mut::<N>();
    let row = places
        .get_mut(start + place.first_column..)
        .unwrap_or_default();
    let (pixels, _) = pixels.as_chunks::<N>();
    for (to, from) in row.iter_mut().step_by(place.step).zip(pixels) {
        *to = *from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_comes_once() {
        for (width, height) in [(1, 1), (2, 9), (3, 1), (5, 2), (8, 8), (13, 17)] {
            let size = Dimensions { width, height };
            let mut seen = vec![0; (width * height) as usize];
            for place in places(size) {
                let columns = place.first_column..to_usize(width);
                for column in columns.step_by(place.step) {
                    seen[place.row * to_usize(width) + column] += 1;
                }
            }
            assert!(seen.iter().all(|&count| count == 1), "{width} x {height}");
        }
    }
}
