//! Tables.

use askama::{Template, filters::HtmlSafe};
use time::{OffsetDateTime, macros::format_description};

use crate::domain::timestamp;

/// A column's heading.
#[derive(Debug, Clone)]
pub struct Column {
    /// What it is called.
    pub label: &'static str,
    /// Where clicking on it leads, if it can be ordered by.
    pub sort: Option<Sort>,
    /// Whether it holds numbers, which stand at the right.
    pub numeric: bool,
}

/// How a column orders a list.
#[derive(Debug, Clone)]
pub struct Sort {
    /// The page in this order, or in the opposite one if it is in this order already.
    pub href: String,
    /// `ascending`, `descending` or `none`, as `aria-sort` has them.
    pub now: &'static str,
}

impl Column {
    /// Of texts.
    pub fn text(label: &'static str) -> Self {
        Self {
            label,
            sort: None,
            numeric: false,
        }
    }

    /// Of numbers.
    pub fn number(label: &'static str) -> Self {
        Self {
            numeric: true,
            ..Self::text(label)
        }
    }
}

/// A row.
#[derive(Debug, Clone)]
pub struct Row {
    /// What it is selected by.
    pub id: String,
    /// What to call it where it is selected.
    pub name: String,
    /// One for each column; the first leads to the object.
    pub cells: Vec<Cell>,
    /// What stands for it in a gallery.
    pub picture: Option<Picture>,
}

impl Row {
    /// Without a picture.
    pub fn new(id: impl ToString, name: impl ToString, cells: Vec<Cell>) -> Self {
        Self {
            id: id.to_string(),
            name: name.to_string(),
            cells,
            picture: None,
        }
    }
}

/// A picture that is shown, and where it leads.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Where it leads.
    pub href: String,
    /// Where it is.
    pub src: String,
    /// Its pixels.
    pub width: u32,
    /// Its pixels.
    pub height: u32,
}

/// What a cell shows.
#[derive(Debug, Clone, Template)]
#[template(path = "admin/cell.html")]
pub enum Cell {
    /// A text or a number.
    Text(String),
    /// A link.
    Link {
        /// Where it leads.
        href: String,
        /// What it says.
        text: String,
    },
    /// Yes or no.
    Flag(bool),
    /// A time.
    Time(Option<OffsetDateTime>),
    /// A part of a whole, with the words for it.
    Meter(Meter),
    /// What was changed, field by field.
    Changes(Vec<FieldChange>),
}

/// What was made of a field.
#[derive(Debug, Clone)]
pub struct FieldChange {
    /// The field.
    pub field: String,
    /// What it held.
    pub from: String,
    /// What it holds since.
    pub to: String,
}

impl HtmlSafe for Cell {}

impl Cell {
    /// A text or a number.
    pub fn text(text: impl ToString) -> Self {
        Self::Text(text.to_string())
    }

    /// A text or a number, `–` if there is none.
    pub fn optional(text: Option<impl ToString>) -> Self {
        Self::Text(text.map_or_else(|| "–".to_owned(), |text| text.to_string()))
    }

    /// A link.
    pub fn link(href: impl Into<String>, text: impl ToString) -> Self {
        Self::Link {
            href: href.into(),
            text: text.to_string(),
        }
    }
}

/// How much of something is used.
#[derive(Debug, Clone, Template)]
#[template(path = "admin/meter.html")]
pub struct Meter {
    /// What is used, in hundredths of the whole, at most 100.
    pub percent: i64,
    /// The words for it.
    pub text: String,
    warns: bool,
}

impl HtmlSafe for Meter {}

impl Meter {
    /// So much of a whole, which is at least 1.
    pub fn new(used: i64, whole: i64, text: impl Into<String>) -> Self {
        let percent = (i128::from(used) * 100 / i128::from(whole.max(1))).clamp(0, 100);
        Self {
            // Between 0 and 100.
            percent: percent as i64,
            text: text.into(),
            warns: true,
        }
    }

    /// Of which a large part is no matter.
    pub fn of_parts(mut self) -> Self {
        self.warns = false;
        self
    }

    /// `high` from nine tenths on, where that matters.
    pub fn class(&self) -> &'static str {
        if self.warns && self.percent >= 90 {
            "high"
        } else {
            "low"
        }
    }
}

/// A time for people, in UTC.
pub fn time(time: &OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]");
    // Every field of the format is one that a time has.
    time.format(&format).unwrap_or_default()
}

/// A time for programs.
pub fn machine_time(time: &OffsetDateTime) -> String {
    timestamp::text(*time)
}

/// Bytes as people read them, in powers of 1000.
pub fn bytes(bytes: i64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut amount = bytes as f64;
    let mut unit = "";
    for next in UNITS {
        if amount < 999.5 {
            break;
        }
        amount /= 1000.0;
        unit = next;
    }
    if amount < 9.95 {
        format!("{amount:.1} {unit}")
    } else {
        format!("{amount:.0} {unit}")
    }
}

/// So many of something: `1 user`, `2 users`.
pub fn count(number: i64, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        number => format!("{} {one}s", grouped(number)),
    }
}

/// A number with its thousands apart.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "−" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            // A narrow space that no line breaks at.
            text.push('\u{202F}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_in_two_or_three_digits() {
        let expected = [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (9_960, "10 kB"),
            (999_499, "999 kB"),
            (999_999, "1.0 MB"),
            (52_428_800, "52 MB"),
            (i64::MAX, "9.2 EB"),
        ];
        for (number, text) in expected {
            assert_eq!(bytes(number), text);
        }
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(1234567), "1\u{202F}234\u{202F}567");
        assert_eq!(grouped(-100_000), "−100\u{202F}000");
        assert_eq!(count(1, "user"), "1 user");
    }

    #[test]
    fn a_meter_is_never_over_full() {
        assert_eq!(Meter::new(3, 2, "").percent, 100);
        assert_eq!(Meter::new(1, 3, "").percent, 33);
        assert_eq!(Meter::new(i64::MAX, i64::MAX, "").percent, 100);
    }
}
