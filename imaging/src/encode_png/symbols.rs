//! Deflate's alphabets: literals with lengths, and distances (RFC 1951, 3.2.5).

/// Literals, the end of a block, lengths.
pub(super) const LITERALS: usize = 286;

/// The symbol that ends a block.
pub(super) const END: usize = 256;

pub(super) const DISTANCES: usize = 30;

/// Bytes of a match.
pub(super) const SHORTEST: usize = 3;
pub(super) const LONGEST: usize = 258;

/// How far back a match may begin.
pub(super) const WINDOW: usize = 1 << 15;

/// A length's symbol, and what is written behind its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Length {
    pub(super) symbol: u16,
    pub(super) extra_bits: u32,
    pub(super) extra: u32,
}

/// The symbols of all lengths, from the shortest on.
pub(super) const LENGTHS: [Length; LONGEST - SHORTEST + 1] = {
    // The longest has a symbol of its own.
    let mut lengths = [Length {
        symbol: 285,
        extra_bits: 0,
        extra: 0,
    }; LONGEST - SHORTEST + 1];
    let mut index = 0;
    while index < LONGEST - SHORTEST {
        // Eight single lengths; then every four symbols stand for twice as many each.
        let value = index as u32;
        let extra_bits = (value | 4).ilog2() - 2;
        lengths[index] = Length {
            symbol: 257 + (4 * extra_bits + (value >> extra_bits)) as u16,
            extra_bits,
            extra: value & ((1 << extra_bits) - 1),
        };
        index += 1;
    }
    lengths
};

/// A distance's symbol, and what is written behind its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Distance {
    pub(super) symbol: u8,
    pub(super) extra_bits: u32,
    pub(super) extra: u32,
}

/// What stands for a distance less 1, which lies in the window.
#[inline(always)]
pub(super) fn distance(back: u16) -> Distance {
    // Four single distances; then every two symbols stand for twice as many each.
    let back = u32::from(back);
    let extra_bits = (back | 2).ilog2() - 1;
    Distance {
        symbol: (2 * extra_bits + (back >> extra_bits)) as u8,
        extra_bits,
        extra: back & ((1 << extra_bits) - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_the_symbols_of_the_table() {
        let told = |length: usize| {
            let length = LENGTHS[length - SHORTEST];
            (length.symbol, length.extra_bits, length.extra)
        };
        assert_eq!(told(3), (257, 0, 0));
        assert_eq!(told(10), (264, 0, 0));
        assert_eq!(told(12), (265, 1, 1));
        assert_eq!(told(131), (281, 5, 0));
        assert_eq!(told(257), (284, 5, 30));
        assert_eq!(told(258), (285, 0, 0));
    }

    #[test]
    fn distances_have_the_symbols_of_the_table() {
        let told = |distance_less_one| {
            let distance = distance(distance_less_one);
            (distance.symbol, distance.extra_bits, distance.extra)
        };
        assert_eq!(told(0), (0, 0, 0));
        assert_eq!(told(3), (3, 0, 0));
        assert_eq!(told(5), (4, 1, 1));
        assert_eq!(told(256), (16, 7, 0));
        assert_eq!(told(24_576), (29, 13, 0));
        assert_eq!(told(32_767), (29, 13, 8191));
    }
}
