//! Shrinking row by row: the exact Lanczos resize of a picture that is never in memory as a whole.
//!
//! Rows are gathered into a band, which is narrowed by `fast_image_resize`; each narrowed row is then added, by its
//! weight, to the few target rows that it has a part in. What is held is one band and those target rows.

use std::collections::VecDeque;

use fast_image_resize::images::Image;
use fast_image_resize::{MulDiv, PixelType, Resizer};

use super::Dimensions;
use super::ImageError;
use super::raster::{Layout, Raster, byte_count, to_usize};
use super::resize::{
    LOBES, lanczos, mismatch, narrow, options, resize_widened, resizer_channels, widen,
};

/// Bytes of a band: large, since each band's narrowing finds its weights anew, but no larger than the caches.
const BAND_BYTES: usize = 1024 * 1024;

/// Takes a picture's rows from the top and gives the picture in a smaller size.
pub(super) struct Shrinker {
    from: Dimensions,
    to: Dimensions,
    layout: Layout,
    resizer: Resizer,
    /// Rows of pixels as the resizer takes them.
    band: Vec<u8>,
    band_capacity: usize,
    rows_narrowed: u32,
    /// Target rows that the next source row may have a part in, from the top.
    open: VecDeque<TargetRow>,
    /// Target rows opened so far.
    rows_opened: u32,
    /// The narrowed row that is being added.
    row: Vec<f32>,
    samples: Vec<u8>,
}

/// A target row while source rows are added to it.
struct TargetRow {
    /// The first source row that has a part in it.
    start: u32,
    /// The weights of that row and those that follow; their sum is 1.
    weights: Vec<f32>,
    sums: Vec<f32>,
}

impl Shrinker {
    pub(super) fn new(from: Dimensions, to: Dimensions, layout: Layout) -> Self {
        let channels = resizer_channels(layout);
        let row_bytes = to_usize(from.width) * channels;
        let band_capacity = (BAND_BYTES / row_bytes).max(1) * row_bytes;
        Self {
            from,
            to,
            layout,
            resizer: Resizer::new(),
            band: Vec::with_capacity(band_capacity),
            band_capacity,
            rows_narrowed: 0,
            open: VecDeque::new(),
            rows_opened: 0,
            row: Vec::with_capacity(to_usize(to.width) * channels),
            samples: Vec::with_capacity(to_usize(to.width) * to_usize(to.height) * channels),
        }
    }

    /// The bytes that a shrinker and its result hold at most.
    pub(super) fn peak(from: Dimensions, to: Dimensions, layout: Layout) -> u64 {
        let channels = resizer_channels(layout) as u64;
        let row = u64::from(from.width) * channels;
        let band = row.max(BAND_BYTES as u64);
        let narrowed = (band / row) * u64::from(to.width) * channels;
        // A source row has a part in at most 2 × lobes target rows, and one more by rounding.
        let open = 8 * (u64::from(to.width) * channels * 4 + Self::weights(from, to) * 4);
        band + narrowed + open + byte_count(to, resizer_channels(layout) + layout.channels())
    }

    fn weights(from: Dimensions, to: Dimensions) -> u64 {
        2 + 2 * (LOBES * f64::from(from.height) / f64::from(to.height)) as u64
    }

    /// Takes the next row.
    pub(super) fn push(&mut self, row: &[u8]) -> Result<(), ImageError> {
        widen(self.layout, row, &mut self.band);
        if self.band.len() >= self.band_capacity {
            self.narrow()
        } else {
            Ok(())
        }
    }

    /// The picture, once every row was pushed.
    pub(super) fn finish(mut self) -> Result<Raster, ImageError> {
        self.narrow()?;
        if self.layout.has_alpha() {
            let mut image = four_channels(self.to, &mut self.samples)?;
            MulDiv::new()
                .divide_alpha_inplace(&mut image)
                .map_err(mismatch)?;
        }
        Ok(Raster {
            size: self.to,
            layout: self.layout,
            samples: narrow(self.layout, self.samples),
        })
    }

    /// Narrows the band and adds its rows to the target.
    fn narrow(&mut self) -> Result<(), ImageError> {
        let channels = resizer_channels(self.layout);
        let row_bytes = to_usize(self.from.width) * channels;
        let rows = u32::try_from(self.band.len() / row_bytes).map_err(mismatch)?;
        if rows == 0 {
            return Ok(());
        }
        let [from, to] = [self.from.width, self.to.width].map(|width| Dimensions {
            width,
            height: rows,
        });
        if self.layout.has_alpha() {
            let mut band = four_channels(from, &mut self.band)?;
            MulDiv::new()
                .multiply_alpha_inplace(&mut band)
                .map_err(mismatch)?;
        }
        let narrowed = resize_widened(
            &mut self.resizer,
            self.layout,
            &self.band,
            (from, to),
            &options().use_alpha(false),
        )?;
        for row in narrowed.chunks_exact(to_usize(self.to.width) * channels) {
            self.add(row);
        }
        self.band.clear();
        Ok(())
    }

    /// Adds a narrowed row to the target rows that it has a part in.
    fn add(&mut self, row: &[u8]) {
        let y = self.rows_narrowed;
        self.rows_narrowed += 1;
        while self.rows_opened < self.to.height {
            let window = Window::new(self.rows_opened, self.from.height, self.to.height);
            if window.start > y {
                break;
            }
            self.open.push_back(TargetRow::new(&window, row.len()));
            self.rows_opened += 1;
        }
        self.row.clear();
        self.row.extend(row.iter().map(|&sample| f32::from(sample)));
        for target in &mut self.open {
            target.add(y, &self.row);
        }
        while self
            .open
            .front()
            .is_some_and(|target| target.is_complete(y))
        {
            if let Some(target) = self.open.pop_front() {
                // Casts to u8 saturate, which is what a sample over the edge needs.
                self.samples
                    .extend(target.sums.iter().map(|sum| (sum + 0.5) as u8));
            }
        }
    }
}

/// The source rows that have a part in a target row.
struct Window {
    start: u32,
    end: u32,
    center: f64,
    scale: f64,
}

impl Window {
    fn new(index: u32, from: u32, to: u32) -> Self {
        let scale = f64::from(from) / f64::from(to);
        let center = (f64::from(index) + 0.5) * scale;
        Self {
            start: (center - LOBES * scale).floor().max(0.0) as u32,
            end: ((center + LOBES * scale).ceil() as u32).min(from),
            center,
            scale,
        }
    }
}

impl TargetRow {
    fn new(window: &Window, length: usize) -> Self {
        let weights: Vec<f64> = (window.start..window.end)
            .map(|y| lanczos((f64::from(y) + 0.5 - window.center) / window.scale))
            .collect();
        let sum: f64 = weights.iter().sum();
        Self {
            start: window.start,
            weights: weights.iter().map(|weight| (weight / sum) as f32).collect(),
            sums: vec![0.0; length],
        }
    }

    fn add(&mut self, y: u32, row: &[f32]) {
        let weight = y
            .checked_sub(self.start)
            .and_then(|index| self.weights.get(to_usize(index)));
        if let Some(&weight) = weight {
            for (sum, &sample) in self.sums.iter_mut().zip(row) {
                *sum += weight * sample;
            }
        }
    }

    fn is_complete(&self, y: u32) -> bool {
        to_usize(y) + 1 >= to_usize(self.start) + self.weights.len()
    }
}

/// Pixels of colours and alpha, for the resizer.
fn four_channels(size: Dimensions, samples: &mut [u8]) -> Result<Image<'_>, ImageError> {
    Image::from_slice_u8(size.width, size.height, samples, PixelType::U8x4).map_err(mismatch)
}
