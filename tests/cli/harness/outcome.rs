//! How a command ended.

use tokio::{process::Child, time::timeout};

use super::PATIENCE;

/// The exit code and what was printed.
#[derive(Debug)]
pub struct Outcome {
    /// `None` if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error, without the line that says what the command works on.
    pub stderr: String,
    /// That line, if there was one.
    pub place: Option<String>,
}

impl Outcome {
    pub async fn of(child: Child) -> Self {
        let output = timeout(PATIENCE, child.wait_with_output())
            .await
            .expect("the command ends within a minute")
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        let (place, stderr): (Vec<_>, Vec<_>) = stderr.split_inclusive('\n').partition(|line| {
            line.starts_with("tierpix: database ") || line.contains(" INFO works on ")
        });
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: stderr.concat(),
            place: place.first().map(|line| line.trim_end().to_owned()),
        }
    }

    /// Fails unless the command did what it was told (0); what it printed.
    #[track_caller]
    pub fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// Fails unless the command was refused (1) in one line on standard error; the line.
    #[track_caller]
    pub fn refused(self) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (Some(1), ""), "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
        let line = self.stderr.trim_end().strip_prefix("tierpix: ");
        line.unwrap_or_else(|| panic!("{:?}", self.stderr))
            .to_owned()
    }

    /// As [`Outcome::refused`], of a command that has logged what it did before.
    #[track_caller]
    pub fn refused_after_log(mut self) -> String {
        let last = self.stderr.lines().last().unwrap_or_default();
        self.stderr = format!("{last}\n");
        self.refused()
    }

    /// Fails unless the command line was wrong (2); what is said about it.
    #[track_caller]
    pub fn misused(self) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (Some(2), ""), "{self:?}");
        self.stderr
    }
}
