//! How many scans a JPEG has, counted before any of them is decoded.

use std::io::{BufRead, Seek};

use super::ImageError;
use super::source::Source;

/// Scans of a progressive JPEG. Each visits the whole picture, so a small file can cost minutes. The default scripts
/// of encoders have 6 to 18; optimisers that try more end below 30.
const MAX_SCANS: u32 = 100;

/// Counts the scans to the end of the picture (ITU-T T.81, B.2.1), segment by segment.
///
/// # Errors
/// [`ImageError::TooComplex`] above the limit.
pub(super) fn check(source: &mut Source<'_, impl BufRead + Seek>) -> Result<(), ImageError> {
    let mut scans = 0;
    source.rewind()?;
    source.skip(2)?; // SOI
    while source.skip_past(0xFF)? {
        let Some(mut marker) = source.next()? else {
            break;
        };
        while marker == 0xFF {
            marker = source.next()?.unwrap_or(0);
        }
        match marker {
            // EOI.
            0xD9 => break,
            // Stuffing, TEM, RSTn and SOI have no length.
            0x00 | 0x01 | 0xD0..=0xD8 => continue,
            0xDA => scans += 1,
            _ => {}
        }
        if scans > MAX_SCANS {
            return Err(ImageError::TooComplex("scans"));
        }
        let length = source.u16()?;
        source.skip(u32::from(length.saturating_sub(2)))?;
    }
    Ok(())
}
