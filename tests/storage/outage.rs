//! A bucket that is away.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt};
use tierpix::storage::StorageError;

use crate::place::{Place, bytes, original};

/// Starts the server again after a while, in which requests are under way.
async fn comes_back(place: &mut Place) {
    tokio::time::sleep(Duration::from_millis(700)).await;
    place.server().start_again();
}

#[actix_web::test]
async fn a_bucket_that_is_away_for_a_moment_is_waited_for() {
    let mut place = Place::bucket().await;
    let spooled = place.spooled(b"kept").await;
    let storage = place.storage.clone();
    let name = original();
    place.server().stop();
    let keeping = storage.put_original(&name, spooled);
    let (kept, ()) = futures_util::future::join(keeping, comes_back(&mut place)).await;
    kept.unwrap();
    assert_eq!(place.read(&name, 0..4).await, b"kept");
}

#[actix_web::test]
async fn what_is_being_read_goes_on_when_the_bucket_is_back() {
    let mut place = Place::bucket().await;
    let bytes = bytes(4_000_000);
    let name = place.keep(&bytes).await;
    let object = place.storage.open(&name).await.unwrap().unwrap();
    let mut pieces = object.read(0..4_000_000);
    let first = pieces.next().await.unwrap().unwrap();
    place.server().stop();
    let rest = pieces.try_collect::<Vec<_>>();
    let (rest, ()) = futures_util::future::join(rest, comes_back(&mut place)).await;
    assert!([first.to_vec(), rest.unwrap().concat()].concat() == bytes);
}

#[actix_web::test]
async fn a_bucket_that_stays_away_fails_before_a_client_gives_up() {
    let mut place = Place::bucket().await;
    let name = place.keep(b"kept").await;
    place.server().stop();
    let begun = Instant::now();
    let opened = place.storage.open(&name).await;
    assert!(matches!(opened, Err(StorageError::Failed(_))));
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[actix_web::test]
async fn whether_it_is_away_is_told_soon() {
    let mut place = Place::bucket().await;
    place.server().stop();
    let begun = Instant::now();
    assert!(place.storage.check().await.is_err());
    assert!(begun.elapsed() < Duration::from_secs(5));
    place.server().start_again();
    place.storage.check().await.unwrap();
}
