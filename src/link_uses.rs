//! Counts how often links are opened.
//!
//! A link whose uses are limited is counted in the database before it opens. The others are counted here and
//! written now and then, so that opening them costs no query.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use hmac::{Hmac, KeyInit, Mac};
use moka::sync::Cache;
use sha2::Sha256;
use time::OffsetDateTime;

use crate::{
    actors::Db,
    db::{
        DbError,
        links::{AddUses, Link, LinkOpens, UseLink, Uses},
    },
    domain::link::LinkId,
    secret::SecretKey,
};

/// The same client opening the same link within this time uses it once: downloads are resumed, previews repeated.
const SAME_USE: Duration = Duration::from_secs(60);

/// How often what was counted is written.
pub const WRITE_EVERY: Duration = Duration::from_secs(5);

/// A client as far as uses are concerned: a keyed digest, from which nobody can be told.
pub type ClientDigest = [u8; 32];

/// Uses that are not written yet.
pub struct LinkUses {
    db: Db,
    key: [u8; 32],
    counted: Mutex<HashMap<LinkId, Uses>>,
    just_now: Cache<(LinkId, ClientDigest), ()>,
}

impl LinkUses {
    /// Nothing counted yet. The digests of all nodes of one secret agree.
    pub fn new(db: Db, secret: &SecretKey) -> Self {
        Self {
            db,
            key: secret.derive("link client", b""),
            counted: Mutex::default(),
            just_now: Cache::builder()
                .max_capacity(100_000)
                .time_to_live(SAME_USE)
                .build(),
        }
    }

    /// The digest of a client.
    pub fn client(&self, address: IpAddr, user_agent: &[u8]) -> ClientDigest {
        #[expect(
            clippy::expect_used,
            reason = "HMAC takes a key of any length (RFC 2104, section 2)"
        )]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes any key");
        let address = address.to_string();
        mac.update(&(address.len() as u64).to_be_bytes());
        mac.update(address.as_bytes());
        mac.update(user_agent);
        mac.finalize().into_bytes().into()
    }

    /// Counts one use; `false` if the link has none left.
    pub async fn take(&self, link: &Link, client: ClientDigest) -> Result<bool, DbError> {
        let id = link.claims.id;
        if link.max_uses.is_some() {
            return self.db.run(UseLink { link: id, client }).await;
        }
        if self.just_now.entry((id, client)).or_insert(()).is_fresh() {
            let now = OffsetDateTime::now_utc();
            let mut counted = self.counted();
            let uses = counted.entry(id).or_insert(Uses {
                link: id,
                count: 0,
                last: now,
            });
            uses.count = uses.count.saturating_add(1);
            uses.last = now;
        }
        Ok(true)
    }

    /// Whether [`LinkUses::take`] would find a use left; counts none.
    pub async fn are_left(&self, link: &Link, client: ClientDigest) -> Result<bool, DbError> {
        if link.max_uses.is_none() {
            return Ok(true);
        }
        // The cache does not hear of uses.
        let link = link.claims.id;
        self.db.run(LinkOpens { link, client }).await
    }

    /// Writes what was counted. What cannot be written now is written with the next.
    pub async fn write(&self) {
        let uses: Vec<Uses> = self.counted().drain().map(|(_, uses)| uses).collect();
        if uses.is_empty() {
            return;
        }
        if let Err(error) = self.db.run(AddUses(uses.clone())).await {
            tracing::warn!(%error, "cannot write the uses of links");
            let mut counted = self.counted();
            for uses in uses {
                let newer = counted
                    .entry(uses.link)
                    .or_insert(Uses { count: 0, ..uses });
                newer.count = newer.count.saturating_add(uses.count);
            }
        }
    }

    fn counted(&self) -> std::sync::MutexGuard<'_, HashMap<LinkId, Uses>> {
        // Nothing that holds it can leave it half changed.
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
