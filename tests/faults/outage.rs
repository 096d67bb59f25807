//! A database that is cut off, silent, slow, or has no connection to give.

use std::time::{Duration, Instant};

use crate::{
    harness::{Answer, Installation, Service, soon},
    network::{self, Network, Trap, Weather},
    pictures::Jpeg,
};

/// How long a request may take that the database does not answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long after its return it may take until the database is found again.
const RECOVERY: Duration = Duration::from_secs(2);

/// A service with a picture whose URL and link have been opened.
struct Known {
    tierpix: Installation,
    network: Network,
    service: Service,
    photo: Vec<u8>,
    media: String,
    link: String,
}

impl Known {
    async fn start() -> Self {
        let (tierpix, network) = network::installation().await;
        let service = tierpix.serve().await;
        tierpix.add_user("anna", "Enterprise").await;
        let photo = Jpeg::photo(400, 300).encode();
        let form = reqwest::multipart::Form::new()
            .part(
                "image",
                reqwest::multipart::Part::bytes(photo.clone()).file_name("a.jpg"),
            )
            .text("expiring_time_seconds", "3000");
        let answer = service.upload_form("anna", "anna-password", form).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let known = Self {
            tierpix,
            network,
            photo,
            media: answer.url_of("original"),
            link: answer.link(),
            service,
        };
        known.assert_goes_on().await;
        known
    }

    async fn upload(&self) -> Answer {
        let photo = self.photo.clone();
        self.service.upload("anna", "anna-password", photo).await
    }

    /// What is known is served.
    async fn assert_goes_on(&self) {
        for url in [&self.media, &self.link] {
            let answer = self.service.get(url).await;
            assert_eq!((answer.status, &answer.body[..]), (200, &self.photo[..]));
        }
    }

    /// Whoever needs the database is put off in time.
    async fn assert_put_off(&self) {
        let start = Instant::now();
        let answer = self.upload().await;
        let took = start.elapsed();
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(!answer.header("retry-after").is_empty());
        assert!(took < PATIENCE, "{took:?}");
        println!("put off after {took:?}");
    }

    async fn assert_recovers(&self) {
        let start = Instant::now();
        soon("uploads work again", async || {
            self.upload().await.status == 201
        })
        .await;
        let took = start.elapsed();
        assert!(took < RECOVERY, "{took:?}");
        println!("works again after {took:?}");
    }

    async fn number(&self, sql: &str) -> i64 {
        let client = self.tierpix.connect().await;
        client.query_one(sql, &[]).await.unwrap().get(0)
    }
}

#[actix_web::test]
async fn what_is_known_goes_on_without_the_database_and_the_rest_is_put_off() {
    let known = Known::start().await;
    known.network.set(Weather::Cut);
    known.assert_put_off().await;
    known.assert_goes_on().await;
    assert_eq!(known.service.get("/readyz").await.status, 503);
    known.network.set(Weather::Fair);
    known.assert_recovers().await;
    known.assert_goes_on().await;
}

#[actix_web::test]
async fn a_network_that_falls_silent_is_noticed() {
    let known = Known::start().await;
    known.network.set(Weather::Silent);
    known.assert_put_off().await;
    known.assert_goes_on().await;
    known.network.set(Weather::Fair);
    known.assert_recovers().await;
}

#[actix_web::test]
async fn a_link_that_was_revoked_in_an_outage_is_closed_when_the_database_is_back() {
    let known = Known::start().await;
    known.network.set(Weather::Cut);
    known.assert_put_off().await;
    let client = known.tierpix.connect().await;
    let revoke = "UPDATE links SET revoked_at = now()";
    assert_eq!(client.execute(revoke, &[]).await.unwrap(), 1);
    known.network.set(Weather::Fair);
    let start = Instant::now();
    soon("the link is closed", async || {
        known.service.get(&known.link).await.status == 404
    })
    .await;
    assert!(start.elapsed() < RECOVERY, "{:?}", start.elapsed());
}

#[actix_web::test]
async fn a_slow_database_makes_slow_answers_and_no_wrong_ones() {
    let known = Known::start().await;
    known.network.set(Weather::Slow(Duration::from_millis(100)));
    let uploads = (0..4).map(|_| known.upload());
    let answers = futures_util::future::join_all(uploads).await;
    assert!(
        answers.iter().all(|answer| answer.status == 201),
        "{answers:?}"
    );
    assert_eq!(known.number("SELECT count(*) FROM images").await, 5);
    known.assert_goes_on().await;
}

/// A limit makes storing an upload a transaction.
async fn limited() -> Known {
    let known = Known::start().await;
    let client = known.tierpix.connect().await;
    let limit = "UPDATE tiers SET uploads_per_hour = 100, storage_quota_bytes = 1000000000";
    client.execute(limit, &[]).await.unwrap();
    soon("the limit counts", async || {
        !known.upload().await.header("ratelimit-limit").is_empty()
    })
    .await;
    known
}

#[actix_web::test]
async fn an_upload_that_is_cut_off_before_its_commit_is_not_there() {
    let known = limited().await;
    let before = known.number("SELECT count(*) FROM images").await;
    known.network.set_trap(Trap::BeforeCommit);
    known.assert_put_off().await;
    known.network.set(Weather::Fair);
    known.assert_recovers().await;
    let after = known.number("SELECT count(*) FROM images").await;
    assert_eq!(after, before + 1, "the second attempt alone");
}

#[actix_web::test]
async fn an_upload_whose_commit_nobody_heard_of_is_wholly_there() {
    let known = limited().await;
    let before = known.number("SELECT count(*) FROM images").await;
    known.network.set_trap(Trap::AfterCommit);
    known.assert_put_off().await;
    known.network.set(Weather::Fair);
    assert_eq!(
        known.number("SELECT count(*) FROM images").await,
        before + 1
    );
    known.assert_recovers().await;
    known.tierpix.run("storage reconcile --verify").await.done();
}

#[actix_web::test]
async fn a_database_without_a_connection_to_give_is_as_one_that_is_away() {
    let known = Known::start().await;
    let client = known.tierpix.connect().await;
    let limit = async |connections: i32| {
        let role = &known.network.role;
        let sql = format!("ALTER ROLE {role} CONNECTION LIMIT {connections}");
        client.batch_execute(&sql).await.unwrap();
    };
    limit(0).await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    client.query(end, &[]).await.unwrap();
    known.assert_put_off().await;
    known.assert_goes_on().await;
    limit(-1).await;
    known.assert_recovers().await;
}
