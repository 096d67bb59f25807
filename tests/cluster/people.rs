//! People who take something away on one node and look whether the other one still gives it.

use std::{
    cell::{Cell, RefCell},
    time::Instant,
};

use serde_json::{Value, json};

use crate::{
    cluster::{Cluster, count},
    harness::{Answer, Service},
    site::{Account, Link, path},
};

/// What they share.
pub struct People<'a> {
    pub cluster: &'a Cluster,
    /// Until when they go on.
    pub until: Instant,
    pub root: Account,
    /// The keys that were withdrawn, as links name them.
    withdrawn: RefCell<Vec<String>>,
    pub revocations: Cell<usize>,
}

impl<'a> People<'a> {
    pub fn new(cluster: &'a Cluster, until: Instant, root: Account) -> Self {
        Self {
            cluster,
            until,
            root,
            withdrawn: RefCell::default(),
            revocations: Cell::default(),
        }
    }

    fn goes_on(&self) -> bool {
        Instant::now() < self.until
    }

    fn is_withdrawn(&self, link: &Link) -> bool {
        let withdrawn = self.withdrawn.borrow();
        withdrawn.iter().any(|key| link.path.contains(key))
    }

    async fn opens(&self, link: &Link) -> bool {
        link.opens(self.cluster, |link| self.is_withdrawn(link))
            .await
    }

    /// Makes a link here and revokes it there, over and over.
    pub async fn revoke_links(&self, who: &Account) {
        let image = image(&who.image(self.cluster, 0).await);
        for node in [0, 1].into_iter().cycle().take_while(|_| self.goes_on()) {
            let link = who.link(self.cluster, node, &image).await;
            if !self.opens(&link).await {
                continue;
            }
            let revoke = |service: &Service| who.request(service, "DELETE", &link.place);
            self.cluster.insist(1 - node, &[204], revoke).await;
            let open = |service: &Service| service.request("GET", &link.path);
            self.cluster
                .turns_from(200, 404, Instant::now(), open)
                .await;
            count(&self.revocations);
        }
    }

    /// Uploads here and deletes there, over and over.
    pub async fn delete_images(&self, who: Account) {
        for node in [0, 1].into_iter().cycle().take_while(|_| self.goes_on()) {
            let uploaded = who.image(self.cluster, node).await;
            let thumbnail = path(&uploaded.url_of("200px"));
            let get = |service: &Service| service.request("GET", &thumbnail);
            for node in [0, 1] {
                self.cluster.insist(node, &[200], get).await;
            }
            let image = image(&uploaded);
            let delete = |service: &Service| who.request(service, "DELETE", &image);
            // Gone already: the node that did it was killed before it said so.
            self.cluster.insist(1 - node, &[204, 404], delete).await;
            self.cluster.turns_from(200, 404, Instant::now(), get).await;
        }
    }

    /// Takes a tier's links away and gives them back, each time with other heights.
    pub async fn change_tier(&self, who: Account, tier: &str) {
        let image = image(&who.image(self.cluster, 0).await);
        let links = format!("{image}links/");
        let change = async |node, fields: Value| {
            let changed = self.root.send(self.cluster, node, "PATCH", tier, &fields);
            changed.await.1
        };
        for node in [0, 1].into_iter().cycle().take_while(|_| self.goes_on()) {
            let link = who.link(self.cluster, node, &image).await;
            if !self.opens(&link).await {
                continue;
            }
            let fields = json!({ "expiring_links": false, "thumbnail_heights": [100] });
            let since = change(node, fields).await;
            let open = |service: &Service| service.request("GET", &link.path);
            let detail = |service: &Service| who.request(service, "GET", &image);
            tokio::join!(
                self.cluster.turns_from(200, 404, since, open),
                self.cluster.turns(since, &[200], has("200px"), detail)
            );
            let fields = json!({ "expiring_links": true, "thumbnail_heights": [200] });
            let since = change(1 - node, fields).await;
            let body = json!({ "expiring_time_seconds": 3000 });
            let make = |service: &Service| who.request(service, "POST", &links).json(&body);
            tokio::join!(
                self.cluster.turns_from(403, 201, since, make),
                self.cluster.turns(since, &[200], has("100px"), detail)
            );
        }
    }

    /// Deactivates somebody and activates them again.
    pub async fn change_user(&self, mut who: Account, user: &str) {
        let token = json!({ "name": "phone", "scopes": ["read"] });
        let send = who.send(self.cluster, 0, "POST", "/api/v1/tokens/", &token);
        let key = send.await.0["key"].as_str().unwrap().to_owned();
        let by_token = |service: &Service| service.request("GET", ME).bearer_auth(&key);
        let change = async |node, active| {
            let fields = json!({ "is_active": active });
            let send = self.root.send(self.cluster, node, "PATCH", user, &fields);
            send.await.1
        };
        for node in [0, 1].into_iter().cycle().take_while(|_| self.goes_on()) {
            let session = who.session.clone();
            let by_session =
                |service: &Service| service.request("GET", ME).header("cookie", &session);
            for node in [0, 1] {
                self.cluster.insist(node, &[200], by_token).await;
                self.cluster.insist(node, &[200], by_session).await;
            }
            let since = change(node, false).await;
            tokio::join!(
                self.cluster.turns_from(200, 401, since, by_token),
                self.cluster.turns_from(200, 401, since, by_session)
            );
            let since = change(1 - node, true).await;
            self.cluster.turns_from(401, 200, since, by_token).await;
            for node in [0, 1] {
                // A session that ended does not come back.
                self.cluster.ask(node, &[401], by_session).await;
            }
            who = Account::log_in(self.cluster, &who.name).await;
        }
    }

    /// Makes a new key, and withdraws it when another one signs.
    pub async fn rotate_keys(&self, who: Account) {
        let tierpix = self.cluster.tierpix();
        let rotate = async || {
            let said = tierpix.run("keys rotate").await.done();
            let key = said.split_whitespace().nth(3).unwrap();
            (key.trim_end_matches(',').to_owned(), Instant::now())
        };
        let image = image(&who.image(self.cluster, 0).await);
        let links = format!("{image}links/");
        let body = json!({ "expiring_time_seconds": 3000 });
        for node in [0, 1].into_iter().cycle().take_while(|_| self.goes_on()) {
            let (key, since) = rotate().await;
            let signed = format!("key={key}&");
            let is_before = |answer: &Answer| !answer.text().contains(&signed);
            let make = |service: &Service| who.request(service, "POST", &links).json(&body);
            self.cluster.turns(since, &[201], is_before, make).await;
            let link = who.link(self.cluster, node, &image).await;
            assert!(self.opens(&link).await, "nobody else withdraws keys");
            rotate().await;
            self.withdrawn.borrow_mut().push(signed);
            let withdraw = format!("keys withdraw {key}");
            tierpix.run(&withdraw).await.done();
            let open = |service: &Service| service.request("GET", &link.path);
            self.cluster
                .turns_from(200, 404, Instant::now(), open)
                .await;
        }
    }
}

const ME: &str = "/api/v1/me/";

/// The path of an image that was uploaded.
pub fn image(uploaded: &Answer) -> String {
    path(uploaded.header("location"))
}

/// Whether an image is shown in this size.
fn has(size: &str) -> impl Fn(&Answer) -> bool {
    move |answer| answer.sizes().iter().any(|one| one == size)
}
