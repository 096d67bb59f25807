//! Shrinking a picture whose pixels come in any order: each is added to the target's pixels that it has a part in, by the
//! same weights as in [`super::shrink`]. What is held are the sums.

use tierpix_resampler::{LOBES, lanczos};

use super::Dimensions;
use super::adam7::Place;
use super::raster::{Layout, Raster, byte_count, to_usize};

/// Pixels of the target along a side that one of the source has a part in: as many as lie within the kernel.
const PARTS: usize = 2 * LOBES as usize;

/// The sums of one target.
pub(super) struct Scatterer {
    to: Dimensions,
    layout: Layout,
    columns: Vec<Share>,
    rows: Vec<Share>,
    /// A row of the source, narrowed, and room for parts that end beyond it.
    narrowed: Vec<f32>,
    sums: Vec<f32>,
}

/// A pixel's parts along a side: the first place in the target, and the weights of that and the next ones.
#[derive(Clone, Copy, Default)]
struct Share {
    first: u32,
    weights: [f32; PARTS],
}

impl Share {
    /// Of each place along a side.
    fn of_side(from: u32, to: u32) -> Vec<Self> {
        let mut shares = vec![Self::default(); to_usize(from)];
        let mut counts = vec![0_u8; to_usize(from)];
        let scale = f64::from(from) / f64::from(to);
        let reach = LOBES * scale;
        let mut weights = Vec::new();
        for place in 0..to {
            let center = (f64::from(place) + 0.5) * scale;
            let start = (center - reach).floor().max(0.0) as u32;
            let end = ((center + reach).ceil() as u32).min(from);
            weights.clear();
            weights.extend((start..end).map(|at| lanczos((f64::from(at) + 0.5 - center) / scale)));
            let sum: f64 = weights.iter().sum();
            let window = to_usize(start)..to_usize(end);
            let shares = shares.get_mut(window.clone()).unwrap_or_default();
            let counts = counts.get_mut(window).unwrap_or_default();
            for ((share, count), weight) in shares.iter_mut().zip(counts).zip(&weights) {
                // Where the kernel begins it is 0, so that rounding may count a place too many. Zeros within have their place.
                if *count == 0 && *weight == 0.0 {
                    continue;
                }
                if *count == 0 {
                    share.first = place;
                }
                if let Some(part) = share.weights.get_mut(usize::from(*count)) {
                    *part = (weight / sum) as f32;
                }
                *count += 1;
            }
        }
        shares
    }
}

impl Scatterer {
    pub(super) fn new(from: Dimensions, to: Dimensions, layout: Layout) -> Self {
        let channels = layout.channels();
        let width = to_usize(to.width);
        Self {
            to,
            layout,
            columns: Share::of_side(from.width, to.width),
            rows: Share::of_side(from.height, to.height),
            narrowed: vec![0.0; (width + PARTS) * channels],
            sums: vec![0.0; width * to_usize(to.height) * channels],
        }
    }

    /// The bytes that it and its result hold at most.
    pub(super) fn peak(from: Dimensions, to: Dimensions, layout: Layout) -> u64 {
        let channels = layout.channels();
        // A count beside each share while they are found.
        let share = size_of::<Share>() as u64 + 1;
        let sides = (u64::from(from.width) + u64::from(from.height)) * share;
        let row = (u64::from(to.width) + PARTS as u64) * channels as u64;
        let kernel = 2 * PARTS as u64 * u64::from(from.width.max(from.height));
        let float = size_of::<f32>();
        sides + float as u64 * row + kernel + byte_count(to, channels * (float + 1))
    }

    /// Adds a row's pixels.
    pub(super) fn push(&mut self, place: Place, pixels: &[u8]) {
        match self.layout {
            Layout::Gray => self.push_pixels(place, pixels, |&[gray]: &[u8; 1]| [f32::from(gray)]),
            Layout::GrayAlpha => self.push_pixels(place, pixels, multiplied::<2>),
            Layout::Rgb | Layout::YCbCr => {
                self.push_pixels(place, pixels, |pixel: &[u8; 3]| pixel.map(f32::from));
            }
            Layout::Rgba | Layout::Cmyk => self.push_pixels(place, pixels, multiplied::<4>),
        }
    }

    fn push_pixels<const N: usize>(
        &mut self,
        place: Place,
        pixels: &[u8],
        value: impl Fn(&[u8; N]) -> [f32; N],
    ) {
        self.narrowed.fill(0.0);
        let (narrowed, _) = self.narrowed.as_chunks_mut::<N>();
        let (pixels, _) = pixels.as_chunks::<N>();
        let columns = self.columns.get(place.first_column..).unwrap_or_default();
        for (pixel, share) in pixels.iter().zip(columns.iter().step_by(place.step)) {
            let value = value(pixel);
            let first = to_usize(share.first);
            let parts = narrowed.get_mut(first..first + PARTS).unwrap_or_default();
            for (part, weight) in parts.iter_mut().zip(share.weights) {
                for (sum, value) in part.iter_mut().zip(value) {
                    *sum += weight * value;
                }
            }
        }
        let Some(share) = self.rows.get(place.row) else {
            return;
        };
        let row_length = to_usize(self.to.width) * N;
        let rows = self.sums.chunks_exact_mut(row_length);
        for (row, weight) in rows.skip(to_usize(share.first)).zip(share.weights) {
            for (sum, value) in row.iter_mut().zip(&self.narrowed) {
                *sum += weight * value;
            }
        }
    }

    /// The picture, once every pixel was added.
    pub(super) fn finish(self) -> Raster {
        let samples = match self.layout {
            Layout::GrayAlpha => divided::<2>(&self.sums),
            Layout::Rgba => divided::<4>(&self.sums),
            _ => self.sums.iter().map(|&sum| round(sum)).collect(),
        };
        Raster {
            size: self.to,
            layout: self.layout,
            samples,
        }
    }
}

/// A pixel whose last sample is alpha, by which the others are multiplied, so that transparent pixels lend no colour to
/// their neighbours.
fn multiplied<const N: usize>(pixel: &[u8; N]) -> [f32; N] {
    let mut values = pixel.map(f32::from);
    if let [colors @ .., alpha] = &mut values[..] {
        for color in colors {
            *color *= *alpha / 255.0;
        }
    }
    values
}

fn divided<const N: usize>(sums: &[f32]) -> Vec<u8> {
    let (pixels, _) = sums.as_chunks::<N>();
    let pixels = pixels.iter().flat_map(|pixel| {
        let mut samples = [0; N];
        if let (Some(&alpha), [colors @ .., last]) = (pixel.last(), &mut samples[..]) {
            *last = round(alpha);
            if *last > 0 {
                for (color, sum) in colors.iter_mut().zip(pixel) {
                    *color = round(sum * 255.0 / alpha);
                }
            }
        }
        samples
    });
    pixels.collect()
}

/// Casts to u8 saturate, which is what a kernel with negative lobes needs.
fn round(sum: f32) -> u8 {
    (sum + 0.5) as u8
}
