//! Many who try passwords at once.

use std::thread::available_parallelism;

use futures_util::future::join_all;

use crate::{
    clients::allow_many_connections,
    harness::{Answer, Installation},
};

/// For each core: twice as many as may wait.
const LOGINS: usize = 64;

/// What checking one password takes.
const HASHING: u64 = 19 << 20;

/// For everything else that so many requests take.
const SPARE: u64 = 64 << 20;

#[actix_web::test]
async fn a_storm_of_logins_takes_the_memory_of_a_few() {
    allow_many_connections();
    let cores = available_parallelism().unwrap().get();
    let logins = cores * LOGINS;
    let tierpix = Installation::on_another_server()
        .await
        .with("TIERPIX_TRUSTED_PROXIES", "127.0.0.0/8");
    let service = tierpix.serve().await;
    tierpix.add_user("anna", "Basic").await;
    let attempts = (0..logins).map(|number| {
        // Each from a network of its own, so that none is throttled.
        let address = format!("10.{}.{}.1", number / 200, number % 200);
        let attempt = service
            .request("POST", "/api-auth/login/")
            .header("x-forwarded-for", address)
            .json(&serde_json::json!({"username": format!("user{number}"), "password": "wrong"}));
        async move { Answer::of(attempt).await.status }
    });
    let statuses = join_all(attempts).await;
    let count = |status| statuses.iter().filter(|&&one| one == status).count();
    println!("{} refused, {} put off", count(401), count(503));
    assert_eq!(count(401) + count(503), logins);
    assert!(count(401) > 0 && count(503) > 0, "{} refused", count(401));
    let most = service.memory_peak();
    println!("{} MB at the most", most >> 20);
    assert!(most < cores as u64 * HASHING + SPARE, "{most} bytes");
    let (login, _) = service.log_in("anna", "anna-password").await;
    assert_eq!(login.status, 200, "{login:?}");
}
