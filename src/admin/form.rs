//! Forms: fields with what was typed, what is wrong with it, and what somebody else made of it meanwhile.

mod field;

use askama::{Template, filters::HtmlSafe};
use serde_json::Value;

use super::posted::Posted;
use crate::{
    domain::{
        fields::{FieldErrors, Fields},
        staff::Refusal,
    },
    error::ApiError,
};

pub use field::{Choice, Field};

/// The name of the field that holds the version of the object which the form shows.
const VERSION: &str = "version";

/// Fields, and what is wrong with them together.
#[derive(Template)]
#[template(path = "admin/form.html")]
pub struct Form {
    /// The fields.
    pub fields: Vec<Field>,
    /// What is wrong with the whole.
    pub errors: Vec<String>,
    /// The version of the object that the fields were read from; `None` where there is no object yet.
    pub version: Option<i64>,
    /// Whether somebody else changed the object while the form was open.
    pub overtaken: bool,
}

impl HtmlSafe for Form {}

impl Form {
    /// A form of these fields, as they are now.
    pub fn new(version: Option<i64>, fields: Vec<Field>) -> Self {
        Self {
            fields,
            errors: Vec::new(),
            version,
            overtaken: false,
        }
    }

    /// With what was typed in the place of what is. What each field held when the form was made comes with it.
    pub fn filled(mut self, posted: &Posted) -> Self {
        for field in &mut self.fields {
            field.fill(posted);
        }
        if self.version.is_some() {
            let version = posted.get(VERSION).and_then(|version| version.parse().ok());
            // Without a version, as of a form that somebody wrote by hand, the form is for none.
            self.version = Some(version.unwrap_or_default());
        }
        self
    }

    /// What was typed, for the parsers of the domain.
    pub fn to_fields(&self) -> Fields {
        let fields = self.fields.iter().filter(|field| !field.read_only);
        fields
            .map(|field| (field.name.to_owned(), field.to_value()))
            .collect()
    }

    /// A field's text.
    pub fn value(&self, name: &str) -> &str {
        let field = self.fields.iter().find(|field| field.name == name);
        field.map_or("", |field| field.value.as_str())
    }

    /// Puts what is wrong beside its field.
    pub fn refuse(&mut self, FieldErrors(errors): FieldErrors) {
        for (name, sentences) in errors {
            match self.fields.iter_mut().find(|field| field.name == name) {
                Some(field) => field.errors.extend(sentences),
                None => self.errors.extend(sentences),
            }
        }
    }

    /// Puts one sentence beside a field.
    pub fn refuse_field(&mut self, name: &'static str, sentence: impl Into<String>) {
        let errors = [(name, vec![sentence.into()])];
        self.refuse(FieldErrors(errors.into()));
    }

    /// Puts why a change was not made beside its field, or above the form. What no form can mend is an error.
    pub fn refuse_change(&mut self, refusal: Refusal) -> Result<(), ApiError> {
        match &refusal {
            Refusal::TierNameTaken(_) => {
                self.refuse_field("name", "A tier with this name already exists.");
            }
            Refusal::UsernameTaken(_) => {
                self.refuse_field("username", "A user with this name already exists.");
            }
            Refusal::NoSuchTier(_) => {
                self.refuse_field(
                    "tier",
                    "This tier has just been deleted: choose another one.",
                );
            }
            Refusal::LastSuperuser(_)
            | Refusal::TierInUse { .. }
            | Refusal::LastKey
            | Refusal::BackfillUnderWay(_)
            | Refusal::JobEnded
            | Refusal::Upkeep => {
                self.errors.push(sentence(&refusal));
            }
            Refusal::Forbidden | Refusal::Gone | Refusal::OtherVersion => {
                return Err(refusal.into());
            }
        }
        Ok(())
    }

    /// Puts what the API would have answered beside its fields, or above the form.
    pub fn refuse_error(&mut self, error: &ApiError) {
        match error.field_errors() {
            Some(errors) => self.refuse(FieldErrors(errors.clone())),
            None => self.errors.push(error.sentence()),
        }
    }

    /// Whether anything is wrong.
    pub fn is_refused(&self) -> bool {
        !self.errors.is_empty() || self.fields.iter().any(|field| !field.errors.is_empty())
    }

    /// The fields with something wrong.
    pub fn wrong(&self) -> Vec<&Field> {
        let wrong = self.fields.iter().filter(|field| !field.errors.is_empty());
        wrong.collect()
    }

    /// Somebody else has changed the object since this form was made: takes over what it is now where nothing else was
    /// typed, and says where it differs. Saving the form after this is for what the object is now.
    pub fn overtake(&mut self, now: &Self) {
        self.overtaken = true;
        self.version = now.version;
        for field in &mut self.fields {
            if let Some(now) = now.fields.iter().find(|now| now.name == field.name) {
                field.overtake(&now.value);
            }
        }
    }

    /// The same form for a page that asks for a confirmation: everything in hidden fields.
    pub fn hidden(&self) -> Vec<(String, String)> {
        let version = self
            .version
            .map(|version| (VERSION.to_owned(), version.to_string()));
        let fields = self.fields.iter().flat_map(Field::hidden);
        fields.chain(version).collect()
    }

    /// With everything greyed out, for those who may only look.
    pub fn read_only(mut self, read_only: bool) -> Self {
        for field in &mut self.fields {
            field.read_only |= read_only;
        }
        self
    }
}

/// Why a change was not made, as a sentence.
pub fn sentence(refusal: &Refusal) -> String {
    let text = refusal.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase);
    let capitalised = first.into_iter().flatten().chain(chars);
    capitalised.chain(['.']).collect()
}

/// The value as JSON has it.
fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(name: &str, heights: &str, version: i64) -> Form {
        Form::new(
            Some(version),
            vec![
                Field::text("name", "Name", name),
                Field::text("heights", "Heights", heights),
            ],
        )
    }

    fn typed(name: &str, heights: &str, version: &str) -> Posted {
        let pairs = [
            ("name", name),
            ("initial-name", "Gold"),
            ("heights", heights),
            ("initial-heights", "200"),
            ("version", version),
        ];
        Posted::of(&pairs)
    }

    #[test]
    fn what_nobody_else_touched_is_taken_over_and_what_was_typed_stays() {
        let mut mine = form("Gold", "200", 1).filled(&typed("Gold", "400", "1"));
        mine.overtake(&form("Silver", "300", 2));
        assert_eq!(
            (mine.value("name"), mine.value("heights")),
            ("Silver", "400")
        );
        assert_eq!(mine.version, Some(2));
        let notes: Vec<_> = mine.fields.iter().map(|field| field.note.clone()).collect();
        let expected = [
            "Changed meanwhile from “Gold” to “Silver”.",
            "Changed meanwhile from “200” to “300”. You typed “400”: saving puts that in its place.",
        ];
        assert_eq!(notes, expected.map(|note| Some(note.to_owned())));
    }

    #[test]
    fn a_form_without_a_version_is_for_none() {
        let mine = form("Gold", "200", 1).filled(&Posted::of(&[("name", "Gold")]));
        assert_eq!(mine.version, Some(0));
    }

    #[test]
    fn an_error_of_no_field_of_the_form_is_one_of_the_whole() {
        let mut mine = form("Gold", "200", 1);
        mine.refuse_field("other", "Wrong.");
        assert_eq!(mine.errors, ["Wrong."]);
    }
}
