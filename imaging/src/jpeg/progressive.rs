//! Progressive coding (Annex G): scans bring bands of coefficients, high bits first, and samples
//! come at the end.
//!
//! Of each block only the coefficients of its scale are kept, and beside them one bit for each of
//! the 64 that tells whether it is other than zero: refining scans cannot be read without
//! (G.1.2.3).
//!
//! Which pictures are complete? The standard does not ask for all bits of all coefficients (an
//! encoder may leave out the finest on purpose), so neither is asked here if the file says by its
//! EOI that it has ended: then each component's DC must have come. A file that just stops, though,
//! may have lost scans, and is taken only if every bit of every coefficient is there.

use std::rc::Rc;

use super::block::{self, Block};
use super::idct::Steps;
use super::input::{End, Input, TRUNCATED};
use super::layout::Grid;
use super::planes::Plane;
use super::progressive_ac::{AcFirst, AcRefining};
use super::progressive_dc::{DcFirst, DcRefining};
use super::scan::{self, Scan};
use super::tables::{QuantTable, Tables};
use super::{Checkpoint, Header, JpegError, damaged};

/// More scans than any encoder's script makes; each costs a walk over all blocks.
const MAX_SCANS: usize = 100;

/// The lowest bit position that a scan may leave off (Al, Table B.3).
const MAX_APPROXIMATION: u8 = 13;

/// One component's coefficients as far as they have come.
pub(super) struct Coefficients {
    /// Blocks from one row of the grid to the next.
    pub(super) columns: usize,
    /// How coefficients are kept.
    pub(super) keeping: Keeping,
    /// The kept coefficients of all blocks.
    pub(super) kept: Vec<i16>,
    /// For each block the zigzag indices of its AC coefficients other than zero. Empty where no AC
    /// coefficient is kept.
    pub(super) nonzero: Vec<u64>,
    /// For each zigzag index the bit position down to which it has come; `None` before its first
    /// scan.
    progress: [Option<u8>; 64],
    /// The table in force when the component's first scan came.
    quant: Option<Rc<QuantTable>>,
}

/// Which coefficients of a block are kept at a size.
#[derive(Clone, Copy)]
pub(super) struct Keeping {
    /// How many.
    pub(super) count: usize,
    /// Their zigzag indices, as bits.
    pub(super) zigzags: u64,
    /// All zigzag indices up to the last of these.
    pub(super) up_to_last: u64,
    /// For each of these its place in the block.
    pub(super) slots: &'static [u8; 64],
}

impl Keeping {
    const fn of<const N: usize>() -> Self {
        Self {
            count: N * N,
            zigzags: block::kept::<N>(),
            up_to_last: band(0, block::last_kept::<N>() as u8),
            slots: const { &block::slots::<N, 64>() },
        }
    }
}

/// Bytes that the coefficients of one block take at N/8.
pub(super) const fn bytes_per_block(n: usize) -> usize {
    n * n * size_of::<i16>() + if n > 1 { size_of::<u64>() } else { 0 }
}

/// Decodes the picture whose first scan header comes next in `input`, at N/8.
pub(super) fn decode<const N: usize>(
    header: &Header,
    grids: &[Grid],
    tables: &mut Tables,
    input: &mut Input,
    checkpoint: &mut Checkpoint,
) -> Result<Vec<Coefficients>, JpegError> {
    let mut components: Vec<Coefficients> = grids.iter().map(Coefficients::new::<N>).collect();
    for _ in 0..MAX_SCANS {
        let scan = Scan::parse(&input.segment()?, header, tables)?;
        let skipped = begin(&scan, &mut components, header, tables)?;
        let end = match skipped {
            true => skip(input, checkpoint)?,
            false => read(&scan, &mut components, header, grids, input, checkpoint)?,
        };
        if components.iter().all(Coefficients::is_complete) && !(skipped && end == End::File) {
            return Ok(components);
        }
        if !scan::follows(end, tables, input)? {
            return match components
                .iter()
                .all(|component| component.progress[0].is_some())
            {
                true => Ok(components),
                false => damaged("the picture ends before its last component"),
            };
        }
    }
    damaged("too many scans")
}

/// Checks that a scan continues what came before (G.1.1.1) and notes its progress. True if nothing
/// in it is needed.
fn begin(
    scan: &Scan,
    components: &mut [Coefficients],
    header: &Header,
    tables: &Tables,
) -> Result<bool, JpegError> {
    let ((first, last), (high, low)) = (scan.band, scan.approximation);
    let band_is_legal = match first {
        0 => last == 0,
        _ => first <= last && last < 64 && scan.components.len() == 1,
    };
    let step_is_legal = low <= MAX_APPROXIMATION && (high == 0 || high == low + 1);
    if !band_is_legal || !step_is_legal {
        return damaged("a malformed scan header");
    }
    let before = (high > 0).then_some(high);
    let mut needed = false;
    for part in &scan.components {
        let component = &mut components[part.index];
        if component.quant.is_none() {
            let table = usize::from(header.components[part.index].quant_table);
            component.quant.clone_from(&tables.quant[table]);
        }
        for progress in &mut component.progress[usize::from(first)..=usize::from(last)] {
            if *progress != before {
                return damaged("scans out of order");
            }
            *progress = Some(low);
        }
        // Zeros of a band that is not kept are needed too as long as a later scan may refine it
        // together with one that is.
        let to_be_refined = low > 0 && !component.nonzero.is_empty();
        needed |= to_be_refined || component.keeping.zigzags & band(first, last) != 0;
    }
    Ok(!needed)
}

/// Zigzag indices from `first` to `last` as bits.
pub(super) const fn band(first: u8, last: u8) -> u64 {
    (u64::MAX << first) & (u64::MAX >> (63 - last))
}

/// Passes over a scan. As nobody counts its MCUs, only a marker proves that it is all there.
fn skip(input: &mut Input, checkpoint: &mut Checkpoint) -> Result<End, JpegError> {
    loop {
        if checkpoint().is_break() {
            return Err(JpegError::Stopped);
        }
        match input.next_marker()? {
            End::Marker(super::marker::RST0..=super::marker::RST7) => {}
            End::File => return damaged(TRUNCATED),
            end => return Ok(end),
        }
    }
}

/// Reads a scan into the coefficients and gives the marker after it.
fn read(
    scan: &Scan,
    components: &mut [Coefficients],
    header: &Header,
    grids: &[Grid],
    input: &mut Input,
    checkpoint: &mut Checkpoint,
) -> Result<End, JpegError> {
    match (scan.band.0, scan.approximation.0) {
        (0, 0) => scan.walk(
            header,
            grids,
            input,
            checkpoint,
            &mut DcFirst::new(scan, components)?,
        ),
        (0, _) => scan.walk(
            header,
            grids,
            input,
            checkpoint,
            &mut DcRefining::new(scan, components),
        ),
        (_, 0) => scan.walk(
            header,
            grids,
            input,
            checkpoint,
            &mut AcFirst::new(scan, components)?,
        ),
        (_, _) => scan.walk(
            header,
            grids,
            input,
            checkpoint,
            &mut AcRefining::new(scan, components)?,
        ),
    }
}

impl Coefficients {
    fn new<const N: usize>(grid: &Grid) -> Self {
        let keeping = Keeping::of::<N>();
        let blocks = grid.blocks();
        Self {
            columns: grid.padded_columns as usize,
            keeping,
            kept: vec![0; blocks * keeping.count],
            nonzero: vec![0; if N > 1 { blocks } else { 0 }],
            progress: [None; 64],
            quant: None,
        }
    }

    /// Whether every bit of every coefficient has come.
    fn is_complete(&self) -> bool {
        self.progress == [Some(0); 64]
    }

    /// Transforms all blocks into a plane.
    pub(super) fn transform<const N: usize>(
        &self,
        grid: &Grid,
        plane: &mut Plane,
        checkpoint: &mut Checkpoint,
    ) -> Result<(), JpegError> {
        let Some(quant) = &self.quant else {
            return damaged("a scan without its tables");
        };
        let steps = Steps::new::<N>(quant);
        let mut block = Block::EMPTY;
        for y in 0..grid.rows as usize {
            if checkpoint().is_break() {
                return Err(JpegError::Stopped);
            }
            for x in 0..grid.columns as usize {
                let index = y * self.columns + x;
                block.coefficients[..N * N].copy_from_slice(&self.kept[index * N * N..][..N * N]);
                block.has_ac = N > 1 && self.nonzero[index] & self.keeping.zigzags != 0;
                plane.put::<N>(x, y, &block, &steps);
            }
        }
        Ok(())
    }
}
