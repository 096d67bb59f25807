//! Links that expire.

mod filter;

use std::{fmt, str::FromStr};

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{Invalid, fields::integer};

pub use filter::LinkFilter;

/// The id of an expiring link (UUIDv4: nothing can be learned from it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinkId(pub Uuid);

impl LinkId {
    /// A new id.
    pub fn new() -> Self {
        Self(Uuid::new_v4())
    }
}

impl Default for LinkId {
    fn default() -> Self {
        Self::new()
    }
}

/// The id of a link-signing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub i32);

/// How long a link lives: 300 to 300000 whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkLifetime(u32);

impl LinkLifetime {
    const SECONDS: std::ops::RangeInclusive<u32> = 300..=300_000;

    /// When a link made at `now` expires: on a whole second, rounded up to a multiple of `window` if that is not
    /// zero.
    pub fn expiry_from(self, now: OffsetDateTime, window: Duration) -> OffsetDateTime {
        let exact = now.unix_timestamp() + i64::from(self.0);
        let window = window.whole_seconds().max(1);
        let rounded = exact + (window - exact.rem_euclid(window)) % window;
        // Within some days of now, which is a date.
        OffsetDateTime::from_unix_timestamp(rounded).unwrap_or(now)
    }

    /// The seconds.
    pub fn seconds(self) -> u32 {
        self.0
    }
}

impl FromStr for LinkLifetime {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        // An integer too long for u32 is an integer out of range.
        integer(text)?
            .parse()
            .ok()
            .filter(|seconds| Self::SECONDS.contains(seconds))
            .map(Self)
            .ok_or_else(|| {
                Invalid::because("You can only specify time between 300 and 300000 seconds")
            })
    }
}

/// How often a link can be opened: at least once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxUses(i32);

impl MaxUses {
    /// `None` for 0 and below, and above `i32::MAX`.
    pub fn new(uses: i64) -> Option<Self> {
        i32::try_from(uses).ok().filter(|&uses| uses > 0).map(Self)
    }

    /// The number.
    pub fn get(self) -> i32 {
        self.0
    }
}

impl FromStr for MaxUses {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let uses = integer(text)?.parse().ok().and_then(Self::new);
        uses.ok_or_else(|| {
            Invalid::because(format!("Enter a whole number from 1 to {}.", i32::MAX))
        })
    }
}

/// What a signed link is good for. Part of the signed claims, so that a signature made for one purpose
/// is worth nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To open an image in the size that the link's row names.
    OpenImage,
}

impl Purpose {
    /// As it stands in the link.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenImage => "image",
        }
    }
}

impl FromStr for Purpose {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "image" => Ok(Self::OpenImage),
            _ => Err(Invalid::because("That is no purpose of a link.")),
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a signed link says. The signature covers every field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkClaims {
    /// Which link.
    pub id: LinkId,
    /// What it is good for.
    pub purpose: Purpose,
    /// The second from which on it is no longer good.
    pub expires_at: OffsetDateTime,
    /// The key it is signed with.
    pub key: KeyId,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<u32, String> {
        text.parse::<LinkLifetime>()
            .map(LinkLifetime::seconds)
            .map_err(|invalid| invalid.to_string())
    }

    #[test]
    fn a_lifetime_has_300_to_300000_seconds() {
        assert_eq!(parse("300"), Ok(300));
        assert_eq!(parse("300000"), Ok(300_000));
        for text in ["299", "300001", "0", "-300", "99999999999999999999"] {
            assert!(parse(text).unwrap_err().contains("between 300"), "{text}");
        }
    }

    #[test]
    fn an_expiry_is_rounded_up_to_the_window() {
        let now = OffsetDateTime::from_unix_timestamp(1_000_000_001).unwrap();
        let lifetime: LinkLifetime = "300".parse().unwrap();
        let expiry = |window| {
            lifetime
                .expiry_from(now, Duration::seconds(window))
                .unix_timestamp()
        };
        assert_eq!(expiry(0), 1_000_000_301);
        assert_eq!(expiry(100), 1_000_000_400);
        assert_eq!(expiry(300), 1_000_000_500);
        assert_eq!(expiry(1_000_000_301), 1_000_000_301);
    }

    #[test]
    fn blanks_and_zeros_behind_the_point_are_no_matter() {
        assert_eq!(parse(" 300 "), Ok(300));
        assert_eq!(parse("300.0"), Ok(300));
        assert_eq!(parse("300."), Ok(300));
        assert_eq!(parse("+300"), Ok(300));
    }

    #[test]
    fn what_is_no_integer_is_told_so() {
        for text in [
            "",
            "abc",
            "300.5",
            "3e2",
            "0x12c",
            "300 400",
            "+",
            ".0",
            "３００",
        ] {
            assert_eq!(
                parse(text).unwrap_err(),
                "A valid integer is required.",
                "{text}"
            );
        }
    }
}
