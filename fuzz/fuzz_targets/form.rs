//! An upload's form in pieces of any size: no panic, and nothing left in the spool.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tierpix::storage::Spool;

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder to spool into"));

thread_local! {
    static SYSTEM: actix_web::rt::SystemRunner = actix_web::rt::System::new();
    static SPOOL: Spool = Spool::open(FOLDER.path()).expect("the folder is ours");
}

fuzz_target!(|input: &[u8]| {
    let Some((&piece, body)) = input.split_first() else { return };
    SYSTEM.with(|system| {
        SPOOL.with(|spool| system.block_on(tierpix::fuzzing::read_form(body, piece.into(), spool)));
    });
    let left = std::fs::read_dir(FOLDER.path()).expect("the folder is ours").count();
    assert_eq!(left, 0, "files left in the spool");
});
