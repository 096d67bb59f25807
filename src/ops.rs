//! What can be done, whoever asks for it: REST, the panel or a command.
//!
//! An operation is one transaction and what follows it. What follows is known by the query itself ([`Effects`]), and done
//! here: the caches of this node forget at once what changed (others hear of it from the database), and the files of deleted
//! images are removed.

use std::{sync::Arc, time::Duration};

use crate::{
    actors::Db,
    cache::Caches,
    db::{Change, DbError, Effects, Made, Query, images::ImageFiles},
    domain::staff::Refusal,
    site::Site,
    storage::remove_all,
};

/// How long a request waits for files to be removed. There may be tens of thousands: the rest goes on without it.
const REMOVAL_PATIENCE: Duration = Duration::from_secs(2);

/// Does operations.
#[derive(Clone)]
pub struct Ops {
    db: Db,
    caches: Option<Arc<Caches>>,
    site: Option<Site>,
}

impl Ops {
    /// In a service, which answers from its caches.
    pub fn new(db: Db, caches: Arc<Caches>, site: Site) -> Self {
        Self {
            db,
            caches: Some(caches),
            site: Some(site),
        }
    }

    /// In a command, which remembers nothing. Without a storage, files of deleted images are left to the next sweep.
    pub fn for_command(db: Db, site: Option<Site>) -> Self {
        Self {
            db,
            caches: None,
            site,
        }
    }

    /// Makes a change of staff's.
    pub async fn make<C: Change>(&self, change: C) -> Result<Result<C::Output, Refusal>, DbError> {
        Ok(match self.db.run(change).await? {
            Ok(made) => Ok(self.follow(made).await),
            Err(refusal) => Err(refusal),
        })
    }

    /// Makes a change of a user's own.
    pub async fn run<T>(&self, query: impl Query<Output = Made<T>>) -> Result<T, DbError> {
        Ok(self.follow(self.db.run(query).await?).await)
    }

    async fn follow<T>(&self, made: Made<T>) -> T {
        let (outcome, effects) = made.into_parts();
        if let Some(caches) = &self.caches {
            forget(caches, &effects).await;
        }
        if let Some(site) = &self.site {
            self.remove(site.clone(), effects.images).await;
        }
        outcome
    }

    /// Removes files. A client that hangs up does not end it.
    async fn remove(&self, site: Site, images: Vec<ImageFiles>) {
        if images.is_empty() {
            return;
        }
        let removal = actix_web::rt::spawn(async move {
            if let Err(error) = site.ready().await {
                tracing::warn!(%error, "files of deleted images stay until the next sweep");
                return;
            }
            let objects = images.iter().flat_map(|image| &image.objects);
            remove_all(&*site.storage(), objects).await;
        });
        let waits = if self.caches.is_some() {
            REMOVAL_PATIENCE
        } else {
            // A command ends with it.
            Duration::MAX
        };
        // A removal that panicked was logged; the next sweep removes the rest.
        let _ = tokio::time::timeout(waits, removal).await;
    }
}

/// This node answers nothing any more that was true before.
async fn forget(caches: &Caches, effects: &Effects) {
    for tier in &effects.tiers {
        caches.forget_tier(*tier).await;
    }
    for user in &effects.users {
        caches.forget_user(*user).await;
    }
    for session in &effects.sessions {
        caches.forget_session(session).await;
    }
    for token in &effects.tokens {
        caches.forget_token(token).await;
    }
    for link in &effects.links {
        caches.forget_link(*link).await;
    }
    for image in &effects.images {
        caches.forget_image(image.image).await;
    }
}
