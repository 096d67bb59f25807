//! Accounts, and what they ask.

use std::time::Instant;

use bytes::Bytes;
use reqwest::{
    RequestBuilder,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::{
    cluster::{AT_ONCE, Cluster, PAUSE},
    harness::{Answer, Service},
    pictures::Jpeg,
};

/// Somebody who is logged in.
pub struct Account {
    pub name: String,
    pub session: String,
}

/// A link that was made.
pub struct Link {
    /// The path that opens it.
    pub path: String,
    /// The path that tells of it and revokes it.
    pub place: String,
    pub made: Instant,
}

/// The path of a URL.
pub fn path(url: &str) -> String {
    let (_, rest) = url.split_once("//").unwrap();
    rest[rest.find('/').unwrap()..].to_owned()
}

pub fn picture() -> Bytes {
    Jpeg::photo(64, 48).encode().into()
}

impl Account {
    /// Adds a user of this tier.
    pub async fn new(cluster: &Cluster, name: &str, tier: &str) -> Self {
        cluster.tierpix().add_user(name, tier).await;
        Self::log_in(cluster, name).await
    }

    /// Logs in; of everybody here the password is `<name>-password`.
    pub async fn log_in(cluster: &Cluster, name: &str) -> Self {
        let body = json!({ "username": name, "password": format!("{name}-password") });
        let (_, answer) = cluster
            .insist(0, &[200], |service| {
                service.request("POST", "/api-auth/login/").json(&body)
            })
            .await;
        let cookie = answer.header("set-cookie").split(';').next().unwrap();
        Self {
            name: name.to_owned(),
            session: cookie.to_owned(),
        }
    }

    /// A request.
    pub fn request(&self, service: &Service, method: &str, path: &str) -> RequestBuilder {
        let request = service.request(method, path);
        request.header("cookie", &self.session)
    }

    /// An upload.
    pub fn upload(&self, service: &Service, picture: &Bytes) -> RequestBuilder {
        let part = Part::stream(picture.clone()).file_name("photo.jpg");
        let request = self.request(service, "POST", "/api/v1/images_upload/");
        request.multipart(Form::new().part("image", part))
    }

    /// Uploads a picture; what is answered.
    pub async fn image(&self, cluster: &Cluster, node: usize) -> Answer {
        let picture = picture();
        let upload = |service: &Service| self.upload(service, &picture);
        cluster.insist(node, &[201], upload).await.1
    }

    /// Makes something of JSON, or changes it; what is answered, and when.
    pub async fn send(
        &self,
        cluster: &Cluster,
        node: usize,
        method: &str,
        path: &str,
        body: &Value,
    ) -> (Value, Instant) {
        let request = |service: &Service| self.request(service, method, path).json(body);
        let (_, answer) = cluster.insist(node, &[200, 201], request).await;
        (answer.json(), Instant::now())
    }

    /// Makes a link to an image, of which the path is given.
    pub async fn link(&self, cluster: &Cluster, node: usize, image: &str) -> Link {
        let links = format!("{image}links/");
        let body = json!({ "expiring_time_seconds": 3000 });
        let (link, made) = self.send(cluster, node, "POST", &links, &body).await;
        Link {
            path: path(link["expiring_link"].as_str().unwrap()),
            place: format!("{links}{}/", link["id"].as_str().unwrap()),
            made,
        }
    }
}

impl Link {
    /// Opens it on both nodes, of which each has a second to hear of the key that signed it; `false` if it has ended.
    pub async fn opens(&self, cluster: &Cluster, has_ended: impl Fn(&Self) -> bool) -> bool {
        for node in [0, 1] {
            loop {
                let asked = self.made.elapsed();
                let get = |service: &Service| service.request("GET", &self.path);
                match cluster.ask(node, &[200, 404], get).await {
                    Some(answer) if answer.status == 200 => break,
                    Some(_) if has_ended(self) => return false,
                    Some(_) => assert!(asked < AT_ONCE, "node {node} after {asked:?}"),
                    None => {}
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
        true
    }
}
