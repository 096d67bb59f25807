//! The forward DCT (A.3.3) and quantisation (A.3.4).

use std::array::from_fn;
use std::f32::consts::{FRAC_1_SQRT_2, PI, SQRT_2};

/// Four numbers: as many as a vector register holds on every machine.
type Four = [f32; 4];

/// A block's quantised coefficients, by columns: the frequency across, times 8, and the frequency down.
pub(super) type Coefficients = [i16; 64];

/// What quantises a block: reciprocals of the steps, with the transform's factors in them.
pub(super) struct Quantiser([[f32; 8]; 8]);

impl Quantiser {
    /// From steps row by row.
    pub(super) fn new(steps: &[u8; 64]) -> Self {
        // What the flow graph leaves to be multiplied to a frequency, of one dimension.
        let factor = |frequency: usize| match frequency {
            0 => 1.0,
            _ => (frequency as f32 * PI / 16.0).cos() * SQRT_2,
        };
        let mut reciprocals = [[0.0; 8]; 8];
        for (across, column) in reciprocals.iter_mut().enumerate() {
            for (down, reciprocal) in column.iter_mut().enumerate() {
                let step = f32::from(steps[down * 8 + across]);
                *reciprocal = 1.0 / (8.0 * step * factor(across) * factor(down));
            }
        }
        Self(reciprocals)
    }

    /// Transforms and quantises a block.
    #[inline(always)]
    pub(super) fn coefficients(&self, block: &[[u8; 8]; 8]) -> Coefficients {
        // By halves, which fit into the registers; all eight columns at once would not.
        let half = |left: usize| {
            let samples = |y: usize| from_fn(|x| f32::from(block[y][left + x]));
            eight_points(from_fn(samples))
        };
        let (left, right) = (half(0), half(4));
        let half = |top: usize| {
            let [a, b, c, d] = transpose(from_fn(|y| left[top + y]));
            let [e, f, g, h] = transpose(from_fn(|y| right[top + y]));
            eight_points([a, b, c, d, e, f, g, h])
        };
        let (mut upper, lower) = (half(0), half(4));
        // The level shift (A.3.1): of the mean, all 64 samples of it, alone.
        upper[0][0] -= 64.0 * 128.0;
        let mut quantised = [0; 64];
        let (columns, _) = quantised.as_chunks_mut::<8>();
        for (across, (column, reciprocals)) in columns.iter_mut().zip(&self.0).enumerate() {
            let [a, b, c, d] = upper[across];
            let [e, f, g, h] = lower[across];
            *column = quantise([a, b, c, d, e, f, g, h], reciprocals);
        }
        quantised
    }
}

/// Rounds to the nearest whole number of steps.
#[inline(always)]
fn quantise(values: [f32; 8], reciprocals: &[f32; 8]) -> [i16; 8] {
    /// Added to a small number, 1.5 · 2^23 leaves its nearest whole number in the lowest bits, negative ones too.
    const TO_WHOLE: f32 = 12_582_912.0;
    from_fn(|n| (values[n] * reciprocals[n] + TO_WHOLE).to_bits() as i16)
}

/// The 8-point DCT along the first index, for all of the second at once, after Arai, Agui and Nakajima: five
/// multiplications.
#[inline(always)]
fn eight_points([x0, x1, x2, x3, x4, x5, x6, x7]: [Four; 8]) -> [Four; 8] {
    /// cos(3π/8), and its difference from and sum with cos(π/8).
    const COS_3_PI_8: f32 = 0.382_683_43;
    const COS_DIFFERENCE: f32 = 0.541_196_1;
    const COS_SUM: f32 = 1.306_563;

    let (sum07, difference07) = (add(x0, x7), sub(x0, x7));
    let (sum16, difference16) = (add(x1, x6), sub(x1, x6));
    let (sum25, difference25) = (add(x2, x5), sub(x2, x5));
    let (sum34, difference34) = (add(x3, x4), sub(x3, x4));

    let (outer, outer_slope) = (add(sum07, sum34), sub(sum07, sum34));
    let (inner, inner_slope) = (add(sum16, sum25), sub(sum16, sum25));
    let slope = scale(add(inner_slope, outer_slope), FRAC_1_SQRT_2);

    let low = add(difference34, difference25);
    let middle = scale(add(difference25, difference16), FRAC_1_SQRT_2);
    let high = add(difference16, difference07);
    let turn = scale(sub(low, high), COS_3_PI_8);
    let low = add(scale(low, COS_DIFFERENCE), turn);
    let high = add(scale(high, COS_SUM), turn);
    let (plus, minus) = (add(difference07, middle), sub(difference07, middle));

    [
        add(outer, inner),
        add(plus, high),
        add(outer_slope, slope),
        sub(minus, low),
        sub(outer, inner),
        add(minus, low),
        sub(outer_slope, slope),
        sub(plus, high),
    ]
}

#[inline(always)]
fn transpose(rows: [Four; 4]) -> [Four; 4] {
    from_fn(|x| from_fn(|y| rows[y][x]))
}

#[inline(always)]
fn add(a: Four, b: Four) -> Four {
    from_fn(|n| a[n] + b[n])
}

#[inline(always)]
fn sub(a: Four, b: Four) -> Four {
    from_fn(|n| a[n] - b[n])
}

#[inline(always)]
fn scale(a: Four, factor: f32) -> Four {
    a.map(|value| value * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition in A.3.3, quantised.
    fn reference(block: &[[u8; 8]; 8], steps: &[u8; 64], across: usize, down: usize) -> f64 {
        let norm = |k: usize| if k == 0 { 0.5_f64.sqrt() } else { 1.0 };
        let cosine = |x: usize, k: usize| {
            ((2 * x + 1) as f64 * k as f64 * std::f64::consts::PI / 16.0).cos()
        };
        let mut sum = 0.0;
        for (y, x) in (0..8).flat_map(|y| (0..8).map(move |x| (y, x))) {
            let sample = f64::from(block[y][x]) - 128.0;
            sum += sample * cosine(x, across) * cosine(y, down);
        }
        sum / 4.0 * norm(across) * norm(down) / f64::from(steps[down * 8 + across])
    }

    #[test]
    fn coefficients_are_what_the_definition_gives() {
        let mut random = 1u32;
        let mut next = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 24) as u8
        };
        for round in 0..200 {
            let block = [[0; 8]; 8].map(|row| {
                row.map(|_: u8| match round {
                    0 => 0,
                    1 => 255,
                    _ => next(),
                })
            });
            let steps = [0; 64].map(|_: u8| next().max(1));
            let coefficients = Quantiser::new(&steps).coefficients(&block);
            for (across, down) in (0..8).flat_map(|x| (0..8).map(move |y| (x, y))) {
                let expected = reference(&block, &steps, across, down);
                let found = f64::from(coefficients[across * 8 + down]);
                assert!((found - expected).abs() < 0.51, "{found} for {expected}");
            }
        }
    }
}
