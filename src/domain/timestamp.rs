//! Times in JSON: RFC 3339 in UTC, always with milliseconds, so that every client reads and sorts them alike.

use serde::Serializer;
use time::{OffsetDateTime, UtcOffset, macros::format_description};

/// For `#[serde(serialize_with = …)]`. What is finer than a millisecond is left out.
pub fn serialize<S: Serializer>(time: &OffsetDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text(*time))
}

/// The same for a time that may be missing.
pub fn serialize_option<S: Serializer>(
    time: &Option<OffsetDateTime>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serialize(time, serializer),
        None => serializer.serialize_none(),
    }
}

/// A time as JSON has it.
pub fn text(time: OffsetDateTime) -> String {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    // Every field of the format is one that a time has.
    let text = time.to_offset(UtcOffset::UTC).format(format);
    text.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_time_has_milliseconds_always() {
        for (time, expected) in [
            (
                datetime!(2026-11-23 12:00:00 UTC),
                "2026-11-23T12:00:00.000Z",
            ),
            (
                datetime!(2026-11-23 12:00:00.1239 UTC),
                "2026-11-23T12:00:00.123Z",
            ),
            (
                datetime!(2026-11-23 00:00:00.5 +2),
                "2026-11-22T22:00:00.500Z",
            ),
        ] {
            assert_eq!(text(time), expected);
        }
    }
}
