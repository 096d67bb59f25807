//! `ThumbnailActor`: a pool of threads that render.
//!
//! A `SyncArbiter`'s queue has no end, so back-pressure comes before it: whoever wants a render first gets a
//! [`Permit`] from the [`Admission`]. The permit goes with the message and is given back when the work ends.

use std::{
    any::Any,
    fs::File,
    io::{self, BufReader, Read, Seek},
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use actix::{Actor, Addr, Handler, Message, SyncArbiter, SyncContext};
use prometheus_client::registry::Registry;
use sha2::{Digest, Sha256};

use super::traced::Traced;
use crate::{
    imaging::{self, Deadline, ImageError, Probe, Thumbnail},
    machine,
    metrics::Renders,
    telemetry::spans,
};

mod admission;
mod load;

pub use admission::{Admission, Overloaded, Permit, background_threads};
pub use load::Load;

/// How much less urgent a render is than what only waits for a moment of a core.
const NICENESS: i32 = 10;

/// Makes thumbnails of a picture.
type Render =
    fn(&mut BufReader<File>, &Probe, &[u32], &Deadline) -> Result<Vec<Thumbnail>, ImageError>;

struct ThumbnailActor {
    time_limit: Duration,
    render: Render,
    renders: Renders,
}

impl Actor for ThumbnailActor {
    type Context = SyncContext<Self>;

    /// Requests that only wait for a moment of a core get it before renders, which fill the cores for long.
    fn started(&mut self, _: &mut Self::Context) {
        if let Err(error) = machine::yield_to_others(NICENESS) {
            tracing::warn!(%error, "renders stay as urgent as everything else");
        }
    }
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
    /// A bug: a height that was asked for did not come.
    #[error("a render gave no thumbnail")]
    Incomplete,
    /// The pool is shutting down.
    #[error("the thumbnail pool is gone")]
    Gone,
}

impl RenderError {
    /// Logs a panic as the bug that it is, with the digest of the picture that brought it up.
    pub fn panicked(panic: Box<dyn Any + Send>, sha256: [u8; 32]) -> Self {
        let text = panic.downcast_ref::<&str>().map(ToString::to_string);
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        let text = text.unwrap_or_default();
        let sha256: String = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        tracing::error!(panic = %text, sha256, "a picture made its render panic, which is a bug");
        Self::Panicked(text)
    }
}

/// The digest of a file's bytes.
fn sha256(mut file: File) -> io::Result<[u8; 32]> {
    let (mut hash, mut piece) = (Sha256::new(), vec![0; 64 * 1024]);
    file.rewind()?;
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hash.finalize().into()),
            count => hash.update(&piece[..count]),
        }
    }
}

impl Handler<Traced<RenderJob>> for ThumbnailActor {
    type Result = Result<Vec<Thumbnail>, RenderError>;

    fn handle(&mut self, traced: Traced<RenderJob>, _: &mut Self::Context) -> Self::Result {
        let (job, _span) = traced.enter();
        let _render = spans::render().entered();
        let RenderJob {
            source,
            probe,
            heights,
            permit,
        } = job;
        let (start, pixels) = (
            Instant::now(),
            u64::from(probe.dimensions.width) * u64::from(probe.dimensions.height),
        );
        let deadline = Deadline::after(self.time_limit);
        // A panic would end this thread for good. Nothing that the closure touches outlives it.
        let mut source = BufReader::new(source);
        let result = catch_unwind(AssertUnwindSafe(|| {
            (self.render)(&mut source, &probe, &heights, &deadline)
        }));
        drop(permit);
        let result = match result {
            Ok(result) => result.map_err(RenderError::from),
            Err(panic) => {
                let sha256 = sha256(source.into_inner()).unwrap_or_default();
                Err(RenderError::panicked(panic, sha256))
            }
        };
        self.renders.measure(&result, pixels, start.elapsed());
        result
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
    renders: Renders,
}

impl Thumbnailer {
    /// Starts this many threads; a render that takes longer than `time_limit` is given up.
    pub fn start(threads: usize, time_limit: Duration) -> Self {
        Self::start_with(threads, time_limit, |source, probe, heights, deadline| {
            imaging::render(source, probe, heights, deadline)
        })
    }

    fn start_with(threads: usize, time_limit: Duration, render: Render) -> Self {
        let renders = Renders::default();
        let measured = renders.clone();
        let pool = SyncArbiter::start(threads, move || ThumbnailActor {
            time_limit,
            render,
            renders: measured.clone(),
        });
        Self {
            pool,
            threads,
            renders,
        }
    }

    /// How many threads render.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Renders. Dropping the future before a thread took the job up takes the job back.
    pub async fn render(&self, job: RenderJob) -> Result<Vec<Thumbnail>, RenderError> {
        let job = Traced::to("ThumbnailActor", job);
        self.pool.send(job).await.unwrap_or(Err(RenderError::Gone))
    }

    /// Whether a thread takes work up within `patience`.
    pub async fn is_alive(&self, patience: Duration) -> bool {
        let ping = tokio::time::timeout(patience, self.pool.send(Ping));
        matches!(ping.await, Ok(Ok(())))
    }

    /// Adds what the renders are measured by.
    pub fn register(&self, registry: &mut Registry) {
        self.renders.register(registry);
    }
}

#[cfg(test)]
mod tests {
    use actix_web::ResponseError;

    use super::*;
    use crate::{error::ApiError, imaging::Limits};

    /// A picture of one pixel, as PNG.
    const PIXEL: &[u8] = include_bytes!("thumbnail/pixel.png");

    const PATIENCE: Duration = Duration::from_secs(10);

    async fn render(pool: &Thumbnailer, height: u32) -> Result<Vec<Thumbnail>, RenderError> {
        let mut source = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut source, PIXEL).unwrap();
        source.rewind().unwrap();
        let limits = Limits { max_pixels: 1 };
        let probe = imaging::probe(&mut BufReader::new(&source), &limits).unwrap();
        source.rewind().unwrap();
        let permit = Admission::new(1, 1 << 30, PATIENCE).admit(1).await.unwrap();
        let heights = vec![height];
        let job = RenderJob {
            source,
            probe,
            heights,
            permit,
        };
        pool.render(job).await
    }

    #[actix_web::test]
    async fn a_render_that_panics_ends_alone_and_its_thread_goes_on() {
        let pool = Thumbnailer::start_with(1, PATIENCE, |source, probe, heights, deadline| {
            assert_ne!(heights, [13], "a bug");
            imaging::render(source, probe, heights, deadline)
        });
        for _ in 0..3 {
            let error = render(&pool, 13).await.unwrap_err();
            assert!(error.to_string().contains("a bug"), "{error}");
            // The picture is at fault until shown otherwise.
            assert_eq!(ApiError::from(error).status_code(), 400);
            assert_eq!(render(&pool, 200).await.unwrap().len(), 1);
        }
        assert!(pool.is_alive(PATIENCE).await);
    }

    #[actix_web::test]
    async fn a_render_that_loops_is_given_up_and_its_thread_goes_on() {
        let limit = Duration::from_millis(10);
        let pool = Thumbnailer::start_with(1, limit, |_, _, heights, deadline| {
            if heights != [13] {
                return Ok(Vec::new());
            }
            loop {
                deadline.check()?;
            }
        });
        let error = render(&pool, 13).await.unwrap_err();
        assert!(matches!(error, RenderError::Image(_)), "{error}");
        assert!(render(&pool, 200).await.is_ok());
    }

    #[actix_web::test]
    async fn a_pool_whose_threads_do_not_answer_is_not_alive() {
        let limit = Duration::from_secs(1);
        let pool = Thumbnailer::start_with(1, limit, |_, _, _, deadline| {
            loop {
                deadline.check()?;
            }
        });
        let (looping, alive) = tokio::join!(
            tokio::time::timeout(Duration::from_millis(200), render(&pool, 200)),
            async {
                tokio::task::yield_now().await;
                pool.is_alive(Duration::from_millis(20)).await
            }
        );
        assert!(looping.is_err(), "the render has ended");
        assert!(!alive);
    }
}
