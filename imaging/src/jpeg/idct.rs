//! Dequantisation (A.3.4) and the inverse DCT (A.3.3) at four sizes.
//!
//! A block scaled to N/8 is the N × N inverse DCT of its N × N lowest frequencies: an exact
//! low-pass filter and decimation in one. Its input is scaled by N/8, since an orthonormal DCT of N
//! × N samples has N times the mean as its DC coefficient. Sizes 4 and 8 calculate in `f32`, whose
//! rows become vector instructions on every machine and whose error is far below half a step of a
//! sample.

use std::f32::consts::SQRT_2;

use super::block::Block;
use super::tables::QuantTable;

/// Quantisation steps in the slots of a [`Block`], for sizes 4 and 8 with the transform's factors
/// in them.
pub(super) struct Steps {
    whole: [i32; 4],
    scaled: [f32; 64],
}

impl Steps {
    pub(super) fn new<const N: usize>(table: &QuantTable) -> Self {
        let mut steps = Self {
            whole: [0; 4],
            scaled: [0.0; 64],
        };
        let place = |slot: usize| table[slot % N * 8 + slot / N];
        for (slot, step) in steps.whole.iter_mut().enumerate().take(N * N) {
            *step = i32::from(place(slot));
        }
        for (slot, step) in steps.scaled.iter_mut().enumerate().take(N * N) {
            *step = f32::from(place(slot)) * factor::<N>(slot / N) * factor::<N>(slot % N);
        }
        steps
    }
}

/// What the flow graph of size N leaves to be multiplied to the coefficient of one dimension's
/// frequency.
fn factor<const N: usize>(frequency: usize) -> f32 {
    match (N, frequency) {
        // √(4/8) of the reduction times 1/2 of the 4-point transform …
        (4, 0 | 2) => SQRT_2 / 4.0,
        // … and for the odd ones times √2·cos(π/8), which `four` needs not multiply then.
        (4, _) => SQRT_2 / 4.0 * SQRT_2 * (std::f32::consts::FRAC_PI_8).cos(),
        // Arai, Agui, Nakajima: 1/√8 for DC, else cos(kπ/16)/2, whose products with √2 the graph
        // takes as given.
        (_, 0) => SQRT_2 / 4.0,
        (_, k) => (k as f32 * std::f32::consts::PI / 16.0).cos() / 2.0,
    }
}

/// Transforms a block into `place`, whose rows are `stride` apart.
#[inline(always)]
pub(super) fn transform<const N: usize>(
    block: &Block,
    steps: &Steps,
    place: &mut [u8],
    stride: usize,
) {
    let coefficients = &block.coefficients;
    if N == 1 || !block.has_ac {
        let sample = level(i32::from(coefficients[0]) * steps.whole[0]);
        return fill::<N>(place, stride, sample);
    }
    match N {
        2 => store(two(coefficients, &steps.whole), place, stride),
        4 => store(four(coefficients, &steps.scaled), place, stride),
        _ => store(eight(coefficients, &steps.scaled), place, stride),
    }
}

/// A sample from eight times its value before the level shift (A.3.1).
#[inline(always)]
fn level(eightfold: i32) -> u8 {
    // The sum of few products of 11 and 16 bits: far from overflow.
    (((eightfold + 4) >> 3) + 128).clamp(0, 255) as u8
}

#[inline(always)]
fn fill<const N: usize>(place: &mut [u8], stride: usize, sample: u8) {
    for row in 0..N {
        if let Some(row) = place.get_mut(row * stride..row * stride + N) {
            row.fill(sample);
        }
    }
}

#[inline(always)]
fn store<const N: usize>(samples: [[u8; N]; N], place: &mut [u8], stride: usize) {
    for (row, samples) in samples.iter().enumerate() {
        if let Some(row) = place.get_mut(row * stride..row * stride + N) {
            row.copy_from_slice(samples);
        }
    }
}

#[inline(always)]
fn two(c: &[i16; Block::ROOM], steps: &[i32; 4]) -> [[u8; 2]; 2] {
    let [mean, slope_y, slope_x, twist] = [0, 1, 2, 3].map(|slot| i32::from(c[slot]) * steps[slot]);
    let (left, right) = (mean + slope_x, mean - slope_x);
    let (left_slope, right_slope) = (slope_y + twist, slope_y - twist);
    [
        [level(left + left_slope), level(right + right_slope)],
        [level(left - left_slope), level(right - right_slope)],
    ]
}

type Rows<const N: usize> = [[f32; N]; N];

#[inline(always)]
fn four(coefficients: &[i16; Block::ROOM], steps: &[f32; 64]) -> [[u8; 4]; 4] {
    let columns = dequantise(coefficients, steps);
    round(four_points(transpose(four_points(columns))))
}

/// The 4-point inverse DCT along the first index, for all of the second at once.
#[inline(always)]
fn four_points([c0, c1, c2, c3]: Rows<4>) -> Rows<4> {
    /// tan(π/8), the ratio of the two odd cosines.
    const TAN: f32 = SQRT_2 - 1.0;
    let (even, odd) = (add(c0, c2), add(c1, scale(c3, TAN)));
    let (even_in, odd_in) = (sub(c0, c2), sub(scale(c1, TAN), c3));
    [
        add(even, odd),
        add(even_in, odd_in),
        sub(even_in, odd_in),
        sub(even, odd),
    ]
}

#[inline(always)]
fn eight(coefficients: &[i16; Block::ROOM], steps: &[f32; 64]) -> [[u8; 8]; 8] {
    let columns = dequantise(coefficients, steps);
    round(eight_points(transpose(eight_points(columns))))
}

/// The 8-point inverse DCT along the first index after Arai, Agui and Nakajima: five
/// multiplications.
#[inline(always)]
fn eight_points([c0, c1, c2, c3, c4, c5, c6, c7]: Rows<8>) -> Rows<8> {
    const TWICE_COS_PI_8: f32 = 1.847_759_1;
    /// 2 (cos(π/8) + cos(3π/8)) and their difference.
    const COS_SUM: f32 = 2.613_126;
    const COS_DIFFERENCE: f32 = 1.082_392_2;

    let (sum04, difference04) = (add(c0, c4), sub(c0, c4));
    let sum26 = add(c2, c6);
    let difference26 = sub(scale(sub(c2, c6), SQRT_2), sum26);
    let e0 = add(sum04, sum26);
    let e3 = sub(sum04, sum26);
    let e1 = add(difference04, difference26);
    let e2 = sub(difference04, difference26);

    let (sum53, difference53) = (add(c5, c3), sub(c5, c3));
    let (sum17, difference17) = (add(c1, c7), sub(c1, c7));
    let o7 = add(sum17, sum53);
    let o11 = scale(sub(sum17, sum53), SQRT_2);
    let z5 = scale(add(difference53, difference17), TWICE_COS_PI_8);
    let o10 = sub(z5, scale(difference17, COS_DIFFERENCE));
    let o12 = sub(z5, scale(difference53, COS_SUM));
    let o6 = sub(o12, o7);
    let o5 = sub(o11, o6);
    let o4 = sub(o10, o5);

    [
        add(e0, o7),
        add(e1, o6),
        add(e2, o5),
        add(e3, o4),
        sub(e3, o4),
        sub(e2, o5),
        sub(e1, o6),
        sub(e0, o7),
    ]
}

#[inline(always)]
fn dequantise<const N: usize>(coefficients: &[i16; Block::ROOM], steps: &[f32; 64]) -> Rows<N> {
    let mut columns = [[0.0; N]; N];
    for (x, column) in columns.iter_mut().enumerate() {
        for (y, value) in column.iter_mut().enumerate() {
            *value = f32::from(coefficients[x * N + y]) * steps[x * N + y];
        }
    }
    columns
}

/// Shifts the level, rounds and limits.
#[inline(always)]
fn round<const N: usize>(rows: Rows<N>) -> [[u8; N]; N] {
    /// Added to a small number, 2^23 leaves its nearest whole number in the lowest bits.
    const TO_WHOLE: f32 = 8_388_608.0;
    rows.map(|row| row.map(|value| ((value + 128.0).clamp(0.0, 255.0) + TO_WHOLE).to_bits() as u8))
}

#[inline(always)]
fn transpose<const N: usize>(rows: Rows<N>) -> Rows<N> {
    let mut columns = [[0.0; N]; N];
    for (y, row) in rows.iter().enumerate() {
        for (x, value) in row.iter().enumerate() {
            columns[x][y] = *value;
        }
    }
    columns
}

#[inline(always)]
fn add<const N: usize>(a: [f32; N], b: [f32; N]) -> [f32; N] {
    std::array::from_fn(|n| a[n] + b[n])
}

#[inline(always)]
fn sub<const N: usize>(a: [f32; N], b: [f32; N]) -> [f32; N] {
    std::array::from_fn(|n| a[n] - b[n])
}

#[inline(always)]
fn scale<const N: usize>(a: [f32; N], factor: f32) -> [f32; N] {
    a.map(|value| value * factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    /// The definition in A.3.3 for N × N samples of the lowest frequencies.
    fn reference<const N: usize>(coefficients: &[i16], table: &QuantTable) -> Vec<f64> {
        let norm = |k: usize| {
            if k == 0 {
                (1.0 / N as f64).sqrt()
            } else {
                (2.0 / N as f64).sqrt()
            }
        };
        let cosine = |x: usize, k: usize| {
            norm(k) * ((2 * x + 1) as f64 * k as f64 * PI / (2 * N) as f64).cos()
        };
        let mut samples = Vec::new();
        for (y, x) in (0..N).flat_map(|y| (0..N).map(move |x| (y, x))) {
            let mut sum = 0.0;
            for (v, u) in (0..N).flat_map(|v| (0..N).map(move |u| (v, u))) {
                let value = f64::from(coefficients[u * N + v]) * f64::from(table[v * 8 + u]);
                sum += value * cosine(y, v) * cosine(x, u);
            }
            samples.push((sum * N as f64 / 8.0 + 128.0).clamp(0.0, 255.0));
        }
        samples
    }

    fn check<const N: usize>() {
        let mut random = 1u32;
        let mut next = |range: u32| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 16) % range
        };
        for round in 0..2000 {
            let mut block = Block::EMPTY;
            let table: QuantTable = std::array::from_fn(|_| 1 + next(30) as u16);
            for slot in 0..N * N {
                let spread = if round % 2 == 0 {
                    5
                } else {
                    60 / (slot as u32 + 1) + 1
                };
                block.coefficients[slot] = (next(2 * spread + 1) as i32 - spread as i32) as i16;
            }
            block.has_ac = true;
            let mut samples = vec![0; N * (N + 3)];
            transform::<N>(&block, &Steps::new::<N>(&table), &mut samples, N + 3);
            for (n, expected) in reference::<N>(&block.coefficients, &table)
                .iter()
                .enumerate()
            {
                let sample = f64::from(samples[n / N * (N + 3) + n % N]);
                assert!(
                    (sample - expected).abs() < 0.51,
                    "size {N}: {sample} for {expected}"
                );
            }
        }
    }

    #[test]
    fn every_size_gives_what_the_definition_gives() {
        check::<1>();
        check::<2>();
        check::<4>();
        check::<8>();
    }

    #[test]
    fn a_block_of_dc_alone_is_flat() {
        let mut block = Block::EMPTY;
        block.coefficients[0] = -3;
        let mut samples = [0; 64];
        transform::<8>(&block, &Steps::new::<8>(&[16; 64]), &mut samples, 8);
        assert_eq!(samples, [122; 64]);
    }

    #[test]
    fn extreme_coefficients_saturate() {
        let mut block = Block::EMPTY;
        block.coefficients = [i16::MAX; Block::ROOM];
        block.has_ac = true;
        let mut samples = [0; 64];
        transform::<2>(&block, &Steps::new::<2>(&[4000; 64]), &mut samples, 8);
        transform::<8>(&block, &Steps::new::<8>(&[u16::MAX; 64]), &mut samples, 8);
        assert_eq!(samples[0], 255);
    }
}
