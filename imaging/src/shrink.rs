//! Shrinking row by row: the exact Lanczos resize of a picture that is never in memory as a whole.
//!
//! Rows are gathered into a band, which is narrowed by the resampler; of the narrowed rows, those target rows are made
//! whose parts are all there. What is held is one band and the narrowed rows that further target rows have parts in.

use tierpix_resampler::{LOBES, Part, Pixels, Resampler, divide_alpha, multiply_alpha};

use super::Dimensions;
use super::ImageError;
use super::raster::{Layout, Raster, byte_count, to_usize};
use super::resize::{mismatch, narrow, resample, resampled_channels, widen};

/// Bytes of a band: large, since each band's narrowing finds its weights anew, but no larger than the caches.
const BAND_BYTES: usize = 2 * 1024 * 1024;

/// Bytes of a weight while the resampler finds it, and as it uses it.
const WEIGHT_BYTES: u64 = 8 + 2;

/// Takes a picture's rows from the top and gives the picture in smaller sizes.
pub(super) struct Shrinker {
    from: Dimensions,
    layout: Layout,
    resampler: Resampler,
    /// Rows of pixels as the resampler takes them.
    band: Vec<u8>,
    /// Bytes of it that are there.
    filled: usize,
    targets: Vec<Target>,
}

/// One of the smaller sizes.
struct Target {
    to: Dimensions,
    /// Narrowed rows that target rows still to be made have parts in.
    narrowed: Vec<u8>,
    /// Which of the picture's rows is the first of those.
    first_narrowed: u32,
    rows_made: u32,
    samples: Vec<u8>,
}

impl Shrinker {
    pub(super) fn new(from: Dimensions, sizes: &[Dimensions], layout: Layout) -> Self {
        let channels = resampled_channels(layout);
        let row_bytes = to_usize(from.width) * channels;
        let band_bytes = (BAND_BYTES / row_bytes).max(1) * row_bytes;
        let target = |&to: &Dimensions| Target {
            to,
            narrowed: Vec::new(),
            first_narrowed: 0,
            rows_made: 0,
            samples: Vec::with_capacity(to_usize(to.width) * to_usize(to.height) * channels),
        };
        Self {
            from,
            layout,
            resampler: Resampler::new(),
            band: vec![0; band_bytes],
            filled: 0,
            targets: sizes.iter().map(target).collect(),
        }
    }

    /// The bytes that a shrinker and its results hold at most.
    pub(super) fn peak(from: Dimensions, sizes: &[Dimensions], layout: Layout) -> u64 {
        let channels = resampled_channels(layout) as u64;
        let row = u64::from(from.width) * channels;
        let band = row.max(BAND_BYTES as u64);
        let band_rows = band / row;
        let target = |&to: &Dimensions| {
            // A narrowed band, what is kept of those before it, and a copy as they grow.
            let kept = Window::length(from, to);
            let narrowed = (2 * kept + 3 * band_rows) * u64::from(to.width) * channels;
            let made = band_rows * u64::from(to.height) / u64::from(from.height) + 8;
            let weights = made * kept * WEIGHT_BYTES;
            narrowed + weights + byte_count(to, 2 * resampled_channels(layout) + layout.channels())
        };
        band + sizes.iter().map(target).sum::<u64>()
    }

    /// Takes the next row.
    pub(super) fn push(&mut self, row: &[u8]) -> Result<(), ImageError> {
        let end =
            self.filled + row.len() / self.layout.channels() * resampled_channels(self.layout);
        let place = self.band.get_mut(self.filled..end);
        widen(
            self.layout,
            row,
            place.ok_or_else(|| mismatch("a row too many"))?,
        );
        self.filled = end;
        if self.filled == self.band.len() {
            self.narrow()
        } else {
            Ok(())
        }
    }

    /// The pictures, once every row was pushed.
    pub(super) fn finish(mut self) -> Result<Vec<Raster>, ImageError> {
        self.narrow()?;
        let layout = self.layout;
        self.targets
            .into_iter()
            .map(|target| target.finish(layout))
            .collect()
    }

    /// Narrows the band and makes what rows can be made.
    fn narrow(&mut self) -> Result<(), ImageError> {
        let channels = resampled_channels(self.layout);
        let row_bytes = to_usize(self.from.width) * channels;
        let rows = u32::try_from(self.filled / row_bytes).map_err(mismatch)?;
        if rows == 0 {
            return Ok(());
        }
        let band = self.band.get_mut(..self.filled).unwrap_or_default();
        self.filled = 0;
        if self.layout.has_alpha() {
            multiply_alpha(band, (self.from.width, rows)).map_err(mismatch)?;
        }
        for target in &mut self.targets {
            let [from, to] = [self.from.width, target.to.width].map(|width| Dimensions {
                width,
                height: rows,
            });
            let pixels = pixels(self.layout);
            let narrowed = resample(&mut self.resampler, pixels, band, (from, to), None)?;
            target.narrowed.extend_from_slice(&narrowed);
            target.make_rows(self.from.height, self.layout, &mut self.resampler)?;
        }
        Ok(())
    }
}

impl Target {
    /// Makes the target rows whose parts are all there.
    fn make_rows(
        &mut self,
        from_height: u32,
        layout: Layout,
        resampler: &mut Resampler,
    ) -> Result<(), ImageError> {
        let row_bytes = to_usize(self.to.width) * resampled_channels(layout);
        let narrowed = u32::try_from(self.narrowed.len() / row_bytes).map_err(mismatch)?;
        let end = self.first_narrowed + narrowed;
        let window = |row| Window::new(row, from_height, self.to.height);
        let ready = (self.rows_made..self.to.height)
            .take_while(|&row| window(row).end <= end)
            .count();
        let rows = u32::try_from(ready).map_err(mismatch)?;
        if rows == 0 {
            return Ok(());
        }
        let scale = f64::from(from_height) / f64::from(self.to.height);
        let top = (f64::from(self.rows_made) * scale - f64::from(self.first_narrowed)).max(0.0);
        // Rounding must not lead beyond the rows.
        let height = (f64::from(rows) * scale).min(f64::from(narrowed) - top);
        let [from, to] = [narrowed, rows].map(|height| Dimensions {
            width: self.to.width,
            height,
        });
        let part = Part {
            left: 0.0,
            top,
            width: f64::from(to.width),
            height,
        };
        let samples = &mut self.narrowed;
        let made = resample(resampler, pixels(layout), samples, (from, to), Some(part))?;
        self.samples.extend_from_slice(&made);
        self.rows_made += rows;
        let unneeded = window(self.rows_made).start.min(end) - self.first_narrowed;
        self.narrowed.drain(..to_usize(unneeded) * row_bytes);
        self.first_narrowed += unneeded;
        Ok(())
    }

    fn finish(mut self, layout: Layout) -> Result<Raster, ImageError> {
        if layout.has_alpha() {
            let size = (self.to.width, self.to.height);
            divide_alpha(&mut self.samples, size).map_err(mismatch)?;
        }
        Ok(Raster {
            size: self.to,
            layout,
            samples: narrow(layout, self.samples),
        })
    }
}

/// The source rows that have a part in a target row, and one more on each side for the resampler to round as it likes.
struct Window {
    start: u32,
    end: u32,
}

impl Window {
    fn new(row: u32, from: u32, to: u32) -> Self {
        let scale = f64::from(from) / f64::from(to);
        let center = (f64::from(row) + 0.5) * scale;
        Self {
            start: (center - LOBES * scale - 1.0).floor().max(0.0) as u32,
            end: ((center + LOBES * scale + 1.0).ceil() as u32).min(from),
        }
    }

    /// Rows of a window at most.
    fn length(from: Dimensions, to: Dimensions) -> u64 {
        let length = 2.0 * LOBES * f64::from(from.height) / f64::from(to.height);
        (length as u64 + 5).min(u64::from(from.height))
    }
}

/// The pixels of a band: alpha was multiplied in before.
fn pixels(layout: Layout) -> Pixels {
    match resampled_channels(layout) {
        1 => Pixels::One,
        3 => Pixels::Three,
        _ => Pixels::Four,
    }
}
