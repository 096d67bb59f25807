//! A user as staff give or change it.

use serde_json::Value;

use super::{Email, Password, UserFields, Username};
use crate::domain::{
    fields::{self, FieldErrors, Fields},
    staff::StaffRole,
    tier::TierName,
};

/// What is to become of a user's fields; `None` leaves one as it is, `Some(None)` empties it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserChange {
    /// The name to log in with.
    pub username: Option<Username>,
    /// The e-mail address.
    pub email: Option<Option<Email>>,
    /// The tier, by its name.
    pub tier: Option<Option<TierName>>,
    /// What the user may do as staff.
    pub role: Option<Option<StaffRole>>,
    /// Whether the user can log in.
    pub is_active: Option<bool>,
}

impl UserChange {
    /// Reads a change and a new password; every field may be missing.
    pub fn parse(fields: &Fields) -> Result<(Self, Option<Password>), FieldErrors> {
        let mut errors = FieldErrors::default();
        let read = Self::read(fields, &mut errors);
        errors.or(read)
    }

    /// Reads what is right, and collects what is wrong.
    fn read(fields: &Fields, errors: &mut FieldErrors) -> (Self, Option<Password>) {
        let username = fields::given(fields, "username", username);
        let email = fields::given_or_null(fields, "email", email);
        let tier = fields::given_or_null(fields, "tier", tier);
        let role = fields::given_or_null(fields, "role", role);
        let is_active = fields::given(fields, "is_active", fields::boolean);
        let password = fields::given(fields, "password", password);
        let change = Self {
            username: errors.collect("username", username).flatten(),
            email: errors.collect("email", email).flatten(),
            tier: errors.collect("tier", tier).flatten(),
            role: errors.collect("role", role).flatten(),
            is_active: errors.collect("is_active", is_active).flatten(),
        };
        (change, errors.collect("password", password).flatten())
    }

    /// What a user is after the change.
    pub fn apply(&self, user: UserFields) -> UserFields {
        UserFields {
            username: self.username.clone().unwrap_or(user.username),
            email: self.email.clone().unwrap_or(user.email),
            tier: self.tier.clone().unwrap_or(user.tier),
            role: self.role.unwrap_or(user.role),
            is_active: self.is_active.unwrap_or(user.is_active),
        }
    }
}

impl UserFields {
    /// Reads a new user: a name and a password are required, the rest is as [`UserFields::new`] has it.
    pub fn parse(fields: &Fields) -> Result<(Self, Password), FieldErrors> {
        let mut errors = FieldErrors::default();
        let (change, password) = UserChange::read(fields, &mut errors);
        for name in ["username", "password"] {
            errors.collect(name, fields::present(fields, name));
        }
        match (&change.username, password) {
            (Some(username), Some(password)) if errors.0.is_empty() => {
                Ok((change.apply(Self::new(username.clone())), password))
            }
            _ => Err(errors),
        }
    }
}

fn username(value: &Value) -> Result<Username, String> {
    fields::text(value, Username::MAX_CHARS)
}

fn email(value: &Value) -> Result<Email, String> {
    fields::text(value, Email::MAX_BYTES)
}

/// What is no name of a tier is the name of none.
fn tier(value: &Value) -> Result<TierName, String> {
    let name = value.as_str().ok_or("Not a valid string.")?;
    name.parse().map_err(|_| TierName::unknown(name))
}

fn role(value: &Value) -> Result<StaffRole, String> {
    match value {
        Value::String(text) => fields::parse(text),
        other => Err(format!("\"{other}\" is not a valid choice.")),
    }
}

/// As it was typed: blanks at its ends belong to it.
fn password(value: &Value) -> Result<Password, String> {
    match value {
        Value::String(text) if text.is_empty() => Err("This field may not be blank.".to_owned()),
        Value::String(text) => fields::parse(text),
        _ => Err("Not a valid string.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Fields {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name() {
        let anna = json!({
            "username": "anna", "password": "long enough", "email": "a@b", "tier": "Gold", "role": "viewer",
        });
        let (anna, _) = UserFields::parse(&fields(anna)).ok().unwrap();
        assert_eq!(UserChange::default().apply(anna.clone()), anna);
        let emptied = json!({ "email": null, "tier": "", "role": null, "is_active": false });
        let (change, password) = UserChange::parse(&fields(emptied)).ok().unwrap();
        assert!(password.is_none());
        let expected = UserFields {
            is_active: false,
            ..UserFields::new(anna.username.clone())
        };
        assert_eq!(change.apply(anna), expected);
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let wrong = json!({
            "username": "a b", "email": "anna", "tier": 7, "role": "root", "is_active": null, "password": "short",
        });
        let told = UserChange::parse(&fields(wrong)).err().unwrap();
        let expected = json!({
            "username": ["A user name holds only letters, digits and @ . + - _"],
            "email": ["Enter a valid e-mail address."],
            "tier": ["Not a valid string."],
            "role": ["\"root\" is not a valid choice."],
            "is_active": ["This field may not be null."],
            "password": ["A password has at least 8 characters."],
        });
        assert_eq!(json!(told.0), expected);
    }

    #[test]
    fn a_new_user_needs_a_name_and_a_password() {
        let told = UserFields::parse(&Fields::default()).err().unwrap();
        let expected = json!({
            "username": ["This field is required."], "password": ["This field is required."],
        });
        assert_eq!(json!(told.0), expected);
    }
}
