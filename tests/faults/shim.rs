//! Faults of the disk and the clock, put between the service and the C library by `shim.c`.

use std::{fs, path::PathBuf};

use tokio::process::Command;

use crate::harness::Installation;

/// What fails now.
pub struct Faults {
    folder: PathBuf,
}

/// An installation whose service meets them.
pub async fn installation() -> (Installation, Faults) {
    let tierpix = Installation::on_another_server().await;
    let folder = tierpix.folder().join("faults");
    fs::create_dir(&folder).unwrap();
    let library = folder.join("shim.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/shim.c");
    // The compiler that links Rust programs.
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([library.as_os_str(), source.as_ref()])
        .output()
        .await
        .unwrap();
    assert!(built.status.success(), "{built:?}");
    let launcher = [
        "env".to_owned(),
        format!("LD_PRELOAD={}", library.display()),
        format!("FAULTS={}", folder.display()),
    ];
    (tierpix.launched_by(launcher), Faults { folder })
}

impl Faults {
    /// Whether syncing a file fails.
    pub fn set_fsync_fails(&self, fails: bool) {
        let path = self.folder.join("fsync");
        if fails {
            fs::write(path, "").unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
    }

    /// How many seconds the wall clock is ahead.
    pub fn set_clock_ahead(&self, seconds: i64) {
        let next = self.folder.join("next");
        fs::write(&next, seconds.to_string()).unwrap();
        fs::rename(next, self.folder.join("clock")).unwrap();
    }
}
