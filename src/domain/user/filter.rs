//! Which users staff look at, and in which order.

use serde_json::Value;

use crate::domain::{
    fields::{self, FieldErrors, Fields, SearchText},
    staff::StaffRole,
    tier::TierName,
    user::Username,
};

/// Which users to list; `None` is all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// What the user name or the e-mail address begins with.
    pub search: Option<SearchText>,
    /// The tier, by its name.
    pub tier: Option<TierName>,
    /// The role.
    pub role: Option<StaffRole>,
    /// Whether they are of the staff.
    pub is_staff: Option<bool>,
    /// Whether they can log in.
    pub is_active: Option<bool>,
    /// Their order.
    pub order: UserOrder,
}

/// The order of a list of users.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UserOrder {
    /// By what.
    pub by: UserOrderKey,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// What users can be ordered by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UserOrderKey {
    /// The name.
    #[default]
    Username,
    /// When they were made.
    CreatedAt,
    /// The bytes in store.
    StoredBytes,
}

impl UserFilter {
    /// Reads the parameters of a list; empty ones count as absent.
    pub fn parse(fields: &Fields) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let search = fields::optional(fields, "search", search);
        let tier = fields::optional(fields, "tier", fields::from_text);
        let role = fields::optional(fields, "role", fields::from_text);
        let is_staff = fields::optional(fields, "is_staff", fields::boolean);
        let is_active = fields::optional(fields, "is_active", fields::boolean);
        let order = fields::optional(fields, "ordering", order);
        let filter = Self {
            search: errors.collect("search", search).flatten(),
            tier: errors.collect("tier", tier).flatten(),
            role: errors.collect("role", role).flatten(),
            is_staff: errors.collect("is_staff", is_staff).flatten(),
            is_active: errors.collect("is_active", is_active).flatten(),
            order: errors
                .collect("ordering", order)
                .flatten()
                .unwrap_or_default(),
        };
        errors.or(filter)
    }
}

/// The beginning of a name is read as a name is.
fn search(value: &Value) -> Result<SearchText, String> {
    let text = fields::string(value)?;
    fields::parse(&Username::as_meant(&text))
}

/// As Django REST Framework writes it: `-created_at` is the newest first.
fn order(value: &Value) -> Result<UserOrder, String> {
    let text = value.as_str().unwrap_or_default();
    let (key, descending) = match text.strip_prefix('-') {
        Some(key) => (key, true),
        None => (text, false),
    };
    let by = match key {
        "username" => UserOrderKey::Username,
        "created_at" => UserOrderKey::CreatedAt,
        "stored_bytes" => UserOrderKey::StoredBytes,
        _ => return Err(format!("\"{text}\" is not a valid choice.")),
    };
    Ok(UserOrder { by, descending })
}

/// Whose things to list; `None` is everybody's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnerFilter {
    /// Whose.
    pub user: Option<Username>,
}

impl OwnerFilter {
    /// Reads the parameters of a list; empty ones count as absent.
    pub fn parse(fields: &Fields) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let user = fields::optional(fields, "user", fields::from_text);
        let user = errors.collect("user", user).flatten();
        errors.or(Self { user })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn everything_wrong_is_told_at_once() {
        let wrong = json!({
            "search": "a\0", "tier": "a\nb", "role": "root", "is_staff": "maybe", "is_active": "2", "ordering": "-email",
        });
        let fields: Fields = serde_json::from_value(wrong).unwrap();
        let told = UserFilter::parse(&fields).unwrap_err();
        let expected = json!({
            "search": ["Null characters are not allowed."],
            "tier": ["A tier's name holds no control characters."],
            "role": ["\"root\" is not a valid choice."],
            "is_staff": ["Must be a valid boolean."],
            "is_active": ["Must be a valid boolean."],
            "ordering": ["\"-email\" is not a valid choice."],
        });
        assert_eq!(json!(told.0), expected);
    }
}
