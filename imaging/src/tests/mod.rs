//! What comes out of pictures of every kind.

#[path = "../../../tests/pictures/mod.rs"]
pub(crate) mod pictures;

mod chromium;
mod color;
mod damage;
mod deadline;
mod graphics;
mod hdr;
mod hostile;
mod icc;
mod location;
mod matrix;
mod own_size;
mod quality;
mod sizes;
pub(crate) mod viewer;

use std::io::Cursor;

use super::{Deadline, ImageError, Limits, Probe, Thumbnail, probe, render};

const LIMITS: Limits = Limits {
    max_pixels: 100_000_000,
};

/// Probes and renders.
fn thumbnails(file: &[u8], heights: &[u32]) -> Result<Vec<Thumbnail>, ImageError> {
    let mut source = Cursor::new(file);
    let probe: Probe = probe(&mut source, &LIMITS)?;
    render(&mut source, &probe, heights, &Deadline::NEVER)
}

/// The only thumbnail of this height.
fn thumbnail(file: &[u8], height: u32) -> Result<Thumbnail, ImageError> {
    thumbnails(file, &[height]).map(|thumbnails| thumbnails[0].clone())
}

/// Pictures of every kind.
fn seeds() -> Vec<Vec<u8>> {
    pictures::seeds(&moxcms::ColorProfile::new_display_p3().encode().unwrap())
}
