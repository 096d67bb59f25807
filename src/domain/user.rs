//! Users: names, e-mail addresses, passwords.

mod change;
mod filter;

use std::{borrow::Cow, fmt, str::FromStr};

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

use super::{
    Invalid,
    staff::StaffRole,
    tier::{TierId, TierName},
};

pub use change::UserChange;
pub use filter::{OwnerFilter, UserFilter, UserOrder, UserOrderKey};

/// The id of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct UserId(pub i64);

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The name to log in with.
    pub username: Username,
    /// The e-mail address, if one is known.
    pub email: Option<Email>,
    /// The tier; an account without one cannot upload.
    pub tier: Option<TierId>,
    /// What the account may do as staff, if it is of the staff.
    pub role: Option<StaffRole>,
    /// An inactive account cannot log in.
    pub is_active: bool,
    /// Counts up when the password changes or the account is deactivated; what was proven under an
    /// earlier number (a session, a password seen) no longer counts.
    pub credentials_version: i64,
}

/// A user's fields as staff see and give them, without the id and the password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = User, description = "A user.")]
pub struct UserFields {
    /// The name to log in with.
    #[schema(value_type = String)]
    pub username: Username,
    /// The e-mail address.
    #[schema(value_type = Option<String>, required = true, format = "email")]
    pub email: Option<Email>,
    /// The tier, by its name.
    #[schema(value_type = Option<String>, required = true)]
    pub tier: Option<TierName>,
    /// What the user may do as staff; null: nothing.
    #[schema(value_type = Option<String>, required = true)]
    pub role: Option<StaffRole>,
    /// Whether the user can log in.
    pub is_active: bool,
}

impl UserFields {
    /// An active user who is not of the staff, without an e-mail address and a tier.
    pub fn new(username: Username) -> Self {
        Self {
            username,
            email: None,
            tier: None,
            role: None,
            is_active: true,
        }
    }
}

/// A user name: 1 to 150 letters, digits and `@ . + - _`, as Django has them, in Unicode's compatibility form (NFKC). Upper
/// and lower case differ.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Username(String);

impl Username {
    /// The most characters that a name holds.
    pub const MAX_CHARS: usize = 150;

    /// A name that was stored, by whatever rules held then.
    pub fn stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// What a name means that somebody typed: as Django reads it, without white space at its ends and with one form of
    /// letters that look alike, such as `ﬁ` and `fi`.
    pub fn as_meant(text: &str) -> Cow<'_, str> {
        if text.is_ascii() {
            return text.trim().into();
        }
        let text: String = text.nfkc().collect();
        text.trim().to_owned().into()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Username {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = Self::as_meant(text);
        let allowed = |c: char| c.is_alphanumeric() || "@.+-_".contains(c);
        if text.is_empty() {
            Err(Invalid::because("A user needs a name."))
        } else if text.chars().count() > Self::MAX_CHARS {
            Err(Invalid::because("A user name has at most 150 characters."))
        } else if !text.chars().all(allowed) {
            Err(Invalid::because(
                "A user name holds only letters, digits and @ . + - _",
            ))
        } else {
            Ok(Self(text.into_owned()))
        }
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An e-mail address, checked for its shape only: something, one `@`, something; at most 254 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// The most bytes: RFC 5321, 4.5.3.1.3 bounds the path, and with it the address.
    pub const MAX_BYTES: usize = 254;

    /// An address that was stored; an empty one, which somebody wrote into the database by hand, is none.
    pub fn stored(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let shaped = text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@')
        });
        let written = text.len() <= Self::MAX_BYTES
            && !text.chars().any(|c| c.is_whitespace() || c.is_control());
        if shaped && written {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::because("Enter a valid e-mail address."))
        }
    }
}

/// A new password: 8 to 1024 characters. It has no `Debug`, so that it reaches no log.
pub struct Password(String);

impl Password {
    /// The fewest characters.
    pub const MIN_CHARS: usize = 8;
    /// The most characters.
    pub const MAX_CHARS: usize = 1024;

    /// The bytes to hash.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl FromStr for Password {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.chars().count() {
            0..Self::MIN_CHARS => Err(Invalid::because("A password has at least 8 characters.")),
            Self::MIN_CHARS..=Self::MAX_CHARS => Ok(Self(text.to_owned())),
            _ => Err(Invalid::because("A password has at most 1024 characters.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_takes_what_django_takes() {
        for name in ["anna", "Änne", "a.b+c-d_e@f", "1"] {
            assert!(name.parse::<Username>().is_ok(), "{name}");
        }
        for name in ["", " ", "a b", "a\nb", "a:b", "<b>", "´"] {
            assert!(name.parse::<Username>().is_err(), "{name}");
        }
        assert!("é".repeat(150).parse::<Username>().is_ok());
        assert!("e".repeat(151).parse::<Username>().is_err());
    }

    #[test]
    fn a_username_is_what_was_meant() {
        for (typed, name) in [
            (" anna\n", "anna"),
            ("\u{a0}änne\u{3000}", "änne"),
            ("ａｎｎａ", "anna"),
            ("ﬁn", "fin"),
            ("Jo\u{308}rg", "Jörg"),
            ("ªº²", "ao2"),
        ] {
            assert_eq!(typed.parse::<Username>().unwrap().as_str(), name);
        }
    }

    #[test]
    fn a_password_has_8_to_1024_characters() {
        assert!("1234567".parse::<Password>().is_err());
        assert!("äöüß1234".parse::<Password>().is_ok());
        assert!("x".repeat(1024).parse::<Password>().is_ok());
        assert!("x".repeat(1025).parse::<Password>().is_err());
    }

    #[test]
    fn an_email_address_is_checked_for_its_shape() {
        assert!("anna@example.org".parse::<Email>().is_ok());
        for text in ["", "anna", "@example.org", "anna@", "a@b@c", "a b@c"] {
            assert!(text.parse::<Email>().is_err(), "{text}");
        }
    }
}
