//! An account and what it sends.

use std::sync::atomic::{AtomicU32, Ordering};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::multipart::{Form, Part};
use serde_json::json;
use tierpix::{
    db::users::InsertUser,
    domain::{
        staff::{Actor, StaffRole},
        user::{UserFields, UserId},
    },
};

use super::{Answer, TestService};

static COUNT: AtomicU32 = AtomicU32::new(1);

/// An account of a test's service.
pub struct Account {
    /// The id.
    pub id: UserId,
    /// The name to log in with.
    pub username: String,
    /// The password.
    pub password: String,
    url: String,
    client: reqwest::Client,
}

impl Account {
    pub(super) async fn create(service: &TestService, tier: &str, role: Option<StaffRole>) -> Self {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let (username, password) = (format!("anna{number}"), format!("password-{number}"));
        let insert = InsertUser {
            by: Actor::CommandLine,
            user: UserFields {
                tier: (!tier.is_empty()).then(|| tier.parse().unwrap()),
                role,
                ..UserFields::new(username.parse().unwrap())
            },
            password_hash: hash(&password),
        };
        Self {
            id: service.make(insert).await.unwrap().user.id,
            username,
            password,
            url: service.url.clone(),
            client: service.client.clone(),
        }
    }

    /// A request of this account's by HTTP Basic.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.client
            .request(method.parse().unwrap(), format!("{}{path}", self.url))
            .basic_auth(&self.username, Some(&self.password))
    }

    /// What this account gets.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request("GET", path)).await
    }

    /// Uploads a file.
    pub async fn upload(&self, file: impl Into<Vec<u8>>) -> Answer {
        self.upload_form(image_form(file)).await
    }

    /// Uploads a file and asks for a link that lives this many seconds, as text.
    pub async fn upload_with_link(&self, file: impl Into<Vec<u8>>, seconds: &str) -> Answer {
        let form = image_form(file).text("expiring_time_seconds", seconds.to_owned());
        self.upload_form(form).await
    }

    /// Uploads a form.
    pub async fn upload_form(&self, form: Form) -> Answer {
        Answer::of(
            self.request("POST", "/api/v1/images_upload/")
                .multipart(form),
        )
        .await
    }

    /// Logs in; returns the answer and the session's id from its cookie.
    pub async fn log_in(&self) -> (Answer, String) {
        let request = self.client.post(format!("{}/api-auth/login/", self.url));
        let credentials = json!({ "username": self.username, "password": self.password });
        let answer = Answer::of(request.json(&credentials)).await;
        let session = session_of(&answer);
        (answer, session)
    }

    /// The value of an `Authorization` header by HTTP Basic.
    pub fn basic(&self) -> String {
        basic(&self.username, &self.password)
    }
}

/// What is stored of a password, hashed in no time: hundreds of tests need an account. Those of logins have passwords that the
/// service hashes.
pub fn hash(password: &str) -> String {
    let params = Params::new(8, 1, 1, None).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let salt = b"the same for all";
    let hash = argon2.hash_password_with_salt(password.as_bytes(), salt);
    hash.unwrap().to_string()
}

/// The session's id in an answer's cookie.
pub fn session_of(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie");
    let value = cookie.strip_prefix("sessionid=");
    let value = value.unwrap_or_else(|| panic!("no session in {answer:?}"));
    value.split(';').next().unwrap().to_owned()
}

/// The value of an `Authorization` header by HTTP Basic.
pub fn basic(username: &str, password: &str) -> String {
    let credentials = BASE64_STANDARD.encode(format!("{username}:{password}"));
    format!("Basic {credentials}")
}

/// A form with an `image`.
pub fn image_form(file: impl Into<Vec<u8>>) -> Form {
    Form::new().part("image", Part::bytes(file.into()).file_name("photo.jpg"))
}
