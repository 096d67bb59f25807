//! Compares what is stored with what the database tells of it.

mod files;
mod rows;

pub use files::{Found, Look, LookError, Removal, compare};
pub use rows::{Damage, Damaged, NotTold, damaged};
