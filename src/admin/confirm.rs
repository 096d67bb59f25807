//! The page between a button and what it does, where that cannot be taken back or is more than it looks.

use askama::Template;

use super::{layout::Layout, posted::Posted};

/// The name of the field that says that somebody has seen the page.
const CONFIRMED: &str = "confirmed";

/// A page that says what will happen and asks whether it shall.
#[derive(Template)]
#[template(path = "admin/confirm.html")]
pub struct Confirm {
    /// What stands round it; its title is the question's object.
    pub layout: Layout,
    /// The question.
    pub question: String,
    /// What goes or changes along with it.
    pub consequences: Vec<Consequence>,
    /// Why it cannot be done: then there is no button.
    pub refusal: Option<String>,
    /// What is sent along.
    pub hidden: Vec<(String, String)>,
    /// What the button says.
    pub button: &'static str,
    /// Another button, by its name and what it says, that does more than the first.
    pub more: Option<(&'static str, &'static str)>,
    /// The name of a button that leads back to a form, with what was typed in it.
    pub back: Option<&'static str>,
    /// Whether something is lost by it.
    pub dangerous: bool,
    /// Where to go instead.
    pub cancel: String,
}

/// Something that happens too: a sentence, and what it is about by name.
#[derive(Debug, Clone)]
pub struct Consequence {
    /// The sentence.
    pub sentence: String,
    /// The names, each with its page if it has one; not all if there are many.
    pub names: Vec<(String, Option<String>)>,
    /// How many are not named.
    pub more: i64,
}

impl Consequence {
    /// A sentence that names nothing.
    pub fn plain(sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            names: Vec::new(),
            more: 0,
        }
    }

    /// With some of so many by their names.
    pub fn named(
        sentence: impl Into<String>,
        names: Vec<(String, Option<String>)>,
        all: i64,
    ) -> Self {
        let named = i64::try_from(names.len()).unwrap_or(i64::MAX);
        Self {
            sentence: sentence.into(),
            more: (all - named).max(0),
            names,
        }
    }
}

impl Confirm {
    /// A page that asks for a deletion.
    pub fn deletion(
        layout: Layout,
        question: impl Into<String>,
        cancel: impl Into<String>,
    ) -> Self {
        Self {
            layout,
            question: question.into(),
            consequences: Vec::new(),
            refusal: None,
            hidden: Vec::new(),
            button: "Yes, delete",
            more: None,
            back: None,
            dangerous: true,
            cancel: cancel.into(),
        }
    }

    /// What the form sends back.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        let hidden = self.hidden.iter();
        let hidden = hidden.map(|(name, value)| (name.as_str(), value.as_str()));
        hidden.chain([(CONFIRMED, "1")])
    }
}

/// Whether somebody has seen the page and said yes.
pub fn is_confirmed(posted: &Posted) -> bool {
    posted.get(CONFIRMED) == Some("1")
}
