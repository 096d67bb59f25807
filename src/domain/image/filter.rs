//! Which images staff look at.

use serde_json::Value;
use time::OffsetDateTime;

use super::Format;
use crate::domain::{
    fields::{self, FieldErrors, Fields, SearchText},
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
}

impl ImageFilter {
    /// Reads the parameters of a list; empty ones count as absent.
    pub fn parse(fields: &Fields) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let user = fields::optional(fields, "user", fields::from_text);
        let file_name = fields::optional(fields, "file_name", fields::from_text);
        let format = fields::optional(fields, "format", format);
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
        };
        errors.or(filter)
    }
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
