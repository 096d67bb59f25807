//! Originals that do not tell where they were made.

use std::{
    fs::File,
    io::{self, BufReader},
    os::unix::fs::FileExt,
};

use crate::{
    error::ApiError,
    imaging::{Edit, ImageError, strip_location},
    storage::Spooled,
};

/// Zeros that are written in one go.
const ZEROS: [u8; 16 * 1024] = [0; 16 * 1024];

/// Takes the place out of an upload's file. The pixels stay as they are, byte for byte.
pub async fn strip(spooled: Spooled) -> Result<Spooled, ApiError> {
    let stripped = spooled.edit(|file| -> Result<bool, ImageError> {
        let mut changed = false;
        let mut edit = |edit: Edit<'_>| {
            changed = true;
            apply(file, edit)
        };
        strip_location(&mut BufReader::new(file), &mut edit)?;
        Ok(changed)
    });
    Ok(stripped.await?)
}

fn apply(file: &File, edit: Edit<'_>) -> io::Result<()> {
    match edit {
        Edit::Put { offset, bytes } => file.write_all_at(bytes, offset),
        Edit::Blank { offset, length } => {
            let end = offset + length;
            let starts = (offset..end).step_by(ZEROS.len());
            starts.into_iter().try_for_each(|start| {
                let length = ZEROS.len().min((end - start) as usize);
                file.write_all_at(&ZEROS[..length], start)
            })
        }
        Edit::Cut { length } => file.set_len(length),
    }
}
