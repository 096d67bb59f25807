//! The weights of a resize.

/// Lobes of the Lanczos kernel on each side.
pub const LOBES: f64 = 3.0;

/// The Lanczos kernel of three lobes: sinc(πx) · sinc(πx/3).
///
/// With t = πx/3 and s = sin t it is s² (3 − 4s²) / 3t², since sin 3t = 3s − 4s³.
pub fn lanczos(x: f64) -> f64 {
    use std::f64::consts::PI;
    let t = x.abs() * (PI / LOBES);
    if t >= PI {
        return 0.0;
    }
    if t < 1e-6 {
        return 1.0;
    }
    // The sine by its series, where the angle is at most a right one: true to 1e-7, and weights have 16 bits.
    let angle = t.min(PI - t);
    let square = angle * angle;
    let sine = angle
        * (1.0
            + square
                * (-1.0 / 6.0
                    + square
                        * (1.0 / 120.0
                            + square
                                * (-1.0 / 5_040.0
                                    + square * (1.0 / 362_880.0 - square / 39_916_800.0)))));
    let sine_square = sine * sine;
    sine_square * (3.0 - 4.0 * sine_square) / (3.0 * t * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_is_the_product_of_two_sines() {
        let sinc = |x: f64| if x == 0.0 { 1.0 } else { x.sin() / x };
        for step in -3100..3100 {
            let x = f64::from(step) / 1000.0;
            let angle = std::f64::consts::PI * x;
            let expected = if x.abs() < LOBES {
                sinc(angle) * sinc(angle / LOBES)
            } else {
                0.0
            };
            assert!((lanczos(x) - expected).abs() < 1e-6, "{x}");
        }
    }
}
