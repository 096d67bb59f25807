//! Sizes in bytes, as people write them.

/// A number of bytes: `52428800`, `50MB` (millions) or `50MiB` (times 1024²).
pub(super) fn byte_size(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, u64); 9] = [
        ("", 1),
        ("b", 1),
        ("kb", 1_000),
        ("mb", 1_000_000),
        ("gb", 1_000_000_000),
        ("kib", 1 << 10),
        ("mib", 1 << 20),
        ("gib", 1 << 30),
        ("tib", 1 << 40),
    ];
    let wrong = || "write a number of bytes, or as 50MB or 50MiB".to_owned();
    let digits = text
        .trim_end_matches(|character: char| character.is_ascii_alphabetic() || character == ' ');
    let number: u64 = digits
        .parse()
        .ok()
        .filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or_else(wrong)?;
    let unit = text[digits.len()..].trim().to_ascii_lowercase();
    let (_, factor) = UNITS
        .into_iter()
        .find(|(name, _)| *name == unit)
        .ok_or_else(wrong)?;
    number.checked_mul(factor).ok_or_else(wrong)
}

/// As [`byte_size`], at least 1.
pub(super) fn positive_byte_size(text: &str) -> Result<std::num::NonZeroU64, String> {
    let bytes = byte_size(text)?;
    bytes
        .try_into()
        .map_err(|_| "write a size of at least 1 byte".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_may_have_a_unit() {
        for (text, bytes) in [
            ("0", 0),
            ("52428800", 52_428_800),
            ("50MB", 50_000_000),
            ("50 MiB", 52_428_800),
            ("50mib", 52_428_800),
            ("2GiB", 2 << 30),
            ("1kB", 1000),
        ] {
            assert_eq!(byte_size(text), Ok(bytes), "{text}");
        }
        for text in [
            "",
            "MB",
            "-1",
            "+1",
            "1.5GB",
            "1e8",
            "10XB",
            "99999999999GiB",
            "1 2",
        ] {
            assert!(byte_size(text).is_err(), "{text}");
        }
        assert!(positive_byte_size("0MB").is_err());
    }
}
