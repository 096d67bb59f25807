//! What other nodes, commands and people at the database change is heard of here.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::{
    actors::{Db, LinkSigner},
    auth::Throttle,
    cache::Caches,
    db::{
        Database, DbError,
        listen::{self, FAILED_LOGIN, NEW_JOB, Notice, UNLOCKED},
        signing_keys::ListSigningKeys,
    },
    secret::SecretKey,
    signing::KeyRing,
};

/// What it takes to renew the link signer's keys.
pub(super) struct Keys {
    pub(super) db: Db,
    pub(super) secret: SecretKey,
    pub(super) signer: LinkSigner,
}

impl Keys {
    async fn renew(&self) {
        match key_ring(&self.db, &self.secret).await {
            Ok(ring) => self.signer.replace_keys(ring).await,
            Err(error) => tracing::error!(%error, "cannot read the link-signing keys"),
        }
    }
}

/// The keys that are not withdrawn.
pub(super) async fn key_ring(db: &Db, secret: &SecretKey) -> Result<KeyRing, DbError> {
    let keys = db.run(ListSigningKeys).await?;
    let live = keys.iter().filter(|key| key.withdrawn_at.is_none());
    Ok(KeyRing::derive(
        secret,
        live.map(|key| (key.id, key.salt.as_slice())),
    ))
}

/// Keeps the caches and the keys true to the database and counts the logins that fail elsewhere, until the returned sender is used or dropped.
pub(super) fn hear_of_changes(
    database: &Database,
    caches: Arc<Caches>,
    keys: Keys,
    throttle: Arc<Throttle>,
    new_jobs: watch::Sender<()>,
) -> watch::Sender<bool> {
    let (stop, stopped) = watch::channel(false);
    let (tell, mut hear) = mpsc::unbounded_channel();
    let tell = move |notice| {
        // Nobody hears any more: the service is being taken down.
        let _ = tell.send(notice);
    };
    tokio::task::spawn_local(listen::listen(database.clone(), tell, stopped));
    let database = database.clone();
    tokio::task::spawn_local(async move {
        while let Some(notice) = hear.recv().await {
            if let Notice::Changed { kind, id } = &notice {
                match kind.as_str() {
                    FAILED_LOGIN => {
                        // One of a newer version, if it cannot be read.
                        let _ = throttle.hear(id);
                        continue;
                    }
                    UNLOCKED => {
                        throttle.open(id);
                        continue;
                    }
                    NEW_JOB => {
                        new_jobs.send_replace(());
                        continue;
                    }
                    _ => {}
                }
            }
            if notice == Notice::Listening {
                // What was connected before may lead nowhere.
                database.drop_idle();
                new_jobs.send_replace(());
            }
            caches.hear(&notice).await;
            let keys_changed = match &notice {
                Notice::Changed { kind, .. } => kind == "key",
                Notice::Listening => true,
                Notice::Lost | Notice::Unreachable => false,
            };
            if keys_changed {
                keys.renew().await;
            }
        }
    });
    stop
}
