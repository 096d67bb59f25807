//! A cluster under load, of which now this, now that part is away.
//!
//! `TIERPIX_TEST_CLUSTER_SECONDS` is how long it goes on, `TIERPIX_TEST_SEED` repeats the moments of an earlier run.

use std::time::Instant;

use bytes::Bytes;
use futures_util::future::join_all;

use crate::{
    cluster::Cluster,
    disturbances::Disturbances,
    harness::from_environment,
    kept::{Fate, check, sweep},
    load::Uploads,
    people::People,
    pictures::Jpeg,
    site::Account,
};

/// Clients that upload.
const UPLOADING: usize = 3;
/// Clients that revoke links.
const REVOKING: usize = 2;

/// A number that a statement asks the database for.
async fn number(cluster: &Cluster, sql: &str) -> i64 {
    let database = cluster.tierpix().connect().await;
    database.query_one(sql, &[]).await.unwrap().get(0)
}

#[actix_web::test]
async fn nothing_is_lost_and_nothing_comes_back_while_nodes_are_killed_and_the_bucket_is_away() {
    let disturbances = Disturbances::within(from_environment("TIERPIX_TEST_CLUSTER_SECONDS", 6));
    let seed = from_environment("TIERPIX_TEST_SEED", rand::random());
    println!("TIERPIX_TEST_SEED={seed}");
    let pictures: Vec<Bytes> = (0..8)
        .map(|n| Jpeg::photo(80 + 16 * n, 240).encode().into())
        .collect();
    let cluster = Cluster::start().await;
    for tier in ["Steady", "Changing"] {
        let add = format!("tier add {tier} --heights 200 --original --expiring-links");
        cluster.tierpix().run(&add).await.done();
    }
    let account = async |name, tier| Account::new(&cluster, name, tier).await;
    let bert = account("bert", "Changing").await;
    let steady = ["anna", "rita", "carl", "dora", "kate"].map(|name| account(name, "Steady"));
    let [anna, rita, carl, dora, kate] = join_all(steady).await.try_into().ok().unwrap();
    let root = Account::log_in(&cluster, "root").await;
    let tier = number(&cluster, "SELECT id FROM tiers WHERE name = 'Changing'").await;
    let tier = format!("/api/v1/admin/tiers/{tier}/");
    let user = number(&cluster, "SELECT id FROM users WHERE username = 'carl'").await;
    let user = format!("/api/v1/admin/users/{user}/");

    let until = Instant::now() + disturbances.time;
    let people = People::new(&cluster, until, root);
    let uploads = Uploads::default();
    let uploading =
        (0..UPLOADING).map(|client| uploads.go_on(&cluster, &anna, &pictures, client, until));
    let rita = &rita;
    let revoking = (0..REVOKING).map(|_| people.revoke_links(rita));
    tokio::join!(
        join_all(uploading),
        join_all(revoking),
        people.delete_images(dora),
        people.change_tier(bert, &tier),
        people.change_user(carl, &user),
        people.rotate_keys(kate),
        disturbances.kill(&cluster, seed),
        disturbances.stop_bucket(&cluster),
    );

    cluster.is_ready().await;
    let kept = uploads.kept.take();
    let services = [0, 1].map(|node| cluster.nodes[node].take());
    for service in &services {
        check(service, &kept, &pictures).await;
    }
    let of = |fate| kept.iter().filter(|one| one.fate == fate).count();
    println!(
        "{} kept, {} deleted, {} whose deletion nobody answered; {} uploads nobody answered, {} answered on the other node",
        of(Fate::Kept),
        of(Fate::Deleted),
        of(Fate::Unknown),
        uploads.unknown.get(),
        uploads.replayed.get(),
    );
    println!(
        "{} links revoked, the bucket away for {:?}",
        people.revocations.get(),
        disturbances.away
    );
    println!("{:?}", cluster.seen);
    assert!(of(Fate::Kept) > 0 && of(Fate::Deleted) > 0);
    stored_once(
        &cluster,
        of(Fate::Kept),
        of(Fate::Unknown) + uploads.unknown.get(),
    )
    .await;
    for service in services {
        service.stop().await;
    }
    sweep(cluster.tierpix(), cluster.files()).await;
}

/// What was repeated with its key was stored once.
async fn stored_once(cluster: &Cluster, kept: usize, unknown: usize) {
    let images =
        "SELECT count(*) FROM images i JOIN users u ON u.id = i.user_id WHERE username = 'anna'";
    let count = number(cluster, images).await;
    let count = usize::try_from(count).unwrap();
    assert!((kept..=kept + unknown).contains(&count), "{count} images");
}
