//! `tierpix storage …`.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use crate::{
    harness::{Installation, Outcome},
    pictures::Jpeg,
};

const CLEAN: &str = "0 orphaned files, 0 files left over, 0 thumbnails missing or altered, 0 originals missing or altered.\n";

/// With so many images of one thumbnail.
async fn installation(images: usize) -> Installation {
    let tierpix = Installation::migrated().await;
    tierpix.add_user("anna", "Basic").await;
    let service = tierpix.serve().await;
    for _ in 0..images {
        let picture = Jpeg::photo(64, 48).encode();
        let answer = service.upload("anna", "anna-password", picture).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    service.stop().await;
    tierpix
}

fn files(tierpix: &Installation, size: &str) -> Vec<PathBuf> {
    let mut files = tierpix.files();
    files.retain(|path| path.to_string_lossy().contains(size));
    files
}

fn file_beside(neighbour: &Path, name: &str, minutes: u64) {
    let path = neighbour.with_file_name(name);
    fs::write(&path, "nobody's").unwrap();
    let then = SystemTime::now() - Duration::from_secs(60 * minutes);
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(then).unwrap();
}

/// How many lines of the report begin so.
fn lines(outcome: &Outcome, beginning: &str) -> usize {
    let lines = outcome.stdout.lines();
    lines.filter(|line| line.starts_with(beginning)).count()
}

#[actix_web::test]
async fn what_fits_is_clean() {
    let tierpix = installation(2).await;
    assert_eq!(tierpix.run("storage reconcile").await.done(), CLEAN);
    let verified = tierpix.run("storage reconcile --verify --delete").await;
    assert_eq!(verified.done(), CLEAN);
    assert_eq!(tierpix.files().len(), 4);
}

#[actix_web::test]
async fn what_may_go_is_told_then_removed_where_that_is_wanted_and_then_all_is_clean() {
    let tierpix = installation(3).await;
    let thumbnails = files(&tierpix, "-200-");
    fs::remove_file(&thumbnails[0]).unwrap();
    fs::write(&thumbnails[1], "short").unwrap();
    file_beside(&thumbnails[0], ".tmpAbCdEf", 61);
    file_beside(&thumbnails[0], ".tmpFeDcBa", 1);
    let before = tierpix.files();
    for _ in 0..2 {
        let found = tierpix.run("storage reconcile").await;
        assert_eq!(found.code, Some(1), "{found:?}");
        assert_eq!(lines(&found, "left over: "), 1, "{found:?}");
        assert_eq!(lines(&found, "thumbnail missing: "), 1, "{found:?}");
        assert_eq!(lines(&found, "thumbnail altered: "), 1, "{found:?}");
        assert_eq!(
            lines(&found, "1 file without a row may still be under way."),
            1
        );
        assert_eq!(tierpix.files(), before);
    }
    let removed = tierpix.run("storage reconcile --delete").await.done();
    assert!(
        removed.ends_with("Removed 1 file and 2 rows.\n"),
        "{removed}"
    );
    let clean = tierpix.run("storage reconcile").await.done();
    assert!(clean.starts_with(CLEAN), "{clean}");
    let made = tierpix.run("thumbnails backfill").await.done();
    assert!(
        made.ends_with("Made the thumbnails of 2 images.\n"),
        "{made}"
    );
    tierpix.run("storage reconcile --verify").await.done();
}

#[actix_web::test]
async fn originals_that_are_missing_or_altered_are_told_and_their_rows_stay() {
    let tierpix = installation(3).await;
    let originals = files(&tierpix, "-original-");
    fs::remove_file(&originals[0]).unwrap();
    let mut altered = fs::read(&originals[1]).unwrap();
    altered[100] ^= 1;
    fs::write(&originals[1], altered).unwrap();
    let by_length = tierpix.run("storage reconcile --delete").await;
    assert_eq!(by_length.code, Some(1), "{by_length:?}");
    assert_eq!(lines(&by_length, "original missing: "), 1, "{by_length:?}");
    assert_eq!(lines(&by_length, "original altered: "), 0, "{by_length:?}");
    let verified = tierpix.run("storage reconcile --verify").await;
    assert_eq!(lines(&verified, "original missing: "), 1, "{verified:?}");
    assert_eq!(lines(&verified, "original altered: "), 1, "{verified:?}");
    assert!(verified.stderr.contains("from a backup"), "{verified:?}");
}
