//! Removes stored files that are nobody's: of uploads that a crash interrupted, and of images whose rows went first.

use std::time::Duration;

use tokio::time::sleep;

use super::{
    Tools,
    progress::{Interrupted, Progress},
};
use crate::reconcile::orphans;

/// The pause after each page of the list: others want to read too.
const PAUSE: Duration = Duration::from_millis(20);

/// Goes on with a sweep, behind `position` in the list of what is stored, until its end or until it is stopped.
pub async fn run(
    tools: &Tools,
    mut position: Option<String>,
    progress: &Progress,
) -> Result<(), Interrupted> {
    while !progress.is_stopped() {
        let page = tools.storage.list(position.as_deref()).await?;
        let orphans = orphans(&tools.db, page.objects).await?;
        for orphan in orphans.iter().filter(|orphan| orphan.is_settled()) {
            match tools.storage.delete_listed(&orphan.listed).await {
                Ok(()) => {
                    tracing::info!(file = orphan.listed.key, "removed a file that is nobody's");
                    progress.done(1);
                }
                Err(error) => progress.failed(error),
            }
        }
        let Some(next) = page.next else {
            return Ok(());
        };
        progress.reached(&next);
        position = Some(next);
        sleep(PAUSE).await;
    }
    Ok(())
}
