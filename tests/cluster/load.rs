//! People who upload and delete, and remember what was acknowledged.

use std::{
    cell::{Cell, RefCell},
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::time::sleep;

use crate::{
    cluster::{Cluster, count},
    harness::Service,
    kept::{Fate, Kept},
    people::image,
    site::Account,
};

/// The pause of a client after each upload.
const PAUSE: Duration = Duration::from_millis(100);

/// The part of the uploads after which an earlier one is deleted.
const DELETED: usize = 3;

/// What came of the uploads of one account.
#[derive(Default)]
pub struct Uploads {
    pub kept: RefCell<Vec<Kept>>,
    /// Uploads of which nobody knows whether they were stored.
    pub unknown: Cell<usize>,
    /// Uploads that were repeated on the other node and had been stored before.
    pub replayed: Cell<usize>,
}

impl Uploads {
    /// Uploads until then, now to this node, now to that one.
    pub async fn go_on(
        &self,
        cluster: &Cluster,
        who: &Account,
        pictures: &[Bytes],
        client: usize,
        until: Instant,
    ) {
        for turn in 0.. {
            if Instant::now() >= until {
                return;
            }
            let picture = (client + turn) % pictures.len();
            let key = format!("{client}-{turn}");
            self.upload(
                cluster,
                who,
                (picture, &pictures[picture]),
                turn % 2,
                &key,
                until,
            )
            .await;
            if turn % DELETED == 2 {
                let number = self.kept.borrow().len() / 2;
                self.delete(cluster, who, number, turn % 2).await;
            }
            sleep(PAUSE).await;
        }
    }

    /// Uploads, and again with the same key on the other node where it breaks off.
    async fn upload(
        &self,
        cluster: &Cluster,
        who: &Account,
        (picture, bytes): (usize, &Bytes),
        first: usize,
        key: &str,
        until: Instant,
    ) {
        let upload = |service: &Service| {
            let upload = who.upload(service, bytes);
            upload.header("idempotency-key", key)
        };
        for node in [first, 1 - first].into_iter().cycle() {
            match cluster.ask(node, &[201, 409], upload).await {
                Some(answer) if answer.status == 201 => {
                    if !answer.header("idempotency-replayed").is_empty() {
                        count(&self.replayed);
                    }
                    assert!(image(&answer).starts_with("/api/v1/images/"));
                    self.kept.borrow_mut().push(Kept {
                        picture,
                        answer: answer.json(),
                        fate: Fate::Kept,
                    });
                    return;
                }
                // The node that was killed has the key for two minutes more.
                Some(_) => break,
                None if Instant::now() >= until => break,
                None => sleep(PAUSE).await,
            }
        }
        count(&self.unknown);
    }

    /// Deletes one of them, unless that was tried before.
    async fn delete(&self, cluster: &Cluster, who: &Account, number: usize, node: usize) {
        let id = match self.kept.borrow_mut().get_mut(number) {
            Some(kept) if kept.fate == Fate::Kept => {
                kept.fate = Fate::Unknown;
                kept.answer["id"].as_str().unwrap().to_owned()
            }
            _ => return,
        };
        let path = format!("/api/v1/images/{id}/");
        let delete = |service: &Service| who.request(service, "DELETE", &path);
        if cluster.ask(node, &[204], delete).await.is_some() {
            self.kept.borrow_mut()[number].fate = Fate::Deleted;
        }
    }
}
