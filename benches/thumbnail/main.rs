//! `cargo bench --bench thumbnail`: CPU time of a picture's thumbnails, beside what the usual crates take for the same (heights
//! of 400 and 200), and beside sharp (those, and 1000, 500 and 250), with the bytes that come out.
//!
//! They take turns, so that a noisy machine harms all alike; the ratio is the figure to look at. Criterion then
//! measures ours alone and tells what changed since the last run.

#![allow(clippy::expect_used, reason = "a bench that cannot go on ends")]

#[path = "../drawn/mod.rs"]
mod drawn;
#[path = "../../tests/pictures/mod.rs"]
mod pictures;
mod reference;
mod sharp;

use std::{hint::black_box, io::Cursor, path::Path, time::Duration};

use criterion::{
    Criterion,
    measurement::{Measurement, ValueFormatter, WallTime},
};
use nix::time::{ClockId, clock_gettime};
use pictures::Jpeg;
use tierpix_imaging::{Deadline, Limits, Thumbnail, probe, render};

const HEIGHTS: [u32; 2] = [400, 200];
const LARGER_HEIGHTS: [u32; 3] = [1000, 500, 250];
const ROUNDS: usize = 15;

/// Rounds beside sharp, and how often in a round.
const ROUNDS_BESIDE_SHARP: usize = 5;
const TIMES: usize = 5;

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
        case("4 MP PNG", drawn::photo(), 0.75),
    ]
}

/// From the file to encoded thumbnails, as the service does it.
fn ours(file: &[u8], heights: &[u32]) -> Vec<Thumbnail> {
    let mut source = Cursor::new(file);
    let limits = Limits {
        max_pixels: 100_000_000,
    };
    let probe = probe(&mut source, &limits).expect("a picture");
    render(&mut source, &probe, heights, &Deadline::NEVER).expect("thumbnails")
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
            own.push(cpu_of(|| ours(file, &HEIGHTS)));
        }
        let (theirs, own) = (median(theirs), median(own));
        let ratio = own / theirs;
        println!(
            "| {name} | {} | {theirs:.1} | {own:.1} | {ratio:.2} | {goal:.2} |",
            file.len()
        );
    }
}

/// Every kind of picture, as [`cases`] has them and as people upload PNGs.
fn compare_with_sharp(cases: Vec<Case>) {
    println!(
        "\n| picture | heights | sharp, CPU ms | ours, CPU ms | ratio | sharp, bytes | ours, bytes | ratio |"
    );
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    let pictures = cases.into_iter().map(|case| (case.name, case.file));
    let small = ("320 × 240 JPEG", Jpeg::photo(320, 240).encode());
    let drawings = drawn::drawings()
        .into_iter()
        .map(|drawing| (drawing.name, drawing.file));
    let mut sums = [0, 0];
    for (name, file) in pictures.chain([small]).chain(drawings) {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("picture");
        std::fs::write(&path, &file).expect("a file");
        for heights in [&HEIGHTS[..], &LARGER_HEIGHTS] {
            let (mut theirs, mut own, mut bytes) = (Vec::new(), Vec::new(), [0, 0]);
            for _ in 0..ROUNDS_BESIDE_SHARP {
                let Some((time, sharp_bytes)) = sharp::thumbnails(&path, heights, TIMES) else {
                    return println!("benches/upload/node is not installed");
                };
                theirs.push(Duration::from_secs_f64(time / 1000.0));
                let mut thumbnails = Vec::new();
                own.push(
                    cpu_of(|| (0..TIMES).for_each(|_| thumbnails = ours(&file, heights)))
                        / TIMES as u32,
                );
                bytes = [
                    sharp_bytes,
                    thumbnails
                        .iter()
                        .map(|thumbnail| thumbnail.bytes.len())
                        .sum(),
                ];
            }
            let (theirs, own) = (median(theirs), median(own));
            let [sharp_bytes, own_bytes] = bytes;
            println!(
                "| {name} | {} | {theirs:.1} | {own:.1} | {:.2} | {sharp_bytes} | {own_bytes} | {:.2} |",
                heights
                    .iter()
                    .map(u32::to_string)
                    .collect::<Vec<_>>()
                    .join(", "),
                own / theirs,
                own_bytes as f64 / sharp_bytes as f64
            );
            sums = [sums[0] + sharp_bytes, sums[1] + own_bytes];
        }
    }
    println!(
        "| all | | | | | {} | {} | {:.2} |",
        sums[0],
        sums[1],
        sums[1] as f64 / sums[0] as f64
    );
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
        compare_with_sharp(self::cases());
    }
    let mut criterion = Criterion::default()
        .with_measurement(CpuTime)
        .sample_size(20)
        .configure_from_args();
    for Case { name, file, .. } in &cases {
        criterion.bench_function(name, |bencher| bencher.iter(|| ours(file, &HEIGHTS)));
    }
    criterion.final_summary();
}
