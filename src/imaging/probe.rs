//! What can be decided about a picture before a pixel is decoded.

use std::io::{BufRead, Seek};

use super::ImageError;
use super::jpeg_header::JpegHeader;
use super::memory;
use super::orientation::Orientation;
use super::png_header::PngHeader;
use super::source::Source;
use crate::domain::image::{Dimensions, Format};

/// What an operator allows. Limits that no honest picture comes near are constants beside the code that checks them.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Width times height.
    pub max_pixels: u64,
}

/// A picture that may be rendered, as far as its header tells.
#[derive(Debug, Clone)]
pub struct Probe {
    /// By the first bytes.
    pub format: Format,
    /// The size of the picture as a person sees it.
    pub dimensions: Dimensions,
    pub(super) header: Header,
    /// Bytes of the whole file.
    pub(super) file_bytes: u64,
}

/// The header of either format.
#[derive(Debug, Clone)]
pub(super) enum Header {
    Jpeg(JpegHeader),
    Png(PngHeader),
}

impl Probe {
    /// The bytes that a render of these heights allocates at its peak, at most.
    pub fn render_memory(&self, heights: &[u32]) -> u64 {
        memory::render_peak(self, heights)
    }

    pub(super) fn orientation(&self) -> Orientation {
        match &self.header {
            Header::Jpeg(header) => header.orientation,
            Header::Png(header) => header.orientation,
        }
    }
}

/// Reads a picture's header: little is read, nothing large is kept, no pixel is decoded.
///
/// # Errors
/// [`ImageError`] for whatever the header shows to be damaged, unsupported or over a limit.
pub fn probe(source: &mut (impl BufRead + Seek), limits: &Limits) -> Result<Probe, ImageError> {
    let mut source = Source::new(source)?;
    let file_bytes = source.length()?;
    let format = source.format()?.ok_or(ImageError::OtherFormat)?;
    let header = match format {
        Format::Jpeg => Header::Jpeg(JpegHeader::read(&mut source)?),
        Format::Png => Header::Png(PngHeader::read(&mut source)?),
    };
    let (stored, orientation) = match &header {
        Header::Jpeg(header) => (header.size, header.orientation),
        Header::Png(header) => (header.size, header.orientation),
    };
    let pixels = u64::from(stored.width) * u64::from(stored.height);
    if pixels > limits.max_pixels {
        return Err(ImageError::TooManyPixels {
            pixels,
            max_pixels: limits.max_pixels,
        });
    }
    Ok(Probe {
        format,
        dimensions: orientation.turn(stored),
        header,
        file_bytes,
    })
}
