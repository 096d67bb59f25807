//! Which bytes a client asks for (RFC 9110, section 14).

use std::ops::Range;

/// More ranges than any real client asks for: then the header is ignored, as section 14.2 allows.
const MAX_RANGES: usize = 16;

/// What a `Range` header comes to.
#[derive(Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The whole: there is no header, or none that can be followed.
    Whole,
    /// These parts, none of them empty.
    Parts(Vec<Range<u64>>),
    /// Nothing that is there: 416.
    Unsatisfiable,
}

/// Reads a header's value for a representation of this length.
pub fn wanted(header: Option<&str>, length: u64) -> Wanted {
    let Some(specs) = header.and_then(parse) else {
        return Wanted::Whole;
    };
    let parts: Vec<_> = specs
        .iter()
        .filter_map(|spec| spec.within(length))
        .collect();
    if parts.is_empty() {
        return Wanted::Unsatisfiable;
    }
    // Overlapping parts make an answer larger than the whole (section 17.15).
    let sum: u64 = parts.iter().map(|part| part.end - part.start).sum();
    if parts.len() > MAX_RANGES || (parts.len() > 1 && sum > length) {
        return Wanted::Whole;
    }
    Wanted::Parts(parts)
}

#[derive(Clone, Copy)]
enum Spec {
    FromTo(u64, u64),
    From(u64),
    Last(u64),
}

impl Spec {
    fn within(self, length: u64) -> Option<Range<u64>> {
        let range = match self {
            Self::FromTo(first, last) => first..length.min(last.saturating_add(1)),
            Self::From(first) => first..length,
            Self::Last(count) => length.saturating_sub(count)..length,
        };
        (!range.is_empty()).then_some(range)
    }
}

/// `None` for another unit or anything malformed.
fn parse(header: &str) -> Option<Vec<Spec>> {
    let (unit, list) = header.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    list.split(',')
        .map(str::trim)
        // A list's empty elements count for nothing (section 5.6.1.2).
        .filter(|spec| !spec.is_empty())
        .map(|spec| match spec.split_once('-')? {
            ("", count) => Some(Spec::Last(number(count)?)),
            (first, "") => Some(Spec::From(number(first)?)),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Spec::FromTo(first, last))
            }
        })
        .collect::<Option<Vec<_>>>()
        .filter(|specs| !specs.is_empty())
}

/// Digits alone; more than any length is as good as the largest.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
#[expect(
    clippy::single_range_in_vec_init,
    reason = "one part is a list of one range"
)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(header: &str) -> Vec<Range<u64>> {
        match wanted(Some(header), 100) {
            Wanted::Parts(parts) => parts,
            other => panic!("{header}: {other:?}"),
        }
    }

    #[test]
    fn single_ranges_of_every_form_are_followed() {
        assert_eq!(parts("bytes=0-0"), [0..1]);
        assert_eq!(parts("bytes=10-19"), [10..20]);
        assert_eq!(parts("bytes=90-"), [90..100]);
        assert_eq!(parts("bytes=-10"), [90..100]);
        assert_eq!(parts("bytes=-1000"), [0..100]);
        assert_eq!(parts("bytes=50-99999999999999999999999"), [50..100]);
        assert_eq!(parts("Bytes = 1-2"), [1..3]);
    }

    #[test]
    fn several_ranges_keep_their_order() {
        assert_eq!(parts("bytes=10-19, -5,,0-0"), [10..20, 95..100, 0..1]);
    }

    #[test]
    fn ranges_that_are_not_there_are_left_out() {
        assert_eq!(parts("bytes=0-1,100-200"), [0..2]);
        for header in ["bytes=100-", "bytes=-0", "bytes=200-300"] {
            assert_eq!(wanted(Some(header), 100), Wanted::Unsatisfiable, "{header}");
        }
    }

    #[test]
    fn what_cannot_be_followed_gets_the_whole() {
        for header in [
            "",
            "bytes",
            "bytes=",
            "bytes=a-b",
            "bytes=5-4",
            "bytes=1",
            "lines=0-1",
            "bytes=+1-2",
        ] {
            assert_eq!(wanted(Some(header), 100), Wanted::Whole, "{header}");
        }
        assert_eq!(wanted(None, 100), Wanted::Whole);
    }

    #[test]
    fn an_answer_is_never_made_larger_than_the_whole() {
        assert_eq!(wanted(Some("bytes=0-60,50-99"), 100), Wanted::Whole);
        let many = format!("bytes={}", "0-0,".repeat(17));
        assert_eq!(wanted(Some(&many), 100), Wanted::Whole);
    }

    proptest! {
        #[test]
        fn a_part_lies_within_the_representation(header in "bytes=[0-9, -]{0,30}", length in 0_u64..200) {
            if let Wanted::Parts(parts) = wanted(Some(&header), length) {
                for part in parts {
                    prop_assert!(part.start < part.end && part.end <= length);
                }
            }
        }
    }
}
