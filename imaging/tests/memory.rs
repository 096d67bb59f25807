//! The memory that a render really takes beside what the picture's header says, in a process of its own.
//!
//! `cargo test -p tierpix-imaging --test memory -- --nocapture` lists the figures.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../../tests/pictures/mod.rs"]
mod pictures;

use std::{
    fs::{self, File},
    io::{BufReader, Cursor},
    process::Command,
    sync::LazyLock,
};

use jpeg_encoder::{ColorType, SamplingFactor};
use pictures::{Jpeg, Png, photo};
use tierpix_imaging::{Deadline, Limits, probe, render};

const LIMITS: Limits = Limits {
    max_pixels: 100_000_000,
};

/// Where the process that renders finds its picture, and the heights that are wanted.
const PICTURE: &str = "TIERPIX_TEST_PICTURE";
const HEIGHTS: &str = "TIERPIX_TEST_HEIGHTS";

const MB: u64 = 1_000_000;

/// Bytes of a render.
struct Peak {
    /// What the process grew by.
    real: u64,
    /// What the permit is for.
    granted: u64,
}

/// Renders these heights in a new process; fails if it takes more than is granted.
fn peak(name: &str, file: &[u8], heights: &str) -> Peak {
    let printed = in_its_own_process("one_picture_in_its_own_process", file, heights);
    let figures = printed.lines().find_map(|line| line.strip_prefix("peak "));
    let figures = figures.unwrap_or_else(|| panic!("{name}: {printed}"));
    let (real, granted) = figures.split_once(' ').unwrap();
    let peak = Peak {
        real: real.parse().unwrap(),
        granted: granted.parse().unwrap(),
    };
    let [real, granted] = [peak.real, peak.granted].map(|bytes| bytes as f64 / MB as f64);
    println!("{name}, {heights}: {real:.1} MB of {granted:.1} MB");
    assert!(real <= granted, "{name}: {real:.1} MB of {granted:.1} MB");
    peak
}

/// Runs one of the tests that others run; gives what it printed.
fn in_its_own_process(test: &str, file: &[u8], heights: &str) -> String {
    // The tests run side by side in one process.
    let (process, thread) = (std::process::id(), std::thread::current().id());
    let path = std::env::temp_dir().join(format!("tierpix-memory-{process}-{thread:?}"));
    fs::write(&path, file).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .args(["--ignored", "--nocapture"])
        .env(PICTURE, &path)
        .env(HEIGHTS, heights)
        .output()
        .unwrap();
    fs::remove_file(path).unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// A number of bytes that the kernel tells of this process.
fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
    kilobytes.parse::<u64>().unwrap() * 1024
}

#[test]
#[ignore = "the other tests run it"]
fn one_picture_in_its_own_process() {
    let (Ok(path), Ok(heights)) = (std::env::var(PICTURE), std::env::var(HEIGHTS)) else {
        return;
    };
    let heights: Vec<u32> = heights.split(',').map(|one| one.parse().unwrap()).collect();
    // The code is in memory already where a service idles.
    for file in [
        Jpeg::photo(64, 48).encode(),
        Png::new(64, 48, 2, 8).encode(),
    ] {
        let mut source = Cursor::new(file);
        let probe = probe(&mut source, &LIMITS).unwrap();
        render(&mut source, &probe, &[20], &Deadline::NEVER).unwrap();
    }
    // The highest so far is forgotten (proc_pid_clear_refs(5)).
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let idle = status("VmRSS:");
    let mut source = BufReader::new(File::open(path).unwrap());
    let probe = probe(&mut source, &LIMITS).unwrap();
    render(&mut source, &probe, &heights, &Deadline::NEVER).unwrap();
    let real = status("VmHWM:").saturating_sub(idle);
    println!("peak {real} {}", probe.render_memory(&heights));
}

#[test]
#[ignore = "another test runs it"]
fn one_picture_without_room() {
    let (Ok(path), Ok(heights)) = (std::env::var(PICTURE), std::env::var(HEIGHTS)) else {
        return;
    };
    let mut source = BufReader::new(File::open(path).unwrap());
    let large = probe(&mut source, &LIMITS).unwrap();
    let heights = [heights.parse().unwrap()];
    let room = status("VmSize:") + large.render_memory(&heights) / 2;
    let limited = Command::new("prlimit")
        .args(["--pid", &std::process::id().to_string()])
        .arg(format!("--as={room}"))
        .status();
    assert!(limited.unwrap().success());
    let outcome = render(&mut source, &large, &heights, &Deadline::NEVER);
    println!("large {}", outcome.unwrap_err());
    let mut source = Cursor::new(Png::new(64, 48, 2, 8).encode());
    let small = probe(&mut source, &LIMITS).unwrap();
    render(&mut source, &small, &heights, &Deadline::NEVER).unwrap();
    println!("small rendered");
}

/// 12 megapixels as a camera makes them.
fn camera() -> Jpeg {
    static PIXELS: LazyLock<Vec<u8>> = LazyLock::new(|| photo(4000, 3000));
    Jpeg::of_pixels(4000, 3000, PIXELS.clone(), ColorType::Rgb)
}

#[test]
fn a_jpeg_takes_no_more_than_its_header_says() {
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let full = |jpeg: Jpeg| jpeg.sampling(SamplingFactor::F_1_1);
    for (name, file) in [
        ("JPEG of 12 MP", camera().encode()),
        (
            "JPEG of 12 MP, turned, Display P3",
            camera().orientation(6).profile(&profile).encode(),
        ),
        ("JPEG of 12 MP, 4:4:4", full(camera()).encode()),
        (
            "JPEG of 12 MP, progressive",
            camera().progressive().encode(),
        ),
        (
            "JPEG of 12 MP, progressive, 4:4:4",
            full(camera()).progressive().encode(),
        ),
        (
            "JPEG of 12 MP, CMYK",
            Jpeg::cmyk(4000, 3000, false).encode(),
        ),
        ("JPEG of 12 MP, YCCK", Jpeg::cmyk(4000, 3000, true).encode()),
    ] {
        assert!(peak(name, &file, "400,200").real < 45 * MB, "{name}");
        peak(name, &file, "1000");
    }
}

#[test]
fn a_png_takes_no_more_than_its_header_says() {
    let png = |color_type, bits| Png::new(4000, 3000, color_type, bits);
    for (name, file) in [
        ("PNG of 12 MP, RGB", png(2, 8).encode()),
        ("PNG of 12 MP, palette", png(3, 8).encode()),
        ("PNG of 12 MP, RGBA, 16 bit", png(6, 16).encode()),
        (
            "PNG of 12 MP, RGB, interlaced",
            png(2, 8).interlaced().encode(),
        ),
        (
            "PNG of 12 MP, RGBA, 16 bit, interlaced",
            png(6, 16).interlaced().encode(),
        ),
    ] {
        peak(name, &file, "400,200");
        peak(name, &file, "1000");
    }
}

#[test]
fn a_hundred_megapixels_take_no_more_than_their_header_says() {
    let png = Png::new(10_000, 10_000, 2, 8).encode();
    assert!(peak("PNG of 100 MP", &png, "400,200").real < 16 * MB);
    peak("PNG of 100 MP", &png, "1000");
    let png = Png::new(10_000, 10_000, 2, 8).interlaced().encode();
    assert!(peak("PNG of 100 MP, interlaced", &png, "400,200").real < 16 * MB);
    peak("PNG of 100 MP, interlaced", &png, "1000");
    // Each block has a colour of its own: memory that is asked for but not written to would not count.
    let block = |number: u32| number % 30_000 / 24 + number / 240_000 * 1250;
    let sample = |number: u32| (block(number).wrapping_mul(0x9E37_79B9) >> 24) as u8;
    let pixels = (0..300_000_000).map(sample).collect();
    let jpeg = Jpeg::of_pixels(10_000, 10_000, pixels, ColorType::Rgb);
    let jpeg = jpeg.progressive().encode();
    peak("JPEG of 100 MP, progressive", &jpeg, "400,200");
    peak("JPEG of 100 MP, progressive", &jpeg, "1000");
}

#[test]
fn a_render_that_the_machine_has_no_memory_for_fails_alone() {
    let large = Png::new(4000, 3000, 6, 16).interlaced().encode();
    let printed = in_its_own_process("one_picture_without_room", &large, "3000");
    assert!(
        printed.contains("large reading the picture: out of memory"),
        "{printed}"
    );
    assert!(printed.contains("small rendered"), "{printed}");
}
