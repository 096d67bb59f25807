//! Removes stored files that no row names: of uploads that a crash interrupted, and of deleted images.
//!
//! It removes nothing on one look (see [`crate::reconcile`]), nothing from a storage that is not the site's own, and not
//! many files at once unless staff have allowed the number.

use std::{fmt, str::FromStr, time::Duration};

use tokio::time::sleep;

use super::{
    Tools,
    progress::{Interrupted, Progress},
};
use crate::{
    db::{
        jobs::Job,
        site::{HeldCause, HoldSweep, ReleaseSweep},
    },
    reconcile::{Look, Removal},
};

/// The pause after each page of the list: others want to read too.
const PAUSE: Duration = Duration::from_millis(20);

/// Where a look at the storage has come to.
struct Place {
    /// How many files of the service's own were seen up to here.
    own: i64,
    /// After which page of the storage.
    page: String,
}

/// Goes on with a sweep until its end or until it is stopped.
pub async fn run(tools: &Tools, job: &Job, progress: &Progress) -> Result<(), Interrupted> {
    let place: Option<Place> = job.position.as_deref().and_then(|text| text.parse().ok());
    let (own, mut page) = match place {
        Some(place) => (place.own, Some(place.page)),
        None => (0, None),
    };
    if page.is_none() && !tools.site.renew().await? {
        tracing::error!(
            "another copy of this database has swept the storage, or this one is older than its last sweep: nothing is \
             swept until `tierpix storage claim` says which one it belongs to"
        );
        hold(tools, HeldCause::Diverged, 0, 0).await?;
        return Ok(());
    }
    tools.site.check().await?;
    let (db, storage) = (&tools.db, &*tools.storage);
    let began = job.started_at.unwrap_or(job.created_at);
    let mut look = Look::resume(db, storage, tools.orphan_grace, began, own);
    loop {
        if progress.is_stopped() {
            return Ok(());
        }
        let (found, next) = look.page(page.as_deref()).await?;
        for leftover in found.leftovers {
            match storage.delete_key(&leftover.key).await {
                Ok(()) => {
                    tracing::info!(file = leftover.key, "removed what was left over");
                    progress.done(1);
                }
                Err(error) => progress.failed(error),
            }
        }
        let Some(next) = next else {
            break;
        };
        progress.reached(Place {
            own: look.own,
            page: next.clone(),
        });
        page = Some(next);
        sleep(PAUSE).await;
    }
    let removal = look.removal().await?;
    let allowed = tools.site.row().await?.allowed_files;
    if removal.is_unusual() && allowed.is_none_or(|allowed| allowed < removal.files) {
        let Removal { files, own, .. } = removal;
        tracing::error!(
            files,
            of = own,
            "a sweep would remove unusually many orphaned files: it waits until staff allow it on the panel's front page, or \
             by `tierpix storage reconcile --delete --expect {files}`"
        );
        return hold(tools, HeldCause::Many, files, own).await;
    }
    let mut after = String::new();
    while let Some(removed) = look.remove_some(after).await? {
        for file in &removed.keys {
            tracing::info!(file, "removed an orphaned file");
        }
        progress.done(removed.keys.len().try_into().unwrap_or(i64::MAX));
        removed
            .failures
            .iter()
            .for_each(|error| progress.failed(error));
        if progress.is_stopped() {
            return Ok(());
        }
        after = removed.last;
        sleep(PAUSE).await;
    }
    tools.db.run(ReleaseSweep).await?;
    tools.in_store.sweep_held(None);
    Ok(())
}

async fn hold(
    tools: &Tools,
    cause: HeldCause,
    files: i64,
    objects: i64,
) -> Result<(), Interrupted> {
    let hold = HoldSweep {
        cause,
        files,
        objects,
    };
    tools.db.run(hold).await?;
    tools.in_store.sweep_held(Some(files));
    Ok(())
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.own, self.page)
    }
}

impl FromStr for Place {
    type Err = ();

    /// A place of a version before there were counts has none: the look begins anew.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (own, page) = text.split_once(' ').ok_or(())?;
        Ok(Self {
            own: own.parse().map_err(drop)?,
            page: page.to_owned(),
        })
    }
}
