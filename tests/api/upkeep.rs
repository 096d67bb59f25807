//! What the service does again and again: it removes orphaned files, and rows whose time is over.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use tierpix::{
    db::{
        jobs::{CancelJob, GetJob},
        site::AllowRemoval,
    },
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
        let before = self.query(GetJob(id)).await.unwrap().finished_at;
        let now = format!("UPDATE jobs SET due_at = now() WHERE id = {}", id.0);
        self.execute(&now).await;
        eventually("it is done", async || {
            let job = self.query(GetJob(id)).await.unwrap();
            job.state == JobState::Waiting && job.finished_at > before
        })
        .await;
    }
}

/// A file beside another one, written so many minutes ago.
fn file_beside(neighbour: &Path, name: &str, minutes: u64) -> PathBuf {
    let path = neighbour.with_file_name(name);
    fs::write(&path, "no row names it").unwrap();
    age(&path, minutes);
    path
}

fn age(path: &Path, minutes: u64) {
    let then = SystemTime::now() - Duration::from_secs(60 * minutes);
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(then)
        .unwrap();
}

/// The name of an object of another image, which would lie in the same folder.
fn of_another_image(name: &Path, number: usize) -> String {
    let name = name.file_name().unwrap().to_str().unwrap();
    name.replacen(&name[..8], &format!("{number:08x}"), 1)
}

/// So many orphaned files, seen by a sweep for the first time so many days ago by the database's and by the node's clock.
async fn orphans(service: &TestService, count: usize, days: [i32; 2]) -> Vec<PathBuf> {
    let anna = service.account("Premium").await;
    anna.image().await;
    let stored = service.files();
    let orphans: Vec<_> = (0..count)
        .map(|number| file_beside(&stored[0], &of_another_image(&stored[0], number), 61))
        .collect();
    service.do_now("sweep").await;
    let [database, node] = days;
    let earlier = format!(
        "UPDATE orphans SET first_seen_at = first_seen_at - interval '{database} days', \
         node_seen_at = node_seen_at - interval '{node} days'"
    );
    assert_eq!(service.execute(&earlier).await, count as u64);
    orphans
}

fn are_there(files: &[PathBuf]) -> bool {
    files.iter().all(|file| file.exists())
}

#[actix_web::test]
async fn partial_writes_are_removed_after_an_hour() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    anna.image().await;
    let kept = service.files();
    for path in &kept {
        age(path, 600);
    }
    file_beside(&kept[0], ".tierpix-AbCdEf", 61);
    file_beside(&kept[0], ".tmpAbCdEf", 61);
    let young = file_beside(&kept[0], ".tierpix-FeDcBa", 59);
    service.do_now("sweep").await;
    let mut expected = [kept, vec![young]].concat();
    expected.sort();
    assert_eq!(service.files(), expected);
}

#[actix_web::test]
async fn an_orphan_is_removed_when_the_grace_period_is_over_by_both_clocks() {
    let service = TestService::start().await;
    for days in [[8, 6], [6, 8]] {
        let orphans = orphans(&service, 1, days).await;
        service.do_now("sweep").await;
        assert!(are_there(&orphans), "{days:?}");
        service.execute("DELETE FROM orphans").await;
        fs::remove_file(&orphans[0]).unwrap();
    }
    let kept = service.files();
    let orphans = orphans(&service, 2, [8, 8]).await;
    service.do_now("sweep").await;
    assert!(!orphans.iter().any(|file| file.exists()));
    assert!(are_there(&kept));
    assert_eq!(service.number("SELECT count(*) FROM orphans").await, 0);
}

#[actix_web::test]
async fn a_file_whose_row_is_back_is_no_orphan_any_more() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    anna.image().await;
    let kept = service.files();
    for path in &kept {
        age(path, 61);
    }
    service.execute("CREATE TABLE saved AS TABLE images").await;
    service
        .execute("CREATE TABLE saved_thumbnails AS TABLE thumbnails")
        .await;
    // As after a restore from an older dump, which knows of no deletion.
    service.execute("DELETE FROM images").await;
    service.execute("DELETE FROM removed_images").await;
    service.do_now("sweep").await;
    assert_eq!(service.number("SELECT count(*) FROM orphans").await, 3);
    service
        .execute("INSERT INTO images SELECT * FROM saved")
        .await;
    service
        .execute("INSERT INTO thumbnails SELECT * FROM saved_thumbnails")
        .await;
    let long_ago = "UPDATE orphans SET first_seen_at = '-infinity', node_seen_at = '-infinity'";
    service.execute(long_ago).await;
    service.do_now("sweep").await;
    assert!(are_there(&kept));
    assert_eq!(service.number("SELECT count(*) FROM orphans").await, 0);
}

#[actix_web::test]
async fn what_the_service_did_not_write_is_never_removed() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    anna.image().await;
    let object = &service.files()[0];
    let name = object.file_name().unwrap().to_str().unwrap().to_owned();
    let foreign = [
        service.objects.join("wedding.png"),
        service.objects.join("README.txt"),
        service.objects.join(".tmpAbCdEf"),
        service.objects.join(&name),
        service.objects.join("2024/holiday.png"),
        object.with_file_name("cat.png"),
        object.with_file_name(format!("{name}.bak")),
    ];
    for file in &foreign {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "somebody's").unwrap();
        age(file, 60 * 24 * 365);
    }
    for _ in 0..2 {
        service.do_now("sweep").await;
        let long_ago = "UPDATE orphans SET first_seen_at = '-infinity', node_seen_at = '-infinity'";
        assert_eq!(service.execute(long_ago).await, 0);
    }
    assert!(are_there(&foreign));
}

#[actix_web::test]
async fn files_that_a_deletion_left_behind_need_no_grace_period() {
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
async fn a_sweep_that_would_remove_unusually_many_files_waits_until_staff_allow_the_number() {
    let service = TestService::start().await;
    let orphans = orphans(&service, 101, [8, 8]).await;
    service.do_now("sweep").await;
    assert!(are_there(&orphans));
    assert_eq!(service.figure("tierpix_sweep_held_files").await, 101.0);

    let allow = |files| AllowRemoval {
        by: Actor::CommandLine,
        files,
    };
    let refused = service.make(allow(100)).await;
    assert_eq!(refused, Err(Refusal::OtherVersion));
    service.make(allow(101)).await.unwrap();
    service.do_now("sweep").await;
    assert!(!orphans.iter().any(|file| file.exists()));
    let held =
        "SELECT count(*) FROM site WHERE held_cause IS NOT NULL OR allowed_files IS NOT NULL";
    assert_eq!(service.number(held).await, 0);
}

#[actix_web::test]
async fn nothing_is_swept_once_another_copy_of_the_database_has_swept_the_storage() {
    let service = TestService::start().await;
    let orphans = orphans(&service, 1, [8, 8]).await;
    let token = "UPDATE site SET tokens = ARRAY[gen_random_uuid()]";
    service.execute(token).await;
    service.do_now("sweep").await;
    assert!(are_there(&orphans));
    let held = "SELECT count(*) FROM site WHERE held_cause = 'diverged'";
    assert_eq!(service.number(held).await, 1);
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
    let refused = service.make(CancelJob { by, id }).await.unwrap_err();
    assert_eq!(refused, Refusal::Upkeep);
}
