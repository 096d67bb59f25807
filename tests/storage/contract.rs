//! What every storage keeps to.

use std::{collections::HashSet, fs, io::Read, time::SystemTime};

use futures_util::{StreamExt, stream};
use sha2::{Digest, Sha256};
use tierpix::{
    domain::{image::Size, media::ObjectName},
    storage::{Kind, Listed, MARKER},
};

use crate::place::{Place, bytes, name, original};

/// Runs each of these against every storage.
macro_rules! on_every_storage {
    ($($test:ident),+ $(,)?) => {
        mod folder {
            $(#[actix_web::test]
            async fn $test() {
                super::$test(super::Place::folder().await).await;
            })+
        }
        mod bucket_without_checksums {
            $(#[actix_web::test]
            async fn $test() {
                let (place, _server) = super::Place::bucket_without_checksums("501 Not Implemented").await;
                super::$test(place).await;
            })+
        }
        mod bucket {
            $(#[actix_web::test]
            async fn $test() {
                super::$test(super::Place::bucket().await).await;
            })+
        }
    };
}

on_every_storage!(
    what_was_kept_is_read_back,
    any_range_is_read,
    a_thumbnail_is_kept_whole,
    a_thumbnail_that_is_kept_again_takes_the_place_of_the_former,
    an_object_without_bytes_can_be_opened,
    an_object_is_fetched_as_a_file,
    the_digest_is_right_or_unknown,
    of_an_object_that_is_not_there_nothing_is_known,
    what_is_deleted_is_gone_and_can_be_deleted_again,
    what_is_kept_is_listed_with_its_length_and_time,
    a_long_list_has_each_object_once,
    what_the_service_did_not_write_is_listed_as_foreign,
    partial_writes_are_listed_as_such,
    what_was_listed_can_be_deleted,
    it_is_empty_until_anything_lies_in_it,
    the_marker_is_kept_and_is_no_entry,
    without_its_marker_nothing_is_said_to_be_missing,
    it_can_be_written_to,
    an_object_that_went_while_it_was_read_ends_in_an_error_or_whole,
);

/// Around everything that one request takes: the beginning, a piece, a part of an upload.
const LENGTHS: [usize; 9] = [
    1,
    262_143,
    262_144,
    262_145,
    1_310_719,
    1_310_721,
    (8 << 20) - 1,
    8 << 20,
    (17 << 20) + 1,
];

async fn what_was_kept_is_read_back(place: Place) {
    for length in LENGTHS {
        let bytes = bytes(length);
        let name = place.keep(&bytes).await;
        let object = place.storage.open(&name).await.unwrap().unwrap();
        assert_eq!(object.length(), length as u64);
        assert_eq!(
            place.storage.length(&name).await.unwrap(),
            Some(length as u64)
        );
        let read = place.read(&name, 0..length as u64).await;
        assert!(read == bytes, "{length}");
    }
}

async fn any_range_is_read(place: Place) {
    let bytes = bytes(3_000_000);
    let name = place.keep(&bytes).await;
    for range in [
        0..1,
        0..262_144,
        262_143..262_145,
        262_144..262_144,
        1_000_000..3_000_000,
        2_999_999..3_000_000,
        0..3_000_000,
    ] {
        let read = place.read(&name, range.clone()).await;
        assert!(
            read == bytes[range.start as usize..range.end as usize],
            "{range:?}"
        );
    }
}

async fn a_thumbnail_is_kept_whole(place: Place) {
    for length in [1, 20_000, 300_000] {
        let (name, bytes) = (name(Size::Thumbnail(200)), bytes(length));
        let kept = bytes.clone().into();
        place.storage.put_thumbnail(&name, kept).await.unwrap();
        assert!(place.read(&name, 0..length as u64).await == bytes);
    }
}

async fn a_thumbnail_that_is_kept_again_takes_the_place_of_the_former(place: Place) {
    let name = name(Size::Thumbnail(200));
    for text in ["first", "second one"] {
        let kept = text.as_bytes().into();
        place.storage.put_thumbnail(&name, kept).await.unwrap();
        let read = place.read(&name, 0..text.len() as u64).await;
        assert_eq!(read, text.as_bytes());
    }
    assert_eq!(place.list().await.len(), 1);
}

async fn an_object_without_bytes_can_be_opened(place: Place) {
    let name = place.keep(b"").await;
    let object = place.storage.open(&name).await.unwrap().unwrap();
    assert_eq!(object.length(), 0);
    assert_eq!(place.read(&name, 0..0).await, b"");
}

async fn an_object_is_fetched_as_a_file(place: Place) {
    for length in [10, 2_000_000] {
        let bytes = bytes(length);
        let name = place.keep(&bytes).await;
        let mut file = place.storage.fetch(&name).await.unwrap().unwrap();
        let mut read = Vec::new();
        file.read_to_end(&mut read).unwrap();
        assert!(read == bytes, "{length}");
    }
}

async fn the_digest_is_right_or_unknown(place: Place) {
    for length in [10, 2_000_000] {
        let bytes = bytes(length);
        let name = place.keep(&bytes).await;
        let object = place.storage.open(&name).await.unwrap().unwrap();
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        assert!(
            object.sha256().is_none_or(|told| told == digest),
            "{length}"
        );
    }
}

async fn of_an_object_that_is_not_there_nothing_is_known(place: Place) {
    place.keep(b"another").await;
    let name = original();
    assert!(place.storage.open(&name).await.unwrap().is_none());
    assert!(place.storage.fetch(&name).await.unwrap().is_none());
    assert_eq!(place.storage.length(&name).await.unwrap(), None);
    place.storage.delete(&name).await.unwrap();
}

async fn what_is_deleted_is_gone_and_can_be_deleted_again(place: Place) {
    let (gone, stays) = (place.keep(b"goes").await, place.keep(b"stays").await);
    for _ in 0..2 {
        place.storage.delete(&gone).await.unwrap();
        assert!(place.storage.open(&gone).await.unwrap().is_none());
    }
    assert_eq!(place.read(&stays, 0..5).await, b"stays");
}

async fn what_is_kept_is_listed_with_its_length_and_time(place: Place) {
    assert!(place.list().await.is_empty());
    let before = SystemTime::now();
    let name = place.keep(b"five!").await;
    let listed = place.list().await;
    let [listed] = listed.as_slice() else {
        panic!("{listed:?}")
    };
    assert_eq!(listed.kind, Kind::Object(name));
    assert_eq!(listed.bytes, 5);
    // Some tell whole seconds.
    let age = before.duration_since(listed.modified);
    assert!(age.is_ok_and(|age| age.as_secs() < 2) || listed.modified >= before);
}

async fn a_long_list_has_each_object_once(place: Place) {
    let names: Vec<_> = (0..1_050).map(|_| name(Size::Thumbnail(100))).collect();
    stream::iter(&names)
        .for_each_concurrent(16, async |name| {
            let kept = "small".into();
            place.storage.put_thumbnail(name, kept).await.unwrap();
        })
        .await;
    let first = place.storage.list(None).await.unwrap();
    assert!(first.next.is_some());
    assert!(first.entries.len() < names.len());
    let listed = place.list().await;
    assert_eq!(listed.len(), names.len());
    let object = |one: Listed| match one.kind {
        Kind::Object(name) => Some(name),
        _ => None,
    };
    let listed: HashSet<_> = listed.into_iter().flat_map(object).collect();
    assert_eq!(listed, names.into_iter().collect());
}

async fn what_the_service_did_not_write_is_listed_as_foreign(place: Place) {
    place.put_foreign("letter.txt", b"a letter");
    place.put_foreign("0ab/cat.png", b"a photo of a cat");
    // One of our names, but where it is not looked for.
    let astray = original();
    place.put_foreign(&format!("{astray}"), b"astray");
    let mut listed = place.list().await;
    listed.sort_by_key(|one| one.bytes);
    let found: Vec<_> = listed
        .iter()
        .map(|one| (one.key.clone(), one.kind.clone()))
        .collect();
    let foreign = ["letter.txt", "0ab/cat.png"].map(|key| (key.to_owned(), Kind::Foreign));
    let astray = (astray.to_string(), Kind::Foreign);
    assert_eq!(found, [&[astray], &foreign[..]].concat());
}

async fn partial_writes_are_listed_as_such(place: Place) {
    place.put_foreign("0ab/.tierpix-AbCdEf", b"half");
    let listed = place.list().await;
    let kinds: Vec<_> = listed.into_iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [Kind::Partial]);
}

async fn what_was_listed_can_be_deleted(place: Place) {
    let (goes, stays) = (place.keep(b"goes").await, place.keep(b"stays").await);
    let listed = place.list().await;
    let found = |name: &ObjectName| {
        let kind = Kind::Object(name.clone());
        listed.iter().find(|one| one.kind == kind).unwrap()
    };
    for _ in 0..2 {
        place.storage.delete_key(&found(&goes).key).await.unwrap();
    }
    let left = place.list().await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].key, found(&stays).key);
}

async fn it_is_empty_until_anything_lies_in_it(place: Place) {
    assert_eq!(place.storage.any_entry().await.unwrap(), None);
    let name = place.keep(b"a picture").await;
    assert!(place.storage.any_entry().await.unwrap().is_some());
    place.storage.delete(&name).await.unwrap();
    assert_eq!(place.storage.any_entry().await.unwrap(), None);
    place.put_foreign("2024/holiday.png", b"a photo");
    assert!(place.storage.any_entry().await.unwrap().is_some());
}

async fn the_marker_is_kept_and_is_no_entry(place: Place) {
    for text in ["{\"site\":1}", "{}"] {
        place.storage.put_marker(text.into()).await.unwrap();
        assert_eq!(place.storage.marker().await.unwrap().unwrap(), text);
    }
    assert!(place.list().await.is_empty());
    fs::remove_file(place.file(MARKER)).unwrap();
    assert_eq!(place.storage.marker().await.unwrap(), None);
}

async fn without_its_marker_nothing_is_said_to_be_missing(place: Place) {
    let name = place.keep(b"a picture").await;
    fs::remove_file(place.file(MARKER)).unwrap();
    assert!(place.storage.open(&original()).await.is_err());
    assert!(place.storage.fetch(&original()).await.is_err());
    // What is there is read.
    assert_eq!(place.read(&name, 0..9).await, b"a picture");
}

async fn it_can_be_written_to(place: Place) {
    for _ in 0..2 {
        place.storage.check().await.unwrap();
    }
    assert!(place.list().await.is_empty());
}

async fn an_object_that_went_while_it_was_read_ends_in_an_error_or_whole(place: Place) {
    let bytes = bytes(3_000_000);
    let name = place.keep(&bytes).await;
    let object = place.storage.open(&name).await.unwrap().unwrap();
    let mut pieces = object.read(0..3_000_000);
    let mut read = pieces.next().await.unwrap().unwrap().to_vec();
    place.storage.delete(&name).await.unwrap();
    while let Some(piece) = pieces.next().await {
        match piece {
            Ok(piece) => read.extend_from_slice(&piece),
            Err(_) => return assert!(pieces.next().await.is_none()),
        }
    }
    assert!(read == bytes);
}
