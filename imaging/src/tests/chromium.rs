//! What Chromium shows of each kind of picture, beside what it shows of the thumbnail. `make test-browser-pictures`.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::matrix::{mean_distance, rows};
use super::thumbnail;

/// How far the two may be apart in the mean, of 255: what coding at quality 80 and rounding twice leave.
const TOLERANCE: f64 = 9.0;

const PATIENCE: Duration = Duration::from_secs(120);

/// Loads one picture after the other, and sends its pixels back; no pixels where it is not shown.
const PAGE: &str = "<!doctype html><script>
(async () => {
  for (let n = 0; n < COUNT; n++) {
    const image = new Image();
    image.src = '/' + n;
    let pixels = new Uint8Array();
    try {
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = image.naturalWidth;
      canvas.height = image.naturalHeight;
      const context = canvas.getContext('2d', {willReadFrequently: true});
      context.drawImage(image, 0, 0);
      pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
    } catch {}
    await fetch('/' + n, {method: 'POST', body: pixels});
  }
  await fetch('/done', {method: 'POST'});
})();
</script>";

/// Chromium with a profile of its own; ends with this value.
struct Browser {
    process: Child,
    _profile: tempfile::TempDir,
}

impl Browser {
    fn open(url: &str) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let program = std::env::var("CHROMIUM").unwrap_or_else(|_| "chromium".into());
        let child = Command::new(program)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
            ])
            .args(["--no-first-run", "--disable-background-networking"])
            .args(["--disable-component-update", "--disable-sync"])
            .args(["--force-color-profile=srgb", "--remote-debugging-port=0"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(url)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self {
            process: child.expect("chromium"),
            _profile: profile,
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What Chromium shows of each file: RGBA.
fn shown(files: Vec<Vec<u8>>) -> Vec<Vec<[u8; 4]>> {
    let count = files.len();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = answer(stream, &files, &sender);
        }
    });
    let _browser = Browser::open(&url);
    let mut pictures = HashMap::new();
    loop {
        let (path, body) = receiver
            .recv_timeout(PATIENCE)
            .expect("an answer of chromium");
        match path.parse::<usize>() {
            Ok(number) => pictures.insert(number, body.as_chunks::<4>().0.to_vec()),
            Err(_) => break,
        };
    }
    (0..count)
        .map(|number| pictures.remove(&number).unwrap())
        .collect()
}

/// Answers one request: the page, a picture, or what came of one.
fn answer(
    stream: TcpStream,
    files: &[Vec<u8>],
    sender: &mpsc::Sender<(String, Vec<u8>)>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(&stream);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut words = request.split_whitespace();
    let (method, path) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or("/"),
    );
    let path = path.trim_start_matches('/');
    let page = PAGE.replace("COUNT", &files.len().to_string());
    let (kind, content) = match path
        .parse::<usize>()
        .ok()
        .and_then(|number| files.get(number))
    {
        Some(file) if file.starts_with(b"\x89PNG") => ("image/png", &file[..]),
        Some(file) => ("image/jpeg", &file[..]),
        None => ("text/html", page.as_bytes()),
    };
    let content = if method == "POST" { b"" } else { content };
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        content.len()
    );
    (&stream).write_all(head.as_bytes())?;
    (&stream).write_all(content)?;
    if method == "POST" {
        let _ = sender.send((path.to_owned(), body));
    }
    Ok(())
}

#[test]
#[ignore = "needs chromium: make test-browser-pictures"]
fn chromium_shows_each_kind_of_picture_as_its_thumbnail() {
    let rows = rows();
    let mut files: Vec<Vec<u8>> = rows.iter().map(|row| row.file.clone()).collect();
    files.extend(
        rows.iter()
            .map(|row| thumbnail(&row.file, 36).unwrap().bytes.to_vec()),
    );
    let pictures = shown(files);
    let (pictures, thumbnails) = pictures.split_at(rows.len());
    let mut failures = Vec::new();
    for ((row, picture), thumbnail) in rows.iter().zip(pictures).zip(thumbnails) {
        if picture.len() != thumbnail.len() || picture.is_empty() {
            failures.push(format!(
                "{}: {} and {} pixels",
                row.name,
                picture.len(),
                thumbnail.len()
            ));
            continue;
        }
        let apart = mean_distance(picture, thumbnail);
        println!("{}: {apart:.2} apart", row.name);
        if (apart > TOLERANCE) != row.otherwise_in_chromium().is_some() {
            failures.push(format!("{}: {apart:.2} apart", row.name));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
