//! `ThumbnailActor`: a pool of threads that render.
//!
//! A `SyncArbiter`'s queue has no end, so back-pressure comes before it: whoever wants a render first gets a
//! [`Permit`] from the [`Admission`]. The permit goes with the message and is given back when the work ends.

use std::{
    fs::File,
    io::BufReader,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actix::{Actor, Addr, Handler, Message, SyncArbiter, SyncContext};

use crate::imaging::{self, Deadline, ImageError, Probe, Thumbnail};

mod admission;

pub use admission::{Admission, Load, Overloaded, Permit, background_threads};

struct ThumbnailActor {
    time_limit: Duration,
    panics: Arc<AtomicU64>,
}

impl Actor for ThumbnailActor {
    type Context = SyncContext<Self>;
}

/// A picture to render.
pub struct RenderJob {
    /// The picture's file.
    pub source: File,
    /// What its header said.
    pub probe: Probe,
    /// The heights wanted.
    pub heights: Vec<u32>,
    /// The room that the render takes.
    pub permit: Permit,
}

impl Message for RenderJob {
    type Result = Result<Vec<Thumbnail>, RenderError>;
}

/// Why there are no thumbnails.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The picture's fault, or reading it failed.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// A bug in a codec: it harms this request only.
    #[error("the render panicked: {0}")]
    Panicked(String),
    /// The pool is shutting down.
    #[error("the thumbnail pool is gone")]
    Gone,
}

impl Handler<RenderJob> for ThumbnailActor {
    type Result = Result<Vec<Thumbnail>, RenderError>;

    fn handle(&mut self, job: RenderJob, _: &mut Self::Context) -> Self::Result {
        let RenderJob {
            source,
            probe,
            heights,
            permit,
        } = job;
        let deadline = Deadline::after(self.time_limit);
        // A panic would end this thread for good. Nothing that the closure touches outlives it.
        let result = catch_unwind(AssertUnwindSafe(|| {
            imaging::render(&mut BufReader::new(source), &probe, &heights, &deadline)
        }));
        drop(permit);
        match result {
            Ok(result) => Ok(result?),
            Err(panic) => {
                self.panics.fetch_add(1, Ordering::Relaxed);
                let text = panic.downcast_ref::<&str>().map(ToString::to_string);
                let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
                Err(RenderError::Panicked(text.unwrap_or_default()))
            }
        }
    }
}

/// Asks for a sign of life.
#[derive(Message)]
#[rtype(result = "()")]
struct Ping;

impl Handler<Ping> for ThumbnailActor {
    type Result = ();

    fn handle(&mut self, Ping: Ping, _: &mut Self::Context) {}
}

/// The address of the pool.
#[derive(Clone)]
pub struct Thumbnailer {
    pool: Addr<ThumbnailActor>,
    threads: usize,
    panics: Arc<AtomicU64>,
}

impl Thumbnailer {
    /// Starts this many threads; a render that takes longer than `time_limit` is given up.
    pub fn start(threads: usize, time_limit: Duration) -> Self {
        let panics = Arc::new(AtomicU64::new(0));
        let counter = panics.clone();
        let pool = SyncArbiter::start(threads, move || ThumbnailActor {
            time_limit,
            panics: counter.clone(),
        });
        Self {
            pool,
            threads,
            panics,
        }
    }

    /// How many threads render.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Renders. Dropping the future before a thread took the job up takes the job back.
    pub async fn render(&self, job: RenderJob) -> Result<Vec<Thumbnail>, RenderError> {
        self.pool.send(job).await.unwrap_or(Err(RenderError::Gone))
    }

    /// Whether a thread takes work up within `patience`.
    pub async fn is_alive(&self, patience: Duration) -> bool {
        let ping = tokio::time::timeout(patience, self.pool.send(Ping));
        matches!(ping.await, Ok(Ok(())))
    }

    /// How many renders have panicked.
    pub fn panics(&self) -> u64 {
        self.panics.load(Ordering::Relaxed)
    }
}
