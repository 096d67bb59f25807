//! Test pictures, made on the spot: photo-like ones of any size, every kind of PNG, metadata, damage.
//!
//! Shared by unit tests, integration tests and benches by `#[path]`; each uses a part of it.
#![allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test's tool, of which each binary uses a part"
)]

mod exif;
mod jpeg;
mod mutations;
mod photo;
mod png;

pub use exif::{Exif, PLACE, PRIVATE, tells_place};
pub use jpeg::{Jpeg, cut_segments, insert_segment, xmp};
pub use mutations::{Mutations, mend_checksums, seeds};
pub use photo::photo;
pub use png::{Png, chunk, chunks, with_chunk, without_chunk, zlib};
