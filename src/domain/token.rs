//! API tokens: what they are called and what they are good for.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::Invalid;

/// The id of an API token. It is not the key: knowing it gives access to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct TokenId(pub Uuid);

impl TokenId {
    /// A new id.
    pub fn new() -> Self {
        Self(Uuid::new_v4())
    }
}

impl Default for TokenId {
    fn default() -> Self {
        Self::new()
    }
}

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// To upload images.
    Upload,
    /// To read lists, details, the account.
    Read,
    /// To delete images.
    Delete,
    /// To make and revoke links.
    Links,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 4] = [Self::Upload, Self::Read, Self::Delete, Self::Links];

    /// As the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Read => "read",
            Self::Delete => "delete",
            Self::Links => "links",
        }
    }
}

impl FromStr for Scope {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or_else(|| Invalid::because(format!("\"{text}\" is not a valid choice.")))
    }
}

/// At least one scope, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// Reads scopes by name; one that is given twice counts once.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, Invalid> {
        let mut scopes = names
            .into_iter()
            .map(str::parse)
            .collect::<Result<Vec<Scope>, _>>()?;
        scopes.sort();
        scopes.dedup();
        if scopes.is_empty() {
            return Err(Invalid::because("This list may not be empty."));
        }
        Ok(Self(scopes))
    }

    /// Whether this scope is among them.
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// The scopes in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Scope::as_str))
    }
}

/// What a token's owner calls it: 1 to 100 characters, no control characters, no space at either end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct TokenName(String);

impl TokenName {
    /// The most characters that a name holds.
    pub const MAX_CHARS: usize = 100;

    /// A name that was stored, by whatever rules held then.
    pub fn stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TokenName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let name = text.trim();
        if name.is_empty() {
            return Err(Invalid::because("This field may not be blank."));
        }
        if name.chars().count() > Self::MAX_CHARS {
            return Err(Invalid::because(
                "Ensure this field has no more than 100 characters.",
            ));
        }
        if name.chars().any(char::is_control) {
            return Err(Invalid::because(
                "A token's name holds no control characters.",
            ));
        }
        Ok(Self(name.to_owned()))
    }
}

impl fmt::Display for TokenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_known_ones_and_at_least_one() {
        let scopes = Scopes::parse(["read", "upload", "read"]).unwrap();
        assert_eq!(
            scopes.iter().collect::<Vec<_>>(),
            [Scope::Upload, Scope::Read]
        );
        assert!(Scopes::parse([]).is_err());
        let refused = Scopes::parse(["admin"]).unwrap_err();
        assert_eq!(refused.to_string(), "\"admin\" is not a valid choice.");
    }

    #[test]
    fn a_token_name_is_trimmed_and_bounded() {
        assert_eq!(" phone ".parse::<TokenName>().unwrap().as_str(), "phone");
        for text in ["", "  ", "a\nb", &"x".repeat(101)] {
            assert!(text.parse::<TokenName>().is_err(), "{text}");
        }
    }
}
