//! Filters, by which a row is told as differences (PNG specification, third edition, section 9).

/// Differences from this size on count alike: the few large ones take much the same room each.
const LARGE: u8 = 16;

/// Samples from one sum to the next: as many differences as 16 bits are sure to hold.
const SUMMED: usize = 2048;

/// Rows of samples of 8 bits, with a filter's number before each: every row by the filter that leaves the smallest
/// differences. They come as they are, with a 0 before each.
pub(super) fn filter(rows: &[u8], stride: usize, pixel_bytes: usize) -> Vec<u8> {
    let mut filtered = Vec::with_capacity(rows.len());
    let first = vec![0; stride - 1];
    let mut above = &first[..];
    let (mut best, mut other) = (first.clone(), first.clone());
    for row in rows.chunks_exact(stride) {
        let row = &row[1..];
        let mut least = u32::MAX;
        let mut chosen = 0;
        for number in 1..=4 {
            subtract(number, row, above, pixel_bytes, &mut other);
            let size = size(&other);
            if size < least {
                (least, chosen) = (size, number);
                std::mem::swap(&mut best, &mut other);
            }
        }
        filtered.push(chosen);
        filtered.extend_from_slice(&best);
        above = row;
    }
    filtered
}

/// How much the differences of a row come to.
fn size(differences: &[u8]) -> u32 {
    let sum = |part: &[u8]| -> u16 {
        part.iter()
            .map(|&difference| u16::from((difference as i8).unsigned_abs().min(LARGE)))
            .sum()
    };
    differences
        .chunks(SUMMED)
        .map(|part| u32::from(sum(part)))
        .sum()
}

/// Puts a row's differences from what a filter predicts into `differences`, which is as long.
fn subtract(number: u8, row: &[u8], above: &[u8], pixel_bytes: usize, differences: &mut [u8]) {
    match number {
        1 => predicted(row, above, pixel_bytes, differences, |left, _, _| left),
        2 => predicted(row, above, pixel_bytes, differences, |_, up, _| up),
        3 => predicted(row, above, pixel_bytes, differences, average),
        _ => predicted(row, above, pixel_bytes, differences, paeth),
    }
}

/// The predictor takes the left, the upper and the upper left sample; beyond the edges they are 0.
#[inline(always)]
fn predicted(
    row: &[u8],
    above: &[u8],
    pixel_bytes: usize,
    differences: &mut [u8],
    predict: impl Fn(u8, u8, u8) -> u8,
) {
    let pixel_bytes = pixel_bytes.min(row.len());
    let samples = differences.iter_mut().zip(row).zip(above);
    for ((difference, &sample), &up) in samples.take(pixel_bytes) {
        *difference = sample.wrapping_sub(predict(0, up, 0));
    }
    let samples = differences.iter_mut().zip(row).zip(above).skip(pixel_bytes);
    for (((difference, &sample), &up), (&left, &corner)) in samples.zip(row.iter().zip(above)) {
        *difference = sample.wrapping_sub(predict(left, up, corner));
    }
}

/// The mean, rounded down, without a ninth bit.
#[inline(always)]
fn average(left: u8, up: u8, _: u8) -> u8 {
    (left & up) + ((left ^ up) >> 1)
}

/// The neighbour that is closest to left + up − corner; of equally close ones the first in this order (section 9.4).
#[inline(always)]
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let [left, up, corner] = [left, up, corner].map(i16::from);
    let to_left = (up - corner).abs();
    let to_up = (left - corner).abs();
    let to_corner = (left + up - 2 * corner).abs();
    let nearest = if to_left <= to_up && to_left <= to_corner {
        left
    } else if to_up <= to_corner {
        up
    } else {
        corner
    };
    nearest as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unfiltered(rows: &[&[u8]]) -> Vec<u8> {
        rows.iter().flat_map(|row| [&[0], *row].concat()).collect()
    }

    /// What a decoder makes of a filtered row, sample by sample as the specification tells it.
    fn restored(filtered: &[u8], above: &[u8], pixel_bytes: usize) -> Vec<u8> {
        let mut row: Vec<u8> = Vec::new();
        for (x, &difference) in filtered[1..].iter().enumerate() {
            let before = x.checked_sub(pixel_bytes);
            let (left, corner) = before.map_or((0, 0), |x| (row[x], above[x]));
            let up = above[x];
            let mean = ((u16::from(left) + u16::from(up)) / 2) as u8;
            let predicted = match filtered[0] {
                1 => left,
                2 => up,
                3 => mean,
                _ => paeth(left, up, corner),
            };
            row.push(difference.wrapping_add(predicted));
        }
        row
    }

    proptest! {
        #[test]
        fn rows_come_back_from_their_differences(
            pixel_bytes in 1_usize..=4,
            width in 1_usize..40,
            samples in prop::collection::vec(any::<u8>(), 480),
        ) {
            let row_bytes = pixel_bytes * width;
            let rows: Vec<_> = samples.chunks_exact(row_bytes).collect();
            let filtered = filter(&unfiltered(&rows), row_bytes + 1, pixel_bytes);
            prop_assert_eq!(filtered.len(), rows.len() * (row_bytes + 1));
            let mut above = vec![0; row_bytes];
            for (row, filtered) in rows.iter().zip(filtered.chunks(row_bytes + 1)) {
                above = restored(filtered, &above, pixel_bytes);
                prop_assert_eq!(*row, &above[..]);
            }
        }
    }

    #[test]
    fn each_row_has_the_filter_that_fits_it() {
        let slope: Vec<u8> = (0..60).map(|x| x * 4).collect();
        let filtered = filter(&unfiltered(&[&slope, &slope]), 61, 1);
        assert_eq!((filtered[0], filtered[61]), (1, 2));
    }
}
