//! Pixels to planes of samples.

use std::borrow::Cow;

use crate::planes::{Upright, chroma_size};
use crate::raster::{Layout, Raster, to_usize};

/// Pixels of three samples to planes. A chroma sample is the mean of those it stands for.
pub(super) fn split(raster: &Raster, convert: impl Fn([u8; 3]) -> [u8; 3]) -> Upright<'static> {
    let (pixels, _) = raster.samples.as_chunks::<3>();
    let width = raster.row_pixels();
    let half = chroma_size(raster.size);
    let mut luma = Vec::with_capacity(pixels.len());
    let mut chroma =
        [(); 2].map(|()| Vec::with_capacity(to_usize(half.width) * to_usize(half.height)));
    // Sums of chroma, and of how many pixels.
    let mut sums = vec![[0u16; 3]; to_usize(half.width)];
    for pair in pixels.chunks(2 * width) {
        sums.fill([0; 3]);
        for row in pair.chunks(width) {
            for (pixels, sum) in row.chunks(2).zip(&mut sums) {
                for &pixel in pixels {
                    let [y, cb, cr] = convert(pixel);
                    luma.push(y);
                    sum[0] += u16::from(cb);
                    sum[1] += u16::from(cr);
                    sum[2] += 1;
                }
            }
        }
        for (channel, plane) in chroma.iter_mut().enumerate() {
            plane.extend(
                sums.iter()
                    .map(|sum| ((sum[channel] + sum[2] / 2) / sum[2]) as u8),
            );
        }
    }
    let [blue, red] = chroma;
    [(raster.size, luma), (half, blue), (half, red)].map(|(size, samples)| {
        Cow::Owned(Raster {
            size,
            layout: Layout::Gray,
            samples,
        })
    })
}

/// Pixels of three samples to planes of their size.
pub(super) fn split_in_full(
    raster: &Raster,
    convert: impl Fn([u8; 3]) -> [u8; 3],
) -> Upright<'static> {
    let (pixels, _) = raster.samples.as_chunks::<3>();
    let mut planes = [(); 3].map(|()| Vec::with_capacity(pixels.len()));
    for &pixel in pixels {
        for (plane, sample) in planes.iter_mut().zip(convert(pixel)) {
            plane.push(sample);
        }
    }
    planes.map(|samples| {
        Cow::Owned(Raster {
            size: raster.size,
            layout: Layout::Gray,
            samples,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dimensions;

    #[test]
    fn chroma_is_the_mean_of_the_pixels_it_stands_for() {
        let raster = Raster {
            size: Dimensions {
                width: 3,
                height: 3,
            },
            layout: Layout::YCbCr,
            samples: (0..9).flat_map(|n| [n, 10 * n, 200 - n]).collect(),
        };
        let [luma, blue, red] = split(&raster, |pixel| pixel);
        assert_eq!(luma.samples, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(blue.samples, [20, 35, 65, 80]);
        assert_eq!(red.samples, [198, 197, 194, 192]);
    }
}
