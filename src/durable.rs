//! Names that outlast a power cut.

use std::{fs::File, io, path::Path, sync::Once};

use nix::errno::Errno;

/// Puts a folder's entries on stable storage.
///
/// Some network file systems (CIFS, sshfs) cannot do that with a folder, and their servers keep entries by themselves: there
/// it is warned of once. The files themselves are synced in any case.
///
/// # Errors
///
/// Where the file system tried and failed.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    static WARNED: Once = Once::new();
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    match synced {
        Err(error) if is_unknown(&error) => {
            WARNED.call_once(|| {
                tracing::warn!(
                    folder = %folder.display(),
                    %error,
                    "the file system cannot sync folders: after a power cut the newest files may lack their names"
                );
            });
            Ok(())
        }
        synced => synced,
    }
}

/// Whether the file system says that it does not know how.
fn is_unknown(error: &io::Error) -> bool {
    let unknown = [Errno::EINVAL, Errno::ENOSYS, Errno::ENOTSUP, Errno::EBADF];
    error
        .raw_os_error()
        .is_some_and(|code| unknown.contains(&Errno::from_raw(code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_cannot_be_synced_is_no_failure() {
        // proc(5) knows no fsync.
        assert!(
            File::open("/proc")
                .and_then(|folder| folder.sync_all())
                .is_err()
        );
        sync_folder(Path::new("/proc")).unwrap();
    }

    #[test]
    fn a_folder_that_is_not_there_is_a_failure() {
        assert!(sync_folder(Path::new("/nowhere")).is_err());
    }
}
