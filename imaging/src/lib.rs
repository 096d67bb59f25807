//! Pictures: what they are, and their thumbnails.
//!
//! The part of tierpix that knows codecs; a crate of its own, so that it is built beside the rest. Pure functions over a source that can be read and sought; nothing here knows of files, HTTP or threads.
//!
//! [`probe()`] reads a picture's header and decides what can be decided before a pixel is decoded: its format, its
//! size, whether it is within the limits, how much memory its thumbnails will take. [`render()`] makes them:
//!
//! ```text
//! decode ── JPEG: decode_jpeg, PNG: decode_png, row by row through shrink or scatter
//!    └→ a picture for each size, all from the same samples
//!          ├→ raster: orientation → color (to sRGB) → encode_jpeg, encode_png
//!          └→ planes, where a JPEG's colours stay as they are: orientation → encode_jpeg
//! ```
//!
//! [`strip_location()`] says what must change in a file for it to tell no place.
//!
//! No input makes these functions panic, and none makes them allocate more than [`Probe::render_memory`] says.

mod adam7;
mod bare_jpeg;
mod chroma;
mod color;
mod deadline;
mod decode_jpeg;
mod decode_png;
mod dimensions;
mod encode_jpeg;
mod encode_png;
mod error;
mod format;
#[cfg(fuzzing)]
pub mod fuzzing;
mod hdr;
mod jpeg;
mod jpeg_scans;
mod location;
mod memory;
mod orientation;
mod other_format;
mod picture;
mod planes;
mod png_chunks;
mod png_color;
mod png_form;
mod png_header;
mod png_palette;
mod png_pixels;
mod probe;
mod profile;
mod quantise;
mod raster;
mod render;
mod resize;
mod scatter;
mod shrink;
mod source;
#[cfg(test)]
mod tests;

pub use deadline::Deadline;
pub use dimensions::Dimensions;
pub use error::ImageError;
pub use format::Format;
pub use location::{Edit, strip_location};
pub use other_format::OtherFormat;
pub use probe::{Limits, Probe, probe};
pub use render::{Thumbnail, render};
