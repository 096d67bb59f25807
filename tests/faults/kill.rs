//! `kill -9` of the service, and its stop, while it takes uploads and deletes.
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
use nix::sys::signal::Signal::{self, SIGKILL, SIGTERM};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use reqwest::{
    Body,
    multipart::{Form, Part},
};
use tokio::sync::Notify;

use crate::{
    harness::{Installation, Service, from_environment, names_in},
    kept::{Fate, Kept, check, sweep},
    pictures::Jpeg,
};

/// Uploads at a time.
const CLIENTS: usize = 4;
/// Bytes of a picture between two moments at which the service may be killed.
const PIECE: usize = 1024;
/// The latest such moment of a round.
const LATEST: usize = 120;

/// The part of the uploads after which the one before is deleted.
const DELETED: usize = 3;

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

#[actix_web::test]
async fn what_was_acknowledged_outlives_every_kill() {
    let rounds = from_environment("TIERPIX_TEST_KILLS", 20);
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
            upload_until(SIGKILL, service, &pictures, random.random_range(1..=LATEST)).await;
        println!(
            "round {round}: {} acknowledged, {} deleted, {} in the spool",
            acknowledged.len(),
            acknowledged
                .iter()
                .filter(|it| it.fate == Fate::Deleted)
                .count(),
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
    let gone = kept.iter().filter(|it| it.fate == Fate::Deleted).count();
    println!("{rounds} kills: {} kept, {gone} deleted", kept.len() - gone);
    service.stop().await;
    tierpix.assert_nothing_runs();
    sweep(&tierpix, tierpix.files()).await;
}

#[actix_web::test]
async fn a_service_that_is_stopped_under_load_keeps_what_it_acknowledged_and_leaves_nothing_behind()
{
    let pictures: Vec<Bytes> = (0..8)
        .map(|n| Jpeg::photo(80 + 16 * n, 240).encode().into())
        .collect();
    let tierpix = Installation::new();
    tierpix.add_user("anna", "Premium").await;
    let mut kept = Vec::new();
    for round in 1..=5 {
        let service = tierpix.serve().await;
        kept.extend(upload_until(SIGTERM, service, &pictures, 40 * round).await);
        assert_eq!(
            names_in(&tierpix.data_dir().join("spool")),
            Vec::<String>::new()
        );
        tierpix.assert_nothing_runs();
    }
    let service = tierpix.serve().await;
    check(&service, &kept, &pictures).await;
    assert!(!kept.is_empty());
    service.stop().await;
    let clean = tierpix.run("storage reconcile --verify").await.done();
    assert!(!clean.contains("under way"), "{clean}");
}

/// Uploads at several places at once; sends the service a signal when so many pieces were sent. Returns what was
/// acknowledged.
async fn upload_until(
    signal: Signal,
    service: Service,
    pictures: &[Bytes],
    pieces: usize,
) -> Vec<Kept> {
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
            let before = {
                let mut kept = kept.borrow_mut();
                kept.push(Kept {
                    picture,
                    answer,
                    fate: Fate::Kept,
                });
                let mine = kept.len().checked_sub(2);
                mine.filter(|_| kept.len() % DELETED == 0)
            };
            if let Some(before) = before
                && !delete(&service, &kept, before).await
            {
                return;
            }
        }
    };
    let clients = futures_util::future::join_all((0..CLIENTS).map(&client));
    let killer = async {
        fuse.burnt.notified().await;
        service.signal(signal);
    };
    futures_util::future::join(clients, killer).await;
    let code = service.ended().await.code();
    assert_eq!(code, if signal == SIGKILL { None } else { Some(0) });
    kept.into_inner()
}

/// Deletes an upload. `false`: there is nobody any more to answer.
async fn delete(service: &Service, kept: &RefCell<Vec<Kept>>, number: usize) -> bool {
    let id = {
        let upload = &mut kept.borrow_mut()[number];
        upload.fate = Fate::Unknown;
        upload.answer["id"].as_str().unwrap().to_owned()
    };
    let request = service
        .request("DELETE", &format!("/api/v1/images/{id}/"))
        .basic_auth("anna", Some("anna-password"));
    let Ok(response) = request.send().await else {
        return false;
    };
    assert_eq!(response.status(), 204);
    kept.borrow_mut()[number].fate = Fate::Deleted;
    true
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
