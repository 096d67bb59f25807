//! Clients that upload all the time.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering},
};

use base64::{Engine, prelude::BASE64_STANDARD};

/// An upload, to be sent again and again.
pub struct Upload {
    host: String,
    request: Vec<u8>,
}

impl Upload {
    /// Of this picture by this user, to the service at this URL.
    pub fn new(url: &str, username: &str, password: &str, picture: &[u8]) -> Self {
        let host = url.strip_prefix("http://").unwrap().to_owned();
        let part =
            "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.jpg\"\r\n\r\n";
        let end = "\r\n--b--\r\n";
        let credentials = BASE64_STANDARD.encode(format!("{username}:{password}"));
        let head = format!(
            "POST /api/v1/images_upload/ HTTP/1.1\r\nHost: {host}\r\nAuthorization: Basic {credentials}\r\n\
             Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n",
            part.len() + picture.len() + end.len()
        );
        let request = [head.as_bytes(), part.as_bytes(), picture, end.as_bytes()].concat();
        Self { host, request }
    }

    /// Sends it until there is enough; how many were stored.
    pub fn repeat(&self, is_enough: &AtomicBool) -> usize {
        let mut stored = 0;
        while !is_enough.load(Ordering::Relaxed) {
            let mut stream = TcpStream::connect(&self.host).unwrap();
            stream.write_all(&self.request).unwrap();
            let mut stream = BufReader::new(stream);
            let mut status = String::new();
            stream.read_line(&mut status).unwrap();
            stored += usize::from(status.contains(" 201 "));
            // The connection goes with what is left of the answer; one that is closed first tells nothing else.
            let _ = stream.read(&mut [0; 4096]);
        }
        stored
    }
}
