//! The file as a stream: a small buffer over any reader, marker search, and entropy-coded bytes
//! freed of their stuffing.

use std::io::{ErrorKind, Read};

use super::{JpegError, damaged};

/// Bytes asked of the reader at a time.
const BUFFER: usize = 64 * 1024;

/// Buffered input. Nothing of the file is kept but this buffer, so memory does not grow with the
/// file.
pub(super) struct Input<'a> {
    source: Box<dyn Read + 'a>,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    /// Whether bytes were passed over that have no meaning.
    junk: bool,
}

/// What stood behind the last entropy-coded byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// A marker, which has been consumed.
    Marker(u8),
    /// The end of the file.
    File,
}

impl<'a> Input<'a> {
    pub(super) fn new(source: impl Read + 'a) -> Self {
        Self {
            source: Box::new(source),
            buffer: vec![0; BUFFER].into_boxed_slice(),
            start: 0,
            end: 0,
            junk: false,
        }
    }

    /// Whether bytes were passed over that have no meaning, within what was read.
    pub(super) fn has_junk(&self) -> bool {
        self.junk
    }

    /// Notes that there are such bytes.
    pub(super) fn note_junk(&mut self) {
        self.junk = true;
    }

    /// The bytes at hand, never empty unless the file has ended.
    fn available(&mut self) -> Result<&[u8], JpegError> {
        while self.start == self.end {
            match self.source.read(&mut self.buffer) {
                Ok(0) => break,
                Ok(count) => (self.start, self.end) = (0, count),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(&self.buffer[self.start..self.end])
    }

    fn next(&mut self) -> Result<Option<u8>, JpegError> {
        let byte = self.available()?.first().copied();
        self.start += usize::from(byte.is_some());
        Ok(byte)
    }

    /// One byte that must be there.
    pub(super) fn byte(&mut self) -> Result<u8, JpegError> {
        self.next()?.ok_or(JpegError::Damaged(TRUNCATED))
    }

    /// A marker segment's payload, its length field read and left out (B.1.1.4).
    pub(super) fn segment(&mut self) -> Result<Vec<u8>, JpegError> {
        match self.segment_length()? {
            Some(length) => self.payload(length),
            None => damaged("a segment shorter than its length field"),
        }
    }

    /// The payload of a segment that the samples can do without. As viewers have it, one that is
    /// shorter than its length field is empty.
    pub(super) fn metadata(&mut self) -> Result<Vec<u8>, JpegError> {
        let length = self.segment_length()?;
        self.payload(length.unwrap_or(0))
    }

    /// Passes over such a segment.
    pub(super) fn skip_metadata(&mut self) -> Result<(), JpegError> {
        let mut left = self.segment_length()?.unwrap_or(0);
        while left > 0 {
            let step = self.available()?.len().min(left);
            if step == 0 {
                return damaged(TRUNCATED);
            }
            self.start += step;
            left -= step;
        }
        Ok(())
    }

    /// The length of a payload; `None` for less than its length field.
    fn segment_length(&mut self) -> Result<Option<usize>, JpegError> {
        let length = u16::from_be_bytes([self.byte()?, self.byte()?]);
        Ok(length.checked_sub(2).map(usize::from))
    }

    fn payload(&mut self, length: usize) -> Result<Vec<u8>, JpegError> {
        let mut payload = Vec::with_capacity(length);
        while payload.len() < length {
            let available = self.available()?;
            let part = &available[..available.len().min(length - payload.len())];
            if part.is_empty() {
                return damaged(TRUNCATED);
            }
            payload.extend_from_slice(part);
            let taken = part.len();
            self.start += taken;
        }
        Ok(payload)
    }

    /// The next marker, whatever stands before it: fill bytes (B.1.1.2), or junk, which every
    /// viewer passes over. Stuffed bytes are no markers, so this also runs over entropy-coded data
    /// that nobody needs.
    pub(super) fn next_marker(&mut self) -> Result<End, JpegError> {
        loop {
            let available = self.available()?;
            if available.is_empty() {
                return Ok(End::File);
            }
            let run = find_ff(available);
            let found = run < available.len();
            self.start += run;
            self.junk |= run > 0;
            if found && let Some(end) = self.after_ff()? {
                return Ok(end);
            }
        }
    }

    /// Fills `out` with entropy-coded bytes, stuffed zeros left out (F.1.2.3), until it is full or
    /// the data ends. Gives the number of bytes and what ended them.
    pub(super) fn entropy_coded(
        &mut self,
        out: &mut [u8],
    ) -> Result<(usize, Option<End>), JpegError> {
        let mut filled = 0;
        while filled < out.len() {
            let available = self.available()?;
            if available.is_empty() {
                return Ok((filled, Some(End::File)));
            }
            let window = &available[..available.len().min(out.len() - filled)];
            let run = find_ff(window);
            out[filled..filled + run].copy_from_slice(&window[..run]);
            let found = run < window.len();
            self.start += run;
            filled += run;
            if found {
                if let Some(end) = self.after_ff()? {
                    return Ok((filled, Some(end)));
                }
                out[filled] = 0xFF;
                filled += 1;
            }
        }
        Ok((filled, None))
    }

    /// Consumes 0xFF, fill bytes and the byte that tells: `None` for a stuffed zero.
    fn after_ff(&mut self) -> Result<Option<End>, JpegError> {
        loop {
            match self.next()? {
                Some(0xFF) => {}
                Some(0) => return Ok(None),
                Some(marker) => return Ok(Some(End::Marker(marker))),
                None => return Ok(Some(End::File)),
            }
        }
    }
}

pub(super) const TRUNCATED: &str = "the file ends too early";

/// How many bytes come before the first 0xFF; all of them if there is none.
fn find_ff(bytes: &[u8]) -> usize {
    // Whole groups first: the fold has no early exit, so it becomes a few vector instructions.
    let clear = bytes
        .chunks_exact(16)
        .take_while(|group| {
            !group
                .iter()
                .fold(false, |found, &byte| found | (byte == 0xFF))
        })
        .count()
        * 16;
    let rest = &bytes[clear..];
    clear
        + rest
            .iter()
            .position(|&byte| byte == 0xFF)
            .unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stuffed_zeros_are_left_out_and_a_marker_ends_the_data() {
        let mut input = Input::new(&[1, 0xFF, 0, 2, 0xFF, 0xFF, 0xD9, 7][..]);
        let mut out = [0; 16];
        let (count, end) = input.entropy_coded(&mut out).unwrap();
        assert_eq!(
            (&out[..count], end),
            (&[1, 0xFF, 2][..], Some(End::Marker(0xD9)))
        );
        assert_eq!(input.byte().unwrap(), 7);
    }

    #[test]
    fn stuffing_across_two_reads_is_seen() {
        let halves = (&[5u8, 0xFF][..]).chain(&[0u8, 6][..]);
        let mut input = Input::new(halves);
        let mut out = [0; 3];
        assert_eq!(input.entropy_coded(&mut out).unwrap(), (3, None));
        assert_eq!(out, [5, 0xFF, 6]);
    }

    #[test]
    fn junk_and_stuffing_are_passed_over_in_search_of_a_marker() {
        let mut bytes = vec![9; 100];
        bytes.extend([0xFF, 0, 3, 0xFF, 0xFF, 0xC4]);
        let mut input = Input::new(&bytes[..]);
        assert_eq!(input.next_marker().unwrap(), End::Marker(0xC4));
        assert_eq!(input.next_marker().unwrap(), End::File);
    }

    #[test]
    fn the_first_ff_is_found_at_every_place() {
        for length in 0..70 {
            let mut bytes = vec![0xFE; length];
            assert_eq!(find_ff(&bytes), length);
            for place in (0..length).rev() {
                bytes[place] = 0xFF;
                assert_eq!(find_ff(&bytes), place);
            }
        }
    }

    #[test]
    fn a_segment_cut_short_is_damage() {
        let mut input = Input::new(&[0, 9, 1, 2][..]);
        assert!(matches!(input.segment(), Err(JpegError::Damaged(_))));
    }
}
