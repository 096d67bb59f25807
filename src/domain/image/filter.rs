//! Which images staff look at, and in which order.

use serde_json::Value;
use time::OffsetDateTime;

use super::Format;
use crate::domain::{
    fields::{self, FieldErrors, Fields, SearchText},
    tier::PositiveCount,
    user::Username,
};

/// Which images to list; `None` is all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageFilter {
    /// Whose.
    pub user: Option<Username>,
    /// What the file name begins with.
    pub file_name: Option<SearchText>,
    /// The format.
    pub format: Option<Format>,
    /// Stored then or later.
    pub created_after: Option<OffsetDateTime>,
    /// Stored earlier than that.
    pub created_before: Option<OffsetDateTime>,
    /// Originals of so many bytes at least.
    pub min_bytes: Option<PositiveCount>,
    /// Originals of so many bytes at most.
    pub max_bytes: Option<PositiveCount>,
    /// Their order.
    pub order: ImageOrder,
}

/// The order of a list of images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageOrder {
    /// By what.
    pub by: ImageOrderKey,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// What images can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageOrderKey {
    /// When they were stored.
    CreatedAt,
    /// The original's bytes.
    Bytes,
}

/// The newest first.
impl Default for ImageOrder {
    fn default() -> Self {
        Self {
            by: ImageOrderKey::CreatedAt,
            descending: true,
        }
    }
}

impl ImageFilter {
    /// Reads the parameters of a list; empty ones count as absent.
    pub fn parse(fields: &Fields) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let user = fields::optional(fields, "user", fields::from_text);
        let file_name = fields::optional(fields, "file_name", fields::from_text);
        let format = fields::optional(fields, "format", format);
        let mut bytes = |name: &'static str| {
            let bytes =
                fields::optional(fields, name, |value| fields::parse(&fields::number(value)?));
            errors.collect(name, bytes).flatten()
        };
        let (min_bytes, max_bytes) = (bytes("min_bytes"), bytes("max_bytes"));
        let order = fields::optional(fields, "ordering", order);
        let order = errors.collect("ordering", order).flatten();
        let mut time = |name: &'static str| {
            let time = fields::optional(fields, name, fields::time_or_day);
            errors.collect(name, time).flatten()
        };
        let filter = Self {
            created_after: time("created_after"),
            created_before: time("created_before"),
            user: errors.collect("user", user).flatten(),
            file_name: errors.collect("file_name", file_name).flatten(),
            format: errors.collect("format", format).flatten(),
            min_bytes,
            max_bytes,
            order: order.unwrap_or_default(),
        };
        errors.or(filter)
    }
}

/// As Django REST Framework writes it: `-created_at` is the newest first.
fn order(value: &Value) -> Result<ImageOrder, String> {
    let text = value.as_str().unwrap_or_default();
    let (key, descending) = match text.strip_prefix('-') {
        Some(key) => (key, true),
        None => (text, false),
    };
    let by = match key {
        "created_at" => ImageOrderKey::CreatedAt,
        "bytes" => ImageOrderKey::Bytes,
        _ => return Err(format!("\"{text}\" is not a valid choice.")),
    };
    Ok(ImageOrder { by, descending })
}

fn format(value: &Value) -> Result<Format, String> {
    let name = value.as_str().unwrap_or_default();
    Format::named(name).ok_or_else(|| format!("\"{name}\" is not a valid choice."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn everything_wrong_is_told_at_once() {
        let wrong = json!({
            "user": "a b", "file_name": "a\0", "format": "gif", "created_after": "yesterday", "created_before": "2026-02-30",
            "min_bytes": "much", "max_bytes": "0", "ordering": "-name",
        });
        let fields: Fields = serde_json::from_value(wrong).unwrap();
        let told = ImageFilter::parse(&fields).unwrap_err();
        let malformed = "Datetime has wrong format. Use RFC 3339, as 2030-01-31T12:00:00Z.";
        let expected = json!({
            "user": ["A user name holds only letters, digits and @ . + - _"],
            "file_name": ["Null characters are not allowed."],
            "format": ["\"gif\" is not a valid choice."],
            "created_after": [malformed],
            "created_before": [malformed],
            "min_bytes": ["Enter a whole number from 1 up."],
            "max_bytes": ["Enter a whole number from 1 up."],
            "ordering": ["\"-name\" is not a valid choice."],
        });
        assert_eq!(json!(told.0), expected);
    }

    #[test]
    fn a_day_is_its_beginning_in_utc() {
        let day =
            json!({ "created_after": "2026-01-31", "created_before": "2026-01-31T01:00:00+01:00" });
        let fields: Fields = serde_json::from_value(day).unwrap();
        let filter = ImageFilter::parse(&fields).unwrap();
        assert!(filter.created_after.is_some());
        assert_eq!(filter.created_after, filter.created_before);
    }
}
