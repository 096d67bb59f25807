//! Taking the place at which a picture was made out of its file, without touching its pixels.
//!
//! The file is edited where it lies: no byte moves. So a multi-picture JPEG's index and Exif's directories, which hold
//! offsets, stay right, and every coded byte of the pixels stays what and where it was. What is taken out leaves
//! zeros, a file without a place is not written to, and memory does not grow with the file.

mod jpeg;
mod png;
mod search;
mod text;
mod tiff;

use std::io::{self, BufRead, Seek};

use super::source::Source;
use super::{Format, ImageError};

/// A change of a file that leaves every other byte as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit<'a> {
    /// These bytes stand at this offset.
    Put {
        /// From the file's first byte.
        offset: u64,
        /// What stands there now.
        bytes: &'a [u8],
    },
    /// Zeros stand from this offset on.
    Blank {
        /// From the file's first byte.
        offset: u64,
        /// How many.
        length: u64,
    },
    /// The file ends here.
    Cut {
        /// Bytes that are left.
        length: u64,
    },
}

/// Where edits go: to the file that is read. They only ever change what was read already.
type Edits<'a> = dyn FnMut(Edit<'_>) -> io::Result<()> + 'a;

/// Finds what must change for a picture's file to tell no place, in any of the pictures that it holds.
///
/// - Exif loses its GPS directory. Where it cannot be read well enough for that, it keeps the orientation alone.
/// - XMP, IPTC, comments and text that name a place are taken out whole.
/// - What follows the last picture, such as a motion photo's film, is cut off: it may tell a place in its own way.
/// - A segment or chunk that the end of the file cuts is emptied, and so is what follows one that is none.
///
/// The picture renders as before. A damaged file is edited as far as it can be followed; [`super::render()`] refuses it.
///
/// # Errors
/// Those of the source and of `edit`.
pub fn strip_location(
    source: &mut (impl BufRead + Seek),
    edit: &mut Edits<'_>,
) -> Result<(), ImageError> {
    let mut source = Source::new(source)?;
    let outcome = match source.format()? {
        Some(Format::Jpeg) => jpeg::strip(&mut source, edit),
        Some(Format::Png) => png::strip(&mut source, edit),
        None => Ok(()),
    };
    match outcome {
        Err(ImageError::Damaged(_)) => Ok(()),
        outcome => outcome,
    }
}

/// Blanks all from here to the end of the file.
fn empty_rest(
    source: &mut Source<'_, impl BufRead + Seek>,
    offset: u64,
    edit: &mut Edits<'_>,
) -> Result<(), ImageError> {
    source.go_to(offset)?;
    let (mut length, mut empty) = (0, true);
    while let Some(byte) = source.next()? {
        length += 1;
        empty &= byte == 0;
    }
    if !empty {
        edit(Edit::Blank { offset, length })?;
    }
    Ok(())
}
