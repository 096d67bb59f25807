//! The heights of a tier's thumbnails.

use std::{fmt, str::FromStr};

use serde::Serialize;

use crate::domain::Invalid;

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
                .ok_or_else(|| Self::out_of_range(height))?;
            if valid.contains(&pixels) {
                return Err(Invalid::because(format!(
                    "The height {pixels} is given twice."
                )));
            }
            valid.push(pixels);
        }
        Ok(Self(valid))
    }

    /// What to say of a number that is no height.
    pub(super) fn out_of_range(height: impl fmt::Display) -> Invalid {
        Invalid::because(format!(
            "{height} is not a thumbnail height: heights go from 1 to 1000 pixels."
        ))
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
}
