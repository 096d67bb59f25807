//! Making the thumbnails that images in store lack.

use std::fs;

use futures_util::future::join_all;
use tierpix::{
    db::{
        jobs::{AdvanceJob, CancelJob, GetJob, Job, RunnerId, StartBackfill, Step, TakeJob},
        tiers::FindTier,
    },
    domain::{
        job::{JobId, JobKind, JobState},
        staff::{Actor, Refusal, StaffRole},
        tier::TierId,
        user::User,
    },
};
use uuid::Uuid;

use crate::{
    harness::{Account, TestService, eventually},
    pictures::Jpeg,
};

impl TestService {
    async fn tier(&self, name: &str) -> TierId {
        self.query(FindTier(name.to_owned())).await.unwrap().id
    }

    async fn start_backfill(&self, tier: Option<TierId>, remake: bool) -> Result<Job, Refusal> {
        let by = Actor::CommandLine;
        self.make(StartBackfill { by, tier, remake }).await
    }

    /// Makes what all images lack, and waits until that is done.
    async fn backfill(&self, remake: bool) -> Job {
        let job = self.start_backfill(None, remake).await.unwrap();
        self.ended(job.id).await
    }

    async fn job(&self, id: JobId) -> Job {
        self.query(GetJob(id)).await.unwrap()
    }

    async fn ended(&self, id: JobId) -> Job {
        eventually("the job ends", async || {
            self.job(id).await.state.has_ended()
        })
        .await;
        self.job(id).await
    }

    /// Counts from now on how often each thumbnail is written down.
    async fn count_made(&self) {
        for statement in [
            "CREATE TABLE made (image_id uuid, height integer)",
            "CREATE FUNCTION note_made() RETURNS trigger LANGUAGE plpgsql AS \
             'BEGIN INSERT INTO made VALUES (NEW.image_id, NEW.height); RETURN NULL; END'",
            "CREATE TRIGGER made AFTER INSERT OR UPDATE ON thumbnails \
             FOR EACH ROW EXECUTE FUNCTION note_made()",
        ] {
            self.execute(statement).await;
        }
    }

    /// How many thumbnails were made, and how many of them more than once.
    async fn made(&self) -> (i64, i64) {
        let all = self.number("SELECT count(*) FROM made").await;
        let once = "SELECT count(*) FROM (SELECT DISTINCT image_id, height FROM made) AS once";
        (all, all - self.number(once).await)
    }

    async fn set_heights(&self, heights: &str) {
        self.execute(&format!("UPDATE tiers SET thumbnail_heights = '{heights}'"))
            .await;
    }
}

/// A service with so many images of one height.
async fn with_images(count: usize) -> (TestService, Account) {
    // One image after another.
    let service = TestService::start_with(&["--thumbnail-threads", "1"]).await;
    let anna = service.account("Basic").await;
    for _ in 0..count {
        anna.image().await;
    }
    (service, anna)
}

#[actix_web::test]
async fn what_is_missing_is_made_once_and_what_is_there_is_left_alone() {
    let (service, anna) = with_images(5).await;
    service.count_made().await;
    service.set_heights("{200,10,20}").await;
    let job = service.backfill(false).await;
    assert_eq!((job.state, job.done, job.failed), (JobState::Done, 5, 0));
    assert_eq!(job.plan.unwrap().images, 5);
    assert_eq!(service.made().await, (10, 0));
    assert_eq!(service.files().len(), 20);

    let again = service.backfill(false).await;
    assert_eq!((again.state, again.done), (JobState::Done, 0));
    assert_eq!(service.made().await, (10, 0));

    let list = anna.get("/api/v1/images/").await.json();
    for image in list["results"].as_array().unwrap() {
        for size in image["images"].as_array().unwrap() {
            let url = size["image"].as_str().unwrap();
            let thumbnail = image::load_from_memory(&service.get(url).await.body).unwrap();
            assert_eq!(size["height"], thumbnail.height());
        }
    }
    assert_eq!(service.made().await, (10, 0), "none was made on demand");
}

#[actix_web::test]
async fn all_are_made_again_once_where_that_is_asked_for() {
    let (service, _) = with_images(3).await;
    service.count_made().await;
    let job = service.backfill(true).await;
    assert_eq!((job.state, job.done), (JobState::Done, 3));
    assert_eq!(service.made().await, (3, 0));
}

#[actix_web::test]
async fn only_the_images_of_a_tiers_users_are_looked_at() {
    let (service, _) = with_images(2).await;
    service.account("Premium").await.image().await;
    service.set_heights("{10}").await;
    let premium = service.tier("Premium").await;
    let job = service.start_backfill(Some(premium), false).await.unwrap();
    let job = service.ended(job.id).await;
    assert_eq!((job.state, job.done), (JobState::Done, 1));
    let made = "SELECT count(*) FROM thumbnails WHERE height = 10";
    assert_eq!(service.number(made).await, 1);
}

#[actix_web::test]
async fn an_image_that_cannot_be_rendered_is_told_and_does_not_stop_the_others() {
    let (service, _) = with_images(4).await;
    let originals: Vec<_> = service.files();
    let originals: Vec<_> = originals
        .iter()
        .filter(|path| path.to_string_lossy().contains("-original-"))
        .collect();
    fs::remove_file(originals[0]).unwrap();
    fs::write(originals[1], Jpeg::photo(50, 50).encode()).unwrap();
    service.set_heights("{10}").await;
    let job = service.backfill(false).await;
    assert_eq!((job.state, job.done, job.failed), (JobState::Done, 2, 2));
    let why = job.last_error.unwrap();
    assert!(why.ends_with("the original is missing or altered"), "{why}");
}

#[actix_web::test]
async fn a_thumbnail_that_is_asked_for_before_its_turn_is_made_once() {
    let (service, anna) = with_images(10).await;
    service.count_made().await;
    service.set_heights("{10,20}").await;
    eventually("the tier is heard of", async || {
        let list = anna.get("/api/v1/images/").await.json();
        list["results"][0]["images"].as_array().unwrap().len() == 2
    })
    .await;
    let list = anna.get("/api/v1/images/").await.json();
    let urls: Vec<String> = list["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|image| image["images"][0]["image"].as_str().unwrap().to_owned())
        .collect();
    let asking = join_all(
        urls.iter()
            .flat_map(|url| [url, url])
            .map(|url| service.get(url)),
    );
    let (answers, job) = tokio::join!(asking, service.backfill(false));
    for answer in answers {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert_eq!((job.state, job.failed), (JobState::Done, 0));
    assert_eq!(service.made().await, (20, 0));
}

#[actix_web::test]
async fn what_counts_is_the_tier_at_the_time_of_an_images_turn() {
    let (service, anna) = with_images(3).await;
    service.set_heights("{10}").await;
    service
        .execute("UPDATE tiers SET thumbnail_heights = '{20,30}' WHERE name = 'Premium'")
        .await;
    let waits = service.connection().await;
    waits
        .batch_execute("BEGIN; LOCK TABLE images")
        .await
        .unwrap();
    let job = service.start_backfill(None, false).await.unwrap();
    eventually("the job begins", async || {
        service.job(job.id).await.state == JobState::Running
    })
    .await;
    waits
        .batch_execute(&format!(
            "UPDATE users SET tier_id = (SELECT id FROM tiers WHERE name = 'Premium') WHERE id = {}; COMMIT",
            anna.id.0
        ))
        .await
        .unwrap();
    let job = service.ended(job.id).await;
    assert_eq!((job.state, job.done), (JobState::Done, 3));
    let made = "SELECT sum(height)::bigint FROM thumbnails WHERE height <> 200";
    assert_eq!(service.number(made).await, 3 * (20 + 30));
}

#[actix_web::test]
async fn a_cancelled_one_stops_wherever_it_runs() {
    let (service, _) = with_images(3).await;
    service.set_heights("{10}").await;
    // The second image's turn does not end.
    let waits = service.connection().await;
    waits
        .batch_execute("BEGIN; SELECT id FROM images ORDER BY id LIMIT 1 OFFSET 1 FOR UPDATE")
        .await
        .unwrap();
    let job = service.start_backfill(None, false).await.unwrap();
    eventually("the second image's turn", async || {
        service.waiting().await == 1
    })
    .await;
    let cancel = || CancelJob {
        by: Actor::CommandLine,
        id: job.id,
    };
    let cancelled = service.make(cancel()).await.unwrap();
    assert_eq!(cancelled.state, JobState::Cancelled);
    assert_eq!(service.make(cancel()).await.unwrap_err(), Refusal::JobEnded);
    // The runner has left it when it does something else.
    let premium = service.tier("Premium").await;
    let other = service.start_backfill(Some(premium), false).await.unwrap();
    service.ended(other.id).await;
    waits.batch_execute("COMMIT").await.unwrap();
    let made = "SELECT count(*) FROM thumbnails WHERE height = 10";
    assert!(
        service.number(made).await <= 2,
        "the third image's turn never came"
    );
    assert_eq!(service.job(job.id).await.state, JobState::Cancelled);
    // The next one goes on with what is left.
    assert_eq!(service.backfill(false).await.state, JobState::Done);
    assert_eq!(service.number(made).await, 3);
}

#[actix_web::test]
async fn one_of_a_tier_at_a_time() {
    let service = TestService::start().await;
    let basic = service.tier("Basic").await;
    // Nobody may take it up.
    let waits = service.connection().await;
    waits.batch_execute("BEGIN").await.unwrap();
    let job = service.start_backfill(Some(basic), false).await;
    let first = job.unwrap().id;
    let statement = format!("SELECT id FROM jobs WHERE id = {} FOR UPDATE", first.0);
    waits.batch_execute(&statement).await.unwrap();
    if !service.job(first).await.state.has_ended() {
        let second = service.start_backfill(Some(basic), true).await.unwrap_err();
        assert_eq!(second, Refusal::BackfillUnderWay(first));
        assert!(service.start_backfill(None, false).await.is_ok());
    }
    waits.batch_execute("COMMIT").await.unwrap();
    service.ended(first).await;
    assert!(service.start_backfill(Some(basic), false).await.is_ok());
    let gone = service.start_backfill(Some(TierId(999)), false).await;
    assert_eq!(gone.unwrap_err(), Refusal::Gone);
}

#[actix_web::test]
async fn managers_start_and_cancel_them_and_viewers_do_not() {
    let service = TestService::start().await;
    let actor = async |role| {
        let account = service.staff(role).await;
        let user = tierpix::db::users::GetUser(account.id);
        let user: User = service.query(user).await.unwrap();
        Actor::of(&user).unwrap()
    };
    let start = |by: &Actor| StartBackfill {
        by: by.clone(),
        tier: None,
        remake: false,
    };
    let viewer = actor(StaffRole::Viewer).await;
    let refused = service.make(start(&viewer)).await.unwrap_err();
    assert_eq!(refused, Refusal::Forbidden);
    let manager = actor(StaffRole::Manager).await;
    let job = service.make(start(&manager)).await.unwrap();
    assert!(job.asked_by.is_some());
    let cancel = CancelJob {
        by: viewer,
        id: job.id,
    };
    assert_eq!(service.make(cancel).await.unwrap_err(), Refusal::Forbidden);
    let logged = "SELECT count(*) FROM audit_log WHERE object_kind = 'job' AND action = 'added'";
    assert_eq!(service.number(logged).await, 1);
}

#[actix_web::test]
async fn two_runners_never_have_the_same_job() {
    let mut service = TestService::start().await;
    service.stop().await;
    let database = tierpix::db::Database::new(service.database.config().clone(), 8).unwrap();
    for number in 1..=20 {
        let insert = format!(
            "INSERT INTO jobs (kind, tier_id, tier_name) VALUES ('backfill', {number}, 'Gold')"
        );
        service.execute(&insert).await;
    }
    let take = |runner: RunnerId| {
        database.run(TakeJob {
            runner,
            kinds: vec![JobKind::Backfill],
            only: None,
            after: std::time::Duration::ZERO,
        })
    };
    let runners: Vec<_> = (0..4).map(|_| RunnerId(Uuid::new_v4())).collect();
    let taken = join_all(runners.iter().map(async |&runner| {
        let mut taken = Vec::new();
        while let Some(job) = take(runner).await.unwrap() {
            taken.push(job.id.0);
        }
        taken
    }))
    .await;
    let mut all = taken.concat();
    all.sort_unstable();
    let before = all.len();
    all.dedup();
    assert_eq!((before, all.len()), (20, 20));

    // One that was silent for too long has lost its job, and may not write.
    let (job, owner) = (JobId(taken[0][0]), runners[0]);
    let silent = format!("UPDATE jobs SET due_at = now() WHERE id = {}", job.0);
    service.execute(&silent).await;
    let thief = RunnerId(Uuid::new_v4());
    assert_eq!(take(thief).await.unwrap().unwrap().id, job);
    let step = |done| Step {
        done,
        ..Step::default()
    };
    assert!(!database.run(AdvanceJob(job, owner, step(5))).await.unwrap());
    assert!(database.run(AdvanceJob(job, thief, step(1))).await.unwrap());
    assert_eq!(database.run(GetJob(job)).await.unwrap().unwrap().done, 1);
}

#[actix_web::test]
async fn an_outage_of_the_database_only_delays_it() {
    let (service, _) = with_images(3).await;
    service.set_heights("{10}").await;
    let waits = service.connection().await;
    waits
        .batch_execute("BEGIN; SELECT id FROM images ORDER BY id LIMIT 1 FOR UPDATE")
        .await
        .unwrap();
    let job = service.start_backfill(None, false).await.unwrap();
    eventually("the first image's turn", async || {
        service.waiting().await == 1
    })
    .await;
    service.end_database_connections().await;
    // By a connection of its own: those of the pool were ended too, and fail once more.
    let ended = format!(
        "SELECT count(*) FROM jobs WHERE id = {} AND state = 'done'",
        job.id.0
    );
    eventually("the job ends", async || service.number(&ended).await == 1).await;
    let mut found = service.database.run(GetJob(job.id)).await;
    while found.is_err() {
        found = service.database.run(GetJob(job.id)).await;
    }
    let job = found.unwrap().unwrap();
    assert_eq!((job.state, job.done, job.failed), (JobState::Done, 3, 0));
}
