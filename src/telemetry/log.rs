//! Writes the log to standard error.
//!
//! Lines of requests wait in memory for a moment, so that a thread writes many of them at once: writing one takes as long as
//! half of a small answer. Every other line is written at once, behind those that wait. What still waits is lost only when the
//! process is killed.

use std::{
    io::{self, Write},
    mem,
    sync::{Condvar, LazyLock, Mutex, MutexGuard, Once, PoisonError, TryLockError},
    thread,
    time::{Duration, Instant},
};

use prometheus_client::{metrics::counter::Counter, registry::Registry};
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// The target of the lines that can wait.
pub const REQUESTS: &str = "tierpix::requests";

/// How long a line waits.
const DELAY: Duration = Duration::from_millis(100);

/// Bytes that are written before that.
const PLENTY: usize = 128 * 1024;

/// Bytes that wait at most. A line that does not fit is dropped and counted: a log that nobody reads stops no request.
const CAPACITY: usize = 1024 * 1024;

/// The log of this process.
static STANDARD_ERROR: LazyLock<Log> = LazyLock::new(|| Log::new(Box::new(io::stderr())));

/// A log and what of it is not written yet.
pub struct Log {
    waiting: Mutex<Waiting>,
    /// Rung when something waits that did not, or that cannot wait.
    bell: Condvar,
    /// Taken before `waiting`, by who needs both.
    output: Mutex<Box<dyn Write + Send>>,
    writer: Once,
    dropped: Counter,
}

#[derive(Default)]
struct Waiting {
    lines: Vec<u8>,
    /// What `lines` was, for its memory.
    spare: Vec<u8>,
    is_urgent: bool,
    /// How many lines were dropped that nobody was told of.
    dropped: u64,
}

/// The process's log on standard error.
pub fn standard_error() -> &'static Log {
    &STANDARD_ERROR
}

/// Adds what dropped lines are counted by.
pub fn register(registry: &mut Registry) {
    let help = "Lines of the log that were dropped, because nobody read those before";
    registry.register("log_dropped_lines", help, STANDARD_ERROR.dropped.clone());
}

impl Log {
    fn new(output: Box<dyn Write + Send>) -> Self {
        Self {
            waiting: Mutex::default(),
            bell: Condvar::new(),
            output: Mutex::new(output),
            writer: Once::new(),
            dropped: Counter::default(),
        }
    }

    /// Writes what waits, unless that takes longer: standard error may be a pipe that nobody reads.
    pub fn flush(&self, patience: Duration) {
        let deadline = Instant::now() + patience;
        while !self.try_write(b"") && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Writes what waits and then this line; `false` if somebody else is writing.
    fn try_write(&self, line: &[u8]) -> bool {
        let mut output = match self.output.try_lock() {
            Ok(output) => output,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return false,
        };
        self.write_waiting(&mut **output);
        // Nobody can be told that the log cannot be written.
        let _ = output.write_all(line);
        true
    }

    fn write_waiting(&self, output: &mut dyn Write) {
        let mut lines = {
            let mut waiting = self.waiting();
            let spare = mem::take(&mut waiting.spare);
            waiting.is_urgent = false;
            mem::replace(&mut waiting.lines, spare)
        };
        if lines.is_empty() {
            return;
        }
        let _ = output.write_all(&lines);
        lines.clear();
        self.waiting().spare = lines;
    }

    /// Lets a line wait.
    fn append(&'static self, line: &[u8], is_urgent: bool) {
        let mut waiting = self.waiting();
        let was_empty = waiting.lines.is_empty();
        if waiting.lines.len() + line.len() > CAPACITY {
            waiting.dropped += 1;
            self.dropped.inc();
        } else {
            waiting.lines.extend_from_slice(line);
        }
        waiting.is_urgent |= is_urgent;
        let rings = was_empty || is_urgent || waiting.lines.len() > PLENTY;
        drop(waiting);
        self.writer.call_once(|| {
            let named = thread::Builder::new().name("log".to_owned());
            // Without it, the next line that cannot wait takes the others along.
            let _ = named.spawn(|| self.write_forever());
        });
        if rings {
            self.bell.notify_one();
        }
    }

    /// The thread that writes what waits.
    fn write_forever(&self) {
        loop {
            let nothing_waits = |waiting: &mut Waiting| waiting.lines.is_empty();
            let waiting = self.bell.wait_while(self.waiting(), nothing_waits);
            let waiting = waiting.unwrap_or_else(PoisonError::into_inner);
            let can_wait =
                |waiting: &mut Waiting| !waiting.is_urgent && waiting.lines.len() <= PLENTY;
            drop(self.bell.wait_timeout_while(waiting, DELAY, can_wait));
            let output = self.output.lock();
            let mut output = output.unwrap_or_else(PoisonError::into_inner);
            self.write_waiting(&mut **output);
            drop(output);
            let dropped = mem::take(&mut self.waiting().dropped);
            if dropped > 0 {
                tracing::warn!(
                    lines = dropped,
                    "the log was read too slowly: lines were dropped"
                );
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // Nothing that holds it can leave it half changed.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes one line.
pub struct Line {
    log: &'static Log,
    can_wait: bool,
}

impl Write for Line {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.can_wait {
            self.log.append(line, false);
        } else if !self.log.try_write(line) {
            self.log.append(line, true);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for &'static Log {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line {
            log: self,
            can_wait: false,
        }
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Line {
        Line {
            log: self,
            can_wait: metadata.target() == REQUESTS && *metadata.level() > Level::WARN,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use super::*;

    /// What is written, and a gate that each write has to pass.
    #[derive(Clone, Default)]
    struct Output {
        written: Arc<Mutex<Vec<u8>>>,
        gate: Arc<Mutex<()>>,
    }

    impl Output {
        fn text(&self) -> String {
            String::from_utf8(self.written.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            drop(self.gate.lock());
            self.written.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn log() -> (&'static Log, Output) {
        let output = Output::default();
        let log = Box::leak(Box::new(Log::new(Box::new(output.clone()))));
        (log, output)
    }

    fn write(log: &'static Log, line: &str, can_wait: bool) {
        Line { log, can_wait }.write_all(line.as_bytes()).unwrap();
    }

    fn eventually(condition: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !condition() {
            assert!(Instant::now() < deadline);
            thread::yield_now();
        }
    }

    #[test]
    fn a_line_of_a_request_is_written_soon() {
        let (log, output) = log();
        write(log, "request\n", true);
        eventually(|| output.text() == "request\n");
        write(log, "another\n", true);
        eventually(|| output.text() == "request\nanother\n");
    }

    #[test]
    fn another_line_is_written_at_once_behind_those_that_wait() {
        let (log, output) = log();
        write(log, "request\n", true);
        write(log, "warning\n", false);
        assert_eq!(output.text(), "request\nwarning\n");
    }

    #[test]
    fn what_waits_is_flushed() {
        let (log, output) = log();
        write(log, "request\n", true);
        log.flush(PATIENCE);
        assert_eq!(output.text(), "request\n");
    }

    #[test]
    fn a_log_that_nobody_reads_holds_nobody_up() {
        let (log, output) = log();
        let shut = output.gate.lock().unwrap();
        write(log, "first\n", true);
        // The thread is in the middle of writing it.
        eventually(|| log.waiting().lines.is_empty());
        let line = "x".repeat(CAPACITY / 4);
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            for can_wait in [true, true, false, true, true, false] {
                write(log, &line, can_wait);
            }
            log.flush(Duration::ZERO);
            tell.send(()).unwrap();
        });
        told.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!(log.dropped.get(), 2);
        drop(shut);
        eventually(|| output.text().len() == "first\n".len() + CAPACITY);
    }

    const PATIENCE: Duration = Duration::from_secs(60);
}
