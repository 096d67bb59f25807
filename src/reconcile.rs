//! Compares what is stored with what the database tells of it.

mod files;
mod rows;

pub use files::{Orphan, orphans};
pub use rows::{Damage, Damaged, NotTold, damaged};
