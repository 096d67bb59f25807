//! A person at a terminal.

use std::{
    fs::File,
    io::{Read, Write},
    process::Stdio,
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use nix::{
    pty::openpty,
    sys::termios::{LocalFlags, tcgetattr},
};
use tokio::{process::Child, time::timeout};

use super::{Installation, PATIENCE, eventually};

/// A command that runs on a terminal.
pub struct Terminal {
    child: Child,
    keyboard: File,
    screen: Arc<Mutex<String>>,
    /// How much of the screen was waited for already, in bytes.
    read: usize,
    reader: JoinHandle<()>,
}

impl Terminal {
    /// Runs a command line on a new terminal.
    pub fn run(tierpix: &Installation, line: &str) -> Self {
        let terminal = openpty(None, None).unwrap();
        let slave = File::from(terminal.slave);
        let plain = tierpix.command(line.split_whitespace());
        let plain = plain.as_std();
        // Makes the terminal the one that /dev/tty means.
        let mut command = tokio::process::Command::new("setsid");
        command
            .args(["--ctty", "--wait"])
            .arg(plain.get_program())
            .args(plain.get_args())
            .current_dir(tierpix.folder())
            .stdin(Stdio::from(slave.try_clone().unwrap()))
            .stdout(Stdio::from(slave.try_clone().unwrap()))
            .stderr(Stdio::from(slave))
            .kill_on_drop(true);
        for (name, value) in plain.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let child = command.spawn().unwrap();
        let keyboard = File::from(terminal.master);
        let screen = Arc::<Mutex<String>>::default();
        let (mut output, shown) = (keyboard.try_clone().unwrap(), screen.clone());
        let reader = std::thread::spawn(move || {
            let mut piece = [0; 1024];
            // Ends with an error when the last process has left the terminal.
            while let Ok(length @ 1..) = output.read(&mut piece) {
                shown
                    .lock()
                    .unwrap()
                    .push_str(&String::from_utf8_lossy(&piece[..length]));
            }
        });
        Self {
            child,
            keyboard,
            screen,
            read: 0,
            reader,
        }
    }

    /// Waits for a question, then answers it where all can see.
    pub async fn answer(&mut self, question: &str, answer: &str) {
        self.asked(question).await;
        self.enter(answer);
    }

    /// Waits for a question that hides its answer, then answers it.
    pub async fn answer_hidden(&mut self, question: &str, answer: &str) {
        self.asked(question).await;
        eventually("the answer is hidden", async || {
            let flags = tcgetattr(&self.keyboard).unwrap().local_flags;
            !flags.contains(LocalFlags::ECHO)
        })
        .await;
        self.enter(answer);
    }

    /// Waits until this is shown, after what was waited for before.
    pub async fn asked(&mut self, question: &str) {
        let mut end = None;
        eventually(question, async || {
            let screen = self.screen.lock().unwrap();
            end = screen[self.read..]
                .find(question)
                .map(|at| self.read + at + question.len());
            end.is_some()
        })
        .await;
        self.read = end.unwrap();
    }

    fn enter(&mut self, line: &str) {
        self.keyboard
            .write_all(format!("{line}\n").as_bytes())
            .unwrap();
    }

    /// Waits for the end; the exit code and all that was shown.
    pub async fn ended(mut self) -> (Option<i32>, String) {
        let status = timeout(PATIENCE, self.child.wait())
            .await
            .expect("ends within a minute")
            .unwrap();
        self.reader.join().unwrap();
        let shown = self.screen.lock().unwrap().clone();
        (status.code(), shown)
    }
}
