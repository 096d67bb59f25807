//! `/admin/links/`.

pub mod list;
pub mod revoke;

use super::selection::Selection;

/// Where the list is.
const LIST: &str = "/admin/links/";
/// What the list is called.
const TITLE: &str = "Links";

const REVOKE: Selection = Selection {
    list: LIST,
    title: TITLE,
    row: "link",
    action: "revoke",
    label: "Revoke",
    done: "Revoked",
    question: "Shall these links be revoked? They open nothing any more, at once and for good.",
    button: "Yes, revoke",
};
