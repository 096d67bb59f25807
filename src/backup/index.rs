//! The list of objects in a backup: a line for each, with its name, its length and its SHA-256, separated by tabs.

use std::{
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, BufWriter, Lines, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use super::BackupError;
use crate::{db::images::StoredObject, domain::media::ObjectName};

/// Writes a list.
pub(super) struct IndexWriter {
    file: BufWriter<File>,
    path: PathBuf,
}

impl IndexWriter {
    /// Makes the file.
    pub(super) fn create(path: &Path) -> Result<Self, BackupError> {
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(BackupError::at(path))?;
        Ok(Self {
            file: BufWriter::new(file),
            path: path.to_owned(),
        })
    }

    /// Adds an object.
    pub(super) fn add(
        &mut self,
        name: &ObjectName,
        stored: &StoredObject,
    ) -> Result<(), BackupError> {
        let digest: String = stored
            .sha256
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        writeln!(self.file, "{name}\t{}\t{digest}", stored.bytes)
            .map_err(BackupError::at(&self.path))
    }

    /// To be called at the end.
    pub(super) fn finish(mut self) -> Result<(), BackupError> {
        self.file.flush().map_err(BackupError::at(&self.path))
    }
}

/// Reads a list, so many objects at a time.
pub(super) struct IndexReader {
    lines: Lines<BufReader<File>>,
    path: PathBuf,
}

impl IndexReader {
    /// Opens the file.
    pub(super) fn open(path: &Path) -> Result<Self, BackupError> {
        let file = File::open(path).map_err(BackupError::at(path))?;
        Ok(Self {
            lines: BufReader::new(file).lines(),
            path: path.to_owned(),
        })
    }

    /// The next objects; none at the end.
    pub(super) fn next_some(
        &mut self,
        count: usize,
    ) -> Result<Vec<(ObjectName, StoredObject)>, BackupError> {
        let mut objects = Vec::with_capacity(count);
        for line in self.lines.by_ref().take(count) {
            let line = line.map_err(BackupError::at(&self.path))?;
            let object = parse(&line).ok_or_else(|| {
                BackupError::Refused(format!("{}: not an object: {line}", self.path.display()))
            })?;
            objects.push(object);
        }
        Ok(objects)
    }
}

fn parse(line: &str) -> Option<(ObjectName, StoredObject)> {
    let mut fields = line.split('\t');
    let name = ObjectName::parse(fields.next()?)?;
    let bytes = fields.next()?.parse().ok()?;
    let digits = fields.next()?;
    let mut sha256 = [0; 32];
    if digits.len() != 2 * sha256.len() || fields.next().is_some() {
        return None;
    }
    for (byte, pair) in sha256.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some((name, StoredObject { bytes, sha256 }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        image::{Format, ImageId, Size},
        media::MediaKey,
    };

    #[test]
    fn a_list_is_read_as_it_was_written_and_half_a_line_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("objects.tsv");
        let written: Vec<_> = (0..5)
            .map(|number| {
                let size = Size::Thumbnail(100 + number);
                let key = MediaKey::random();
                let name = ObjectName::new(ImageId::new(), size, Format::Png, &key);
                let stored = StoredObject {
                    bytes: number.into(),
                    sha256: [number as u8; 32],
                };
                (name, stored)
            })
            .collect();
        let mut index = IndexWriter::create(&path).unwrap();
        for (name, stored) in &written {
            index.add(name, stored).unwrap();
        }
        index.finish().unwrap();
        let mut reader = IndexReader::open(&path).unwrap();
        assert_eq!(reader.next_some(3).unwrap(), written[..3]);
        assert_eq!(reader.next_some(3).unwrap(), written[3..]);
        assert_eq!(reader.next_some(3).unwrap(), []);

        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, &text[..text.len() - 2]).unwrap();
        assert!(IndexReader::open(&path).unwrap().next_some(5).is_err());
    }
}
