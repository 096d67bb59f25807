//! Thumbnails of a picture.

use std::io::{self, BufRead, Seek};
use std::sync::Arc;

use fast_image_resize::Resizer;
use moxcms::ColorProfile;

use super::color::{ToSrgb, to_srgb};
use super::decode_jpeg::decode_jpeg;
use super::decode_png::decode_png;
use super::encode_jpeg::encode_jpeg;
use super::encode_png::encode_png;
use super::probe::{Header, Probe};
use super::raster::Raster;
use super::resize::resize;
use super::{Deadline, ImageError, profile};
use super::{Dimensions, Format};

/// A thumbnail, encoded in the picture's own format, without any metadata, in sRGB.
#[derive(Debug, Clone)]
pub struct Thumbnail {
    /// The height that was asked for; a picture that is no higher keeps its size.
    pub height_asked: u32,
    /// The size that came out.
    pub dimensions: Dimensions,
    /// The file. Heights with the same outcome share it.
    pub bytes: Arc<[u8]>,
}

/// Makes a picture's thumbnails of these heights, in this order, from one decode.
///
/// `source` holds the picture that `probe` was made from.
///
/// # Errors
/// [`ImageError::Damaged`] where the pixels do not decode to the last, [`ImageError::TimedOut`] at the first
/// checkpoint after the deadline, [`ImageError::Io`] of kind `OutOfMemory` where the machine has no room for it.
pub fn render(
    mut source: impl BufRead + Seek,
    probe: &Probe,
    heights: &[u32],
    deadline: &Deadline,
) -> Result<Vec<Thumbnail>, ImageError> {
    deadline.check()?;
    let sizes = sizes(probe, heights);
    let Some(&largest) = sizes.first() else {
        return Ok(Vec::new());
    };
    ensure_memory(probe.render_memory(heights))?;
    let mut resizer = Resizer::new();
    let (mut raster, profile) = decode(&mut source, probe, largest, &mut resizer, deadline)?;
    let converter = profile.and_then(|profile| ToSrgb::new(&profile, raster.layout));
    let mut encoded: Vec<(Dimensions, Arc<[u8]>)> = Vec::with_capacity(sizes.len());
    for size in sizes {
        deadline.check()?;
        if size != raster.size {
            raster = resize(&mut resizer, &raster, size)?;
        }
        let upright = to_srgb(probe.orientation.apply(raster.clone()), converter.as_ref());
        deadline.check()?;
        let bytes = match probe.format {
            Format::Jpeg => encode_jpeg(&upright)?,
            Format::Png => encode_png(&upright)?,
        };
        encoded.push((upright.size, bytes.into()));
    }
    Ok(heights
        .iter()
        .filter_map(|&height_asked| {
            let wanted = probe.dimensions.thumbnail(height_asked.max(1));
            let (dimensions, bytes) = encoded.iter().find(|(size, _)| *size == wanted)?;
            Some(Thumbnail {
                height_asked,
                dimensions: *dimensions,
                bytes: Arc::clone(bytes),
            })
        })
        .collect())
}

/// Fails if the allocator cannot give that many bytes. In the middle of a codec a refusal would end the process.
fn ensure_memory(bytes: u64) -> Result<(), ImageError> {
    let mut room = Vec::<u8>::new();
    let asked = usize::try_from(bytes).is_ok_and(|bytes| room.try_reserve_exact(bytes).is_ok());
    // An allocation that nobody sees is one that the compiler may leave out.
    std::hint::black_box(room);
    match asked {
        true => Ok(()),
        false => Err(ImageError::Io(io::ErrorKind::OutOfMemory.into())),
    }
}

/// Decodes a picture, in the size `to` or larger, and finds its profile.
pub(super) fn decode(
    source: &mut (impl BufRead + Seek),
    probe: &Probe,
    to: Dimensions,
    resizer: &mut Resizer,
    deadline: &Deadline,
) -> Result<(Raster, Option<ColorProfile>), ImageError> {
    match &probe.header {
        Header::Jpeg { .. } => {
            let decoded = decode_jpeg(source, to, resizer, deadline)?;
            Ok((
                decoded.raster,
                decoded.profile.as_deref().and_then(profile::from_icc),
            ))
        }
        Header::Png(header) => {
            let profile = profile::from_png(source, header.color)?;
            Ok((decode_png(source, header, to, deadline)?, profile))
        }
    }
}

/// The sizes that these heights come to, as the picture is stored, each once, largest first.
pub(super) fn sizes(probe: &Probe, heights: &[u32]) -> Vec<Dimensions> {
    // A height of 0 is none; no tier has it.
    let mut heights: Vec<u32> = heights.iter().map(|&height| height.max(1)).collect();
    heights.sort_unstable_by(|a, b| b.cmp(a));
    let mut sizes: Vec<Dimensions> = heights
        .iter()
        .map(|&height| probe.orientation.turn(probe.dimensions.thumbnail(height)))
        .collect();
    sizes.dedup();
    sizes
}
