//! A JPEG decoder for thumbnails: planes at 1/8, 2/8, 4/8 or the whole of a picture's size, without
//! the cost of the rest.
//!
//! Written from ITU-T T.81 (ISO/IEC 10918-1); numbers such as F.2.2 are its sections. It reads what
//! browsers show: 8 bits, Huffman coding, sequential and progressive, 1, 3 or 4 components with any
//! sampling. The rest is [`JpegError::Unsupported`].
//!
//! Why it is fast:
//!
//! - A block of 8 × 8 frequencies scaled to N/8 needs only its lowest N × N (`idct`). Sequential
//!   coding decodes those and passes over the others, several symbols at each look into a table
//!   (`sequential`, `huffman`). Progressive coding keeps only those, and skips whole
//!   scans that have none of them (`progressive`).
//! - Samples stay in the components' own planes; nothing is upsampled and no colour is converted.
//! - Entropy-coded bytes are freed of their stuffing in one pass (`input`), so that the reader of
//!   bits (`bits`) takes eight at a time and looks at none.
//!
//! It streams: of the file only a buffer is in memory, of a sequential picture only the planes of
//! the result.
//!
//! It is strict: entropy-coded data that is cut, that has a code of no table, a coefficient outside
//! its block or a restart marker out of turn is [`JpegError::Damaged`]. It takes what every viewer
//! takes and what leaves every sample defined: junk between segments and behind a whole restart
//! interval, bytes after the picture, a missing EOI where all coefficients are there, the standard's
//! own Huffman tables where there are none. A scan that was skipped is the exception: it is believed
//! to be whole only if a marker follows it.

mod ac_table;
mod bits;
mod block;
mod header;
mod huffman;
mod idct;
mod input;
mod layout;
mod marker;
mod metadata;
mod planes;
mod progressive;
mod progressive_ac;
mod progressive_dc;
mod scan;
mod sequential;
pub(crate) mod standard;
mod tables;
#[cfg(test)]
mod tests;

use std::io::{self, Read};
use std::ops::ControlFlow;

pub use header::{ColorModel, Component, Header};
pub use planes::Plane;

use input::Input;
use layout::Grid;
use tables::Tables;

pub(crate) use tables::ZIGZAG;

/// Why there are no samples.
#[derive(Debug, thiserror::Error)]
pub enum JpegError {
    /// The file breaks the standard, or its end is missing.
    #[error("damaged JPEG: {0}")]
    Damaged(&'static str),
    /// The file may be sound, but is of a kind that this decoder leaves to others.
    #[error("unsupported JPEG: {0}")]
    Unsupported(&'static str),
    /// The checkpoint said to stop.
    #[error("decoding was stopped")]
    Stopped,
    /// The file could not be read.
    #[error("reading a JPEG failed")]
    Io(#[from] io::Error),
}

fn damaged<T>(what: &'static str) -> Result<T, JpegError> {
    Err(JpegError::Damaged(what))
}

fn unsupported<T>(what: &'static str) -> Result<T, JpegError> {
    Err(JpegError::Unsupported(what))
}

/// How large the decoded picture is beside the coded one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scale {
    /// 1/8.
    Eighth,
    /// 2/8.
    Quarter,
    /// 4/8.
    Half,
    /// 8/8.
    Full,
}

impl Scale {
    /// All scales, the smallest first.
    pub const ALL: [Self; 4] = [Self::Eighth, Self::Quarter, Self::Half, Self::Full];

    /// The numerator n of n/8.
    pub const fn numerator(self) -> u32 {
        match self {
            Self::Eighth => 1,
            Self::Quarter => 2,
            Self::Half => 4,
            Self::Full => 8,
        }
    }

    /// Samples along the side of a block.
    const fn block_side(self) -> usize {
        self.numerator() as usize
    }
}

/// Asked once for each row of MCUs whether to go on.
pub type Checkpoint<'a> = dyn FnMut() -> ControlFlow<()> + 'a;

/// A picture of which the header has been read.
pub struct Decoder<'a> {
    input: Input<'a>,
    tables: Tables,
    header: Header,
}

impl<'a> Decoder<'a> {
    /// Reads up to the first scan. No memory is taken for samples yet, so this is the time to look
    /// at [`header`](Self::header) and at limits. `file` need not be buffered.
    pub fn new(file: impl Read + 'a) -> Result<Self, JpegError> {
        let mut input = Input::new(file);
        let mut tables = Tables::default();
        let header = Header::read(&mut input, &mut tables)?;
        Ok(Self {
            input,
            tables,
            header,
        })
    }

    /// What the file says of its picture.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The header alone.
    pub fn into_header(self) -> Header {
        self.header
    }

    /// Whether the file had bytes that have no meaning, as far as it was read: junk between segments
    /// or behind coded data.
    pub fn has_junk(&self) -> bool {
        self.input.has_junk()
    }

    /// Decodes all components at a scale, once: one plane each, in the order of the header.
    pub fn decode(
        &mut self,
        scale: Scale,
        checkpoint: &mut Checkpoint,
    ) -> Result<Vec<Plane>, JpegError> {
        match scale {
            Scale::Eighth => self.decode_at::<1>(scale, checkpoint),
            Scale::Quarter => self.decode_at::<2>(scale, checkpoint),
            Scale::Half => self.decode_at::<4>(scale, checkpoint),
            Scale::Full => self.decode_at::<8>(scale, checkpoint),
        }
    }

    fn decode_at<const N: usize>(
        &mut self,
        scale: Scale,
        checkpoint: &mut Checkpoint,
    ) -> Result<Vec<Plane>, JpegError> {
        let header = &self.header;
        let grids = Grid::of(header);
        let mut planes: Vec<Plane> = grids
            .iter()
            .map(|grid| Plane::new(grid, header, scale))
            .collect();
        let (tables, input) = (&mut self.tables, &mut self.input);
        if header.progressive {
            let coefficients = progressive::decode::<N>(header, &grids, tables, input, checkpoint)?;
            for ((component, grid), plane) in coefficients.iter().zip(&grids).zip(&mut planes) {
                component.transform::<N>(grid, plane, checkpoint)?;
            }
        } else {
            sequential::decode::<N>(header, &grids, tables, input, &mut planes, checkpoint)?;
        }
        Ok(planes)
    }
}

/// The bytes that decoding takes at a scale, its result included, computed from the header before
/// it starts. The header's own metadata is not counted again.
pub fn decode_memory(header: &Header, scale: Scale) -> u64 {
    let side = scale.block_side();
    let coefficients = if header.progressive {
        progressive::bytes_per_block(side)
    } else {
        0
    };
    let blocks: u64 = Grid::of(header)
        .iter()
        .map(|grid| grid.blocks() as u64)
        .sum();
    blocks * (side * side + coefficients) as u64 + WORKING_MEMORY
}

/// Above all that decoding takes beside samples and coefficients: buffers and tables.
const WORKING_MEMORY: u64 = 512 * 1024;

/// Reads a file's header, up to its first scan.
pub fn read_header(file: impl Read) -> Result<Header, JpegError> {
    Decoder::new(file).map(Decoder::into_header)
}
