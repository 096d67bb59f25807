//! What can be done with selected rows of a list, where that is one thing: the question before it, and what is said after.

use std::str::FromStr;

use actix_web::HttpResponse;

use super::{
    confirm::{Confirm, Consequence},
    form::Choice,
    list::{ACTION, SELECTED, selected},
    message::Message,
    panel::Panel,
    posted::Posted,
    table::count,
};
use crate::error::ApiError;

/// How many rows are taken at once: a page of a list, and then some.
pub const AT_ONCE: u32 = 200;

/// One thing that can be done with the rows of one list.
pub struct Selection {
    /// Where the list is.
    pub list: &'static str,
    /// What the list is called.
    pub title: &'static str,
    /// What a row is: `link`.
    pub row: &'static str,
    /// What is done, as the word for programs: `revoke`.
    pub action: &'static str,
    /// What is done: `Revoke`.
    pub label: &'static str,
    /// What was done: `Revoked`.
    pub done: &'static str,
    /// What is asked before.
    pub question: &'static str,
    /// The button that does it.
    pub button: &'static str,
}

/// A row that was selected: its id, what to call it, and its page if it has one.
pub type Selected = (String, String, Option<String>);

impl Selection {
    /// What the list offers.
    pub fn choices(&self) -> Vec<Choice> {
        vec![Choice::new(self.action, self.label)]
    }

    /// The ids of the rows, if this is what is to be done with them.
    pub fn ids<I: FromStr + Ord>(&self, posted: &Posted) -> Vec<I> {
        let mut ids = selected(posted);
        ids.truncate(AT_ONCE as usize);
        if posted.get(ACTION) != Some(self.action) {
            ids.clear();
        }
        ids
    }

    fn here(&self, panel: &Panel) -> String {
        format!("{}{}", self.list, panel.params)
    }

    /// Nothing was selected or chosen, or it has gone meanwhile.
    pub fn nothing(&self, panel: &Panel) -> Result<HttpResponse, ApiError> {
        let text = format!(
            "Select {}s that are still there and choose what to do with them. Nothing was changed.",
            self.row
        );
        panel.see(&self.here(panel), &Message::warning(text))
    }

    /// Asks whether it shall be done with these.
    pub fn ask(&self, panel: &Panel, rows: Vec<Selected>) -> Result<HttpResponse, ApiError> {
        if rows.is_empty() {
            return self.nothing(panel);
        }
        let all = rows.len() as i64;
        let title = format!("{}: {}", self.label, count(all, self.row));
        let layout = panel.layout(title).below(self.title, self.list);
        let mut page = Confirm::deletion(layout, self.question, self.here(panel));
        page.button = self.button;
        let action = (ACTION.to_owned(), self.action.to_owned());
        let ids = rows
            .iter()
            .map(|(id, ..)| (SELECTED.to_owned(), id.clone()));
        page.hidden = [action].into_iter().chain(ids).collect();
        let names = rows.into_iter().map(|(_, name, href)| (name, href));
        let sentence = format!("{}:", count(all, self.row));
        page.consequences = vec![Consequence::named(sentence, names.collect(), all)];
        panel.page(&page)
    }

    /// Says with how many of them it was done.
    pub fn done(
        &self,
        panel: &Panel,
        wanted: usize,
        done: usize,
    ) -> Result<HttpResponse, ApiError> {
        let text = format!("{}: {}.", self.done, count(done as i64, self.row));
        let message = match wanted.saturating_sub(done) {
            0 => Message::success(text),
            gone => {
                let gone = count(gone as i64, self.row);
                Message::warning(format!("{text} Ended already: {gone}."))
            }
        };
        panel.see(&self.here(panel), &message)
    }
}
