//! Failed logins: how many are too many.
//!
//! Each node counts its own and those that others tell of; what failed before it was started it does not know.

use std::{
    collections::VecDeque,
    fmt,
    hash::Hash,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::domain::user::Username;

/// The time over which failures are counted.
const WINDOW: Duration = Duration::from_secs(5 * 60);
/// Failures for one account from one network.
const PER_ACCOUNT: usize = 10;
/// Failures from one network, whatever the account.
const PER_NETWORK: usize = 100;

/// The addresses that count as one place: an IPv4 /24 or an IPv6 /64, of which a household or a server
/// has whole ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(v4) => Ipv4Addr::from_bits(v4.to_bits() & !0xFF).into(),
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An account as one network sees it: a digest, so that names that are no user's are neither kept in their length nor
/// told to other nodes.
type AccountKey = [u8; 32];

/// Counts failed logins of the last five minutes.
pub struct Throttle {
    /// What other nodes know this one by.
    node: Uuid,
    accounts: Counters<AccountKey>,
    networks: Counters<Network>,
    /// When staff or a new password last opened an account again: failures before that no longer count for it.
    opened: Cache<String, Instant>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            node: Uuid::new_v4(),
            accounts: Counters::new(PER_ACCOUNT),
            networks: Counters::new(PER_NETWORK),
            opened: Cache::builder()
                .max_capacity(100_000)
                .time_to_live(WINDOW)
                .build(),
        }
    }
}

/// A login that is being tried. It counts as failed from its beginning, so that many at once cannot pass the
/// limit, until it is [forgiven](Attempt::forgive).
pub struct Attempt {
    account: Arc<Counter>,
    network: Arc<Counter>,
    at: Instant,
}

impl Throttle {
    /// How long this account is closed to this network; `None` if it is open.
    pub fn closed_for(&self, account: &str, network: Network) -> Option<Duration> {
        let now = Instant::now();
        let opened = self.opened.get(account);
        let account = self.accounts.get(&account_key(account, network));
        let network = self.networks.get(&network);
        let account = account.and_then(|counter| counter.closed_for(now, opened, PER_ACCOUNT));
        let network = network.and_then(|counter| counter.closed_for(now, None, PER_NETWORK));
        account.max(network)
    }

    /// Begins an attempt, or tells how long to wait.
    pub fn begin(&self, account: &str, network: Network) -> Result<Attempt, Duration> {
        if let Some(wait) = self.closed_for(account, network) {
            return Err(wait);
        }
        let now = Instant::now();
        let account = self.accounts.add(account_key(account, network), now);
        let network = self.networks.add(network, now);
        Ok(Attempt {
            account,
            network,
            at: now,
        })
    }

    /// Opens an account to every network again. Networks that are shut out as a whole stay so.
    pub fn open(&self, account: &str) {
        self.opened.insert(account.to_owned(), Instant::now());
    }

    /// What to tell other nodes of a failure.
    pub fn notice(&self, account: &str, network: Network) -> String {
        let account = BASE64_URL_SAFE_NO_PAD.encode(account_key(account, network));
        format!("{} {network} {account}", self.node)
    }

    /// Counts a failure on another node. `None`: that is none.
    pub fn hear(&self, notice: &str) -> Option<()> {
        let mut words = notice.split(' ');
        let node: Uuid = words.next()?.parse().ok()?;
        let network: IpAddr = words.next()?.parse().ok()?;
        let account = BASE64_URL_SAFE_NO_PAD.decode(words.next()?).ok()?;
        if node != self.node {
            let now = Instant::now();
            self.accounts.add(account.try_into().ok()?, now);
            self.networks.add(network.into(), now);
        }
        Some(())
    }
}

fn account_key(account: &str, network: Network) -> AccountKey {
    // No two users have the same beginning of that length.
    let name: String = account.chars().take(Username::MAX_CHARS).collect();
    Sha256::digest(format!("{network} {name}")).into()
}

impl Attempt {
    /// It did not fail, or not through the caller.
    pub fn forgive(self) {
        self.account.remove(self.at);
        self.network.remove(self.at);
    }
}

struct Counters<K: Hash + Eq> {
    counters: Cache<K, Arc<Counter>>,
    limit: usize,
}

impl<K: Hash + Eq + Send + Sync + 'static> Counters<K> {
    fn new(limit: usize) -> Self {
        Self {
            counters: Cache::builder()
                .max_capacity(100_000)
                .time_to_idle(WINDOW)
                .build(),
            limit,
        }
    }

    fn get(&self, key: &K) -> Option<Arc<Counter>> {
        self.counters.get(key)
    }

    fn add(&self, key: K, now: Instant) -> Arc<Counter> {
        let counter = self.counters.get_with(key, Arc::default);
        counter.add(now, self.limit);
        counter
    }
}

/// The times of the last failures, oldest first.
#[derive(Default)]
struct Counter(Mutex<VecDeque<Instant>>);

impl Counter {
    fn closed_for(&self, now: Instant, opened: Option<Instant>, limit: usize) -> Option<Duration> {
        let mut times = self.lock();
        while times
            .front()
            .is_some_and(|&time| now.duration_since(time) >= WINDOW)
        {
            times.pop_front();
        }
        let mut since = times
            .iter()
            .rev()
            .take_while(|&&time| opened.is_none_or(|opened| time > opened));
        let decisive = *since.nth(limit - 1)?;
        Some(WINDOW.saturating_sub(now.duration_since(decisive)))
    }

    fn add(&self, now: Instant, limit: usize) {
        let mut times = self.lock();
        times.push_back(now);
        // Attempts that began at the same moment can pass the limit by a few; no more is kept than counts.
        while times.len() > 2 * limit {
            times.pop_front();
        }
    }

    fn remove(&self, time: Instant) {
        let mut times = self.lock();
        if let Some(index) = times.iter().position(|&other| other == time) {
            times.remove(index);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Instant>> {
        // Nothing that holds it can leave it half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn an_account_is_closed_to_a_network_after_ten_failures() {
        let throttle = Throttle::default();
        for _ in 0..10 {
            assert!(throttle.begin("anna", network("192.0.2.1")).is_ok());
        }
        let wait = throttle.begin("anna", network("192.0.2.99")).err().unwrap();
        assert!(wait <= WINDOW && wait > WINDOW - Duration::from_secs(5));
        assert!(throttle.begin("anna", network("192.0.3.1")).is_ok());
        assert!(throttle.begin("bert", network("192.0.2.1")).is_ok());
    }

    #[test]
    fn a_network_is_shut_out_after_a_hundred_failures() {
        let throttle = Throttle::default();
        for index in 0..100 {
            assert!(
                throttle
                    .begin(&index.to_string(), network("2001:db8::1"))
                    .is_ok()
            );
        }
        assert!(throttle.begin("anna", network("2001:db8::2")).is_err());
        assert!(throttle.begin("anna", network("2001:db8:0:1::1")).is_ok());
    }

    #[test]
    fn an_account_that_is_opened_again_is_closed_only_by_later_failures() {
        let throttle = Throttle::default();
        let (here, there) = (network("192.0.2.1"), network("192.0.3.1"));
        for network in [here, there] {
            while throttle.begin("anna", network).is_ok() {}
            while throttle.begin("bert", network).is_ok() {}
        }
        throttle.open("anna");
        for network in [here, there] {
            assert_eq!(throttle.closed_for("anna", network), None);
            assert!(throttle.closed_for("bert", network).is_some());
        }
        for _ in 0..10 {
            assert!(throttle.begin("anna", here).is_ok());
        }
        assert!(throttle.begin("anna", here).is_err());
        assert!(throttle.begin("anna", there).is_ok());
    }

    #[test]
    fn what_succeeds_does_not_count() {
        let throttle = Throttle::default();
        for _ in 0..200 {
            throttle
                .begin("anna", network("192.0.2.1"))
                .ok()
                .unwrap()
                .forgive();
        }
        assert_eq!(throttle.closed_for("anna", network("192.0.2.1")), None);
    }

    #[test]
    fn failures_that_another_node_tells_of_count() {
        let (throttle, other) = (Throttle::default(), Throttle::default());
        let notice = other.notice("anna", network("192.0.2.1"));
        for _ in 0..10 {
            assert_eq!(throttle.hear(&notice), Some(()));
            assert_eq!(other.hear(&notice), Some(()), "it has counted its own");
        }
        assert!(throttle.begin("anna", network("192.0.2.99")).is_err());
        assert!(throttle.begin("bert", network("192.0.2.99")).is_ok());
        assert!(other.begin("anna", network("192.0.2.99")).is_ok());
        assert_eq!(throttle.hear("no notice"), None);
    }

    #[test]
    fn an_ipv4_address_written_as_ipv6_is_the_same_network() {
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.200"));
    }
}
