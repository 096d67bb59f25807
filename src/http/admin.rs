//! `/api/v1/admin/…`: what staff see and change.
//!
//! No API token is good for it. What a role may do is asked twice: in front of the handler, so that nothing is read of
//! who may not, and by the change itself (see [`crate::db::Change`]), so that nothing goes by it.

pub mod tiers;
