//! What the next page says of a change that was made: kept by the browser in a signed cookie until it was shown.

use actix_web::cookie::{Cookie, time::Duration};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::{auth::cookie::CookieScope, domain::user::UserId, secret::SecretKey};

/// The cookie's name.
pub const COOKIE: &str = "tierpix_message";

/// The pages that show it.
const PATH: &str = "/admin";

/// Browsers keep cookies of up to 4096 bytes; base64 takes four thirds.
const MAX_CHARS: usize = 600;

/// How good a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It was done.
    Success,
    /// It was not done, or not wholly.
    Warning,
}

/// A sentence or two above a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// How good it is.
    pub level: Level,
    /// The text.
    pub text: String,
}

impl Message {
    /// It was done.
    pub fn success(text: impl Into<String>) -> Self {
        Self {
            level: Level::Success,
            text: text.into(),
        }
    }

    /// It was not done, or not wholly.
    pub fn warning(text: impl Into<String>) -> Self {
        Self {
            level: Level::Warning,
            text: text.into(),
        }
    }

    /// The class in the stylesheet.
    pub fn class(&self) -> &'static str {
        match self.level {
            Level::Success => "success",
            Level::Warning => "warning",
        }
    }
}

/// Writes messages into cookies and reads them back. A cookie that this service did not write for this user says nothing.
pub struct Messages(SecretKey);

impl Messages {
    /// Signs with a key of this secret's.
    pub fn new(secret: &SecretKey) -> Self {
        Self(secret.clone())
    }

    /// The cookie that brings the message to a user's next page.
    pub(super) fn cookie(
        &self,
        user: UserId,
        message: &Message,
        scope: &CookieScope,
    ) -> Cookie<'static> {
        let mut message = message.clone();
        if message.text.chars().count() > MAX_CHARS {
            message.text = message.text.chars().take(MAX_CHARS).chain(['…']).collect();
        }
        // Strings and an enum of two words always become JSON.
        let json = serde_json::to_vec(&message).unwrap_or_default();
        let mac = self.mac(user, &json);
        let value = format!("{}.{}", encode(&json), encode(&mac));
        scope.cookie(COOKIE, value, PATH, Duration::minutes(5))
    }

    /// The message in a cookie's value.
    pub(super) fn read(&self, user: UserId, value: &str) -> Option<Message> {
        let (json, mac) = value.split_once('.')?;
        let json = BASE64_URL_SAFE_NO_PAD.decode(json).ok()?;
        let mac = BASE64_URL_SAFE_NO_PAD.decode(mac).ok()?;
        let right: bool = self.mac(user, &json)[..].ct_eq(&mac).into();
        right.then(|| serde_json::from_slice(&json).ok()).flatten()
    }

    fn mac(&self, user: UserId, json: &[u8]) -> [u8; 32] {
        let signed = [&user.0.to_be_bytes()[..], json].concat();
        self.0.derive("admin message", &signed)
    }
}

/// The cookie that makes a browser forget the message that it has seen.
pub(super) fn removal(scope: &CookieScope) -> Cookie<'static> {
    scope.cookie(COOKIE, String::new(), PATH, Duration::ZERO)
}

fn encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages() -> Messages {
        Messages::new(&SecretKey::from_text(&"x".repeat(32)).unwrap())
    }

    fn scope() -> CookieScope {
        CookieScope {
            secure: true,
            below: String::new(),
        }
    }

    #[test]
    fn only_what_was_written_for_a_user_is_read() {
        let message = Message::success("The tier “Gold” was added.");
        let cookie = messages().cookie(UserId(1), &message, &scope());
        let value = cookie.value().to_owned();
        assert_eq!(messages().read(UserId(1), &value), Some(message));
        assert_eq!(messages().read(UserId(2), &value), None);
        let (_, mac) = value.split_once('.').unwrap();
        let other = encode(br#"{"level":"success","text":"Write to me"}"#);
        for value in [
            format!("{other}.{mac}"),
            other,
            String::new(),
            ".".to_owned(),
        ] {
            assert_eq!(messages().read(UserId(1), &value), None, "{value}");
        }
    }

    #[test]
    fn a_long_message_still_fits_a_cookie() {
        let message = Message::warning("ß".repeat(10_000));
        let cookie = messages().cookie(UserId(1), &message, &scope());
        assert!(cookie.to_string().len() < 4096);
        assert!(messages().read(UserId(1), cookie.value()).is_some());
    }
}
