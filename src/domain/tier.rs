//! Tiers: what an account may do.

mod change;
mod heights;

use std::{fmt, str::FromStr};

use serde::Serialize;
use utoipa::ToSchema;

use super::{Invalid, image::Size};

pub use change::TierChange;
pub use heights::ThumbnailHeights;

/// The id of a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct TierId(pub i64);

/// What an account may do: the thumbnails it gets, the two permissions, its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// The id.
    pub id: TierId,
    /// The name, unique among tiers.
    pub name: TierName,
    /// The heights of the thumbnails, in the order in which they are answered.
    pub thumbnail_heights: ThumbnailHeights,
    /// Whether uploads are answered with a link to the original.
    pub original_link: bool,
    /// Whether links that expire can be asked for.
    pub expiring_links: bool,
    /// The limits.
    pub limits: TierLimits,
}

impl Tier {
    /// The sizes in which its users get an image: the thumbnails in their order, then the original where the tier
    /// has it.
    pub fn sizes(&self) -> impl Iterator<Item = Size> {
        let thumbnails = self
            .thumbnail_heights
            .as_slice()
            .iter()
            .copied()
            .map(Size::Thumbnail);
        thumbnails.chain(self.original_link.then_some(Size::Original))
    }

    /// What the tier is, without its id.
    pub fn fields(&self) -> TierFields {
        TierFields {
            name: self.name.clone(),
            thumbnail_heights: self.thumbnail_heights.clone(),
            original_link: self.original_link,
            expiring_links: self.expiring_links,
            limits: self.limits,
        }
    }
}

/// A tier's fields, without its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Tier, description = "What an account may do.")]
pub struct TierFields {
    /// Unique among tiers.
    #[schema(value_type = String)]
    pub name: TierName,
    /// Pixels, in the order in which the thumbnails are answered.
    #[schema(value_type = Vec<u32>)]
    pub thumbnail_heights: ThumbnailHeights,
    /// Whether uploads are answered with a link to the original.
    pub original_link: bool,
    /// Whether links that expire can be asked for.
    pub expiring_links: bool,
    #[allow(
        missing_docs,
        reason = "flattened: its fields are described, it is not"
    )]
    #[serde(flatten)]
    pub limits: TierLimits,
}

impl TierFields {
    /// A tier of these heights, without the two permissions and without limits of its own.
    pub fn new(name: TierName, thumbnail_heights: ThumbnailHeights) -> Self {
        Self {
            name,
            thumbnail_heights,
            original_link: false,
            expiring_links: false,
            limits: TierLimits::default(),
        }
    }
}

/// A tier's limits; `None` means the server's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(description = "Limits; null means the server's own.")]
pub struct TierLimits {
    /// Bytes of one uploaded file.
    #[schema(value_type = Option<i64>, minimum = 1, required = true)]
    pub max_upload_bytes: Option<PositiveCount>,
    /// Bytes of all originals in store.
    #[schema(value_type = Option<i64>, minimum = 1, required = true)]
    pub storage_quota_bytes: Option<PositiveCount>,
    /// Stored uploads in any 60 minutes.
    #[schema(value_type = Option<i64>, minimum = 1, required = true)]
    pub uploads_per_hour: Option<PositiveCount>,
}

/// A limit that an upload would break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitReached {
    /// The originals would take more bytes than the tier keeps.
    Quota {
        /// Bytes in store.
        used: i64,
        /// Bytes that the tier keeps.
        allowed: i64,
    },
    /// As many uploads were stored in the last 60 minutes as the tier takes.
    Rate {
        /// Seconds until the next one is taken.
        retry_after: u64,
    },
}

/// A whole number from 1 to `i64::MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct PositiveCount(i64);

impl PositiveCount {
    /// `None` for 0 and below.
    pub fn new(count: i64) -> Option<Self> {
        (count > 0).then_some(Self(count))
    }

    /// The number, as PostgreSQL's `bigint` takes it.
    pub fn get(self) -> i64 {
        self.0
    }
}

impl FromStr for PositiveCount {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.parse()
            .ok()
            .and_then(Self::new)
            .ok_or_else(|| Invalid::because("Enter a whole number from 1 up."))
    }
}

/// A tier's name: 1 to 50 characters, no control characters, no space at either end.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct TierName(String);

impl TierName {
    /// The most characters that a name holds.
    pub const MAX_CHARS: usize = 50;

    /// A name that was stored, by whatever rules held then.
    pub fn stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// What to say to a client of a name that no tier has.
    pub fn unknown(name: impl fmt::Display) -> String {
        format!("Object with name={name} does not exist.")
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TierName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let name = text.trim();
        if name.is_empty() {
            return Err(Invalid::because("A tier needs a name."));
        }
        if name.chars().count() > Self::MAX_CHARS {
            return Err(Invalid::because("A tier's name has at most 50 characters."));
        }
        if name.chars().any(char::is_control) {
            return Err(Invalid::because(
                "A tier's name holds no control characters.",
            ));
        }
        Ok(Self(name.to_owned()))
    }
}

impl fmt::Display for TierName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_name_is_trimmed_and_bounded() {
        assert_eq!(" Gold ".parse::<TierName>().unwrap().as_str(), "Gold");
        assert!("".parse::<TierName>().is_err());
        assert!("a\nb".parse::<TierName>().is_err());
        assert!("x".repeat(51).parse::<TierName>().is_err());
    }
}
