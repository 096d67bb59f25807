//! What holds on both nodes together.

use std::time::Instant;

use futures_util::future::join_all;
use serde_json::json;

use crate::{
    cluster::Cluster,
    harness::{Service, eventually, soon},
    people::image,
    site::{Account, path, picture},
};

const ME: &str = "/api/v1/me/";

/// Two nodes and somebody of the tier Enterprise.
async fn with_anna() -> (Cluster, Account) {
    let cluster = Cluster::start().await;
    let anna = Account::new(&cluster, "anna", "Enterprise").await;
    (cluster, anna)
}

/// The statuses that so many requests get which are made at once, to both nodes, in order.
async fn at_once(
    cluster: &Cluster,
    documented: &[u16],
    requests: usize,
    request: impl Fn(&Service, usize) -> reqwest::RequestBuilder,
) -> Vec<u16> {
    let asked = (0..requests).map(|turn| {
        let request = &request;
        cluster.ask(turn % 2, documented, move |service| request(service, turn))
    });
    let answers = join_all(asked).await;
    let mut statuses: Vec<u16> = answers
        .into_iter()
        .map(|answer| answer.unwrap().status)
        .collect();
    statuses.sort_unstable();
    statuses
}

#[actix_web::test]
async fn a_session_counts_on_both_nodes_and_ends_on_both() {
    let (cluster, anna) = with_anna().await;
    let me = |service: &Service| anna.request(service, "GET", ME);
    for node in [0, 1] {
        assert!(cluster.ask(node, &[200], me).await.is_some());
    }
    let leave = |service: &Service| anna.request(service, "POST", "/api-auth/logout/");
    cluster.insist(1, &[204], leave).await;
    cluster.turns_from(200, 401, Instant::now(), me).await;
}

#[actix_web::test]
async fn logins_that_fail_on_either_node_are_counted_together() {
    let (cluster, _) = with_anna().await;
    let log_in = |password: &'static str| {
        let body = json!({ "username": "anna", "password": password });
        move |service: &Service| service.request("POST", "/api-auth/login/").json(&body)
    };
    for attempt in 0..10 {
        let wrong = log_in("guessed-password");
        let answer = cluster.ask(attempt % 2, &[401], wrong).await;
        assert!(answer.is_some());
    }
    for node in [0, 1] {
        soon("the account is closed", async || {
            let right = log_in("anna-password");
            let answer = cluster.ask(node, &[200, 429], right).await;
            answer.unwrap().status == 429
        })
        .await;
    }
}

#[actix_web::test]
async fn uploads_to_both_nodes_at_once_stay_within_the_quota_and_the_rate() {
    let cluster = Cluster::start().await;
    let picture = picture();
    let quota = format!("--storage-quota-bytes {}", 3 * picture.len());
    for (name, limit, refused) in [
        ("quota", &*quota, 403),
        ("rate", "--uploads-per-hour 3", 429),
    ] {
        let add = format!("tier add {name} --heights 20 {limit}");
        cluster.tierpix().run(&add).await.done();
        let anna = Account::new(&cluster, &format!("anna-{name}"), name).await;
        let upload = |service: &Service, _| anna.upload(service, &picture);
        let statuses = at_once(&cluster, &[201, refused], 8, upload).await;
        assert_eq!(statuses, [&[201; 3][..], &[refused; 5]].concat());
    }
}

#[actix_web::test]
async fn an_upload_that_is_repeated_on_the_other_node_is_stored_once() {
    let (cluster, anna) = with_anna().await;
    let picture = picture();
    let upload = |service: &Service, _| {
        let upload = anna.upload(service, &picture);
        upload.header("idempotency-key", "once")
    };
    let statuses = at_once(&cluster, &[201, 409], 6, upload).await;
    assert_eq!(statuses[0], 201);
    for node in [0, 1] {
        let again = cluster
            .ask(node, &[201], |service| upload(service, 0))
            .await;
        assert_eq!(again.unwrap().header("idempotency-replayed"), "true");
    }
    let (me, _) = anna.send(&cluster, 0, "GET", ME, &json!(null)).await;
    assert_eq!(me["usage"]["images"], 1);
}

#[actix_web::test]
async fn the_uses_of_a_link_are_counted_over_both_nodes() {
    let (cluster, anna) = with_anna().await;
    let image = image(&anna.image(&cluster, 0).await);
    let fields = json!({ "expiring_time_seconds": 3000, "max_uses": 3 });
    let links = format!("{image}links/");
    let (link, _) = anna.send(&cluster, 0, "POST", &links, &fields).await;
    let link = path(link["expiring_link"].as_str().unwrap());
    let open = |service: &Service, client: usize| {
        let open = service.request("GET", &link);
        open.header("user-agent", client.to_string())
    };
    let statuses = at_once(&cluster, &[200, 404], 10, open).await;
    assert_eq!(statuses, [&[200; 3][..], &[404; 7]].concat());
}

#[actix_web::test]
async fn a_node_that_lost_the_connection_it_hears_by_refuses_a_revoked_link() {
    let (cluster, anna) = with_anna().await;
    let image = image(&anna.image(&cluster, 0).await);
    let link = anna.link(&cluster, 0, &image).await;
    assert!(link.opens(&cluster, |_| false).await);
    let database = cluster.tierpix().connect().await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%'";
    eventually("both connections are ended", async || {
        database.query(end, &[]).await.unwrap().len() == 2
    })
    .await;
    let revoke = |service: &Service| anna.request(service, "DELETE", &link.place);
    cluster.insist(0, &[204], revoke).await;
    let open = |service: &Service| service.request("GET", &link.path);
    cluster.turns_from(200, 404, Instant::now(), open).await;
}
