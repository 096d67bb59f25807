//! Sequential coding (Annex F): each scan holds whole components, so blocks become samples as they
//! are read.

use std::rc::Rc;

use super::ac_table::LOOKS;
use super::bits::Bits;
use super::block::{self, Block};
use super::huffman::{HuffmanTable, MAX_AC_SIZE};
use super::idct::Steps;
use super::input::Input;
use super::layout::Grid;
use super::planes::Plane;
use super::scan::{self, BlockDecoder, Scan, ScanComponent};
use super::tables::Tables;
use super::{Checkpoint, Header, JpegError, damaged};

/// Decodes the picture whose first scan header comes next in `input`, at N/8.
pub(super) fn decode<const N: usize>(
    header: &Header,
    grids: &[Grid],
    tables: &mut Tables,
    input: &mut Input,
    planes: &mut [Plane],
    checkpoint: &mut Checkpoint,
) -> Result<(), JpegError> {
    let mut missing: Vec<usize> = (0..grids.len()).collect();
    tables.add_standard()?;
    loop {
        let scan = Scan::parse(&input.segment()?, header, tables)?;
        for part in &scan.components {
            match missing.iter().position(|&index| index == part.index) {
                Some(place) => missing.swap_remove(place),
                None => return damaged("a component coded twice"),
            };
        }
        let mut decoder = ScanDecoder::<N>::new(&scan, header, tables, planes)?;
        let end = scan.walk(header, grids, input, checkpoint, &mut decoder)?;
        if missing.is_empty() {
            // Complete: a missing EOI is as harmless as what follows it.
            return Ok(());
        }
        if !scan::follows(end, tables, input)? {
            return damaged("the picture ends before its last component");
        }
    }
}

struct ScanDecoder<'a, const N: usize> {
    parts: Vec<Part<'a>>,
    block: Block,
}

/// A component with all that reading it takes.
struct Part<'a> {
    dc: Rc<HuffmanTable>,
    ac: Rc<HuffmanTable>,
    steps: Steps,
    plane: &'a mut Plane,
    /// The DC coefficient of the block before (F.1.1.5.1).
    prediction: i32,
}

impl<'a, const N: usize> ScanDecoder<'a, N> {
    fn new(
        scan: &Scan,
        header: &Header,
        tables: &Tables,
        planes: &'a mut [Plane],
    ) -> Result<Self, JpegError> {
        let mut planes: Vec<Option<&mut Plane>> = planes.iter_mut().map(Some).collect();
        let part = |part: &ScanComponent| {
            let quant = usize::from(header.components[part.index].quant_table);
            let (Some(dc), Some(ac), Some(quant), Some(plane)) = (
                &part.dc,
                &part.ac,
                &tables.quant[quant],
                planes[part.index].take(),
            ) else {
                return damaged("a scan without its tables");
            };
            Ok(Part {
                dc: Rc::clone(dc),
                ac: Rc::clone(ac),
                steps: Steps::new::<N>(quant),
                plane,
                prediction: 0,
            })
        };
        Ok(Self {
            parts: scan.components.iter().map(part).collect::<Result<_, _>>()?,
            block: Block::EMPTY,
        })
    }
}

impl<const N: usize> BlockDecoder for ScanDecoder<'_, N> {
    #[inline(always)]
    fn block(
        &mut self,
        bits: &mut Bits,
        component: usize,
        x: usize,
        y: usize,
    ) -> Result<(), JpegError> {
        let part = &mut self.parts[component];
        let block = &mut self.block;
        block.clear::<N>();
        bits.refill();
        part.prediction = next_dc(&part.dc, bits, part.prediction)?;
        block.set::<N>(0, part.prediction as i16);
        let next = read_ac::<N>(&part.ac, bits, block)?;
        if N < 8 && next < 64 {
            skip_ac(&part.ac, bits, next)?;
        }
        part.plane.put::<N>(x, y, block, &part.steps);
        Ok(())
    }

    fn restart(&mut self) {
        for part in &mut self.parts {
            part.prediction = 0;
        }
    }
}

/// The DC coefficient that comes next (F.2.2.1), of at least 27 bits at hand.
#[inline(always)]
pub(super) fn next_dc(
    table: &HuffmanTable,
    bits: &mut Bits,
    prediction: i32,
) -> Result<i32, JpegError> {
    /// The largest category of a difference of 8-bit samples' DC (Table F.1).
    const MAX_SIZE: u8 = 11;
    /// Differences of this category reach twice as far as a coefficient.
    const LIMIT: i32 = 2047;

    let size = table.symbol(bits)?;
    if size > MAX_SIZE {
        return damaged("a DC difference out of range");
    }
    let dc = prediction + bits.take_signed(u32::from(size));
    if dc.abs() > LIMIT {
        return damaged("a DC coefficient out of range");
    }
    Ok(dc)
}

/// Reads the AC coefficients that this size keeps (F.2.2.2) and gives the zigzag index of the next,
/// 64 after the last.
#[inline(always)]
fn read_ac<const N: usize>(
    table: &HuffmanTable,
    bits: &mut Bits,
    block: &mut Block,
) -> Result<usize, JpegError> {
    let last_kept = const { block::last_kept::<N>() };
    let looks = table.ac();
    let mut zigzag = 1;
    while zigzag <= last_kept {
        bits.refill();
        for _ in 0..LOOKS {
            let look = looks.look_at(bits);
            for (distance, value) in look.coefficients() {
                block.set::<N>(zigzag + distance, value);
            }
            let stride = look.read();
            let next = zigzag + stride.advance;
            if next <= last_kept {
                bits.consume(stride.bits);
                zigzag = next;
                continue;
            }
            if let Some(advance) = stride.advance_to_eob()
                && zigzag + advance <= 63
            {
                bits.consume(stride.bits);
                block.has_ac = zigzag + advance > 1;
                return Ok(64);
            }
            block.has_ac = true;
            if next <= 64 {
                bits.consume(stride.bits);
                return Ok(next);
            }
            bits.refill();
            zigzag = read_one::<N>(table, bits, block, zigzag)?;
            break;
        }
    }
    Ok(zigzag)
}

/// Reads one symbol and gives the next zigzag index, 64 at the block's end.
#[inline(always)]
fn read_one<const N: usize>(
    table: &HuffmanTable,
    bits: &mut Bits,
    block: &mut Block,
    zigzag: usize,
) -> Result<usize, JpegError> {
    let symbol = table.symbol(bits)?;
    let (run, size) = (symbol >> 4, symbol & 15);
    if size == 0 {
        return next_after_zeros(zigzag, run);
    }
    let place = zigzag + usize::from(run);
    if place > 63 || size > MAX_AC_SIZE {
        return damaged(OUTSIDE);
    }
    block.set::<N>(place, bits.take_signed(u32::from(size)) as i16);
    Ok(place + 1)
}

/// Passes over a block's AC coefficients from a zigzag index to its end, several at a time.
#[inline(always)]
fn skip_ac(table: &HuffmanTable, bits: &mut Bits, mut zigzag: usize) -> Result<(), JpegError> {
    let looks = table.ac();
    loop {
        bits.refill();
        for _ in 0..LOOKS {
            let stride = looks.look_at(bits).skip();
            let next = zigzag + stride.advance;
            if next <= 63 {
                bits.consume(stride.bits);
                zigzag = next;
                continue;
            }
            if let Some(advance) = stride.advance_to_eob()
                && zigzag + advance <= 63
            {
                bits.consume(stride.bits);
                return Ok(());
            }
            bits.refill();
            zigzag = skip_one(table, bits, zigzag)?;
            if zigzag == 64 {
                return Ok(());
            }
            break;
        }
    }
}

/// Passes over one symbol and gives the next zigzag index, 64 at the block's end.
fn skip_one(table: &HuffmanTable, bits: &mut Bits, zigzag: usize) -> Result<usize, JpegError> {
    let symbol = table.symbol(bits)?;
    let (run, size) = (symbol >> 4, symbol & 15);
    if size == 0 {
        return next_after_zeros(zigzag, run);
    }
    let next = zigzag + usize::from(run) + 1;
    if next > 64 || size > MAX_AC_SIZE {
        return damaged(OUTSIDE);
    }
    bits.consume(u32::from(size));
    Ok(next)
}

/// The zigzag index after EOB or ZRL (F.1.2.2.1).
#[inline(always)]
fn next_after_zeros(zigzag: usize, run: u8) -> Result<usize, JpegError> {
    match run {
        0 => Ok(64),
        15 if zigzag + 16 <= 64 => Ok(zigzag + 16),
        15 => damaged(OUTSIDE),
        _ => damaged("an undefined Huffman symbol"),
    }
}

const OUTSIDE: &str = "a coefficient outside its block";
