//! What the service does again and again: it removes files that are nobody's, and rows whose time is over.

use std::{
    fs::{self, File},
    path::PathBuf,
    time::{Duration, SystemTime},
};

use tierpix::{
    db::jobs::{CancelJob, GetJob},
    domain::{
        job::{JobId, JobState},
        staff::{Actor, Refusal},
    },
};

use crate::harness::{TestService, eventually};

impl TestService {
    /// Has this job of upkeep done now.
    async fn do_now(&self, kind: &str) {
        let id = format!("SELECT id FROM jobs WHERE kind = '{kind}'");
        let id = JobId(self.number(&id).await);
        let now = format!("UPDATE jobs SET due_at = now() WHERE id = {}", id.0);
        self.execute(&now).await;
        eventually("it is done", async || {
            let job = self.query(GetJob(id)).await.unwrap();
            job.state == JobState::Waiting && job.finished_at.is_some()
        })
        .await;
    }
}

/// A file beside another one, written so many minutes ago.
fn file_beside(neighbour: &std::path::Path, name: &str, minutes: u64) -> PathBuf {
    let path = neighbour.with_file_name(name);
    fs::write(&path, "nobody's").unwrap();
    age(&path, minutes);
    path
}

fn age(path: &std::path::Path, minutes: u64) {
    let then = SystemTime::now() - Duration::from_secs(60 * minutes);
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(then)
        .unwrap();
}

#[actix_web::test]
async fn a_sweep_removes_old_files_that_are_nobodys_and_no_others() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    anna.image().await;
    let kept = service.files();
    for path in &kept {
        age(path, 600);
    }
    let name = kept[0].file_name().unwrap().to_str().unwrap();
    let other_image = name.replacen(&name[..8], "00000000", 1);
    let other_size = format!("{}-77-{}", &name[..32], &name[name.len() - 26..]);
    file_beside(&kept[0], &other_image, 61);
    file_beside(&kept[0], &other_size, 61);
    file_beside(&kept[0], ".tmpAbCdEf", 61);
    let young = file_beside(&kept[0], ".tmpFeDcBa", 59);

    service.do_now("sweep").await;
    let mut expected = [kept, vec![young]].concat();
    expected.sort();
    assert_eq!(service.files(), expected);
    assert_eq!(
        service
            .number("SELECT done FROM jobs WHERE kind = 'sweep'")
            .await,
        3
    );
}

#[actix_web::test]
async fn files_that_a_deletion_left_behind_are_removed() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    anna.image().await;
    service.delete_user(&anna).await;
    for path in service.files() {
        age(&path, 61);
    }
    assert_eq!(service.files().len(), 3);
    service.do_now("sweep").await;
    assert_eq!(service.files(), Vec::<PathBuf>::new());
}

#[actix_web::test]
async fn what_is_over_is_removed_and_nothing_else() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    anna.image().await;
    let user = anna.id.0;
    // Of each two that are over and one that is not, told apart by their age.
    let (old, new) = ("interval '31 days'", "interval '1 second'");
    let ages = format!("unnest(ARRAY[{old} * 4, {old} * 3, {new}]) AS age");
    let digest = "decode(md5(age::text), 'hex')";
    let id = "md5(age::text)::uuid";
    for statement in [
        format!(
            "INSERT INTO sessions SELECT {digest}, {user}, 1, now() - age, now() - age FROM {ages}"
        ),
        // Used just now, but its login is too long ago.
        format!(
            "INSERT INTO sessions SELECT '\\x00', {user}, 1, now() - interval '91 days', now()"
        ),
        format!(
            "INSERT INTO api_tokens SELECT {id}, {user}, 'a', '{{read}}', {digest}, now(), now() - age FROM {ages}"
        ),
        format!("INSERT INTO recent_uploads SELECT {user}, now() - age FROM {ages}"),
        format!(
            "INSERT INTO idempotency_keys SELECT {user}, age::text, '', {id}, now() - age FROM {ages}"
        ),
        format!(
            "INSERT INTO links (id, image_id, key_id, expires_at) SELECT {id}, i.id, 1, now() - age FROM images i, {ages}"
        ),
        format!(
            "INSERT INTO link_openings SELECT l.id, {digest}, now() - age FROM (SELECT id FROM links ORDER BY expires_at DESC LIMIT 1) l, {ages}"
        ),
        // The second one is named by a link, the first and the third by none.
        format!("INSERT INTO signing_keys (salt, withdrawn_at) SELECT '', now() - age FROM {ages}"),
        "UPDATE links SET key_id = 3 WHERE expires_at > now() - interval '1 day'".to_owned(),
        format!(
            "INSERT INTO jobs (kind, state, finished_at) SELECT 'backfill', 'done', now() - age FROM {ages}"
        ),
    ] {
        assert!(service.execute(&statement).await > 0, "{statement}");
    }
    service.do_now("expiry").await;
    for (table, left) in [
        ("sessions", 1),
        ("api_tokens", 1),
        // That of the upload too.
        ("recent_uploads", 2),
        ("idempotency_keys", 1),
        ("links", 1),
        ("link_openings", 1),
        ("signing_keys", 3),
        // With the two of upkeep.
        ("jobs", 3),
        ("images", 1),
        ("thumbnails", 2),
        ("users", 1),
    ] {
        let count = format!("SELECT count(*) FROM {table}");
        assert_eq!(service.number(&count).await, left, "{table}");
    }
    let keys = "SELECT sum(id)::bigint FROM signing_keys";
    assert_eq!(service.number(keys).await, 1 + 3 + 4);
}

#[actix_web::test]
async fn upkeep_is_never_cancelled() {
    let service = TestService::start().await;
    let jobs = "SELECT id FROM jobs WHERE repeat_after IS NOT NULL ORDER BY id LIMIT 1";
    let id = JobId(service.number(jobs).await);
    let by = Actor::CommandLine;
    let refused = service.query(CancelJob { by, id }).await.unwrap_err();
    assert_eq!(refused, Refusal::Upkeep);
}
