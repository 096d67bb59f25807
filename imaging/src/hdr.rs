//! High dynamic range to standard: pictures whose values mean nits (ITU-R BT.2100: PQ, HLG), as browsers show them on a
//! screen that has no more than white.
//!
//! The curve is SMPTE ST 2094-50's for a reference white of 203 nits (ITU-R BT.2408): up to that, light is in proportion,
//! at a level that leaves room for what is brighter; beyond, it is rolled off up to the picture's peak, which becomes white.
//! All three colours of a pixel get the factor of the largest, so that hues stay.

use moxcms::{CicpColorPrimaries, ColorProfile, Matrix3d};

use super::profile::with_primaries;

/// Nits of a sheet of paper, and of a picture's peak that says nothing else (BT.2408).
const REFERENCE_WHITE: f64 = 203.0;
const USUAL_PEAK: f64 = 1000.0;

/// How far the roll-off keeps to the slope below it: the part of the way to where that slope would reach white.
const ROUNDNESS: f64 = 0.65;

/// How values mean light (BT.2100).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transfer {
    /// Perceptual quantisation.
    Pq,
    /// Hybrid log-gamma.
    Hlg,
}

/// What the samples of such a picture are.
#[derive(Debug, Clone)]
pub(super) struct HdrSpace {
    pub(super) primaries: CicpColorPrimaries,
    pub(super) transfer: Transfer,
    /// Nits of the brightest pixel, where the file tells them.
    pub(super) peak: Option<f64>,
}

/// Maps such samples to sRGB.
pub(super) struct ToneMapper {
    /// Light of each value: in reference whites, of HLG before the scene becomes a display's.
    light: [f32; 256],
    /// What each primary has of a pixel's luminance, where the scene's light is to become a display's.
    scene: Option<[f32; 3]>,
    to_bt2020: [[f32; 3]; 3],
    to_srgb: [[f32; 3]; 3],
    curve: Curve,
    /// The light at which each value of sRGB but 0 begins.
    steps: [f32; 255],
}

impl ToneMapper {
    /// `None` for primaries that are none.
    pub(super) fn new(space: &HdrSpace) -> Option<Self> {
        let profile = with_primaries(space.primaries)?;
        let bt2020 = with_primaries(CicpColorPrimaries::Bt2020)?;
        let is_hlg = space.transfer == Transfer::Hlg;
        let light = |value: usize| {
            let signal = value as f64 / 255.0;
            if is_hlg {
                hlg_scene(signal)
            } else {
                pq_nits(signal) / REFERENCE_WHITE
            }
        };
        // The display that HLG is made for has the usual peak.
        let peak = space.peak.filter(|_| !is_hlg).unwrap_or(USUAL_PEAK);
        let step = |value: usize| srgb_light((value as f64 + 0.5) / 255.0) as f32;
        let luminance = profile.rgb_to_xyz_matrix().v[1];
        Some(Self {
            light: std::array::from_fn(|value| light(value) as f32),
            scene: is_hlg.then(|| luminance.map(|part| part as f32)),
            to_bt2020: matrix(profile.transform_matrix(&bt2020)),
            to_srgb: matrix(profile.transform_matrix(&ColorProfile::new_srgb())),
            curve: Curve::new(peak),
            steps: std::array::from_fn(step),
        })
    }

    /// Maps pixels of `N` samples, of which those behind the first three stay.
    pub(super) fn map<const N: usize>(&self, pixels: &[u8], mapped: &mut [u8]) {
        let (pixels, _) = pixels.as_chunks::<N>();
        let (targets, _) = mapped.as_chunks_mut::<N>();
        for (pixel, target) in pixels.iter().zip(targets) {
            *target = *pixel;
            if let (Some(from), Some(to)) = (pixel.first_chunk(), target.first_chunk_mut()) {
                *to = self.map_pixel(from);
            }
        }
    }

    fn map_pixel(&self, pixel: &[u8; 3]) -> [u8; 3] {
        let mut light = pixel.map(|value| self.light[usize::from(value)]);
        if let Some(luminance) = self.scene {
            // The scene's light becomes the display's (BT.2100, table 5): a gamma of 1.2 for 1000 nits.
            let brightness = dot(luminance, light).max(0.0);
            let factor = brightness.powf(0.2) * (USUAL_PEAK / REFERENCE_WHITE) as f32;
            light = light.map(|part| part * factor);
        }
        let [red, green, blue] = multiply(&self.to_bt2020, light);
        let gain = self.curve.gain(red.max(green).max(blue).max(0.0));
        multiply(&self.to_srgb, light)
            .map(|part| self.steps.partition_point(|&step| step <= part * gain) as u8)
    }
}

/// In proportion up to reference white, then a quadratic Bézier curve to the peak.
struct Curve {
    /// What reference white becomes, of white.
    level: f32,
    /// The peak, in reference whites.
    peak: f32,
    /// The point between both that draws the curve.
    middle: (f32, f32),
}

impl Curve {
    fn new(peak: f64) -> Self {
        let peak = (peak / REFERENCE_WHITE).max(1.0);
        let stops = peak.log2() / (USUAL_PEAK / REFERENCE_WHITE).log2();
        let level = 1.0 - 0.5 * stops.min(1.0);
        let between = |from: f64, to: f64| (from + (to - from) * ROUNDNESS) as f32;
        Self {
            level: level as f32,
            peak: peak as f32,
            middle: (between(1.0, 1.0 / level), between(level, 1.0)),
        }
    }

    /// What light is multiplied by.
    fn gain(&self, light: f32) -> f32 {
        if light <= 1.0 {
            return self.level;
        }
        if light >= self.peak {
            return 1.0 / light;
        }
        // Light is a t² + b t + 1 along the curve.
        let (x, y) = self.middle;
        let (a, b) = (1.0 - 2.0 * x + self.peak, 2.0 * (x - 1.0));
        let root = (b * b + 4.0 * a * (light - 1.0)).max(0.0).sqrt();
        // The form that holds where a is near 0, too.
        let t = 2.0 * (light - 1.0) / (b + root);
        let shown = (1.0 - t) * (1.0 - t) * self.level + 2.0 * t * (1.0 - t) * y + t * t;
        shown / light
    }
}

/// PQ (BT.2100, table 4).
fn pq_nits(signal: f64) -> f64 {
    const M1: f64 = 2610.0 / 16384.0;
    const M2: f64 = 2523.0 / 4096.0 * 128.0;
    const C1: f64 = 3424.0 / 4096.0;
    const C2: f64 = 2413.0 / 4096.0 * 32.0;
    const C3: f64 = 2392.0 / 4096.0 * 32.0;
    let power = signal.powf(1.0 / M2);
    10_000.0 * ((power - C1).max(0.0) / (C2 - C3 * power)).powf(1.0 / M1)
}

/// HLG (BT.2100, table 5).
fn hlg_scene(signal: f64) -> f64 {
    const A: f64 = 0.178_832_77;
    const B: f64 = 1.0 - 4.0 * A;
    const C: f64 = 0.559_910_73;
    if signal <= 0.5 {
        signal * signal / 3.0
    } else {
        (((signal - C) / A).exp() + B) / 12.0
    }
}

/// sRGB (IEC 61966-2-1).
fn srgb_light(signal: f64) -> f64 {
    if signal <= 0.040_45 {
        signal / 12.92
    } else {
        ((signal + 0.055) / 1.055).powf(2.4)
    }
}

fn matrix(matrix: Matrix3d) -> [[f32; 3]; 3] {
    matrix.v.map(|row| row.map(|value| value as f32))
}

fn multiply(matrix: &[[f32; 3]; 3], vector: [f32; 3]) -> [f32; 3] {
    matrix.map(|row| dot(row, vector))
}

fn dot([a, b, c]: [f32; 3], [x, y, z]: [f32; 3]) -> f32 {
    a * x + b * y + c * z
}
