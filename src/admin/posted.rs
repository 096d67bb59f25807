//! What a form of the panel sends.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Form};

use crate::{
    error::ApiError,
    http::body::{self, PATIENCE},
};

/// The values that a form sent, in their order; several may have one name.
#[derive(Debug, Clone, Default)]
pub struct Posted(Vec<(String, String)>);

impl Posted {
    /// The last value of this name, if the form has it.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All values of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let found = self.0.iter().filter(move |(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether a button or a box of this name was used.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// What to do after saving, by the button that was used.
    pub fn after(&self) -> AfterSave {
        if self.has("_addanother") {
            AfterSave::AddAnother
        } else if self.has("_continue") {
            AfterSave::ContinueEditing
        } else {
            AfterSave::List
        }
    }
}

impl FromRequest for Posted {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let refused = body::refuse_compressed(request);
        let form = Form::<Vec<(String, String)>>::from_request(request, payload);
        Box::pin(async move {
            refused?;
            match tokio::time::timeout(PATIENCE, form).await {
                Ok(Ok(form)) => Ok(Self(form.into_inner())),
                Ok(Err(error)) => Err(ApiError::parse_error(format!("Form parse error - {error}"))),
                Err(_) => Err(ApiError::request_timeout()),
            }
        })
    }
}

/// Where to go when an object was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterSave {
    /// To the list.
    List,
    /// To an empty form.
    AddAnother,
    /// To the object's form.
    ContinueEditing,
}

impl AfterSave {
    /// The name of the button.
    pub fn button(self) -> &'static str {
        match self {
            Self::List => "_save",
            Self::AddAnother => "_addanother",
            Self::ContinueEditing => "_continue",
        }
    }

    /// The path, below the list's, of an object that was saved.
    pub fn path(self, list: &str, id: i64) -> String {
        match self {
            Self::List => list.to_owned(),
            Self::AddAnother => format!("{list}add/"),
            Self::ContinueEditing => format!("{list}{id}/"),
        }
    }

    /// What to say behind “… was saved.”
    pub fn invitation(self) -> &'static str {
        match self {
            Self::List => "",
            Self::AddAnother => " You may add another one below.",
            Self::ContinueEditing => " You may edit it again below.",
        }
    }
}

#[cfg(test)]
impl Posted {
    /// What a form would send.
    pub fn of(pairs: &[(&str, &str)]) -> Self {
        let pairs = pairs.iter();
        Self(
            pairs
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }
}
