//! Thumbnails of a picture.

use std::io::{self, BufRead, Seek};
use std::sync::Arc;

use super::bare_jpeg::bare_copy;
use super::color::ToSrgb;
use super::decode_jpeg::decode_jpeg;
use super::decode_png::{self, decode_png};
use super::picture::{Decoded, Origin, Picture};
use super::probe::{Header, Probe};
use super::raster::byte_count;
use super::{Deadline, Dimensions, ImageError, profile};

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
    if sizes.is_empty() {
        return Ok(Vec::new());
    }
    ensure_memory(probe.render_memory(heights))?;
    let Decoded {
        pictures,
        converter,
        origin,
    } = decode(&mut source, probe, &sizes, deadline)?;
    let mut encoded: Vec<(Dimensions, Arc<[u8]>)> = Vec::with_capacity(sizes.len());
    for (size, picture) in sizes.into_iter().zip(pictures) {
        deadline.check()?;
        let upright = picture.upright(probe.orientation, converter.as_ref());
        deadline.check()?;
        let mut bytes = upright.encode(probe.format, &origin)?;
        if origin.keeps_codes && size == probe.dimensions {
            bytes = kept_or_coded_anew(&mut source, bytes, size)?;
        }
        encoded.push((probe.orientation.turn(size), bytes.into()));
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

/// The file's own coded data in the place of those of a thumbnail of the same size, which lack some of the picture and
/// often take more bytes; not where they are more than twice as many.
fn kept_or_coded_anew(
    source: &mut (impl BufRead + Seek),
    anew: Vec<u8>,
    size: Dimensions,
) -> Result<Vec<u8>, ImageError> {
    // What a render takes (`render_memory`) is more than the samples.
    let samples = usize::try_from(byte_count(size, 1)).unwrap_or(usize::MAX);
    let limit = (2 * anew.len()).min(samples.max(SMALL));
    match bare_copy(source, limit) {
        Ok(kept) => Ok(kept.unwrap_or(anew)),
        // Whole as far as the samples go, but without an end.
        Err(ImageError::Damaged(_)) => Ok(anew),
        Err(error) => Err(error),
    }
}

/// Bytes of a thumbnail that are few whatever the picture's size.
const SMALL: usize = 16 * 1024;

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

/// Decodes a picture into each of these sizes, the largest first. None of them is made from another, so that none depends
/// on which others are wanted.
pub(super) fn decode(
    source: &mut (impl BufRead + Seek),
    probe: &Probe,
    sizes: &[Dimensions],
    deadline: &Deadline,
) -> Result<Decoded, ImageError> {
    match &probe.header {
        Header::Jpeg { .. } => decode_jpeg(source, sizes, probe.orientation, deadline),
        Header::Png(header) => {
            let profile = profile::from_png(source, &header.color)?;
            let rasters = decode_png(source, header, sizes, deadline)?;
            let layout = decode_png::layout(header);
            Ok(Decoded {
                pictures: rasters.into_iter().map(Picture::Raster).collect(),
                converter: profile.and_then(|profile| ToSrgb::new(&profile, layout)),
                origin: Origin {
                    palette: header.color_type == 3,
                    ..Origin::default()
                },
            })
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
