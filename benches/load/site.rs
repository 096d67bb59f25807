//! A running service with an account, some pictures, and one request of each kind.

use std::{
    fmt,
    sync::atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use reqwest::{
    Client, StatusCode,
    multipart::{Form, Part},
};

use crate::{
    cpu::cpu_of,
    harness::{Installation, Service},
    pictures::Jpeg,
};

/// Pictures to choose from, all of the account `anna`.
const PICTURES: usize = 20;

/// Accounts that upload in turn: an account's uploads are counted one after the other, so that its limits hold.
const UPLOADERS: usize = 8;

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A 2 MP photo.
    Upload,
    List,
    Detail,
    Thumbnail,
    Original,
    /// A signed link to an original.
    Link,
}

impl Kind {
    pub const ALL: [Self; 6] = [
        Self::Upload,
        Self::List,
        Self::Detail,
        Self::Thumbnail,
        Self::Original,
        Self::Link,
    ];

    /// What people do: of 100 requests 4 uploads, 6 lists, 10 details, 60 thumbnails, 5 originals, 15 links.
    pub fn of_a_mix(nth: usize) -> Self {
        match nth * 37 % 100 {
            0..4 => Self::Upload,
            4..10 => Self::List,
            10..20 => Self::Detail,
            20..80 => Self::Thumbnail,
            80..85 => Self::Original,
            _ => Self::Link,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Upload => "upload of 2 MP",
            Self::List => "list of 20",
            Self::Detail => "detail",
            Self::Thumbnail => "thumbnail",
            Self::Original => "original, 0.5 MB",
            Self::Link => "signed link",
        })
    }
}

struct Picture {
    id: String,
    thumbnail: String,
    original: String,
    link: String,
}

/// The service and what it holds.
pub struct Site {
    pub service: Service,
    client: Client,
    session: String,
    /// Others' than the client's, so that neither takes the other's connections.
    upload_client: Client,
    upload_sessions: Vec<String>,
    photo: Bytes,
    pictures: Vec<Picture>,
    turn: AtomicUsize,
}

impl Site {
    /// Starts the service and uploads the pictures.
    pub async fn open(tierpix: &Installation) -> Self {
        let tier = "tier add Bench --heights 200,400 --original --expiring-links";
        tierpix.run(tier).await.done();
        let service = tierpix.serve().await;
        let session = join(tierpix, &service, "anna").await;
        let mut upload_sessions = Vec::new();
        for number in 0..UPLOADERS {
            let name = format!("uploader-{number}");
            upload_sessions.push(join(tierpix, &service, &name).await);
        }
        let mut site = Self {
            service,
            client: Client::new(),
            session,
            upload_client: Client::new(),
            upload_sessions,
            photo: Jpeg::photo(1632, 1224).encode().into(),
            pictures: Vec::new(),
            turn: AtomicUsize::new(0),
        };
        for _ in 0..PICTURES {
            let answer = site.upload(&site.session).send().await.unwrap();
            let answer: serde_json::Value = answer.json().await.unwrap();
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            site.pictures.push(Picture {
                id: text(&answer["id"]),
                thumbnail: text(&answer["images"][0]["image"]),
                original: text(&answer["images"][2]["image"]),
                link: text(&answer["link"]["expiring_link"]),
            });
        }
        site
    }

    /// Makes one request that has to succeed.
    pub async fn request(&self, kind: Kind) {
        let status = self.status_of(kind).await.unwrap();
        assert!(status.is_success(), "{kind}: {status}");
    }

    /// Makes one request and reads its answer to the end.
    pub async fn status_of(&self, kind: Kind) -> reqwest::Result<StatusCode> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let picture = &self.pictures[turn % PICTURES];
        let request = match kind {
            Kind::Upload => self.upload(&self.upload_sessions[turn % UPLOADERS]),
            Kind::List => self.get("/api/v1/images/?page_size=20"),
            Kind::Detail => self.get(&format!("/api/v1/images/{}/", picture.id)),
            Kind::Thumbnail => self.client.get(&picture.thumbnail),
            Kind::Original => self.client.get(&picture.original),
            Kind::Link => self.client.get(&picture.link),
        };
        let mut answer = request.send().await?;
        while answer.chunk().await?.is_some() {}
        Ok(answer.status())
    }

    fn upload(&self, session: &str) -> reqwest::RequestBuilder {
        let part = Part::stream(self.photo.clone()).file_name("photo.jpg");
        let form = Form::new()
            .part("image", part)
            .text("expiring_time_seconds", "3600");
        self.upload_client
            .post(format!("{}/api/v1/images_upload/", self.service.url))
            .header("cookie", session)
            .multipart(form)
    }

    fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.client
            .get(format!("{}{path}", self.service.url))
            .header("cookie", &self.session)
    }

    /// Milliseconds of CPU that the service has used.
    pub fn cpu_ms(&self) -> u64 {
        cpu_of(self.service.id()).as_millis() as u64
    }

    /// The most memory that the service has had, in megabytes.
    pub fn peak_memory_mb(&self) -> u64 {
        self.service.memory_peak() >> 20
    }

    /// Stops the service.
    pub async fn close(self) {
        self.service.stop().await;
    }
}

/// Makes an account; its session.
async fn join(tierpix: &Installation, service: &Service, name: &str) -> String {
    tierpix.add_user(name, "Bench").await;
    service.log_in(name, &format!("{name}-password")).await.1
}
