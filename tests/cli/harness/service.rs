//! A service that serves.

use std::{
    fs::OpenOptions,
    process::{ExitStatus, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use reqwest::multipart::{Form, Part};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout},
    time::timeout,
};

use super::{Answer, Installation, PATIENCE};

/// A process that serves; killed when this is dropped.
pub struct Service {
    /// Where it serves, as it says itself.
    pub url: String,
    /// What it printed until then.
    pub printed: String,
    child: Child,
    client: reqwest::Client,
    // Kept open: a service whose reader has gone is another test.
    _stdout: Lines<BufReader<ChildStdout>>,
}

impl Service {
    pub(super) async fn start(tierpix: &Installation, flags: &str) -> Self {
        let mut child = Self::spawn(tierpix, flags);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut printed = String::new();
        let url = loop {
            let line = timeout(PATIENCE, lines.next_line()).await;
            let Ok(Ok(Some(line))) = line else {
                panic!("the service does not serve; {printed}\n{}", tierpix.log())
            };
            if let Some(url) = line.strip_prefix("tierpix serves on ") {
                break url.trim_end_matches('/').to_owned();
            }
            printed.push_str(&line);
            printed.push('\n');
        };
        tierpix::tls::use_ring();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // Reading the system's certificates takes longer than most requests.
            .tls_certs_only([])
            .build()
            .unwrap();
        Self {
            url,
            printed,
            child,
            client,
            _stdout: lines,
        }
    }

    /// Starts the process without waiting until it serves.
    pub fn spawn(tierpix: &Installation, flags: &str) -> Child {
        let log = OpenOptions::new()
            .append(true)
            .create(true)
            .open(tierpix.folder().join("serve.log"))
            .unwrap();
        let arguments = ["serve"].into_iter().chain(flags.split_whitespace());
        tierpix
            .command_to_serve(arguments)
            .stderr(Stdio::from(log))
            .spawn()
            .unwrap()
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.child.id().expect("the process was not waited for yet")
    }

    /// The password of `admin` that a first start prints.
    pub fn admin_password(&self) -> &str {
        let sentence = "Made the user admin with the password ";
        let line = self
            .printed
            .lines()
            .find_map(|line| line.strip_prefix(sentence));
        line.unwrap_or_else(|| panic!("no password in {:?}", self.printed))
    }

    /// A request. The path may be a whole URL of this service.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.url)
        };
        self.client.request(method.parse().unwrap(), url)
    }

    /// What nobody gets.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request("GET", path)).await
    }

    /// Uploads a picture as this user.
    pub async fn upload(&self, username: &str, password: &str, picture: Vec<u8>) -> Answer {
        let part = Part::bytes(picture).file_name("photo.jpg");
        let form = Form::new().part("image", part);
        self.upload_form(username, password, form).await
    }

    /// Uploads a form as this user.
    pub async fn upload_form(&self, username: &str, password: &str, form: Form) -> Answer {
        let request = self
            .request("POST", "/api/v1/images_upload/")
            .basic_auth(username, Some(password));
        Answer::of(request.multipart(form)).await
    }

    /// Logs in; the answer and the session's cookie.
    pub async fn log_in(&self, username: &str, password: &str) -> (Answer, String) {
        let body = serde_json::json!({"username": username, "password": password});
        let answer = Answer::of(self.request("POST", "/api-auth/login/").json(&body)).await;
        let cookie = answer
            .header("set-cookie")
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        (answer, cookie)
    }

    /// Whether a session is still one: an empty upload gets 400 then, else 401.
    pub async fn knows_session(&self, cookie: &str) -> bool {
        let request = self
            .request("POST", "/api/v1/images_upload/")
            .header("cookie", cookie)
            .multipart(Form::new().text("nothing", ""));
        match Answer::of(request).await.status {
            400 => true,
            401 => false,
            other => panic!("{other}"),
        }
    }

    /// The bytes of memory that the process has in use now.
    #[cfg(target_os = "linux")]
    pub fn memory(&self) -> u64 {
        self.memory_figure("VmRSS:")
    }

    /// The bytes of memory that the process had in use when they were most.
    #[cfg(target_os = "linux")]
    pub fn memory_peak(&self) -> u64 {
        self.memory_figure("VmHWM:")
    }

    /// The bytes that the process has asked for, in use or not.
    #[cfg(target_os = "linux")]
    pub fn address_space(&self) -> u64 {
        self.memory_figure("VmSize:")
    }

    /// The bytes of it that are in memory.
    #[cfg(target_os = "linux")]
    pub fn resident(&self) -> u64 {
        self.memory_figure("VmRSS:")
    }

    #[cfg(target_os = "linux")]
    fn memory_figure(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes: u64 = line
            .unwrap()
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .unwrap();
        kilobytes << 10
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        send(&self.child, signal);
    }

    /// Waits for the end.
    pub async fn ended(mut self) -> ExitStatus {
        ended(&mut self.child).await
    }

    /// Stops the service with Ctrl-C.
    pub async fn stop(self) {
        self.signal(Signal::SIGINT);
        assert_eq!(self.ended().await.code(), Some(0));
    }
}

/// Sends a signal to a process.
pub fn send(child: &Child, signal: Signal) {
    let pid = child.id().expect("the process was not waited for yet");
    kill(Pid::from_raw(pid.cast_signed()), signal).unwrap();
}

/// Waits for the end of a process.
pub async fn ended(child: &mut Child) -> ExitStatus {
    let ended = timeout(PATIENCE, child.wait()).await;
    ended.expect("the process ends within a minute").unwrap()
}
