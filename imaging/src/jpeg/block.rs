//! The coefficients of one block that a scale keeps.

use super::tables::ZIGZAG;

/// Kept coefficients of one block, still quantised: N columns of N, the lowest frequencies first.
/// (By columns, since that saves the transform one of two transpositions.) What lies behind them is
/// scratch.
pub(super) struct Block {
    pub(super) coefficients: [i16; Self::ROOM],
    /// Whether any kept coefficient but DC may be other than zero.
    pub(super) has_ac: bool,
}

impl Block {
    /// A power of two above 64, so that masking an index proves it to be inside.
    pub(super) const ROOM: usize = 128;

    pub(super) const EMPTY: Self = Self {
        coefficients: [0; Self::ROOM],
        has_ac: false,
    };

    /// Stores the coefficient of a zigzag index below 256, if it is kept at this size: those from 64 on lie outside
    /// every block.
    #[inline(always)]
    pub(super) fn set<const N: usize>(&mut self, zigzag: usize, value: i16) {
        let slot = const { &slots::<N, 256>() }[zigzag & 255];
        self.coefficients[usize::from(slot) & (Self::ROOM - 1)] = value;
    }

    #[inline(always)]
    pub(super) fn clear<const N: usize>(&mut self) {
        self.coefficients[..N * N].fill(0);
        self.has_ac = false;
    }
}

/// The slot in [`Block`] that is written for coefficients that are not kept.
const SCRATCH: u8 = 64;

/// For each zigzag index its slot in a [`Block`] of N × N.
pub(super) const fn slots<const N: usize, const LENGTH: usize>() -> [u8; LENGTH] {
    let mut slots = [SCRATCH; LENGTH];
    let mut zigzag = 0;
    while zigzag < 64 {
        let (row, column) = (ZIGZAG[zigzag] as usize / 8, ZIGZAG[zigzag] as usize % 8);
        if row < N && column < N {
            slots[zigzag] = (column * N + row) as u8;
        }
        zigzag += 1;
    }
    slots
}

/// The zigzag indices, as bits, of what is kept.
pub(super) const fn kept<const N: usize>() -> u64 {
    let slots = slots::<N, 64>();
    let mut kept = 0;
    let mut zigzag = 0;
    while zigzag < 64 {
        if slots[zigzag] != SCRATCH {
            kept |= 1 << zigzag;
        }
        zigzag += 1;
    }
    kept
}

/// The last zigzag index of what is kept.
pub(super) const fn last_kept<const N: usize>() -> usize {
    63 - kept::<N>().leading_zeros() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_keep_the_lowest_frequencies() {
        assert_eq!(kept::<1>(), 0b1);
        assert_eq!(kept::<2>(), 0b1_0111);
        assert_eq!(kept::<4>().count_ones(), 16);
        assert_eq!(kept::<8>(), u64::MAX);
        assert_eq!(
            [
                last_kept::<1>(),
                last_kept::<2>(),
                last_kept::<4>(),
                last_kept::<8>()
            ],
            [0, 4, 24, 63]
        );
    }

    #[test]
    fn coefficients_that_are_not_kept_leave_no_trace() {
        let mut block = Block::EMPTY;
        for zigzag in 0..64 {
            block.set::<2>(zigzag, zigzag as i16 + 1);
        }
        // Columns: zigzag 0 and 2, then 1 and 4.
        assert_eq!(block.coefficients[..5], [1, 3, 2, 5, 0]);
        block.clear::<2>();
        assert_eq!(block.coefficients[..4], [0; 4]);
    }
}
