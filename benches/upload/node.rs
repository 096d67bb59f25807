//! The Node server of `node/server.mjs`.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use reqwest::{
    Client,
    multipart::{Form, Part},
};
use tempfile::TempDir;

pub struct Node {
    url: String,
    client: Client,
    process: Child,
    _folder: TempDir,
}

impl Node {
    /// `None` where its packages are not installed.
    pub fn start() -> Option<Self> {
        let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/upload/node");
        if !home.join("node_modules").exists() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new("node")
            .arg(home.join("server.mjs"))
            .arg(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let mut port = String::new();
        BufReader::new(process.stdout.take()?)
            .read_line(&mut port)
            .ok()?;
        Some(Self {
            url: format!("http://127.0.0.1:{}/", port.trim()),
            client: Client::new(),
            process,
            _folder: folder,
        })
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Uploads a picture whose thumbnails have these heights, told with commas.
    pub async fn upload(&self, picture: &[u8], heights: &str) {
        let part = Part::bytes(picture.to_owned()).file_name("picture");
        let form = Form::new().part("image", part);
        let answer = self
            .client
            .post(format!("{}?heights={heights}", self.url))
            .multipart(form)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 201);
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It has nothing to lose.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
