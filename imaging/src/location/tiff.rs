//! Exif's GPS directory (Exif 3.0, 4.6.3) taken out of a TIFF structure (TIFF 6.0, section 2).

use std::ops::Range;

use crate::orientation::Orientation;

const GPS: u16 = 0x8825;
/// Tags that point to further directories: SubIFDs, Exif, interoperability.
const DIRECTORIES: [u16; 3] = [0x014A, 0x8769, 0xA005];

/// Directories that are looked into. Cameras write 5.
const MAX_DIRECTORIES: usize = 16;

/// Bytes of an entry: tag, type, count, value or offset.
const ENTRY: usize = 12;

/// Takes the place out of an Exif block, which keeps its length. True if a byte changed.
///
/// A block whose first directory or GPS directory cannot be read, or whose directories overlap so that taking one out
/// changes another, keeps its orientation alone: nobody can say where in it the place is.
pub(super) fn strip(block: &mut [u8]) -> bool {
    let before = block.to_vec();
    let orientation = Orientation::from_exif(&before);
    if !take_out(block) || Orientation::from_exif(block) != orientation {
        keep_orientation(block, orientation);
    }
    block != before
}

/// False where some of the place may be left.
fn take_out(block: &mut [u8]) -> bool {
    let mut pass = || {
        Tiff::of(block)?.strip()?;
        Some(block.to_vec())
    };
    pass().is_some_and(|first| pass() == Some(first))
}

/// An Exif block of nothing but the orientation.
fn keep_orientation(block: &mut [u8], orientation: Orientation) {
    block.fill(0);
    if orientation == Orientation::Upright {
        return;
    }
    // Little-endian; a directory at 8 with 1 entry: 0112, SHORT, 1 value. No further directory.
    const HEAD: [u8; 18] = *b"II\x2A\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0";
    for (place, byte) in block
        .iter_mut()
        .zip(HEAD.into_iter().chain([orientation.tag()]))
    {
        *place = byte;
    }
}

struct Tiff<'a> {
    block: &'a mut [u8],
    little_endian: bool,
}

/// A directory's entry, by its offset.
#[derive(Clone, Copy)]
struct Entry {
    offset: usize,
    tag: u16,
    kind: u16,
    count: u32,
}

impl<'a> Tiff<'a> {
    fn of(block: &'a mut [u8]) -> Option<Self> {
        let little_endian = match block.first_chunk()? {
            b"II\x2A\0" => true,
            b"MM\0\x2A" => false,
            _ => return None,
        };
        Some(Self {
            block,
            little_endian,
        })
    }

    /// `None` where the directories that matter cannot be read.
    fn strip(mut self) -> Option<()> {
        let first = self.offset_at(4)?;
        let (mut waiting, mut seen) = (vec![first], Vec::new());
        while let Some(directory) = waiting.pop() {
            if seen.contains(&directory) {
                continue;
            }
            if seen.len() == MAX_DIRECTORIES {
                return None;
            }
            seen.push(directory);
            let Some(entries) = self.entries(directory) else {
                // What a broken directory of details points to is no place.
                if directory == first {
                    return None;
                }
                continue;
            };
            let end = directory + 2 + ENTRY * entries.len();
            waiting.extend(self.offset_at(end).filter(|&next| next != 0));
            let pointers = entries
                .iter()
                .filter(|entry| DIRECTORIES.contains(&entry.tag));
            for entry in pointers {
                waiting.extend(self.pointers(*entry));
            }
            let places: Vec<Entry> = entries
                .into_iter()
                .filter(|entry| entry.tag == GPS)
                .collect();
            for entry in &places {
                self.blank_directory(self.offset_at(entry.offset + 8)?)?;
            }
            for entry in places.iter().rev() {
                self.remove(directory, *entry)?;
            }
        }
        Some(())
    }

    /// Blanks a directory and what its entries point to.
    fn blank_directory(&mut self, directory: usize) -> Option<()> {
        let entries = self.entries(directory)?;
        for entry in &entries {
            if let Some(value) = self.value(*entry)? {
                self.block.get_mut(value)?.fill(0);
            }
        }
        let end = directory + 2 + ENTRY * entries.len();
        self.block.get_mut(directory..end)?.fill(0);
        Some(())
    }

    /// Takes an entry out of a directory: those behind it, and the pointer to the next directory, move up.
    fn remove(&mut self, directory: usize, entry: Entry) -> Option<()> {
        let count = self.u16_at(directory)?.checked_sub(1)?;
        let end = directory + 2 + ENTRY * (usize::from(count) + 1);
        // Some leave the pointer out at the end of a block.
        let end = (end + 4).min(self.block.len());
        self.block
            .copy_within(entry.offset + ENTRY..end, entry.offset);
        self.block.get_mut(end - ENTRY..end)?.fill(0);
        let count = if self.little_endian {
            count.to_le_bytes()
        } else {
            count.to_be_bytes()
        };
        self.block
            .get_mut(directory..directory + 2)?
            .copy_from_slice(&count);
        Some(())
    }

    /// All entries of a directory; `None` unless every one is there.
    fn entries(&self, directory: usize) -> Option<Vec<Entry>> {
        let first = directory.checked_add(2)?;
        (0..usize::from(self.u16_at(directory)?))
            .map(|index| {
                let offset = first.checked_add(index * ENTRY)?;
                self.block.get(offset..offset.checked_add(ENTRY)?)?;
                Some(Entry {
                    offset,
                    tag: self.u16_at(offset)?,
                    kind: self.u16_at(offset + 2)?,
                    count: self.u32_at(offset + 4)?,
                })
            })
            .collect()
    }

    /// The offsets that an entry holds.
    fn pointers(&self, entry: Entry) -> Vec<usize> {
        let range = match self.value(entry) {
            Some(Some(range)) => range,
            _ => entry.offset + 8..entry.offset + ENTRY,
        };
        range
            .step_by(4)
            .take(MAX_DIRECTORIES)
            .map_while(|offset| self.offset_at(offset))
            .collect()
    }

    /// Where an entry's value is, `Some(None)` if that is in the entry itself; `None` for an unknown type.
    fn value(&self, entry: Entry) -> Option<Option<Range<usize>>> {
        let size: u64 = match entry.kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 => 8,
            _ => return None,
        };
        let length = usize::try_from(size * u64::from(entry.count)).ok()?;
        if length <= 4 {
            return Some(None);
        }
        let start = self.offset_at(entry.offset + 8)?;
        Some(Some(start..start.checked_add(length)?))
    }

    fn offset_at(&self, offset: usize) -> Option<usize> {
        usize::try_from(self.u32_at(offset)?).ok()
    }

    fn u16_at(&self, offset: usize) -> Option<u16> {
        let bytes = *self.block.get(offset..)?.first_chunk()?;
        Some(if self.little_endian {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    }

    fn u32_at(&self, offset: usize) -> Option<u32> {
        let bytes = *self.block.get(offset..)?.first_chunk()?;
        Some(if self.little_endian {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        })
    }
}
