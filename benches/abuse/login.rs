//! Whether the time of an answer tells that a name is somebody's.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    harness::{Answer, Installation, Service},
    percentile::percentile,
};

/// Tries with each kind of name.
const TRIES: usize = 200;

/// Prints what a wrong password takes, with a name that is somebody's and with ones that are nobody's.
pub async fn run() {
    let tierpix = Installation::new()
        .with("TIERPIX_LOG", "error")
        .with("TIERPIX_TRUSTED_PROXIES", "127.0.0.0/8,::1/128");
    let service = tierpix.serve().await;
    tierpix.add_user("anna", "Basic").await;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for number in 0..TRIES {
        known.push(guess(&service, "anna", number).await);
        unknown.push(guess(&service, &format!("nobody{number}"), number).await);
    }
    println!("\n## Logins\n\n| name | p50 ms | p90 ms |\n| --- | ---: | ---: |");
    for (name, times) in [("somebody's", &mut known), ("nobody's", &mut unknown)] {
        println!(
            "| {name} | {:.2} | {:.2} |",
            percentile(times, 50),
            percentile(times, 90)
        );
    }
    service.stop().await;
}

/// A wrong password, each from a network of its own, so that none is throttled.
async fn guess(service: &Service, name: &str, number: usize) -> Duration {
    let request = service
        .request("POST", "/api-auth/login/")
        .header(
            "x-forwarded-for",
            format!("10.{}.{}.1", number / 200, number % 200),
        )
        .json(&json!({ "username": name, "password": "guessed-password" }));
    let asked = Instant::now();
    let answer = Answer::of(request).await;
    let took = asked.elapsed();
    assert_eq!(answer.status, 401, "{answer:?}");
    took
}
