//! What a change leaves to be done outside of the database: caches that hold what was before, files of deleted images.

use super::{api_tokens::TokenDigest, images::ImageFiles, sessions::SessionDigest};
use crate::domain::{link::LinkId, tier::TierId, user::UserId};

/// What is not true any more outside of the database.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Tiers that were changed or deleted.
    pub tiers: Vec<TierId>,
    /// Users that were changed or deleted.
    pub users: Vec<UserId>,
    /// Sessions that ended.
    pub sessions: Vec<SessionDigest>,
    /// API tokens that were revoked.
    pub tokens: Vec<TokenDigest>,
    /// Links that were revoked.
    pub links: Vec<LinkId>,
    /// Images that were deleted, with their files.
    pub images: Vec<ImageFiles>,
}

impl Effects {
    /// A tier was changed or deleted.
    pub fn tier(id: TierId) -> Self {
        Self {
            tiers: vec![id],
            ..Self::default()
        }
    }

    /// A user was changed or deleted.
    pub fn user(id: UserId) -> Self {
        Self {
            users: vec![id],
            ..Self::default()
        }
    }

    /// Sessions ended.
    pub fn sessions(sessions: Vec<SessionDigest>) -> Self {
        Self {
            sessions,
            ..Self::default()
        }
    }

    /// API tokens were revoked.
    pub fn tokens(tokens: Vec<TokenDigest>) -> Self {
        Self {
            tokens,
            ..Self::default()
        }
    }

    /// Links were revoked.
    pub fn links(links: Vec<LinkId>) -> Self {
        Self {
            links,
            ..Self::default()
        }
    }

    /// Images were deleted.
    pub fn images(images: Vec<ImageFiles>) -> Self {
        Self {
            images,
            ..Self::default()
        }
    }
}

/// A change that was committed. Whoever makes one gets the outcome only together with what is left to be done, so that no
/// handler can forget it: see [`crate::ops`].
#[derive(Debug, PartialEq, Eq)]
#[must_use = "caches and files have to follow"]
pub struct Made<T> {
    outcome: T,
    effects: Effects,
}

impl<T> Made<T> {
    /// A change with effects.
    pub fn with(outcome: T, effects: Effects) -> Self {
        Self { outcome, effects }
    }

    /// A change that is in the database alone.
    pub fn alone(outcome: T) -> Self {
        Self::with(outcome, Effects::default())
    }

    /// The outcome, and what is left to be done.
    pub fn into_parts(self) -> (T, Effects) {
        (self.outcome, self.effects)
    }
}
