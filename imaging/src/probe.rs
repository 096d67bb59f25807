//! What can be decided about a picture before a pixel is decoded.

use std::io::{BufRead, Seek};

use super::ImageError;
use super::orientation::Orientation;
use super::png_header::PngHeader;
use super::source::Source;
use super::{Dimensions, Format};
use super::{jpeg, jpeg_scans, memory};

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
    pub(super) orientation: Orientation,
    pub(super) header: Header,
}

/// The header of either format.
#[derive(Debug, Clone)]
pub(super) enum Header {
    /// Without its metadata, which are read again when they are needed.
    Jpeg {
        frame: jpeg::Header,
        profile_bytes: usize,
    },
    Png(PngHeader),
}

impl Probe {
    /// The bytes that a render of these heights allocates at its peak, at most.
    pub fn render_memory(&self, heights: &[u32]) -> u64 {
        memory::render_peak(self, heights)
    }
}

/// Reads a picture's header: little is read, nothing large is kept, no pixel is decoded.
///
/// # Errors
/// [`ImageError`] for whatever the header shows to be damaged, unsupported or over a limit.
pub fn probe(source: &mut (impl BufRead + Seek), limits: &Limits) -> Result<Probe, ImageError> {
    let mut source = Source::new(source)?;
    let format = source.format()?.ok_or(ImageError::OtherFormat)?;
    let (stored, orientation, header) = match format {
        Format::Jpeg => {
            let mut frame = jpeg::read_header(source.reader())?;
            let stored = Dimensions {
                width: frame.width,
                height: frame.height,
            };
            let orientation = frame
                .exif
                .take()
                .map_or(Orientation::Upright, |tiff| Orientation::from_exif(&tiff));
            let profile_bytes = frame.icc_profile.take().map_or(0, |profile| profile.len());
            (
                stored,
                orientation,
                Header::Jpeg {
                    frame,
                    profile_bytes,
                },
            )
        }
        Format::Png => {
            let header = PngHeader::read(&mut source)?;
            (header.size, header.orientation, Header::Png(header))
        }
    };
    let pixels = u64::from(stored.width) * u64::from(stored.height);
    if pixels > limits.max_pixels {
        return Err(ImageError::TooManyPixels {
            pixels,
            max_pixels: limits.max_pixels,
        });
    }
    if matches!(&header, Header::Jpeg { frame, .. } if frame.progressive) {
        jpeg_scans::check(&mut source)?;
    }
    Ok(Probe {
        format,
        dimensions: orientation.turn(stored),
        orientation,
        header,
    })
}
