//! `cargo bench --bench thumbnail`: CPU time of both thumbnails (400 and 200) of a picture, beside what the usual
//! crates take for the same.
//!
//! The two take turns, so that a noisy machine harms both alike; the ratio is the figure to look at. Criterion then
//! measures ours alone and tells what changed since the last run.

#![allow(clippy::expect_used, reason = "a bench that cannot go on ends")]

#[path = "../../tests/pictures/mod.rs"]
mod pictures;
mod reference;

use std::{hint::black_box, io::Cursor, time::Duration};

use criterion::{
    Criterion,
    measurement::{Measurement, ValueFormatter, WallTime},
};
use nix::time::{ClockId, clock_gettime};
use pictures::{Jpeg, photo};
use tierpix_imaging::{Deadline, Limits, Thumbnail, probe, render};

const HEIGHTS: [u32; 2] = [400, 200];
const ROUNDS: usize = 15;

/// A picture and the ratio that must not be passed.
struct Case {
    name: &'static str,
    file: Vec<u8>,
    goal: f64,
}

fn cases() -> Vec<Case> {
    let case = |name, file, goal| Case { name, file, goal };
    vec![
        case("2 MP JPEG", Jpeg::photo(1632, 1224).encode(), 0.5),
        case("12 MP JPEG", Jpeg::photo(4000, 3000).encode(), 0.28),
        case(
            "12 MP progressive",
            Jpeg::photo(4000, 3000).progressive().encode(),
            0.5,
        ),
        case("24 MP JPEG", Jpeg::photo(6000, 4000).encode(), 0.24),
        case("4 MP PNG", photo_png(2400, 1700), 0.75),
    ]
}

/// As an image editor writes it: RGB, filters chosen row by row.
fn photo_png(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().expect("a header");
    writer
        .write_image_data(&photo(width, height))
        .expect("pixels");
    writer.finish().expect("an end");
    file
}

/// From the file to encoded thumbnails, as the service does it.
fn ours(file: &[u8]) -> Vec<Thumbnail> {
    let mut source = Cursor::new(file);
    let limits = Limits {
        max_pixels: 100_000_000,
    };
    let probe = probe(&mut source, &limits).expect("a picture");
    render(&mut source, &probe, &HEIGHTS, &Deadline::NEVER).expect("thumbnails")
}

/// The CPU time of this process: other processes do not count.
fn cpu_time() -> Duration {
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)
        .expect("every system has this clock")
        .into()
}

fn cpu_of<T>(work: impl FnOnce() -> T) -> Duration {
    let before = cpu_time();
    black_box(work());
    cpu_time() - before
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

fn compare(cases: &[Case]) {
    println!("| picture | bytes | usual crates, CPU ms | ours, CPU ms | ratio | goal |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for Case { name, file, goal } in cases {
        let (mut theirs, mut own) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            theirs.push(cpu_of(|| reference::thumbnails(file, &HEIGHTS)));
            own.push(cpu_of(|| ours(file)));
        }
        let (theirs, own) = (median(theirs), median(own));
        let ratio = own / theirs;
        println!(
            "| {name} | {} | {theirs:.1} | {own:.1} | {ratio:.2} | {goal:.2} |",
            file.len()
        );
    }
}

/// Criterion's clock: CPU time in the place of wall time.
struct CpuTime;

impl Measurement for CpuTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        cpu_time()
    }

    fn end(&self, start: Duration) -> Duration {
        cpu_time() - start
    }

    fn add(&self, a: &Duration, b: &Duration) -> Duration {
        *a + *b
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        WallTime.to_f64(value)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

fn main() {
    let cases = cases();
    // With a filter, Criterion alone runs: for a profiler.
    if std::env::args()
        .skip(1)
        .all(|argument| argument.starts_with('-'))
    {
        compare(&cases);
    }
    let mut criterion = Criterion::default()
        .with_measurement(CpuTime)
        .sample_size(20)
        .configure_from_args();
    for Case { name, file, .. } in &cases {
        criterion.bench_function(name, |bencher| bencher.iter(|| ours(file)));
    }
    criterion.final_summary();
}
