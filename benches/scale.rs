//! `cargo bench --bench scale`: what a million images cost those who ask for one.
//!
//! Two services, one with 1,000,000 images of 1,000 users, one nearly empty, are asked the same in turns, so that a noisy
//! machine harms both alike. `TIERPIX_BENCH_ROWS` and `TIERPIX_BENCH_REQUESTS` (2,000 of each kind) change the size.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench that cannot go on ends, and uses a part of the tests' tools"
)]

mod cpu;
#[path = "../tests/cli/harness/mod.rs"]
mod harness;
#[path = "../tests/pictures/mod.rs"]
mod pictures;
#[path = "load/site.rs"]
mod site;

use std::time::{Duration, Instant};

use harness::Installation;
use site::{Kind, Site};

const USERS: u64 = 1000;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().expect("a number"))
}

#[actix_web::main]
async fn main() {
    let rows = setting("TIERPIX_BENCH_ROWS", 1_000_000);
    let requests = setting("TIERPIX_BENCH_REQUESTS", 2000);
    let (small, large) = (installation(), installation());
    let (empty, full) = (Site::open(&small).await, Site::open(&large).await);
    let began = Instant::now();
    fill(&large, rows).await;
    println!("{rows} images in {:.0} s\n", began.elapsed().as_secs_f64());
    println!(
        "| request | p50 ms, empty | p50 ms, full | p99 ms, empty | p99 ms, full | p99 ratio |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    for kind in [Kind::List, Kind::Detail, Kind::Upload, Kind::Link] {
        let (mut in_empty, mut in_full) = (Vec::new(), Vec::new());
        for _ in 0..requests {
            in_empty.push(time(&empty, kind).await);
            in_full.push(time(&full, kind).await);
        }
        let ([p50, p99], [full_p50, full_p99]) = (percentiles(in_empty), percentiles(in_full));
        let ratio = full_p99 / p99;
        println!("| {kind} | {p50:.2} | {full_p50:.2} | {p99:.2} | {full_p99:.2} | {ratio:.2} |");
    }
    empty.close().await;
    full.close().await;
}

fn installation() -> Installation {
    Installation::new().with("TIERPIX_LOG", "warn")
}

async fn time(site: &Site, kind: Kind) -> Duration {
    let asked = Instant::now();
    site.request(kind).await;
    asked.elapsed()
}

fn percentiles(mut times: Vec<Duration>) -> [f64; 2] {
    times.sort_unstable();
    [50, 99].map(|percent| times[times.len() * percent / 100].as_secs_f64() * 1000.0)
}

/// Images, their thumbnails and a link to every tenth, spread over the users; `anna` and those who upload have their shares. The trigger
/// that counts a user's images would take a minute for each 100,000 rows of one transaction.
async fn fill(tierpix: &Installation, rows: u64) {
    let database = tierpix.connect().await;
    let sql = format!(
        "ALTER TABLE images DISABLE TRIGGER images_counted;
         INSERT INTO users (username, password_hash, tier_id)
             SELECT 'user' || n, '!', tier_id FROM users, generate_series(2, {USERS}) n WHERE username = 'anna';
         WITH someone AS (
             SELECT array_agg(id) AS ids FROM users WHERE username = 'anna' OR username LIKE 'u%'
         )
         INSERT INTO images (id, user_id, format, width, height, bytes, sha256, file_name, media_key, created_at)
             SELECT (lpad(to_hex(1600000000000 + n * 1000), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
                    someone.ids[1 + n % cardinality(someone.ids)], 'jpeg', 4000, 3000, 3000000,
                    sha256(n::text::bytea), 'IMG_' || n || '.jpg', sha256(n::text::bytea),
                    to_timestamp(1600000000 + n)
             FROM someone, generate_series(1, {rows}) n;
         INSERT INTO thumbnails (image_id, height, bytes, sha256)
             SELECT id, asked.height, 20000, sha256 FROM images, unnest('{{200,400}}'::integer[]) asked (height)
             WHERE created_at < '2025-01-01';
         INSERT INTO links (id, image_id, key_id, expires_at)
             SELECT gen_random_uuid(), id, (SELECT min(id) FROM signing_keys), now() + '1 day' FROM images
             WHERE extract(epoch FROM created_at)::bigint % 10 = 0;
         UPDATE users SET (image_count, stored_bytes) =
             (SELECT count(*), coalesce(sum(bytes), 0) FROM images WHERE user_id = users.id);
         ALTER TABLE images ENABLE TRIGGER images_counted;"
    );
    database.batch_execute(&sql).await.unwrap();
    database.batch_execute("VACUUM ANALYZE").await.unwrap();
}
