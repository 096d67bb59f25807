//! `TIERPIX_DIRECT_DATABASE_URL`, and a node that does not hear of changes.

mod pooler;

use tokio_postgres::config::Host;

use crate::{
    harness::{Installation, Service, soon},
    pictures::Jpeg,
};
use pooler::Pooler;

/// How many sizes an upload of anna's gets, by the tier that the service believes her to have.
async fn sizes(service: &Service) -> usize {
    let picture = Jpeg::photo(64, 48).encode();
    let answer = service.upload("anna", "anna-password", picture).await;
    answer.sizes().len()
}

/// How often a cache had what was asked for.
async fn hits(service: &Service) -> u64 {
    let figures = service.get("/metrics").await;
    let lines = figures.text().lines();
    lines
        .filter(|line| line.starts_with("tierpix_cache_lookups_total"))
        .filter(|line| line.contains("result=\"hit\""))
        .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
        .sum()
}

/// A service that hears of changes through the pooler, whatever else it asks past it.
async fn listening_through_a_pooler() -> (Installation, Pooler) {
    let tierpix = Installation::on_another_server().await;
    let url = tierpix.variable("DATABASE_URL").to_owned();
    let config: tokio_postgres::Config = url.parse().unwrap();
    let [Host::Unix(server)] = config.get_hosts() else {
        panic!("a scratch server has one Unix socket")
    };
    let pooler = Pooler::new(server);
    let through = url.replace(server.to_str().unwrap(), pooler.folder().to_str().unwrap());
    let tierpix = tierpix.with("TIERPIX_DIRECT_DATABASE_URL", &through);
    tierpix.run("migrate").await.done();
    tierpix.add_user("anna", "Basic").await;
    (tierpix, pooler)
}

#[actix_web::test]
async fn a_node_whose_connection_has_gone_deaf_notices_and_believes_its_caches_no_more() {
    let (tierpix, pooler) = listening_through_a_pooler().await;
    let service = tierpix.serve().await;
    assert_eq!(sizes(&service).await, 1);
    tierpix.run("user set-tier anna Premium").await.done();
    soon("the service hears of changes", async || {
        sizes(&service).await == 3
    })
    .await;

    pooler.keep_notifications(true);
    tierpix.run("user set-tier anna Basic").await.done();
    soon("the service has noticed", async || {
        sizes(&service).await == 1
    })
    .await;
    // Nothing is cached any more: each change counts at once.
    tierpix.run("user set-tier anna Premium").await.done();
    assert_eq!(sizes(&service).await, 3);
    assert!(tierpix.log().contains("TIERPIX_DIRECT_DATABASE_URL"));

    pooler.keep_notifications(false);
    let before = hits(&service).await;
    soon("the service hears and caches again", async || {
        sizes(&service).await;
        hits(&service).await > before
    })
    .await;
    service.stop().await;
}
