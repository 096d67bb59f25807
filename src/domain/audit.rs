//! What staff changed, as the audit log tells it.

mod filter;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

pub use filter::{AuditFilter, Objects};

/// A kind of object whose changes are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    /// A tier.
    Tier,
    /// A user.
    User,
    /// An image.
    Image,
    /// A key that signs links.
    Key,
    /// Work in the background.
    Job,
    /// The site as a whole.
    Site,
}

impl ObjectKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Tier,
        Self::User,
        Self::Image,
        Self::Key,
        Self::Job,
        Self::Site,
    ];

    /// As the API and the database write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tier => "tier",
            Self::User => "user",
            Self::Image => "image",
            Self::Key => "key",
            Self::Job => "job",
            Self::Site => "site",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What was done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It was made.
    Added,
    /// Fields of it were changed.
    Changed,
    /// It was deleted.
    Deleted,
    /// A user got another password.
    SetPassword,
    /// A user's sessions were ended.
    EndedSessions,
    /// A user who was shut out after failed logins may try again.
    Unlocked,
    /// A user's API tokens were revoked.
    RevokedTokens,
    /// The links to a user's images were revoked.
    RevokedLinks,
    /// A key was withdrawn.
    Withdrawn,
    /// A job was stopped for good.
    Cancelled,
    /// Staff allowed what a sweep would not do by itself.
    Allowed,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 11] = [
        Self::Added,
        Self::Changed,
        Self::Deleted,
        Self::SetPassword,
        Self::EndedSessions,
        Self::Unlocked,
        Self::RevokedTokens,
        Self::RevokedLinks,
        Self::Withdrawn,
        Self::Cancelled,
        Self::Allowed,
    ];

    /// As the API and the database write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Deleted => "deleted",
            Self::SetPassword => "set_password",
            Self::EndedSessions => "ended_sessions",
            Self::Unlocked => "unlocked",
            Self::RevokedTokens => "revoked_tokens",
            Self::RevokedLinks => "revoked_links",
            Self::Withdrawn => "withdrawn",
            Self::Cancelled => "cancelled",
            Self::Allowed => "allowed",
        }
    }

    /// The action of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == name)
    }
}

/// Field by field from what to what; a field that was or is not there is null.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes(Map<String, Value>);

impl Changes {
    /// No field.
    pub fn none() -> Self {
        Self::default()
    }

    /// The fields in which the two states of an object differ. What must not be logged is not to be serialised.
    pub fn between<T: Serialize>(before: Option<&T>, after: Option<&T>) -> Self {
        let (mut before, mut after) = (fields(before), fields(after));
        let names: Vec<String> = before.keys().chain(after.keys()).cloned().collect();
        let mut changes = Map::new();
        for name in names {
            let from = before.remove(&name).unwrap_or_default();
            let to = after.remove(&name).unwrap_or_default();
            // A name of both comes twice, the second time with nothing left.
            if from != to {
                changes.insert(name, json!([from, to]));
            }
        }
        Self(changes)
    }

    /// With one field more.
    pub fn with(mut self, name: &str, from: impl Into<Value>, to: impl Into<Value>) -> Self {
        self.0
            .insert(name.to_owned(), json!([from.into(), to.into()]));
        self
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The JSON that is stored.
    pub fn to_json(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }
}

impl Serialize for Changes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

fn fields<T: Serialize>(state: Option<&T>) -> Map<String, Value> {
    match state.map(serde_json::to_value) {
        Some(Ok(Value::Object(fields))) => fields,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct State {
        name: &'static str,
        height: Option<u32>,
    }

    #[test]
    fn only_what_differs_is_told() {
        let before = State {
            name: "a",
            height: Some(1),
        };
        let after = State {
            name: "a",
            height: None,
        };
        let told =
            |before, after| serde_json::to_value(Changes::between::<State>(before, after)).unwrap();
        assert_eq!(
            told(Some(&before), Some(&after)),
            json!({ "height": [1, null] })
        );
        assert_eq!(told(Some(&before), Some(&before)), json!({}));
        assert_eq!(told(None, Some(&after)), json!({ "name": [null, "a"] }));
        assert_eq!(
            told(Some(&before), None),
            json!({ "name": ["a", null], "height": [1, null] })
        );
    }
}
