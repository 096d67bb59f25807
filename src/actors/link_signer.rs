//! `LinkSignerActor`: the only place that holds keys.
//!
//! Each thread that serves has one of its own: waking another thread for a signature takes many times as long as the
//! signature.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    thread::{self, ThreadId},
};

use actix::{Actor, Addr, Context, Handler, Message};
use futures_util::future::join_all;
use time::{Duration, OffsetDateTime};

use super::traced::Traced;
use crate::{
    domain::link::{LinkClaims, LinkId, LinkLifetime, Purpose},
    signing::KeyRing,
};

/// What the actor is called in spans.
const NAME: &str = "LinkSignerActor";

struct LinkSignerActor {
    ring: KeyRing,
    /// Expiries are rounded up to a multiple of this.
    window: Duration,
}

impl Actor for LinkSignerActor {
    type Context = Context<Self>;
}

/// A link that was signed.
#[derive(Debug, Clone)]
pub struct SignedLink {
    /// What it says.
    pub claims: LinkClaims,
    /// The query of its URL.
    pub query: String,
}

impl SignedLink {
    /// The URL, under this base.
    pub fn url(&self, base_url: &str) -> String {
        format!("{base_url}/api/v1/image/?{}", self.query)
    }
}

/// Makes a new link.
#[derive(Message)]
#[rtype(result = "Option<SignedLink>")]
struct IssueLink {
    purpose: Purpose,
    lifetime: LinkLifetime,
}

impl Handler<Traced<IssueLink>> for LinkSignerActor {
    type Result = Option<SignedLink>;

    fn handle(&mut self, traced: Traced<IssueLink>, _: &mut Context<Self>) -> Self::Result {
        let (message, _span) = traced.enter();
        let claims = LinkClaims {
            id: LinkId::new(),
            purpose: message.purpose,
            expires_at: message
                .lifetime
                .expiry_from(OffsetDateTime::now_utc(), self.window),
            key: self.ring.newest()?,
        };
        let query = self.ring.sign(&claims)?;
        Some(SignedLink { claims, query })
    }
}

/// Signs claims that were made before, to show their links again.
#[derive(Message)]
#[rtype(result = "Vec<Option<String>>")]
struct Sign(Vec<LinkClaims>);

impl Handler<Traced<Sign>> for LinkSignerActor {
    type Result = Vec<Option<String>>;

    fn handle(&mut self, traced: Traced<Sign>, _: &mut Context<Self>) -> Self::Result {
        let (Sign(claims), _span) = traced.enter();
        claims.iter().map(|claims| self.ring.sign(claims)).collect()
    }
}

/// Checks a link's query.
#[derive(Message)]
#[rtype(result = "Option<LinkClaims>")]
struct Verify {
    query: String,
    purpose: Purpose,
}

impl Handler<Traced<Verify>> for LinkSignerActor {
    type Result = Option<LinkClaims>;

    fn handle(&mut self, traced: Traced<Verify>, _: &mut Context<Self>) -> Self::Result {
        let (message, _span) = traced.enter();
        self.ring
            .verify(&message.query)
            .filter(|claims| claims.purpose == message.purpose)
    }
}

/// Replaces the keys, after one was added or withdrawn.
#[derive(Message)]
#[rtype(result = "()")]
struct ReplaceKeys(KeyRing);

impl Handler<ReplaceKeys> for LinkSignerActor {
    type Result = ();

    fn handle(&mut self, ReplaceKeys(ring): ReplaceKeys, _: &mut Context<Self>) {
        self.ring = ring;
    }
}

/// The `LinkSignerActor` cannot sign: it is gone, or has no key.
#[derive(Debug, thiserror::Error)]
#[error("the link signer has no key")]
pub struct CannotSign;

/// The addresses of the `LinkSignerActor`s.
#[derive(Clone)]
pub struct LinkSigner {
    actors: Arc<RwLock<Actors>>,
    window: Duration,
}

struct Actors {
    ring: KeyRing,
    addresses: HashMap<ThreadId, Addr<LinkSignerActor>>,
}

impl LinkSigner {
    /// Starts no actor yet: a thread's own is started when it is asked first.
    ///
    /// Expiries are rounded up to a multiple of `window`, so that links to one picture made within it are alike to
    /// a cache; zero rounds nothing.
    pub fn new(ring: KeyRing, window: Duration) -> Self {
        let addresses = HashMap::new();
        Self {
            actors: Arc::new(RwLock::new(Actors { ring, addresses })),
            window,
        }
    }

    /// Makes a link of this lifetime.
    pub async fn issue(
        &self,
        purpose: Purpose,
        lifetime: LinkLifetime,
    ) -> Result<SignedLink, CannotSign> {
        let message = IssueLink { purpose, lifetime };
        let answer = self.here().send(Traced::to(NAME, message)).await;
        answer.ok().flatten().ok_or(CannotSign)
    }

    /// The queries of links that make these claims; `None` where the key was withdrawn.
    pub async fn sign(&self, claims: Vec<LinkClaims>) -> Result<Vec<Option<String>>, CannotSign> {
        let answer = self.here().send(Traced::to(NAME, Sign(claims))).await;
        answer.map_err(|_| CannotSign)
    }

    /// The claims of a link's query, if it was signed for this purpose by a key that still counts. Whether the link has
    /// expired is not looked at.
    pub async fn verify(&self, query: &str, purpose: Purpose) -> Option<LinkClaims> {
        let query = query.to_owned();
        let message = Verify { query, purpose };
        let answer = self.here().send(Traced::to(NAME, message)).await;
        answer.ok().flatten()
    }

    /// Replaces the keys, on every thread.
    pub async fn replace_keys(&self, ring: KeyRing) {
        let addresses: Vec<_> = {
            let mut actors = self.actors.write().unwrap_or_else(PoisonError::into_inner);
            actors.ring = ring.clone();
            actors.addresses.values().cloned().collect()
        };
        let messages = addresses
            .iter()
            .map(|address| address.send(ReplaceKeys(ring.clone())));
        // An actor that is gone signs nothing any more.
        join_all(messages).await;
    }

    /// This thread's actor.
    fn here(&self) -> Addr<LinkSignerActor> {
        let thread = thread::current().id();
        // Nothing that holds the lock can leave the map half changed.
        let actors = self.actors.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(address) = actors.addresses.get(&thread) {
            return address.clone();
        }
        drop(actors);
        let mut actors = self.actors.write().unwrap_or_else(PoisonError::into_inner);
        let (ring, window) = (actors.ring.clone(), self.window);
        let address = LinkSignerActor { ring, window }.start();
        actors.addresses.insert(thread, address.clone());
        address
    }
}

#[cfg(test)]
mod tests {
    use actix::Arbiter;

    use super::*;
    use crate::{domain::link::KeyId, secret::SecretKey};

    fn ring(key: i32) -> KeyRing {
        let secret = SecretKey::from_text("a secret of thirty-two characters").unwrap();
        KeyRing::derive(&secret, [(KeyId(key), &b"salt"[..])])
    }

    async fn is_taken(signer: &LinkSigner, query: &str) -> bool {
        let claims = signer.verify(query, Purpose::OpenImage).await;
        claims.is_some()
    }

    #[actix_web::test]
    async fn a_key_that_is_replaced_opens_nothing_on_any_thread() {
        let signer = LinkSigner::new(ring(1), Duration::ZERO);
        let lifetime: LinkLifetime = "300".parse().unwrap();
        let link = signer.issue(Purpose::OpenImage, lifetime).await.unwrap();
        let arbiter = Arbiter::new();
        let elsewhere = async || {
            let (tell, told) = tokio::sync::oneshot::channel();
            let (signer, query) = (signer.clone(), link.query.clone());
            arbiter.spawn(async move {
                let _ = tell.send(is_taken(&signer, &query).await);
            });
            told.await.unwrap()
        };
        assert!(is_taken(&signer, &link.query).await);
        assert!(elsewhere().await);
        signer.replace_keys(ring(2)).await;
        assert!(!is_taken(&signer, &link.query).await);
        assert!(!elsewhere().await);
        arbiter.stop();
    }
}
