//! Servers that know checksums, and servers that do not.

use std::fs;

use tierpix::storage::StorageError;

use crate::{
    old_server::ANSWERS,
    place::{Place, bytes, original},
};

#[actix_web::test]
async fn a_server_that_knows_no_checksums_keeps_originals_and_thumbnails_and_is_ready() {
    for answer in ANSWERS {
        let (place, server) = Place::bucket_without_checksums(answer).await;
        assert!(server.refused() > 0, "{answer}");
        let asked = server.refused();
        place.storage.check().await.unwrap();
        // Small, and in parts.
        for length in [1, 300_000, 9_000_000] {
            let bytes = bytes(length);
            let name = place.keep(&bytes).await;
            assert!(place.read(&name, 0..length as u64).await == bytes);
        }
        assert_eq!(
            server.refused(),
            asked,
            "it is asked at the first write alone"
        );
    }
}

#[actix_web::test]
async fn what_such_a_server_gives_back_altered_is_not_kept() {
    let (place, server) = Place::bucket_without_checksums(ANSWERS[0]).await;
    server.alter();
    let name = original();
    let spooled = place.spooled(b"picture").await;
    let kept = place.storage.put_original(&name, spooled).await;
    assert!(matches!(kept, Err(StorageError::Failed(_))), "{kept:?}");
    let put = place.storage.put_thumbnail(&name, "thumbnail".into()).await;
    assert!(matches!(put, Err(StorageError::Failed(_))), "{put:?}");
    assert!(place.list().await.is_empty());
}

#[actix_web::test]
async fn a_server_that_knows_them_compares_them_itself() {
    let mut place = Place::bucket().await;
    let name = place.keep(b"kept").await;
    let listed = place.list().await;
    let file = place.file(&listed[0].key);
    assert_eq!(fs::read(file).unwrap(), b"kept");
    // An outage at the first write makes no server one that knows none.
    place.server().stop();
    assert!(place.storage.check().await.is_err());
    place.server().start_again();
    place.storage.check().await.unwrap();
    assert_eq!(place.read(&name, 0..4).await, b"kept");
}
