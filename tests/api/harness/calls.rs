//! What many tests do on the way to what they are about.

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tierpix::{
    db::users::{DeleteUser, UpdateUser},
    domain::{
        staff::{Actor, ForVersion},
        user::UserChange,
    },
};
use tokio_postgres::{Client, NoTls};

use super::{Account, Answer, TestService, hash};
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

    /// Sends JSON that changes something.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request("PATCH", path).json(&body)).await
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

/// Changes of an account on the command line.
impl TestService {
    /// Changes fields of an account.
    pub async fn update(&self, account: &Account, change: UserChange) {
        let update = UpdateUser::fields(Actor::CommandLine, account.id, change);
        self.make(update).await.unwrap();
    }

    /// Gives an account another tier.
    pub async fn set_tier(&self, account: &Account, tier: &str) {
        let change = UserChange {
            tier: Some(Some(tier.parse().unwrap())),
            ..UserChange::default()
        };
        self.update(account, change).await;
    }

    /// Activates or deactivates an account.
    pub async fn set_active(&self, account: &Account, active: bool) {
        let change = UserChange {
            is_active: Some(active),
            ..UserChange::default()
        };
        self.update(account, change).await;
    }

    /// Gives an account another password.
    pub async fn set_password(&self, account: &Account, password: &str) {
        let hash = hash(password);
        let update = UpdateUser::password(Actor::CommandLine, account.id, hash);
        self.make(update).await.unwrap();
    }

    /// Deletes an account; its files stay.
    pub async fn delete_user(&self, account: &Account) {
        let delete = DeleteUser {
            by: Actor::CommandLine,
            id: account.id,
            version: ForVersion::Any,
        };
        self.make(delete).await.unwrap();
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
