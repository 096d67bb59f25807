//! PNG's text chunks (PNG specification, 11.3.3): whether one tells of a place.

use std::io::{BufRead, Read};

use flate2::bufread::ZlibDecoder;

use super::search::Search;
use crate::ImageError;

/// Exif, IPTC and XMP as programs wrote them before PNG had places for them: a text of hexadecimal digits.
const RAW_PROFILE: &[u8] = b"Raw profile type ";

/// Bytes of a piece that is inflated.
const PIECE: usize = 16 * 1024;

/// What text may inflate to, in all chunks of a file together. XMP takes some KB.
pub(super) struct InflateBudget(usize);

impl Default for InflateBudget {
    fn default() -> Self {
        Self(16 << 20)
    }
}

/// Whether a chunk of this name tells of a place, or may: a raw profile, and compressed text that cannot be read.
pub(super) fn tells_place(
    name: [u8; 4],
    mut data: impl BufRead,
    budget: &mut InflateBudget,
) -> Result<bool, ImageError> {
    let mut search = Search::names();
    if &name == b"caBX" {
        // C2PA's boxes.
        feed_all(&mut data, &mut search)?;
        return Ok(search.found());
    }
    let keyword = keyword(&mut data)?;
    if keyword.starts_with(RAW_PROFILE) {
        return Ok(true);
    }
    search.feed(&keyword);
    search.feed(b":");
    let compressed = match &name {
        b"zTXt" => {
            next(&mut data)?;
            true
        }
        b"iTXt" => {
            let compressed = next(&mut data)? == Some(1);
            next(&mut data)?;
            // The language, and the keyword in it.
            for _ in 0..2 {
                data.skip_until(0)?;
            }
            compressed
        }
        _ => false,
    };
    if !compressed {
        feed_all(&mut data, &mut search)?;
        return Ok(search.found());
    }
    Ok(!inflate(data, &mut search, budget) || search.found())
}

/// The keyword, which has 1 to 79 bytes and a zero behind it.
fn keyword(data: &mut impl BufRead) -> Result<Vec<u8>, ImageError> {
    let mut keyword = Vec::new();
    data.by_ref().take(80).read_until(0, &mut keyword)?;
    keyword.pop_if(|last| *last == 0);
    Ok(keyword)
}

fn feed_all(data: &mut impl BufRead, search: &mut Search) -> Result<(), ImageError> {
    loop {
        let piece = data.fill_buf()?;
        if piece.is_empty() {
            return Ok(());
        }
        search.feed(piece);
        let length = piece.len();
        data.consume(length);
    }
}

/// False where the text does not inflate, or to more than is left of the budget.
fn inflate(data: impl BufRead, search: &mut Search, budget: &mut InflateBudget) -> bool {
    let mut inflated = ZlibDecoder::new(data);
    let mut piece = vec![0; PIECE];
    loop {
        match inflated.read(&mut piece) {
            Ok(0) => return true,
            Ok(length) => {
                let Some(left) = budget.0.checked_sub(length) else {
                    return false;
                };
                budget.0 = left;
                search.feed(piece.get(..length).unwrap_or_default());
            }
            Err(_) => return false,
        }
    }
}

/// The next byte, if there is one.
fn next(data: &mut impl BufRead) -> Result<Option<u8>, ImageError> {
    let byte = data.fill_buf()?.first().copied();
    data.consume(usize::from(byte.is_some()));
    Ok(byte)
}
