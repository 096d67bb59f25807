//! Renders whose time is up.

use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::time::Duration;

use super::pictures::{Jpeg, Png};
use super::*;

/// A file that, from a third of it on, comes only when the time is up.
struct Slow<'a> {
    file: Cursor<&'a [u8]>,
    deadline: Deadline,
    /// The furthest that was read.
    read: u64,
}

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl BufRead for Slow<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.file.position() > self.file.get_ref().len() as u64 / 3 {
            while self.deadline.check().is_ok() {
                std::thread::yield_now();
            }
        }
        let available = self.file.fill_buf()?;
        Ok(&available[..available.len().min(4096)])
    }

    fn consume(&mut self, amount: usize) {
        self.file.consume(amount);
        self.read = self.read.max(self.file.position());
    }
}

impl Seek for Slow<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[test]
fn a_render_whose_time_is_up_stops_in_the_middle_of_the_file() {
    let noise = |x: u32, y: u32, _: u32| {
        let mixed = (x ^ y << 9).wrapping_mul(0x9E37_79B9);
        [mixed >> 3, mixed >> 9, mixed >> 15, mixed >> 21].map(|bits| bits as u16)
    };
    let png = Png::new(500, 400, 6, 16).samples(noise);
    for (kind, file) in [
        ("JPEG", Jpeg::photo(1400, 1000).quality(98).encode()),
        (
            "progressive JPEG",
            Jpeg::photo(1400, 1000).quality(98).progressive().encode(),
        ),
        ("PNG", png.clone().encode()),
        ("interlaced PNG", png.interlaced().encode()),
    ] {
        for height in [2000, 20] {
            let deadline = Deadline::after(Duration::from_millis(300));
            let probe = probe(&mut Cursor::new(&file[..]), &LIMITS).unwrap();
            let mut source = Slow {
                file: Cursor::new(&file),
                deadline,
                read: 0,
            };
            let outcome = render(&mut source, &probe, &[height], &deadline);
            assert!(matches!(outcome, Err(ImageError::TimedOut)), "{kind}");
            // A row of blocks, a buffer and a piece may still come.
            let end = file.len() as u64 * 2 / 3;
            assert!(
                source.read < end,
                "{kind}: {} of {}",
                source.read,
                file.len()
            );
        }
    }
}

#[test]
fn a_deadline_that_has_passed_ends_the_render() {
    for file in [
        Jpeg::photo(400, 300).encode(),
        Png::new(400, 300, 2, 8).encode(),
    ] {
        let mut source = Cursor::new(&file[..]);
        let probe = probe(&mut source, &LIMITS).unwrap();
        let outcome = render(&mut source, &probe, &[20], &Deadline::after(Duration::ZERO));
        assert!(matches!(outcome, Err(ImageError::TimedOut)));
    }
}
