//! `LinkSignerActor`: the only place that holds keys.

use actix::{Actor, Addr, Context, Handler, Message};
use time::OffsetDateTime;

use crate::{
    domain::link::{LinkClaims, LinkId, LinkLifetime, Purpose},
    signing::KeyRing,
};

struct LinkSignerActor {
    ring: KeyRing,
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

/// Makes a new link.
#[derive(Message)]
#[rtype(result = "Option<SignedLink>")]
struct IssueLink {
    purpose: Purpose,
    lifetime: LinkLifetime,
}

impl Handler<IssueLink> for LinkSignerActor {
    type Result = Option<SignedLink>;

    fn handle(&mut self, message: IssueLink, _: &mut Context<Self>) -> Self::Result {
        let claims = LinkClaims {
            id: LinkId::new(),
            purpose: message.purpose,
            expires_at: message.lifetime.expiry_from(OffsetDateTime::now_utc()),
            key: self.ring.newest()?,
        };
        let query = self.ring.sign(&claims)?;
        Some(SignedLink { claims, query })
    }
}

/// Checks a link's query.
#[derive(Message)]
#[rtype(result = "Option<LinkClaims>")]
struct Verify {
    query: String,
    purpose: Purpose,
}

impl Handler<Verify> for LinkSignerActor {
    type Result = Option<LinkClaims>;

    fn handle(&mut self, message: Verify, _: &mut Context<Self>) -> Self::Result {
        self.ring
            .verify(&message.query)
            .filter(|claims| claims.purpose == message.purpose)
            .filter(|claims| claims.expires_at > OffsetDateTime::now_utc())
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
    pub fn start(ring: KeyRing) -> Self {
        Self(LinkSignerActor { ring }.start())
    }

    /// Makes a link of this lifetime.
    pub async fn issue(
        &self,
        purpose: Purpose,
        lifetime: LinkLifetime,
    ) -> Result<SignedLink, CannotSign> {
        let message = IssueLink { purpose, lifetime };
        self.0.send(message).await.ok().flatten().ok_or(CannotSign)
    }

    /// The claims of a link's query, if it was signed for this purpose by a key that still counts, and has
    /// not expired.
    pub async fn verify(&self, query: &str, purpose: Purpose) -> Option<LinkClaims> {
        let query = query.to_owned();
        self.0.send(Verify { query, purpose }).await.ok().flatten()
    }

    /// Replaces the keys.
    pub async fn replace_keys(&self, ring: KeyRing) {
        // An actor that is gone signs nothing any more.
        let _ = self.0.send(ReplaceKeys(ring)).await;
    }
}
