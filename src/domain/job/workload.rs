//! How much there is to render, and how long that takes.

use std::time::Duration;

/// Nanoseconds that a thumbnail thread takes for a pixel of an original: a rough estimate.
const JPEG_NANOSECONDS: i64 = 5;
const PNG_NANOSECONDS: i64 = 15;

/// Nanoseconds that an image takes besides its pixels: to be read, checked and written down.
const IMAGE_NANOSECONDS: i64 = 3_000_000;

/// Images that are to be rendered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Workload {
    /// How many.
    pub images: i64,
    /// The bytes of their originals.
    pub bytes: i64,
    /// The pixels of those that are JPEG.
    pub jpeg_pixels: i64,
    /// The pixels of those that are PNG.
    pub png_pixels: i64,
}

impl Workload {
    /// About how long this many threads take.
    pub fn estimate(&self, threads: usize) -> Duration {
        let jpeg = self.jpeg_pixels.saturating_mul(JPEG_NANOSECONDS);
        let png = self.png_pixels.saturating_mul(PNG_NANOSECONDS);
        let images = self.images.saturating_mul(IMAGE_NANOSECONDS);
        let threads = i64::try_from(threads.max(1)).unwrap_or(1);
        let nanoseconds = jpeg.saturating_add(png).saturating_add(images) / threads;
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(0))
    }
}

/// A time as it is told when it is no more than an estimate.
pub fn about(time: Duration) -> String {
    let some = |count: u64, one: &str| match count {
        1 => format!("about 1 {one}"),
        count => format!("about {count} {one}s"),
    };
    match time.as_secs() {
        0..60 => "less than a minute".to_owned(),
        seconds @ 60..7200 => some(seconds / 60, "minute"),
        seconds => some(seconds / 3600, "hour"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_it_takes_is_told_roughly() {
        let about = |seconds| super::about(Duration::from_secs(seconds));
        assert_eq!(about(3), "less than a minute");
        assert_eq!(about(60), "about 1 minute");
        assert_eq!(about(7199), "about 119 minutes");
        assert_eq!(about(7200), "about 2 hours");
    }

    #[test]
    fn threads_share_the_work() {
        let work = Workload {
            images: 1000,
            bytes: 0,
            jpeg_pixels: 12_000_000_000,
            png_pixels: 0,
        };
        assert_eq!(work.estimate(1), Duration::from_secs(63));
        assert_eq!(work.estimate(3), Duration::from_secs(21));
    }
}
