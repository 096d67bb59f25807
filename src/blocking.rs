//! Work that would hold up a thread that serves: checking passwords, hashing, writing and syncing files.

use std::{cell::OnceCell, io};

use tokio::task::{JoinError, spawn_blocking};

use crate::machine;

/// How much less urgent this is than answering: a third of a full core then, all of an idle one.
const NICENESS: i32 = 5;

thread_local! {
    /// Filled once this thread has yielded: it works for many, one after the other.
    static YIELDS: OnceCell<()> = const { OnceCell::new() };
}

/// Does it on another thread, which yields to those that serve.
///
/// # Errors
/// Where the work panicked or the runtime ends.
pub async fn run<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    spawn_blocking(|| {
        YIELDS.with(|yields| {
            yields.get_or_init(|| {
                if let Err(error) = machine::yield_to_others(NICENESS) {
                    tracing::debug!(%error, "work beside requests stays as urgent as they are");
                }
            });
        });
        work()
    })
    .await
}

/// Does file work there.
///
/// # Errors
/// Those of the work.
pub async fn run_io<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    run(work)
        .await
        .unwrap_or_else(|failed| Err(io::Error::other(failed)))
}
