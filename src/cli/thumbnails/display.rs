//! How far a job has come: a bar on a terminal, elsewhere a line now and then.

use std::{
    io::{IsTerminal, stderr},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    admin::table::count,
    cli::{CliError, tables::say},
    db::jobs::Job,
    domain::job::about,
};

/// How often a line is written where there is no terminal.
const LINES: Duration = Duration::from_secs(10);

/// Shows a job.
pub struct Display {
    bar: Option<ProgressBar>,
    written: Instant,
}

impl Display {
    /// A bar if standard error is a terminal.
    pub fn new() -> Self {
        let bar = stderr().is_terminal().then(|| {
            let bar = ProgressBar::no_length();
            // One that cannot be read would leave the bar as it is by default.
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} images{msg}") {
                bar.set_style(style.progress_chars("=> "));
            }
            bar
        });
        Self {
            bar,
            written: Instant::now(),
        }
    }

    /// Shows how far it has come now.
    pub fn show(&mut self, job: &Job) -> Result<(), CliError> {
        let Some(plan) = job.plan else {
            return Ok(());
        };
        let tried = job.done + job.failed;
        let mut rest = match job.failed {
            0 => String::new(),
            failed => format!(", {failed} failed"),
        };
        if let Some(left) = job.time_left() {
            rest.push_str(&format!(", {} left", about(left)));
        }
        match &self.bar {
            Some(bar) => {
                bar.set_length(plan.images.unsigned_abs());
                bar.set_position(tried.unsigned_abs());
                bar.set_message(rest);
            }
            None if self.written.elapsed() >= LINES => {
                self.written = Instant::now();
                say(format_args!(
                    "{tried} of {}{rest}",
                    count(plan.images, "image")
                ))?;
            }
            None => {}
        }
        Ok(())
    }

    /// Takes the bar off the terminal.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
