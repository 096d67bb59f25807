//! Buffers that are used again: a fresh one would have to be filled with zeros, page by page.

use std::{cell::RefCell, mem};

use bytes::Bytes;

/// The length of each.
pub(super) const LENGTH: usize = 64 * 1024;

/// How many of them a thread keeps.
const KEPT: usize = 8;

thread_local! {
    static KEPT_HERE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// A buffer; it goes back to the thread that drops it.
pub(super) struct Buffer {
    bytes: Vec<u8>,
    used: usize,
}

impl Buffer {
    /// One of this thread, or a new one. What it holds is old.
    pub(super) fn take() -> Self {
        let kept = KEPT_HERE.with_borrow_mut(Vec::pop);
        Self {
            bytes: kept.unwrap_or_else(|| vec![0; LENGTH]),
            used: 0,
        }
    }

    /// All of it, to be written to.
    pub(super) fn space(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// Its first bytes.
    pub(super) fn first(mut self, length: usize) -> Bytes {
        self.used = length.min(self.bytes.len());
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.used).unwrap_or_default()
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let bytes = mem::take(&mut self.bytes);
        // A thread that ends keeps nothing.
        let _ = KEPT_HERE.try_with(|kept| {
            let mut kept = kept.borrow_mut();
            if kept.len() < KEPT {
                kept.push(bytes);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_that_was_dropped_is_taken_again() {
        let mut buffer = Buffer::take();
        buffer.space()[..3].copy_from_slice(b"abc");
        let bytes = buffer.first(3);
        assert_eq!(bytes, "abc");
        let place = bytes.as_ptr();
        drop(bytes);
        assert_eq!(Buffer::take().space().as_ptr(), place);
    }
}
