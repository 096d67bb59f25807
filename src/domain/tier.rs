//! Tiers: what an account may do.

use std::{fmt, str::FromStr};

use serde::Serialize;

use super::{Invalid, image::Size};

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
}

/// A tier's limits; `None` means the server's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TierLimits {
    /// Bytes of one uploaded file.
    pub max_upload_bytes: Option<PositiveCount>,
    /// Bytes of all originals in store.
    pub storage_quota_bytes: Option<PositiveCount>,
    /// Stored uploads in any 60 minutes.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

/// 1 to 10 different thumbnail heights, each from 1 to 1000 pixels, in the order in which they were given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ThumbnailHeights(Vec<u32>);

impl ThumbnailHeights {
    /// The most heights that a tier has.
    pub const MAX_COUNT: usize = 10;
    /// The largest height in pixels.
    pub const MAX_HEIGHT: u32 = 1000;

    /// Checks the heights as numbers; `Invalid` says which one is wrong.
    pub fn new(heights: &[i64]) -> Result<Self, Invalid> {
        if heights.is_empty() {
            return Err(Invalid::because("Give at least one thumbnail height."));
        }
        if heights.len() > Self::MAX_COUNT {
            return Err(Invalid::because("A tier has at most 10 thumbnail heights."));
        }
        let mut valid = Vec::with_capacity(heights.len());
        for &height in heights {
            let pixels = u32::try_from(height)
                .ok()
                .filter(|pixels| (1..=Self::MAX_HEIGHT).contains(pixels))
                .ok_or_else(|| {
                    Invalid::because(format!(
                        "{height} is not a thumbnail height: heights go from 1 to 1000 pixels."
                    ))
                })?;
            if valid.contains(&pixels) {
                return Err(Invalid::because(format!(
                    "The height {pixels} is given twice."
                )));
            }
            valid.push(pixels);
        }
        Ok(Self(valid))
    }

    /// The heights in their order.
    pub fn as_slice(&self) -> &[u32] {
        &self.0
    }

    /// The heights as PostgreSQL's `integer[]`.
    pub fn to_sql(&self) -> Vec<i32> {
        // At most 1000 each.
        self.0.iter().map(|&height| height as i32).collect()
    }
}

impl FromStr for ThumbnailHeights {
    type Err = Invalid;

    /// Reads what a person types: `200,400`, blanks allowed.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.trim().is_empty() {
            return Self::new(&[]);
        }
        let heights = text
            .split(',')
            .map(|part| match part.trim() {
                "" => Err(Invalid::because(
                    "There is a comma too many: write the heights as 200,400.",
                )),
                part => part.parse().map_err(|_| {
                    Invalid::because(format!(
                        "“{part}” is not a whole number: write the heights as 200,400."
                    ))
                }),
            })
            .collect::<Result<Vec<i64>, _>>()?;
        Self::new(&heights)
    }
}

impl fmt::Display for ThumbnailHeights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, height) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{height}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        text.parse::<ThumbnailHeights>().unwrap_err().to_string()
    }

    #[test]
    fn heights_keep_their_order() {
        let heights: ThumbnailHeights = " 400, 200 ".parse().unwrap();
        assert_eq!(heights.as_slice(), [400, 200]);
        assert_eq!(heights.to_string(), "400,200");
    }

    #[test]
    fn each_wrong_list_of_heights_is_told_what_is_wrong_with_it() {
        assert!(refusal("").contains("at least one"));
        assert!(refusal("200;400").contains("“200;400” is not a whole number"));
        assert!(refusal("abc").contains("“abc” is not a whole number"));
        assert!(refusal("200,400,").contains("comma too many"));
        assert!(refusal("1001").contains("1001 is not a thumbnail height"));
        assert!(refusal("0").contains("0 is not a thumbnail height"));
        assert!(refusal("-5").contains("-5 is not a thumbnail height"));
        assert!(refusal("200,200").contains("200 is given twice"));
        assert!(refusal("1,2,3,4,5,6,7,8,9,10,11").contains("at most 10"));
    }

    #[test]
    fn a_tier_name_is_trimmed_and_bounded() {
        assert_eq!(" Gold ".parse::<TierName>().unwrap().as_str(), "Gold");
        assert!("".parse::<TierName>().is_err());
        assert!("a\nb".parse::<TierName>().is_err());
        assert!("x".repeat(51).parse::<TierName>().is_err());
    }
}
