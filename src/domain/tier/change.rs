//! A tier as staff give or change it.

use serde_json::Value;

use super::{PositiveCount, ThumbnailHeights, TierFields, TierLimits, TierName};
use crate::domain::fields::{self, FieldErrors, Fields};

/// What is to become of a tier's fields; `None` leaves one as it is. Of a limit, `Some(None)` is the server's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TierChange {
    /// The name.
    pub name: Option<TierName>,
    /// The heights of the thumbnails.
    pub thumbnail_heights: Option<ThumbnailHeights>,
    /// Whether uploads are answered with a link to the original.
    pub original_link: Option<bool>,
    /// Whether links that expire can be asked for.
    pub expiring_links: Option<bool>,
    /// Bytes of one uploaded file.
    pub max_upload_bytes: Option<Option<PositiveCount>>,
    /// Bytes of all originals in store.
    pub storage_quota_bytes: Option<Option<PositiveCount>>,
    /// Stored uploads in any 60 minutes.
    pub uploads_per_hour: Option<Option<PositiveCount>>,
}

impl TierChange {
    /// Reads a change; every field may be missing.
    pub fn parse(fields: &Fields) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let change = Self::read(fields, &mut errors);
        errors.or(change)
    }

    /// Reads what is right, and collects what is wrong.
    fn read(fields: &Fields, errors: &mut FieldErrors) -> Self {
        let name = fields::given(fields, "name", name);
        let heights = fields::given(fields, "thumbnail_heights", heights);
        let mut flag = |name: &'static str| {
            let flag = fields::given(fields, name, fields::boolean);
            errors.collect(name, flag).flatten()
        };
        let (original_link, expiring_links) = (flag("original_link"), flag("expiring_links"));
        let mut limit = |name: &'static str| {
            let limit = fields::given_or_null(fields, name, limit);
            errors.collect(name, limit).flatten()
        };
        Self {
            max_upload_bytes: limit("max_upload_bytes"),
            storage_quota_bytes: limit("storage_quota_bytes"),
            uploads_per_hour: limit("uploads_per_hour"),
            name: errors.collect("name", name).flatten(),
            thumbnail_heights: errors.collect("thumbnail_heights", heights).flatten(),
            original_link,
            expiring_links,
        }
    }

    /// What a tier is after the change.
    pub fn apply(&self, tier: TierFields) -> TierFields {
        TierFields {
            name: self.name.clone().unwrap_or(tier.name),
            thumbnail_heights: self
                .thumbnail_heights
                .clone()
                .unwrap_or(tier.thumbnail_heights),
            original_link: self.original_link.unwrap_or(tier.original_link),
            expiring_links: self.expiring_links.unwrap_or(tier.expiring_links),
            limits: TierLimits {
                max_upload_bytes: self
                    .max_upload_bytes
                    .unwrap_or(tier.limits.max_upload_bytes),
                storage_quota_bytes: self
                    .storage_quota_bytes
                    .unwrap_or(tier.limits.storage_quota_bytes),
                uploads_per_hour: self
                    .uploads_per_hour
                    .unwrap_or(tier.limits.uploads_per_hour),
            },
        }
    }
}

impl TierFields {
    /// Reads a new tier: a name and heights are required, the rest is as [`TierFields::new`] has it.
    pub fn parse(fields: &Fields) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let change = TierChange::read(fields, &mut errors);
        for name in ["name", "thumbnail_heights"] {
            errors.collect(name, fields::present(fields, name));
        }
        match (&change.name, &change.thumbnail_heights) {
            (Some(name), Some(heights)) if errors.0.is_empty() => {
                Ok(change.apply(Self::new(name.clone(), heights.clone())))
            }
            _ => Err(errors),
        }
    }
}

fn name(value: &Value) -> Result<TierName, String> {
    fields::text(value, TierName::MAX_CHARS)
}

/// A list of integers; in a form, one text as `200,400`.
fn heights(value: &Value) -> Result<ThumbnailHeights, String> {
    let items = match value {
        Value::String(text) => return fields::parse(text),
        Value::Array(items) => items,
        _ => return Err("Expected a list of items.".to_owned()),
    };
    let heights = items
        .iter()
        .map(|item| {
            let text = fields::number(item)?;
            let digits = fields::integer(&text).map_err(|invalid| invalid.to_string())?;
            digits
                .parse()
                .map_err(|_| ThumbnailHeights::out_of_range(digits).to_string())
        })
        .collect::<Result<Vec<i64>, _>>()?;
    ThumbnailHeights::new(&heights).map_err(|invalid| invalid.to_string())
}

fn limit(value: &Value) -> Result<PositiveCount, String> {
    let text = fields::number(value)?;
    let digits = fields::integer(&text).map_err(|invalid| invalid.to_string())?;
    // What does not fit i64 is too large or, with a minus, too small.
    match digits.parse().ok().and_then(PositiveCount::new) {
        Some(count) => Ok(count),
        None if digits.parse::<i64>().is_ok() || digits.starts_with('-') => {
            Err("Ensure this value is greater than or equal to 1.".to_owned())
        }
        None => Err(format!(
            "Ensure this value is less than or equal to {}.",
            i64::MAX
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Fields {
        serde_json::from_value(value).unwrap()
    }

    fn errors(value: Value) -> Value {
        json!(TierChange::parse(&fields(value)).unwrap_err().0)
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name() {
        let gold = json!({
            "name": "Gold", "thumbnail_heights": [300], "original_link": true, "uploads_per_hour": 3,
        });
        let gold = TierFields::parse(&fields(gold)).unwrap();
        assert_eq!(TierChange::default().apply(gold.clone()), gold);
        let change = TierChange::parse(&fields(json!({ "uploads_per_hour": null }))).unwrap();
        let after = change.apply(gold.clone());
        assert_eq!(after.limits, TierLimits::default());
        assert_eq!((after.name, after.original_link), (gold.name, true));
    }

    #[test]
    fn what_a_form_sends_is_what_json_sends() {
        let json = json!({
            "name": "Gold", "thumbnail_heights": [200, 400], "original_link": true, "expiring_links": false,
            "max_upload_bytes": 1000, "storage_quota_bytes": null,
        });
        let form = json!({
            "name": " Gold ", "thumbnail_heights": "200, 400", "original_link": "on", "expiring_links": "false",
            "max_upload_bytes": "1000", "storage_quota_bytes": "",
        });
        assert_eq!(
            TierFields::parse(&fields(json)),
            TierFields::parse(&fields(form))
        );
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let wrong = json!({
            "name": "", "thumbnail_heights": [1001], "original_link": "maybe", "expiring_links": null,
            "max_upload_bytes": 0, "storage_quota_bytes": "many", "uploads_per_hour": "99999999999999999999",
        });
        let told = json!({
            "name": ["This field may not be blank."],
            "thumbnail_heights": ["1001 is not a thumbnail height: heights go from 1 to 1000 pixels."],
            "original_link": ["Must be a valid boolean."],
            "expiring_links": ["This field may not be null."],
            "max_upload_bytes": ["Ensure this value is greater than or equal to 1."],
            "storage_quota_bytes": ["A valid integer is required."],
            "uploads_per_hour": ["Ensure this value is less than or equal to 9223372036854775807."],
        });
        assert_eq!(errors(wrong), told);
    }

    #[test]
    fn a_new_tier_needs_a_name_and_heights() {
        let told = TierFields::parse(&fields(json!({ "original_link": 7 }))).unwrap_err();
        let expected = json!({
            "name": ["This field is required."],
            "thumbnail_heights": ["This field is required."],
            "original_link": ["Must be a valid boolean."],
        });
        assert_eq!(json!(told.0), expected);
    }
}
