//! One field of a form.

use askama::{Template, filters::HtmlSafe};
use serde_json::Value;

use super::text;
use crate::admin::posted::Posted;

/// What a browser shows a field as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// A line of text, with the kinds of keyboard (`inputmode`) and completion (`autocomplete`) that suit it.
    Text {
        /// `text`, `email`, `date` or `password`.
        kind: &'static str,
        /// As HTML's `inputmode`.
        mode: &'static str,
        /// As HTML's `autocomplete`.
        autocomplete: &'static str,
    },
    /// A file of these types; its value is never known.
    File {
        /// As HTML's `accept`.
        accept: &'static str,
    },
    /// A box to tick: its value is `on` or empty.
    Checkbox,
    /// One of several.
    Select(Vec<Choice>),
    /// Any of several boxes; the value is theirs, parted by commas.
    Checkboxes(Vec<Choice>),
}

/// One of several values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
}

impl Choice {
    /// A value and what to call it.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
        }
    }
}

/// A field.
#[derive(Debug, Clone, Template)]
#[template(path = "admin/field.html")]
pub struct Field {
    /// The name that it is sent under.
    pub name: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// What it is about.
    pub help: String,
    /// How it is shown.
    pub control: Control,
    /// What it holds, as text.
    pub value: String,
    /// What it held when the form was made.
    pub initial: String,
    /// Whether it has to be filled in.
    pub required: bool,
    /// Whether it can only be looked at.
    pub read_only: bool,
    /// What is wrong with it.
    pub errors: Vec<String>,
    /// What somebody else made of it meanwhile.
    pub note: Option<String>,
}

impl HtmlSafe for Field {}

impl Field {
    fn new(name: &'static str, label: &'static str, control: Control, value: String) -> Self {
        Self {
            name,
            label,
            help: String::new(),
            control,
            initial: value.clone(),
            value,
            required: false,
            read_only: false,
            errors: Vec::new(),
            note: None,
        }
    }

    /// A line of text.
    pub fn text(name: &'static str, label: &'static str, value: impl Into<String>) -> Self {
        let control = Control::Text {
            kind: "text",
            mode: "text",
            autocomplete: "off",
        };
        Self::new(name, label, control, value.into())
    }

    /// A line of digits and their like. It is sent as it was typed: what is no number is told, not swallowed.
    pub fn digits(name: &'static str, label: &'static str, value: impl Into<String>) -> Self {
        let control = Control::Text {
            kind: "text",
            mode: "numeric",
            autocomplete: "off",
        };
        Self::new(name, label, control, value.into())
    }

    /// An e-mail address.
    pub fn email(name: &'static str, label: &'static str, value: impl Into<String>) -> Self {
        let control = Control::Text {
            kind: "text",
            mode: "email",
            autocomplete: "off",
        };
        Self::new(name, label, control, value.into())
    }

    /// A day.
    pub fn date(name: &'static str, label: &'static str) -> Self {
        let control = Control::Text {
            kind: "date",
            mode: "text",
            autocomplete: "off",
        };
        Self::new(name, label, control, String::new())
    }

    /// A file; its form has to be of several parts.
    pub fn file(name: &'static str, label: &'static str, accept: &'static str) -> Self {
        Self::new(name, label, Control::File { accept }, String::new())
    }

    /// A new password, which is never shown again.
    pub fn password(name: &'static str, label: &'static str) -> Self {
        let control = Control::Text {
            kind: "password",
            mode: "text",
            autocomplete: "new-password",
        };
        Self::new(name, label, control, String::new())
    }

    /// A box to tick.
    pub fn checkbox(name: &'static str, label: &'static str, on: bool) -> Self {
        let value = if on { "on" } else { "" };
        Self::new(name, label, Control::Checkbox, value.to_owned())
    }

    /// One of several.
    pub fn select(
        name: &'static str,
        label: &'static str,
        choices: Vec<Choice>,
        value: impl Into<String>,
    ) -> Self {
        Self::new(name, label, Control::Select(choices), value.into())
    }

    /// Any of several.
    pub fn checkboxes(name: &'static str, label: &'static str, choices: Vec<Choice>) -> Self {
        Self::new(name, label, Control::Checkboxes(choices), String::new())
    }

    /// With a line about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Which has to be filled in.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Takes what was typed, and what the field held when it was shown.
    pub(super) fn fill(&mut self, posted: &Posted) {
        // A browser sends nothing of a field that can only be looked at.
        if self.read_only {
            return;
        }
        self.value = match &self.control {
            Control::Checkboxes(_) => posted.all(self.name).collect::<Vec<_>>().join(","),
            _ => posted.get(self.name).unwrap_or_default().to_owned(),
        };
        if let Some(initial) = posted.get(&self.initial_name()) {
            self.initial = initial.to_owned();
        }
    }

    pub(super) fn to_value(&self) -> Value {
        match self.control {
            Control::Checkbox => Value::Bool(!self.value.is_empty()),
            _ => text(&self.value),
        }
    }

    pub(super) fn overtake(&mut self, now: &str) {
        if now != self.initial {
            let mut note = format!(
                "Changed meanwhile from {} to {}.",
                self.shown(&self.initial),
                self.shown(now)
            );
            if self.value == self.initial {
                now.clone_into(&mut self.value);
            } else if self.value != now {
                let typed = self.shown(&self.value);
                note += &format!(" You typed {typed}: saving puts that in its place.");
            }
            self.note = Some(note);
        }
        now.clone_into(&mut self.initial);
    }

    /// A value as people read it.
    fn shown(&self, value: &str) -> String {
        let label = match &self.control {
            Control::Checkbox if value.is_empty() => return "no".to_owned(),
            Control::Checkbox => return "yes".to_owned(),
            Control::Select(choices) => choices
                .iter()
                .find(|choice| choice.value == value)
                .map_or(value, |choice| &choice.label),
            _ => value,
        };
        if label.is_empty() {
            "nothing".to_owned()
        } else {
            format!("“{label}”")
        }
    }

    pub(super) fn hidden(&self) -> Vec<(String, String)> {
        let mut hidden = vec![(self.initial_name(), self.initial.clone())];
        match self.control {
            Control::Checkbox if self.value.is_empty() => {}
            Control::Checkboxes(_) => {
                hidden.extend(
                    self.ticked()
                        .map(|value| (self.name.to_owned(), value.to_owned())),
                );
            }
            _ => hidden.push((self.name.to_owned(), self.value.clone())),
        }
        hidden
    }

    fn ticked(&self) -> impl Iterator<Item = &str> {
        self.value.split(',').filter(|value| !value.is_empty())
    }

    /// Whether the choice of this value is made.
    pub fn has(&self, value: &str) -> bool {
        match self.control {
            Control::Checkboxes(_) => self.ticked().any(|ticked| ticked == value),
            _ => self.value == value,
        }
    }

    /// The name under which the value at the time the form was made is sent.
    pub fn initial_name(&self) -> String {
        format!("initial-{}", self.name)
    }

    /// Whether the form has to know what the field held: it does where somebody else may change it.
    pub fn remembers(&self) -> bool {
        let fresh = matches!(self.control, Control::Checkboxes(_) | Control::File { .. });
        !self.is_password() && !fresh
    }

    /// Whether it is never sent back to the browser.
    pub fn is_password(&self) -> bool {
        matches!(
            self.control,
            Control::Text {
                kind: "password",
                ..
            }
        )
    }

    /// The ids of what describes it, for `aria-describedby`.
    pub fn described_by(&self) -> String {
        let mut ids = Vec::new();
        if !self.errors.is_empty() {
            ids.push(format!("{}-error", self.name));
        }
        if self.note.is_some() {
            ids.push(format!("{}-note", self.name));
        }
        if !self.help.is_empty() {
            ids.push(format!("{}-help", self.name));
        }
        ids.join(" ")
    }
}
