//! Named values as JSON and forms bring them, read into values of the domain with Django REST Framework's sentences.
//!
//! JSON brings values of its types, a form a text for each: both are taken.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::{Deref, DerefMut},
    str::FromStr,
};

use serde::Deserialize;
use serde_json::Value;
use time::{
    Date, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339,
    macros::format_description,
};

use super::Invalid;

/// Values by name.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(from = "BTreeMap<String, Value>")]
pub struct Fields {
    values: BTreeMap<String, Value>,
    /// The names under which several came where one is meant.
    repeated: BTreeSet<String>,
}

impl Fields {
    /// The parameters of a URL, of which each is meant to come once.
    pub fn of_query(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut fields = Self::default();
        for (name, value) in pairs {
            if fields.values.insert(name.clone(), value.into()).is_some() {
                fields.repeated.insert(name);
            }
        }
        fields
    }

    fn find(&self, name: &str) -> Result<Option<&Value>, String> {
        match self.repeated.contains(name) {
            true => Err(REPEATED.to_owned()),
            false => Ok(self.values.get(name)),
        }
    }
}

impl Deref for Fields {
    type Target = BTreeMap<String, Value>;

    fn deref(&self) -> &Self::Target {
        &self.values
    }
}

impl DerefMut for Fields {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.values
    }
}

impl From<BTreeMap<String, Value>> for Fields {
    fn from(values: BTreeMap<String, Value>) -> Self {
        Self {
            values,
            repeated: BTreeSet::new(),
        }
    }
}

/// Of several of the same name the last counts.
impl FromIterator<(String, Value)> for Fields {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(pairs: I) -> Self {
        BTreeMap::from_iter(pairs).into()
    }
}

/// What is wrong with each field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldErrors(pub BTreeMap<&'static str, Vec<String>>);

impl FieldErrors {
    /// The value, or `None` and its sentence among the errors.
    pub fn collect<T>(&mut self, name: &'static str, value: Result<T, String>) -> Option<T> {
        value
            .map_err(|sentence| self.0.entry(name).or_default().push(sentence))
            .ok()
    }

    /// Both values, or what is wrong with either.
    pub fn both<A, B>(a: Result<A, Self>, b: Result<B, Self>) -> Result<(A, B), Self> {
        match (a, b) {
            (Ok(a), Ok(b)) => Ok((a, b)),
            (Err(mut errors), Err(others)) => {
                errors.0.extend(others.0);
                Err(errors)
            }
            (Err(errors), Ok(_)) | (Ok(_), Err(errors)) => Err(errors),
        }
    }

    /// The value, if nothing is wrong.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}

/// A text that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchText(String);

impl SearchText {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The pattern of SQL's `LIKE` that matches what begins with this.
    pub fn like(&self) -> String {
        let mut pattern = String::with_capacity(self.0.len() + 1);
        for c in self.0.chars() {
            if matches!(c, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        pattern.push('%');
        pattern
    }
}

impl FromStr for SearchText {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.contains('\0') {
            // PostgreSQL's text holds none.
            return Err(Invalid::because("Null characters are not allowed."));
        }
        Ok(Self(text.to_owned()))
    }
}

const REPEATED: &str = "This parameter was given more than once.";
const REQUIRED: &str = "This field is required.";
const NULL: &str = "This field may not be null.";
const NO_STRING: &str = "Not a valid string.";
const BLANK: &str = "This field may not be blank.";

/// The value of a field that must be there; the error is the sentence for the client.
pub fn required<T>(
    fields: &Fields,
    name: &str,
    read: impl FnOnce(&Value) -> Result<T, String>,
) -> Result<T, String> {
    given(fields, name, read)?.ok_or_else(|| REQUIRED.to_owned())
}

/// Whether a field is there that must be.
pub fn present(fields: &Fields, name: &str) -> Result<(), String> {
    match fields.contains_key(name) {
        true => Ok(()),
        false => Err(REQUIRED.to_owned()),
    }
}

/// The value of a field that may be missing, null or, as forms send it, empty.
pub fn optional<T>(
    fields: &Fields,
    name: &str,
    read: impl FnOnce(&Value) -> Result<T, String>,
) -> Result<Option<T>, String> {
    given_or_null(fields, name, read).map(Option::flatten)
}

/// The value of a field that may be missing.
pub fn given<T>(
    fields: &Fields,
    name: &str,
    read: impl FnOnce(&Value) -> Result<T, String>,
) -> Result<Option<T>, String> {
    match fields.find(name)? {
        None => Ok(None),
        Some(Value::Null) => Err(NULL.to_owned()),
        Some(value) => read(value).map(Some),
    }
}

/// The value of a field that may be missing (`None`), or null or, as forms send it, empty (`Some(None)`).
pub fn given_or_null<T>(
    fields: &Fields,
    name: &str,
    read: impl FnOnce(&Value) -> Result<T, String>,
) -> Result<Option<Option<T>>, String> {
    match fields.find(name)? {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(None)),
        Some(Value::String(text)) if text.is_empty() => Ok(Some(None)),
        Some(value) => read(value).map(|value| Some(Some(value))),
    }
}

/// A text of at most so many characters, the blanks around it aside.
pub fn text<T: FromStr<Err = Invalid>>(value: &Value, max_chars: usize) -> Result<T, String> {
    let Value::String(text) = value else {
        return Err(NO_STRING.to_owned());
    };
    let text = text.trim();
    if text.is_empty() {
        return Err(BLANK.to_owned());
    }
    if text.chars().count() > max_chars {
        return Err(format!(
            "Ensure this field has no more than {max_chars} characters."
        ));
    }
    parse(text)
}

/// What a text says.
pub fn from_text<T: FromStr<Err = Invalid>>(value: &Value) -> Result<T, String> {
    match value {
        Value::String(text) => parse(text),
        _ => Err(NO_STRING.to_owned()),
    }
}

/// A text as it is.
pub fn string(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        _ => Err(NO_STRING.to_owned()),
    }
}

/// `true` or `false`, or what a form sends for them.
pub fn boolean(value: &Value) -> Result<bool, String> {
    let text = match value {
        Value::String(text) => text.trim().to_ascii_lowercase(),
        other => other.to_string(),
    };
    match text.as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Ok(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Ok(false),
        _ => Err("Must be a valid boolean.".to_owned()),
    }
}

const NO_TIME: &str = "Datetime has wrong format. Use RFC 3339, as 2030-01-31T12:00:00Z.";

/// A time in UTC.
pub fn time(value: &Value) -> Result<OffsetDateTime, String> {
    let text = value.as_str().ok_or(NO_TIME)?;
    let time = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| NO_TIME)?;
    // The last hours of the year 9999 lie, west of Greenwich, in a year that cannot be written.
    let time = time.checked_to_offset(UtcOffset::UTC).ok_or(NO_TIME)?;
    in_our_calendar(time)
}

/// A time in UTC, or a day, which means its beginning.
pub fn time_or_day(value: &Value) -> Result<OffsetDateTime, String> {
    let day = format_description!("[year]-[month]-[day]");
    let text = value.as_str().ok_or(NO_TIME)?;
    match Date::parse(text, day) {
        Ok(day) => in_our_calendar(day.midnight().assume_utc()),
        Err(_) => time(value),
    }
}

/// A time from the year 1 on: PostgreSQL knows no year 0, and none before 4714 BC.
fn in_our_calendar(time: OffsetDateTime) -> Result<OffsetDateTime, String> {
    match time.year() {
        1.. => Ok(time),
        _ => Err(NO_TIME.to_owned()),
    }
}

/// A number, or a text that a form sends for one, as it is written.
pub fn number(value: &Value) -> Result<String, String> {
    match value {
        Value::Number(number) => Ok(number.to_string()),
        Value::String(text) => Ok(text.clone()),
        _ => Err(Invalid::no_integer().to_string()),
    }
}

/// What the text says, or the sentence for the client.
pub fn parse<T: FromStr<Err = Invalid>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|invalid: Invalid| invalid.to_string())
}

/// The sign and the digits of an integer, read as Django REST Framework does: blanks around it and zeros behind a
/// point are no matter.
pub(super) fn integer(text: &str) -> Result<&str, Invalid> {
    let text = text.trim();
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|b| b == b'0') => whole,
        Some(_) => "",
        None => text,
    };
    let digits = whole.strip_prefix(['+', '-']).unwrap_or(whole);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Invalid::no_integer());
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_boolean_is_read_from_json_and_forms() {
        for value in [
            json!(true),
            json!("true"),
            json!("on"),
            json!(1),
            json!("Yes"),
        ] {
            assert_eq!(boolean(&value), Ok(true), "{value}");
        }
        for value in [json!(false), json!("False"), json!("off"), json!(0)] {
            assert_eq!(boolean(&value), Ok(false), "{value}");
        }
        for value in [json!("maybe"), json!(2), json!([]), json!("")] {
            assert_eq!(
                boolean(&value),
                Err("Must be a valid boolean.".to_owned()),
                "{value}"
            );
        }
    }

    #[test]
    fn a_prefix_matches_itself_only() {
        let pattern = r"50%_a\b".parse::<SearchText>().unwrap().like();
        assert_eq!(pattern, r"50\%\_a\\b%");
        assert!("a\0".parse::<SearchText>().is_err());
    }

    #[test]
    fn a_time_is_one_that_the_database_can_hold() {
        let day = |text: &str| time_or_day(&json!(text)).is_ok();
        for text in ["0001-01-01", "9999-12-31", "2026-02-28T23:59:59.999+14:00"] {
            assert!(day(text), "{text}");
        }
        for text in [
            "0000-12-31",
            "-0001-01-01",
            "-4800-01-01",
            "-9999-01-01",
            "+294277-01-01",
            "294277-01-01T00:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "2026-02-30",
        ] {
            assert!(!day(text), "{text}");
        }
    }

    #[test]
    fn a_parameter_that_is_repeated_is_told_and_others_are_not() {
        let pairs = [
            ("a", "true"),
            ("b", "1"),
            ("b", "1"),
            ("c", "x"),
            ("c", "y"),
        ];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let fields = Fields::of_query(pairs);
        assert_eq!(optional(&fields, "a", boolean), Ok(Some(true)));
        assert_eq!(optional(&fields, "b", boolean), Err(REPEATED.to_owned()));
        assert_eq!(given(&fields, "b", boolean), Err(REPEATED.to_owned()));
        assert_eq!(fields.len(), 3);
    }

    #[test]
    fn missing_null_and_empty_are_told_apart() {
        let fields: Fields = [
            ("null", json!(null)),
            ("empty", json!("")),
            ("a", json!(true)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect();
        assert_eq!(required(&fields, "b", boolean), Err(REQUIRED.to_owned()));
        assert_eq!(required(&fields, "null", boolean), Err(NULL.to_owned()));
        assert_eq!(given(&fields, "b", boolean), Ok(None));
        assert_eq!(given(&fields, "null", boolean), Err(NULL.to_owned()));
        assert_eq!(given_or_null(&fields, "b", boolean), Ok(None));
        assert_eq!(given_or_null(&fields, "null", boolean), Ok(Some(None)));
        assert_eq!(given_or_null(&fields, "empty", boolean), Ok(Some(None)));
        assert_eq!(given_or_null(&fields, "a", boolean), Ok(Some(Some(true))));
        assert_eq!(optional(&fields, "empty", boolean), Ok(None));
    }
}
