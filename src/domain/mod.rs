//! The words of the service as types: a value that exists is valid.
//!
//! Nothing here does I/O, and nothing here knows HTTP or SQL.

pub mod audit;
pub mod fields;
pub mod idempotency;
pub mod image;
pub mod job;
pub mod link;
pub mod media;
pub mod origin;
pub mod site;
pub mod staff;
pub mod tier;
pub mod timestamp;
pub mod token;
pub mod user;

/// Why a text or number is no value of a domain type: one sentence for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub std::borrow::Cow<'static, str>);

impl Invalid {
    fn because(sentence: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self(sentence.into())
    }

    fn no_integer() -> Self {
        Self::because("A valid integer is required.")
    }
}
