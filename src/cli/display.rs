//! How far a command has come: a bar on a terminal, elsewhere a line now and then.

use std::{
    io::{IsTerminal, stderr},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    admin::table::grouped,
    backup::Step,
    cli::{CliError, tables::say},
};

/// How often a line is written where there is no terminal.
const LINES: Duration = Duration::from_secs(10);

/// Shows how many images were gone through.
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
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len}{msg}") {
                bar.set_style(style.progress_chars("=> "));
            }
            bar
        });
        Self {
            bar,
            written: Instant::now(),
        }
    }

    /// Shows how far it has come now, and what else there is to say of it.
    pub fn show(&mut self, done: i64, total: i64, rest: String) -> Result<(), CliError> {
        match &self.bar {
            Some(bar) => {
                bar.set_length(total.unsigned_abs());
                bar.set_position(done.unsigned_abs());
                bar.set_message(rest);
            }
            None if self.written.elapsed() >= LINES => {
                self.written = Instant::now();
                say(format_args!("{done} of {}{rest}", grouped(total)))?;
            }
            None => {}
        }
        Ok(())
    }

    /// Shows a step of a backup or a restore. That nobody reads it any more is no reason to end it.
    pub fn step(&mut self, step: &Step) {
        let what = format!(", {}", step.what);
        let _ = self.show(step.done, step.total, what);
    }

    /// Takes the bar off the terminal.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
