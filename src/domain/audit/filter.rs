//! Which changes staff look at.

use serde_json::Value;
use time::OffsetDateTime;

use super::ObjectKind;
use crate::domain::{
    fields::{self, FieldErrors, Fields, SearchText},
    user::Username,
};

/// Which changes to look at; `None` is all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of which objects.
    pub objects: Objects,
    /// Made by whom, by the name at that time.
    pub actor: Option<Username>,
    /// Made then or later.
    pub after: Option<OffsetDateTime>,
    /// Made earlier than that.
    pub before: Option<OffsetDateTime>,
}

/// The objects whose changes are looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Objects {
    /// All of them.
    #[default]
    All,
    /// Those of a kind.
    Kind(ObjectKind),
    /// One, by its kind and id.
    One(ObjectKind, String),
}

impl AuditFilter {
    /// Reads the parameters of a list; empty ones count as absent.
    pub fn parse(fields: &Fields) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let kind = fields::optional(fields, "object_kind", kind);
        let id = fields::optional(fields, "object_id", fields::from_text::<SearchText>);
        let actor = fields::optional(fields, "actor", fields::from_text);
        let after = fields::optional(fields, "after", fields::time_or_day);
        let before = fields::optional(fields, "before", fields::time_or_day);
        let kind = errors.collect("object_kind", kind).flatten();
        let id = errors.collect("object_id", id).flatten();
        if kind.is_none() && id.is_some() {
            errors.collect(
                "object_kind",
                fields::present(&Fields::default(), "object_kind"),
            );
        }
        let filter = Self {
            actor: errors.collect("actor", actor).flatten(),
            after: errors.collect("after", after).flatten(),
            before: errors.collect("before", before).flatten(),
            objects: match (kind, id) {
                (None, _) => Objects::All,
                (Some(kind), None) => Objects::Kind(kind),
                (Some(kind), Some(id)) => Objects::One(kind, id.as_str().to_owned()),
            },
        };
        errors.or(filter)
    }
}

fn kind(value: &Value) -> Result<ObjectKind, String> {
    let name = value.as_str().unwrap_or_default();
    ObjectKind::named(name).ok_or_else(|| format!("\"{name}\" is not a valid choice."))
}
