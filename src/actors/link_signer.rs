//! `LinkSignerActor`: the only place that holds keys.

use actix::{Actor, Addr, Context, Handler, Message};
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

/// The address of the `LinkSignerActor`.
#[derive(Clone)]
pub struct LinkSigner(Addr<LinkSignerActor>);

impl LinkSigner {
    /// Starts the actor on this thread's arbiter.
    ///
    /// Expiries are rounded up to a multiple of `window`, so that links to one picture made within it are alike to
    /// a cache; zero rounds nothing.
    pub fn start(ring: KeyRing, window: Duration) -> Self {
        Self(LinkSignerActor { ring, window }.start())
    }

    /// Makes a link of this lifetime.
    pub async fn issue(
        &self,
        purpose: Purpose,
        lifetime: LinkLifetime,
    ) -> Result<SignedLink, CannotSign> {
        let message = IssueLink { purpose, lifetime };
        self.0
            .send(Traced::to(NAME, message))
            .await
            .ok()
            .flatten()
            .ok_or(CannotSign)
    }

    /// The queries of links that make these claims; `None` where the key was withdrawn.
    pub async fn sign(&self, claims: Vec<LinkClaims>) -> Result<Vec<Option<String>>, CannotSign> {
        self.0
            .send(Traced::to(NAME, Sign(claims)))
            .await
            .map_err(|_| CannotSign)
    }

    /// The claims of a link's query, if it was signed for this purpose by a key that still counts. Whether the link has
    /// expired is not looked at.
    pub async fn verify(&self, query: &str, purpose: Purpose) -> Option<LinkClaims> {
        let query = query.to_owned();
        let message = Verify { query, purpose };
        self.0.send(Traced::to(NAME, message)).await.ok().flatten()
    }

    /// Replaces the keys.
    pub async fn replace_keys(&self, ring: KeyRing) {
        // An actor that is gone signs nothing any more.
        let _ = self.0.send(ReplaceKeys(ring)).await;
    }
}
