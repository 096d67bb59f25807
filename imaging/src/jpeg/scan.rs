//! One scan: its header (B.2.3) and the walk over its MCUs (A.2) and restart intervals (E.1.4).

use std::rc::Rc;

use super::bits::{Bits, EntropySegment};
use super::huffman::HuffmanTable;
use super::input::{End, Input, TRUNCATED};
use super::layout::{self, Grid};
use super::tables::Tables;
use super::{Checkpoint, Header, JpegError, damaged, marker};

/// The blocks that an MCU may have (B.2.3).
const MAX_MCU_BLOCKS: u32 = 10;

/// A scan's header.
pub(super) struct Scan {
    pub(super) components: Vec<ScanComponent>,
    /// First and last zigzag index (Ss, Se).
    pub(super) band: (u8, u8),
    /// Successive approximation: the bit position before this scan and after it (Ah, Al).
    pub(super) approximation: (u8, u8),
    restart_interval: u32,
}

/// A component's part in a scan.
pub(super) struct ScanComponent {
    /// Its index among the picture's components.
    pub(super) index: usize,
    pub(super) dc: Option<Rc<HuffmanTable>>,
    pub(super) ac: Option<Rc<HuffmanTable>>,
}

/// What a coding does with each block of a scan.
pub(super) trait BlockDecoder {
    /// Reads the block in column `x` and row `y` of a component's grid, given by its index within
    /// the scan.
    fn block(
        &mut self,
        bits: &mut Bits,
        component: usize,
        x: usize,
        y: usize,
    ) -> Result<(), JpegError>;

    /// Forgets what a restart interval forgets (F.2.1.3.1, G.1.2.2).
    fn restart(&mut self);
}

impl Scan {
    /// A scan header with the tables in force.
    pub(super) fn parse(
        payload: &[u8],
        header: &Header,
        tables: &Tables,
    ) -> Result<Self, JpegError> {
        let [count, rest @ ..] = payload else {
            return damaged(MALFORMED);
        };
        let Some((selectors, &[first, last, approximation])) =
            rest.split_at_checked(2 * usize::from(*count))
        else {
            return damaged(MALFORMED);
        };
        let mut components: Vec<ScanComponent> = Vec::new();
        for &[id, choice] in selectors.as_chunks().0 {
            // Some files give several components one name: they count by their place.
            let index = (0..header.components.len()).find(|&index| {
                header.components[index].id == id
                    && !components.iter().any(|other| other.index == index)
            });
            let (Some(index), dc @ 0..4, ac @ 0..4) =
                (index, usize::from(choice >> 4), usize::from(choice & 15))
            else {
                return damaged(MALFORMED);
            };
            components.push(ScanComponent {
                index,
                dc: tables.dc[dc].clone(),
                ac: tables.ac[ac].clone(),
            });
        }
        let blocks = |component: &ScanComponent| {
            let component = &header.components[component.index];
            u32::from(component.horizontal) * u32::from(component.vertical)
        };
        if components.is_empty()
            || components.len() > 1 && components.iter().map(blocks).sum::<u32>() > MAX_MCU_BLOCKS
        {
            return damaged(MALFORMED);
        }
        Ok(Self {
            components,
            band: (first, last),
            approximation: (approximation >> 4, approximation & 15),
            restart_interval: tables.restart_interval,
        })
    }

    /// Reads all of the scan's MCUs and gives the marker that follows.
    pub(super) fn walk(
        &self,
        header: &Header,
        grids: &[Grid],
        input: &mut Input,
        checkpoint: &mut Checkpoint,
        decoder: &mut impl BlockDecoder,
    ) -> Result<End, JpegError> {
        let (plan, columns, rows) = self.plan(header, grids);
        let mut segment = EntropySegment::new();
        let mut until_restart = self.restart_interval;
        let mut restarts = 0;
        for row in 0..rows as usize {
            if checkpoint().is_break() {
                return Err(JpegError::Stopped);
            }
            for column in 0..columns as usize {
                if self.restart_interval > 0 {
                    if until_restart == 0 {
                        segment.restart(input, restarts)?;
                        restarts = restarts.wrapping_add(1);
                        until_restart = self.restart_interval;
                        decoder.restart();
                    }
                    until_restart -= 1;
                }
                segment.top_up(input)?;
                let mut bits = segment.bits();
                let outcome = plan.iter().try_for_each(|place| {
                    let (x, y) = (column * place.across + place.x, row * place.down + place.y);
                    decoder.block(&mut bits, place.component, x, y)
                });
                let position = bits.position();
                // Data that ended is the cause of whatever was made of the zeros after it.
                segment.advance_to(position)?;
                outcome?;
            }
        }
        segment.finish(input)
    }

    /// The blocks of one MCU, and the number of MCUs across and down. A scan of one component has
    /// one block in each MCU and leaves out those that only fill up (A.2.2).
    fn plan(&self, header: &Header, grids: &[Grid]) -> (Vec<Place>, u32, u32) {
        if let [alone] = &self.components[..] {
            let grid = &grids[alone.index];
            let place = Place {
                component: 0,
                across: 1,
                down: 1,
                x: 0,
                y: 0,
            };
            return (vec![place], grid.columns, grid.rows);
        }
        let mut plan = Vec::new();
        for (component, part) in self.components.iter().enumerate() {
            let grid = &grids[part.index];
            let (across, down) = (grid.horizontal as usize, grid.vertical as usize);
            plan.extend(
                (0..down)
                    .flat_map(|y| (0..across).map(move |x| (x, y)))
                    .map(|(x, y)| Place {
                        component,
                        across,
                        down,
                        x,
                        y,
                    }),
            );
        }
        let (columns, rows) = layout::mcus(header);
        (plan, columns, rows)
    }
}

/// Where one block of an MCU lies.
struct Place {
    component: usize,
    across: usize,
    down: usize,
    x: usize,
    y: usize,
}

/// Reads what stands between scans, from the marker given on, up to the next scan header. False if
/// the picture ends first.
pub(super) fn follows(
    mut end: End,
    tables: &mut Tables,
    input: &mut Input,
) -> Result<bool, JpegError> {
    loop {
        match end {
            End::File => return damaged(TRUNCATED),
            End::Marker(marker::EOI) => return Ok(false),
            End::Marker(marker::SOS) => return Ok(true),
            End::Marker(code @ (marker::DHT | marker::DQT | marker::DRI)) => {
                tables.define(code, &input.segment()?)?
            }
            End::Marker(marker::SOI | marker::SOF0..=marker::SOF15) => {
                return damaged("a second picture within the first");
            }
            // Markers without a segment, left over where no restart is due.
            End::Marker(marker::TEM | marker::RST0..=marker::RST7) => {}
            End::Marker(_) => input.skip_metadata()?,
        }
        end = input.next_marker()?;
    }
}

const MALFORMED: &str = "a malformed scan header";
