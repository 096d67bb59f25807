//! Removes rows whose time is over.

use super::{
    Tools,
    progress::{Interrupted, Progress},
};
use crate::db::expiry::{Expire, Expiring};

/// How many rows are removed at a time: nobody is to wait long for what a statement holds.
const BATCH: i64 = 1000;

/// Removes all that there is to remove, until it is stopped.
pub async fn run(tools: &Tools, progress: &Progress) -> Result<(), Interrupted> {
    for what in Expiring::ALL {
        let mut removed = BATCH;
        while removed >= BATCH && !progress.is_stopped() {
            removed = tools.db.run(Expire(what, BATCH)).await?.cast_signed();
            progress.done(removed);
        }
    }
    Ok(())
}
