//! Uploads that were acknowledged, and whether they are there.

use std::{
    fs::File,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde_json::Value;

use crate::harness::{Installation, Service};

/// How many are looked at at a time.
const AT_A_TIME: usize = 8;

/// An upload that got its 201.
pub struct Kept {
    /// Which of the pictures.
    pub picture: usize,
    pub answer: Value,
    pub fate: Fate,
}

/// What became of it afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Kept,
    /// Its deletion got a 204.
    Deleted,
    /// The service was killed before it answered its deletion.
    Unknown,
}

/// Every picture and thumbnail is there, byte for byte and whole, unless it was deleted: then nothing of it is.
pub async fn check(service: &Service, kept: &[Kept], pictures: &[Bytes]) {
    stream::iter(kept)
        .for_each_concurrent(AT_A_TIME, |one| check_one(service, one, pictures))
        .await;
}

async fn check_one(service: &Service, kept: &Kept, pictures: &[Bytes]) {
    let mut fate = kept.fate;
    for image in kept.answer["images"].as_array().unwrap() {
        let url = image["image"].as_str().unwrap();
        let path = &url[url.find("/media/").unwrap()..];
        let stored = service.get(path).await;
        if fate == Fate::Unknown {
            fate = match stored.status {
                404 => Fate::Deleted,
                _ => Fate::Kept,
            };
        }
        if fate == Fate::Deleted {
            assert_eq!(stored.status, 404, "{image}");
            continue;
        }
        assert_eq!(stored.status, 200, "{image}");
        if image["size"] == "original" {
            assert_eq!(stored.body, pictures[kept.picture]);
        } else {
            let thumbnail = image::load_from_memory(&stored.body).unwrap();
            assert_eq!(image["width"], thumbnail.width());
            assert_eq!(image["height"], thumbnail.height());
        }
    }
}

/// Nothing is missing, and once these files are swept nothing is left of a write that was cut off. Whole files of uploads that
/// were never acknowledged stay for the grace period.
pub async fn sweep(tierpix: &Installation, files: Vec<PathBuf>) {
    // What lies there for less than an hour might belong to an upload under way.
    let earlier = SystemTime::now() - Duration::from_secs(2 * 3600);
    for file in files {
        File::open(file).unwrap().set_modified(earlier).unwrap();
    }
    tierpix
        .run("storage reconcile --verify --delete --yes")
        .await;
    let left = tierpix.run("storage reconcile --verify").await;
    println!("{}", left.stdout);
    let nothing =
        "0 files left over, 0 thumbnails missing or altered, 0 originals missing or altered";
    assert!(left.stdout.contains(nothing), "{left:?}");
}
