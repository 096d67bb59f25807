//! Files that are in the system's memory already: they are opened and read at once, where they are asked for. Waking another
//! thread for that takes many times as long as the reading.
//!
//! Only Linux tells before whether a disk is needed.

use std::{fs::File, io, path::Path};

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
    fn nothing_is_read_behind_the_end() {
        let file = tempfile::tempfile().unwrap();
        assert_eq!(read(&file, &mut [0; 8], 0), None);
    }
}
