//! A JPEG's coded data as they are, without anything else: the thumbnail of a picture that is small enough already.

use std::io::{BufRead, Seek};

use super::ImageError;
use super::source::Source;

/// What is behind JFIF's name in its segment: version 1.02, square pixels, no preview.
const JFIF: &[u8; 14] = b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0";

/// Bytes of Adobe's segment, all of which mean something.
const ADOBE_BYTES: usize = 12;

/// Copies frame, tables and scans, and of the application segments those that say what the components are. `None` where
/// the file is not as plain as encoders write it, or takes more than `limit` bytes.
pub(super) fn bare_copy(
    source: &mut (impl BufRead + Seek),
    limit: usize,
) -> Result<Option<Vec<u8>>, ImageError> {
    let mut source = Source::new(source)?;
    source.skip(2)?;
    let mut copy = vec![0xFF, 0xD8];
    let mut has_codes = false;
    while copy.len() <= limit {
        let [0xFF, marker] = source.array()? else {
            return Ok(None);
        };
        if marker == 0xD9 {
            copy.extend([0xFF, 0xD9]);
            return Ok(Some(copy).filter(|copy| copy.len() <= limit));
        }
        // A marker that stands alone has no place here.
        if matches!(marker, 0x00 | 0x01 | 0xD0..=0xD8 | 0xFF) {
            return Ok(None);
        }
        let Some(length) = source.u16()?.checked_sub(2) else {
            return Ok(None);
        };
        let data = source.bytes(length.into())?;
        match marker {
            0xE0 if data.starts_with(b"JFIF\0") => push(&mut copy, marker, JFIF),
            0xEE if data.starts_with(b"Adobe") => match data.get(..ADOBE_BYTES) {
                Some(data) => push(&mut copy, marker, data),
                None => return Ok(None),
            },
            0xE0..=0xEF | 0xFE => {}
            0xC0..=0xC2 | 0xDB | 0xDD => push(&mut copy, marker, &data),
            0xC4 => {
                has_codes = true;
                push(&mut copy, marker, &data);
            }
            0xDA if has_codes => {
                push(&mut copy, marker, &data);
                copy_scan(&mut source, &mut copy, limit)?;
            }
            _ => return Ok(None),
        }
    }
    Ok(None)
}

fn push(copy: &mut Vec<u8>, marker: u8, data: &[u8]) {
    copy.extend([0xFF, marker]);
    copy.extend((data.len() as u16 + 2).to_be_bytes());
    copy.extend(data);
}

/// Copies coded data, restart markers among them, up to the marker behind them, at most a little more than `limit` bytes.
fn copy_scan(
    source: &mut Source<'_, impl BufRead + Seek>,
    copy: &mut Vec<u8>,
    limit: usize,
) -> Result<(), ImageError> {
    while copy.len() <= limit {
        let Some(byte) = source.next()? else {
            return Ok(());
        };
        if byte == 0xFF {
            let next = source.next()?;
            let Some(next @ (0 | 0xD0..=0xD7)) = next else {
                // The marker is read again.
                let behind = source.position()?;
                return source.go_to(behind - 1 - u64::from(next.is_some()));
            };
            copy.extend([0xFF, next]);
        } else {
            copy.push(byte);
        }
    }
    Ok(())
}
