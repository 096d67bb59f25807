//! `kill -9` of the service while it takes uploads.
//!
//! `TIERPIX_TEST_KILLS` sets the number of rounds, `TIERPIX_TEST_SEED` repeats the moments of an earlier run.

use std::{
    cell::RefCell,
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use futures_util::StreamExt;
use nix::sys::signal::Signal::SIGKILL;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use reqwest::{
    Body,
    multipart::{Form, Part},
};
use serde_json::Value;
use tokio::sync::Notify;

use crate::{
    harness::{Installation, Service, names_in},
    pictures::Jpeg,
};

/// Uploads at a time.
const CLIENTS: usize = 4;
/// Bytes of a picture between two moments at which the service may be killed.
const PIECE: usize = 1024;
/// The latest such moment of a round.
const LATEST: usize = 120;

/// An upload that got its 201.
struct Kept {
    picture: usize,
    answer: Value,
}

/// Counts pieces that were sent, by all clients together, until it is time.
struct Fuse {
    sent: AtomicUsize,
    length: usize,
    burnt: Notify,
}

impl Fuse {
    fn burn(&self) {
        if self.sent.fetch_add(1, Ordering::Relaxed) + 1 == self.length {
            self.burnt.notify_one();
        }
    }
}

fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap())
}

#[actix_web::test]
async fn an_upload_that_got_its_201_outlives_every_kill() {
    let rounds = from_environment("TIERPIX_TEST_KILLS", 10);
    let seed = from_environment("TIERPIX_TEST_SEED", rand::random());
    println!("TIERPIX_TEST_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let pictures: Vec<Bytes> = (0..8)
        .map(|n| Jpeg::photo(80 + 16 * n, 240).encode().into())
        .collect();
    let tierpix = Installation::new();
    tierpix.add_user("anna", "Premium").await;
    let spool = tierpix.data_dir().join("spool");
    let (mut kept, mut left_behind) = (Vec::<Kept>::new(), 0);

    let mut checked = 0;
    for round in 0..rounds {
        let service = tierpix.serve().await;
        assert_eq!(
            names_in(&spool),
            Vec::<String>::new(),
            "the spool is emptied"
        );
        check(&service, &kept[checked..], &pictures).await;
        checked = kept.len();
        let acknowledged =
            upload_until_killed(service, &pictures, random.random_range(1..=LATEST)).await;
        println!(
            "round {round}: {} acknowledged, {} in the spool",
            acknowledged.len(),
            names_in(&spool).len()
        );
        left_behind += names_in(&spool).len();
        kept.extend(acknowledged);
        // Every other time the next service meets the old one's database.
        if round % 2 == 0 {
            tierpix.database_is_gone().await;
        }
    }

    let service = tierpix.serve().await;
    check(&service, &kept, &pictures).await;
    assert!(
        !kept.is_empty() && left_behind > 0,
        "the kills came at the wrong moments"
    );
    service.stop().await;
    tierpix.assert_nothing_runs();
}

/// Uploads at several places at once; kills the service when so many pieces were sent. Returns what was acknowledged.
async fn upload_until_killed(service: Service, pictures: &[Bytes], pieces: usize) -> Vec<Kept> {
    let fuse = Arc::new(Fuse {
        sent: AtomicUsize::new(0),
        length: pieces,
        burnt: Notify::new(),
    });
    let kept = RefCell::new(Vec::new());
    let client = async |number: usize| {
        for picture in (number..).step_by(3).map(|n| n % pictures.len()) {
            let Ok(response) = upload(&service, pictures[picture].clone(), fuse.clone())
                .send()
                .await
            else {
                return;
            };
            let status = response.status();
            let Ok(answer) = response.json().await else {
                return;
            };
            assert_eq!(status, 201, "{answer}");
            kept.borrow_mut().push(Kept { picture, answer });
        }
    };
    let clients = futures_util::future::join_all((0..CLIENTS).map(&client));
    let killer = async {
        fuse.burnt.notified().await;
        service.signal(SIGKILL);
    };
    futures_util::future::join(clients, killer).await;
    assert_eq!(service.ended().await.code(), None);
    kept.into_inner()
}

fn upload(service: &Service, picture: Bytes, fuse: Arc<Fuse>) -> reqwest::RequestBuilder {
    let pieces: Vec<Bytes> = picture
        .chunks(PIECE)
        .map(|piece| picture.slice_ref(piece))
        .collect();
    let pieces = futures_util::stream::iter(pieces).map(move |piece| {
        fuse.burn();
        Ok::<_, Infallible>(piece)
    });
    let part = Part::stream(Body::wrap_stream(pieces)).file_name("photo.jpg");
    service
        .request("POST", "/api/v1/images_upload/")
        .basic_auth("anna", Some("anna-password"))
        .multipart(Form::new().part("image", part))
}

/// Every picture and thumbnail is there, byte for byte and whole.
async fn check(service: &Service, kept: &[Kept], pictures: &[Bytes]) {
    for Kept { picture, answer } in kept {
        for image in answer["images"].as_array().unwrap() {
            let url = image["image"].as_str().unwrap();
            let path = &url[url.find("/media/").unwrap()..];
            let stored = service.get(path).await;
            assert_eq!(stored.status, 200, "{image}");
            if image["size"] == "original" {
                assert_eq!(stored.body, pictures[*picture]);
            } else {
                let thumbnail = image::load_from_memory(&stored.body).unwrap();
                assert_eq!(image["width"], thumbnail.width());
                assert_eq!(image["height"], thumbnail.height());
            }
        }
    }
}
