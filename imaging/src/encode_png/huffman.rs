//! Huffman codes of a limited length (RFC 1951, 3.2.2).

/// A symbol's code, as it is written: its first bit the lowest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) bits: u64,
    pub(super) length: u32,
}

impl Code {
    /// Bits that have no code.
    pub(super) fn extra(bits: u32, length: u32) -> Self {
        Self {
            bits: u64::from(bits),
            length,
        }
    }

    /// With another behind it.
    #[inline(always)]
    pub(super) fn then(self, next: Self) -> Self {
        Self {
            bits: self.bits | (next.bits << self.length),
            length: self.length + next.length,
        }
    }
}

/// The length of each symbol's code, 0 for symbols that do not occur; none over `limit`.
///
/// A lone symbol has a code of one bit, as decoders want it.
pub(super) fn lengths<const N: usize>(counts: &[u32; N], limit: usize) -> [u8; N] {
    let mut lengths = [0; N];
    let mut leaves: Vec<(u32, usize)> = counts
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0)
        .map(|(symbol, &count)| (count, symbol))
        .collect();
    leaves.sort_unstable();
    let per_length = codes_per_length(&leaves, limit);
    // The rarest symbols come first and get the longest codes.
    let longest_first = per_length.iter().enumerate().rev();
    let sorted =
        longest_first.flat_map(|(length, &codes)| std::iter::repeat_n(length, codes as usize));
    for (&(_, symbol), length) in leaves.iter().zip(sorted) {
        if let Some(place) = lengths.get_mut(symbol) {
            *place = u8::try_from(length).unwrap_or_default();
        }
    }
    lengths
}

/// How many codes there are of each length, for these leaves, the rarest first.
fn codes_per_length(leaves: &[(u32, usize)], limit: usize) -> Vec<u32> {
    let mut per_length = vec![0; limit + 1];
    for depth in depths(leaves) {
        if let Some(codes) = per_length.get_mut(depth.clamp(1, limit)) {
            *codes += 1;
        }
    }
    // Codes that were too long now take more than there is: a shorter one moves down and one of the longest beside it.
    let room = 1_u64 << limit;
    let taken = |per_length: &[u32]| -> u64 {
        per_length
            .iter()
            .enumerate()
            .skip(1)
            .map(|(length, &codes)| u64::from(codes) << (limit - length))
            .sum()
    };
    let mut excess = taken(&per_length).saturating_sub(room);
    while excess > 0 {
        let Some(length) = (1..limit).rev().find(|&length| per_length[length] > 0) else {
            break;
        };
        per_length[length] -= 1;
        per_length[length + 1] += 2;
        per_length[limit] -= 1;
        excess -= 1;
    }
    per_length
}

/// The depth of each leaf in Huffman's tree, which joins the two rarest again and again.
///
/// Joined nodes come about in order of their counts, so that two queues do for a heap.
fn depths(leaves: &[(u32, usize)]) -> Vec<usize> {
    let total = leaves.len();
    let mut counts: Vec<u64> = leaves.iter().map(|&(count, _)| u64::from(count)).collect();
    let mut parents = vec![0; 2 * total];
    let (mut leaf, mut joined) = (0, total);
    while counts.len() + 1 < 2 * total {
        let mut sum = 0;
        for _ in 0..2 {
            let from_leaves = leaf < total
                && counts
                    .get(joined)
                    .is_none_or(|&count| counts[leaf] <= count);
            let rarest = if from_leaves { &mut leaf } else { &mut joined };
            sum += counts[*rarest];
            parents[*rarest] = counts.len();
            *rarest += 1;
        }
        counts.push(sum);
    }
    let mut depths = vec![0; counts.len()];
    for node in (0..counts.len().saturating_sub(1)).rev() {
        depths[node] = depths[parents[node]] + 1;
    }
    depths.truncate(total);
    depths
}

/// The codes of these lengths: shorter ones first, those of a length in the symbols' order.
pub(super) fn codes<const N: usize>(lengths: &[u8; N]) -> [Code; N] {
    let mut next = [0_u32; 17];
    let mut per_length = [0_u32; 16];
    for &length in lengths.iter().filter(|&&length| length > 0) {
        per_length[usize::from(length)] += 1;
    }
    for (length, &codes) in per_length.iter().enumerate() {
        next[length + 1] = (next[length] + codes) << 1;
    }
    lengths.map(|length| {
        if length == 0 {
            return Code::default();
        }
        let code = &mut next[usize::from(length)];
        let bits = code.reverse_bits() >> (32 - u32::from(length));
        *code += 1;
        Code {
            bits: u64::from(bits),
            length: u32::from(length),
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How much of all codes these take, in parts of 2^15.
    fn taken(lengths: &[u8]) -> u32 {
        let used = lengths.iter().filter(|&&length| length > 0);
        used.map(|&length| 1 << (15 - length)).sum()
    }

    #[test]
    fn the_rarer_a_symbol_the_longer_is_its_code() {
        assert_eq!(lengths(&[1, 0, 8, 4, 2, 1], 15), [4, 0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_lone_symbol_has_a_code_of_one_bit() {
        assert_eq!(lengths(&[0, 9, 0], 15), [0, 1, 0]);
        assert_eq!(lengths(&[0, 0, 0], 15), [0, 0, 0]);
    }

    #[test]
    fn codes_of_a_length_follow_one_another_first_bit_lowest() {
        // The example of RFC 1951, 3.2.2.
        let codes = codes(&[3, 3, 3, 3, 3, 2, 4, 4]);
        let told = codes.map(|code| code.bits.reverse_bits() >> (64 - code.length));
        assert_eq!(
            told,
            [0b010, 0b011, 0b100, 0b101, 0b110, 0b00, 0b1110, 0b1111]
        );
    }

    proptest! {
        #[test]
        fn every_code_is_used_and_none_is_too_long(
            counts in prop::array::uniform32(prop_oneof![Just(0_u32), 1..20_u32, any::<u16>().prop_map(u32::from)]),
            limit in 5_usize..=15,
        ) {
            let lengths = lengths(&counts, limit);
            let symbols = counts.iter().filter(|&&count| count > 0).count();
            prop_assert!(lengths.iter().all(|&length| usize::from(length) <= limit));
            for (length, count) in lengths.iter().zip(&counts) {
                prop_assert_eq!(*length > 0, *count > 0);
            }
            if symbols > 1 {
                prop_assert_eq!(taken(&lengths), 1 << 15);
            }
        }

        #[test]
        fn counts_that_double_stay_within_the_limit(limit in 5_usize..=15) {
            let counts: [u32; 30] = std::array::from_fn(|symbol| 1 << symbol);
            let lengths = lengths(&counts, limit);
            prop_assert!(lengths.iter().all(|&length| usize::from(length) <= limit));
            prop_assert_eq!(taken(&lengths), 1 << 15);
        }
    }
}
