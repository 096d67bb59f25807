//! What is remembered of the database, so that most requests need not ask it.
//!
//! Every node hears from the database what changed (see [`crate::db::listen`]) and drops just that. While it
//! hears nothing, it remembers nothing.

use std::{
    future::Future,
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use moka::future::Cache;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};
use uuid::Uuid;

use crate::{
    actors::Db,
    db::{
        DbError,
        api_tokens::{ApiToken, FindToken, TokenDigest},
        images::{GetImage, Image},
        links::{GetLink, Link},
        listen::Notice,
        sessions::{GetSession, Session, SessionDigest},
        tiers::GetTier,
        users::GetUser,
    },
    domain::{
        image::ImageId,
        link::LinkId,
        tier::{Tier, TierId},
        user::{User, UserId},
    },
};

/// A change that is heard of late, because the notice was lost, counts after this time at the latest.
const TIME_TO_LIVE: Duration = Duration::from_secs(60);

/// The caches in front of the `DbActor`.
pub struct Caches {
    db: Db,
    tiers: ReadThrough<TierId, Tier>,
    users: ReadThrough<UserId, User>,
    sessions: ReadThrough<SessionDigest, Session>,
    images: ReadThrough<ImageId, Image>,
    links: ReadThrough<LinkId, Link>,
    tokens: ReadThrough<TokenDigest, ApiToken>,
    lookups: Family<Lookup, Counter>,
}

impl Caches {
    /// Empty caches, which remember nothing until [`Notice::Listening`].
    pub fn new(db: Db) -> Self {
        let lookups = Family::default();
        Self {
            db,
            tiers: ReadThrough::new("tiers", 1_000, &lookups),
            users: ReadThrough::new("users", 20_000, &lookups),
            sessions: ReadThrough::new("sessions", 20_000, &lookups),
            images: ReadThrough::new("images", 50_000, &lookups),
            links: ReadThrough::new("links", 20_000, &lookups),
            tokens: ReadThrough::new("tokens", 20_000, &lookups),
            lookups,
        }
    }

    /// Adds what lookups are counted by.
    pub fn register(&self, registry: &mut Registry) {
        let help = "Lookups in the caches in front of the database";
        registry.register("cache_lookups", help, self.lookups.clone());
    }

    /// The tier of this id.
    pub async fn tier(&self, id: TierId) -> Result<Option<Arc<Tier>>, DbError> {
        self.tiers.get(id, self.db.run(GetTier(id))).await
    }

    /// The user of this id.
    pub async fn user(&self, id: UserId) -> Result<Option<Arc<User>>, DbError> {
        self.users.get(id, self.db.run(GetUser(id))).await
    }

    /// The session of this digest.
    pub async fn session(&self, digest: SessionDigest) -> Result<Option<Arc<Session>>, DbError> {
        self.sessions
            .get(digest, self.db.run(GetSession(digest)))
            .await
    }

    /// The image of this id.
    pub async fn image(&self, id: ImageId) -> Result<Option<Arc<Image>>, DbError> {
        self.images.get(id, self.db.run(GetImage(id))).await
    }

    /// The link of this id.
    pub async fn link(&self, id: LinkId) -> Result<Option<Arc<Link>>, DbError> {
        self.links.get(id, self.db.run(GetLink(id))).await
    }

    /// The API token of this digest.
    pub async fn token(&self, digest: TokenDigest) -> Result<Option<Arc<ApiToken>>, DbError> {
        self.tokens
            .get(digest, self.db.run(FindToken(digest)))
            .await
    }

    /// Forgets a tier, without waiting for the notice.
    pub async fn forget_tier(&self, id: TierId) {
        self.tiers.forget(&id).await;
    }

    /// Forgets a user, without waiting for the notice.
    pub async fn forget_user(&self, id: UserId) {
        self.users.forget(&id).await;
    }

    /// Forgets a token, without waiting for the notice.
    pub async fn forget_token(&self, digest: &TokenDigest) {
        self.tokens.forget(digest).await;
    }

    /// Forgets a link, without waiting for the notice.
    pub async fn forget_link(&self, id: LinkId) {
        self.links.forget(&id).await;
    }

    /// Forgets a session, without waiting for the notice.
    pub async fn forget_session(&self, digest: &SessionDigest) {
        self.sessions.forget(digest).await;
    }

    /// Forgets an image, without waiting for the notice.
    pub async fn forget_image(&self, id: ImageId) {
        self.images.forget(&id).await;
    }

    /// Follows what the database tells.
    pub async fn hear(&self, notice: &Notice) {
        match notice {
            Notice::Listening => self.remember(true),
            Notice::Lost => self.remember(false),
            Notice::Changed { kind, id } => {
                if self.forget(kind, id).await.is_none() {
                    tracing::debug!(kind, id, "a notice that no cache is for");
                }
            }
        }
    }

    fn remember(&self, on: bool) {
        self.tiers.remember(on);
        self.users.remember(on);
        self.sessions.remember(on);
        self.images.remember(on);
        self.links.remember(on);
        self.tokens.remember(on);
    }

    async fn forget(&self, kind: &str, id: &str) -> Option<()> {
        match kind {
            "tier" => self.tiers.forget(&TierId(id.parse().ok()?)).await,
            "user" => self.users.forget(&UserId(id.parse().ok()?)).await,
            "session" => self.sessions.forget(&digest(id)?).await,
            "token" => self.tokens.forget(&digest(id)?).await,
            "image" => {
                self.images
                    .forget(&ImageId(Uuid::try_parse(id).ok()?))
                    .await
            }
            "link" => self.links.forget(&LinkId(Uuid::try_parse(id).ok()?)).await,
            _ => return None,
        }
        Some(())
    }
}

/// Reads `bytea` as PostgreSQL writes it: `\x` and hexadecimal digits.
fn digest(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix("\\x")?;
    let mut digest = [0; 32];
    if digits.len() != 2 * digest.len() {
        return None;
    }
    for (index, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(digest)
}

/// A cache that loads what it does not hold, once however many ask. That there is nothing is not remembered.
struct ReadThrough<K, V> {
    entries: Cache<K, Arc<V>>,
    /// Counts what was forgotten: a load that began before must not bring the old value back.
    forgotten: AtomicU64,
    remembering: AtomicBool,
    hits: Counter,
    misses: Counter,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Lookup {
    cache: &'static str,
    result: &'static str,
}

/// Why a load gave nothing to remember.
enum NotLoaded {
    Missing,
    Failed(DbError),
}

impl<K: Hash + Eq + Copy + Send + Sync + 'static, V: Send + Sync + 'static> ReadThrough<K, V> {
    fn new(cache: &'static str, capacity: u64, lookups: &Family<Lookup, Counter>) -> Self {
        let counter = |result| lookups.get_or_create_owned(&Lookup { cache, result });
        Self {
            hits: counter("hit"),
            misses: counter("miss"),
            entries: Cache::builder()
                .max_capacity(capacity)
                .time_to_live(TIME_TO_LIVE)
                .build(),
            forgotten: AtomicU64::new(0),
            remembering: AtomicBool::new(false),
        }
    }

    async fn get(
        &self,
        key: K,
        load: impl Future<Output = Result<Option<V>, DbError>>,
    ) -> Result<Option<Arc<V>>, DbError> {
        if !self.remembering.load(Ordering::Acquire) {
            self.misses.inc();
            return Ok(load.await?.map(Arc::new));
        }
        if let Some(value) = self.entries.get(&key).await {
            self.hits.inc();
            return Ok(Some(value));
        }
        self.misses.inc();
        let before = self.forgotten.load(Ordering::Acquire);
        let loaded = self
            .entries
            .try_get_with(key, async {
                match load.await {
                    Ok(Some(value)) => Ok(Arc::new(value)),
                    Ok(None) => Err(NotLoaded::Missing),
                    Err(error) => Err(NotLoaded::Failed(error)),
                }
            })
            .await;
        if self.forgotten.load(Ordering::Acquire) != before {
            self.entries.invalidate(&key).await;
        }
        match loaded {
            Ok(value) => Ok(Some(value)),
            Err(why) => match &*why {
                NotLoaded::Missing => Ok(None),
                NotLoaded::Failed(error) => Err(error.clone()),
            },
        }
    }

    async fn forget(&self, key: &K) {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        self.entries.invalidate(key).await;
    }

    fn remember(&self, on: bool) {
        self.remembering.store(on, Ordering::Release);
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        self.entries.invalidate_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(cache: &ReadThrough<u8, u8>, value: u8) -> u8 {
        *cache
            .get(1, async { Ok(Some(value)) })
            .await
            .unwrap()
            .unwrap()
    }

    #[tokio::test]
    async fn a_value_is_loaded_once() {
        let cache = ReadThrough::new("test", 10, &Family::default());
        cache.remember(true);
        assert_eq!(get(&cache, 1).await, 1);
        assert_eq!(get(&cache, 2).await, 1);
        cache.forget(&1).await;
        assert_eq!(get(&cache, 3).await, 3);
    }

    #[tokio::test]
    async fn a_load_that_began_before_a_change_is_not_remembered() {
        let cache = ReadThrough::new("test", 10, &Family::default());
        cache.remember(true);
        let stale = cache.get(1, async {
            cache.forget(&1).await;
            Ok(Some(1))
        });
        assert_eq!(*stale.await.unwrap().unwrap(), 1);
        assert_eq!(get(&cache, 2).await, 2);
    }

    #[tokio::test]
    async fn nothing_is_remembered_while_nothing_is_heard() {
        let cache = ReadThrough::new("test", 10, &Family::default());
        assert_eq!(get(&cache, 1).await, 1);
        assert_eq!(get(&cache, 2).await, 2);
        cache.remember(true);
        assert_eq!(get(&cache, 3).await, 3);
        cache.remember(false);
        assert_eq!(get(&cache, 4).await, 4);
    }

    #[tokio::test]
    async fn that_there_is_nothing_is_not_remembered() {
        let cache = ReadThrough::<u8, u8>::new("test", 10, &Family::default());
        cache.remember(true);
        assert!(cache.get(1, async { Ok(None) }).await.unwrap().is_none());
        assert_eq!(get(&cache, 2).await, 2);
    }

    #[test]
    fn a_session_digest_is_read_as_postgresql_writes_bytea() {
        let text = format!("\\x{}", "0f".repeat(32));
        assert_eq!(digest(&text), Some([0x0F; 32]));
        assert_eq!(digest("\\x0f"), None);
        assert_eq!(digest(&"0f".repeat(33)), None);
    }
}
