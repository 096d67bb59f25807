//! One cache in front of the database.

use std::{
    future::Future,
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
    time::Duration,
};

use moka::future::Cache;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
};

use crate::db::DbError;

/// A change that is heard of late, because the notice was lost, counts after this time at the latest.
const TIME_TO_LIVE: Duration = Duration::from_secs(60);

/// How long what was known goes on without a database.
const OUTLIVES: Duration = Duration::from_secs(10 * 60);

/// Whether the node hears from the database what changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hearing {
    /// It does.
    Yes,
    /// It does not; the database may still answer queries.
    No,
    /// It does not, and cannot connect either: who wants to read should not have to wait for that.
    Unreachable,
}

impl Hearing {
    const ALL: [Self; 3] = [Self::Yes, Self::No, Self::Unreachable];
}

/// A cache that loads what it does not hold, once however many ask. That there is nothing is not remembered.
pub(super) struct ReadThrough<K, V> {
    entries: Cache<K, Arc<V>>,
    /// What was known last, for when the database does not answer.
    last_known: Option<Cache<K, Arc<V>>>,
    /// Counts what was forgotten: a load that began before must not bring the old value back.
    forgotten: AtomicU64,
    /// An index into [`Hearing::ALL`].
    hearing: AtomicU8,
    hits: Counter,
    misses: Counter,
    outlived: Counter,
}

/// What a lookup came to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Lookup {
    cache: &'static str,
    result: &'static str,
}

impl Lookup {
    /// What hits and misses of a cache are counted by.
    pub(super) fn counters(cache: &'static str, lookups: &Family<Self, Counter>) -> [Counter; 2] {
        ["hit", "miss"].map(|result| lookups.get_or_create_owned(&Self { cache, result }))
    }
}

/// Why a load gave nothing to remember.
enum NotLoaded {
    Missing,
    Failed(DbError),
}

impl<K: Hash + Eq + Copy + Send + Sync + 'static, V: Send + Sync + 'static> ReadThrough<K, V> {
    pub(super) fn new(
        cache: &'static str,
        capacity: u64,
        lookups: &Family<Lookup, Counter>,
    ) -> Self {
        let [hits, misses] = Lookup::counters(cache, lookups);
        Self {
            hits,
            misses,
            outlived: lookups.get_or_create_owned(&Lookup {
                cache,
                result: "outlived",
            }),
            entries: Cache::builder()
                .max_capacity(capacity)
                .time_to_live(TIME_TO_LIVE)
                .build(),
            last_known: None,
            forgotten: AtomicU64::new(0),
            hearing: AtomicU8::new(Hearing::No as u8),
        }
    }

    /// What it held goes on while the database does not answer.
    pub(super) fn outliving_outages(mut self) -> Self {
        let capacity = self.entries.policy().max_capacity().unwrap_or_default();
        let last_known = Cache::builder()
            .max_capacity(capacity)
            .time_to_live(OUTLIVES);
        self.last_known = Some(last_known.build());
        self
    }

    /// The value of this key, which `load` asks the database for.
    ///
    /// # Errors
    /// Those of `load`, if nothing is known.
    pub(super) async fn get(
        &self,
        key: K,
        load: impl Future<Output = Result<Option<V>, DbError>>,
    ) -> Result<Option<Arc<V>>, DbError> {
        let hearing = self.hearing();
        if hearing == Hearing::Unreachable
            && let Some(value) = self.last_known(&key).await
        {
            return Ok(Some(value));
        }
        if hearing == Hearing::Yes
            && let Some(value) = self.entries.get(&key).await
        {
            self.hits.inc();
            return Ok(Some(value));
        }
        self.misses.inc();
        let loaded = if hearing == Hearing::Yes {
            self.load(key, load).await
        } else {
            load.await.map(|value| value.map(Arc::new))
        };
        match loaded {
            Err(error @ DbError::Unavailable(_)) => match self.last_known(&key).await {
                Some(value) => Ok(Some(value)),
                None => Err(error),
            },
            Ok(None) => {
                if let Some(last_known) = &self.last_known {
                    last_known.invalidate(&key).await;
                }
                Ok(None)
            }
            other => other,
        }
    }

    /// Whether the value of this key is remembered.
    pub(super) fn has(&self, key: &K) -> bool {
        self.hearing() == Hearing::Yes && self.entries.contains_key(key)
    }

    /// Loads, and remembers what was found.
    async fn load(
        &self,
        key: K,
        load: impl Future<Output = Result<Option<V>, DbError>>,
    ) -> Result<Option<Arc<V>>, DbError> {
        let before = self.forgotten.load(Ordering::Acquire);
        let loaded = self.entries.try_get_with(key, async {
            match load.await {
                Ok(Some(value)) => Ok(Arc::new(value)),
                Ok(None) => Err(NotLoaded::Missing),
                Err(error) => Err(NotLoaded::Failed(error)),
            }
        });
        let loaded = loaded.await;
        if let (Ok(value), Some(last_known)) = (&loaded, &self.last_known) {
            last_known.insert(key, value.clone()).await;
        }
        if self.forgotten.load(Ordering::Acquire) != before {
            self.invalidate(&key).await;
        }
        match loaded {
            Ok(value) => Ok(Some(value)),
            Err(why) => match &*why {
                NotLoaded::Missing => Ok(None),
                NotLoaded::Failed(error) => Err(error.clone()),
            },
        }
    }

    async fn last_known(&self, key: &K) -> Option<Arc<V>> {
        let value = self.last_known.as_ref()?.get(key).await?;
        self.outlived.inc();
        Some(value)
    }

    /// Drops the value of this key.
    pub(super) async fn forget(&self, key: &K) {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        self.invalidate(key).await;
    }

    async fn invalidate(&self, key: &K) {
        self.entries.invalidate(key).await;
        if let Some(last_known) = &self.last_known {
            last_known.invalidate(key).await;
        }
    }

    fn hearing(&self) -> Hearing {
        let hearing = usize::from(self.hearing.load(Ordering::Acquire));
        Hearing::ALL.get(hearing).copied().unwrap_or(Hearing::No)
    }

    /// Drops what may be wrong from now on, or was missed until now.
    pub(super) fn set(&self, hearing: Hearing) {
        self.hearing.store(hearing as u8, Ordering::Release);
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        self.entries.invalidate_all();
        if hearing == Hearing::Yes
            && let Some(last_known) = &self.last_known
        {
            last_known.invalidate_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache() -> ReadThrough<u8, u8> {
        ReadThrough::new("test", 10, &Family::default())
    }

    async fn get(cache: &ReadThrough<u8, u8>, value: u8) -> u8 {
        *cache
            .get(1, async { Ok(Some(value)) })
            .await
            .unwrap()
            .unwrap()
    }

    /// What a lookup gives that the database does not answer.
    async fn without_database(cache: &ReadThrough<u8, u8>) -> Option<u8> {
        let lost = async { Err(DbError::Unavailable("gone".into())) };
        cache.get(1, lost).await.ok().flatten().map(|value| *value)
    }

    #[tokio::test]
    async fn a_value_is_loaded_once() {
        let cache = cache();
        cache.set(Hearing::Yes);
        assert_eq!(get(&cache, 1).await, 1);
        assert_eq!(get(&cache, 2).await, 1);
        cache.forget(&1).await;
        assert_eq!(get(&cache, 3).await, 3);
    }

    #[tokio::test]
    async fn a_load_that_began_before_a_change_is_not_remembered() {
        let cache = cache().outliving_outages();
        cache.set(Hearing::Yes);
        let stale = cache.get(1, async {
            cache.forget(&1).await;
            Ok(Some(1))
        });
        assert_eq!(*stale.await.unwrap().unwrap(), 1);
        assert_eq!(without_database(&cache).await, None);
        assert_eq!(get(&cache, 2).await, 2);
    }

    #[tokio::test]
    async fn nothing_is_remembered_while_nothing_is_heard() {
        let cache = cache().outliving_outages();
        assert_eq!(get(&cache, 1).await, 1);
        assert_eq!(get(&cache, 2).await, 2);
        cache.set(Hearing::Yes);
        assert_eq!(get(&cache, 3).await, 3);
        cache.set(Hearing::No);
        assert_eq!(get(&cache, 4).await, 4);
    }

    #[tokio::test]
    async fn that_there_is_nothing_is_not_remembered() {
        let cache = cache();
        cache.set(Hearing::Yes);
        assert!(cache.get(1, async { Ok(None) }).await.unwrap().is_none());
        assert_eq!(get(&cache, 2).await, 2);
    }

    #[tokio::test]
    async fn what_is_known_outlives_an_outage_where_that_is_wanted() {
        let (lasting, other) = (cache().outliving_outages(), cache());
        for cache in [&lasting, &other] {
            cache.set(Hearing::Yes);
            get(cache, 1).await;
            cache.set(Hearing::No);
        }
        assert_eq!(without_database(&lasting).await, Some(1));
        assert_eq!(without_database(&other).await, None);
        lasting.set(Hearing::Unreachable);
        assert_eq!(get(&lasting, 2).await, 1, "the database is not asked");
        lasting.set(Hearing::Yes);
        assert_eq!(
            without_database(&lasting).await,
            None,
            "it may have changed"
        );
    }

    #[tokio::test]
    async fn what_was_found_to_be_gone_does_not_come_back() {
        let cache = cache().outliving_outages();
        cache.set(Hearing::Yes);
        get(&cache, 1).await;
        cache.set(Hearing::No);
        assert!(cache.get(1, async { Ok(None) }).await.unwrap().is_none());
        assert_eq!(without_database(&cache).await, None);
    }
}
