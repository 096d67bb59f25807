//! Files that are in the system's memory already: they are opened and read at once, where they are asked for. Waking another
//! thread for that takes many times as long as the reading.
//!
//! Only Linux tells before whether a disk is needed.

use std::{fs::File, io, ops::Range, path::Path};

#[cfg(target_os = "linux")]
use {
    rustix::{
        fs::{CWD, Mode, OFlags, ResolveFlags, openat2},
        io::{Errno, ReadWriteFlags, preadv2},
    },
    std::io::IoSliceMut,
};

/// Opens a file, unless a disk may be needed for that: then `None`. So too where the system cannot tell.
#[cfg(target_os = "linux")]
pub(super) fn open(path: &Path) -> Option<io::Result<File>> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    match openat2(CWD, path, flags, Mode::empty(), ResolveFlags::CACHED) {
        Ok(file) => Some(Ok(file.into())),
        Err(Errno::NOENT) => Some(Err(io::ErrorKind::NotFound.into())),
        Err(_) => None,
    }
}

/// Reads some bytes from `position` on, as many as are there without a disk. `None` if the first is not, or if the system
/// cannot tell.
#[cfg(target_os = "linux")]
pub(super) fn read(file: &File, buffer: &mut [u8], position: u64) -> Option<usize> {
    let buffers = &mut [IoSliceMut::new(buffer)];
    let read = preadv2(file, buffers, position, ReadWriteFlags::NOWAIT);
    read.ok().filter(|&bytes| bytes > 0)
}

/// Between two bytes that are looked at for all around them: what the system reads ahead at least, and lets go of together.
const STEP: u64 = 128 * 1024;

/// How many of these bytes, from the first one on, are in memory as far as can be told without looking at each page. 0 if
/// the system cannot tell.
pub(super) fn count(file: &File, bytes: &Range<u64>) -> u64 {
    let is_there = |position| read(file, &mut [0], position).is_some();
    let mut position = bytes.start;
    while position < bytes.end && is_there(position) {
        let next = bytes.end.min(position + STEP);
        if !is_there(next - 1) {
            break;
        }
        position = next;
    }
    position - bytes.start
}

#[cfg(not(target_os = "linux"))]
pub(super) fn open(_: &Path) -> Option<io::Result<File>> {
    None
}

#[cfg(not(target_os = "linux"))]
pub(super) fn read(_: &File, _: &mut [u8], _: u64) -> Option<usize> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn what_was_just_written_is_at_hand() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"a picture").unwrap();
        let mut buffer = [0; 64];
        // A file system may be unable to tell: then another thread reads.
        if let Some(opened) = open(file.path())
            && let Some(length) = read(&opened.unwrap(), &mut buffer, 2)
        {
            assert_eq!(&buffer[..length], b"picture");
        }
    }

    #[test]
    fn what_was_just_written_is_in_memory_as_far_as_the_file_goes() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let length = 3 * STEP + 10;
        file.write_all(&vec![7; length as usize]).unwrap();
        if read(file.as_file(), &mut [0], 0).is_some() {
            assert_eq!(count(file.as_file(), &(5..length)), length - 5);
            assert_eq!(count(file.as_file(), &(5..length + 1)), 3 * STEP);
            assert_eq!(count(file.as_file(), &(length..length + 1)), 0);
        }
    }

    #[test]
    fn nothing_is_read_behind_the_end() {
        let file = tempfile::tempfile().unwrap();
        assert_eq!(read(&file, &mut [0; 8], 0), None);
    }
}
