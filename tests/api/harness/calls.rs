//! What many tests do on the way to what they are about.

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tokio_postgres::{Client, NoTls};

use super::{Account, Answer, TestService};
use crate::pictures::Jpeg;

/// A small picture.
pub fn picture() -> Vec<u8> {
    Jpeg::photo(40, 30).encode()
}

impl Account {
    /// Sends JSON.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request("POST", path).json(&body)).await
    }

    /// Deletes something.
    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request("DELETE", path)).await
    }

    /// Uploads a small picture; returns its path, `/api/v1/images/<id>/`.
    pub async fn image(&self) -> String {
        let answer = self.upload(picture()).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        format!("/api/v1/images/{}/", answer.json()["id"].as_str().unwrap())
    }

    /// Makes a link to an image, of which the path is given, and returns what is answered.
    pub async fn link(&self, image: &str, fields: Value) -> Value {
        let answer = self.post(&format!("{image}links/"), fields).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }

    /// Makes an API token of these scopes; returns its key.
    pub async fn token(&self, scopes: &[&str]) -> String {
        let fields = json!({ "name": "phone", "scopes": scopes });
        let answer = self.post("/api/v1/tokens/", fields).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["key"].as_str().unwrap().to_owned()
    }
}

impl TestService {
    /// A request with an API token.
    pub fn request_by(&self, key: &str, method: &str, path: &str) -> RequestBuilder {
        self.request(method, path).bearer_auth(key)
    }

    /// A connection to the database, to hold a transaction open.
    pub async fn connection(&self) -> Client {
        let (client, connection) = self.database.config().connect(NoTls).await.unwrap();
        actix_web::rt::spawn(connection);
        client
    }

    /// How many statements wait for what another transaction holds.
    pub async fn waiting(&self) -> i64 {
        self.number(
            "SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .await
    }
}
