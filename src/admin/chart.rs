//! Charts: drawn here, as SVG without script and style, and in a table for those who do not see them.

use askama::{Template, filters::HtmlSafe};

/// The drawing's width and height, in units of its own: a browser stretches it to the room that there is.
const WIDTH: usize = 600;
const HEIGHT: i64 = 100;

/// Bars over time.
#[derive(Template)]
#[template(path = "admin/chart.html")]
pub struct Chart {
    /// The id under which the page knows it.
    pub id: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// What to say of it in one line.
    pub summary: String,
    /// The largest value, in words.
    pub most: String,
    /// The bars, from left to right.
    pub bars: Vec<Bar>,
}

impl HtmlSafe for Chart {}

/// A bar.
pub struct Bar {
    /// What it is for.
    pub label: String,
    /// How much it is, in words.
    pub text: String,
    /// Its left edge.
    pub x: usize,
    /// Its upper edge.
    pub y: i64,
    /// Its width.
    pub width: usize,
    /// Its height.
    pub height: i64,
}

impl Chart {
    /// Bars for these labels and values, which `words` writes for people.
    pub fn new(
        id: &'static str,
        title: &'static str,
        values: &[(String, i64)],
        words: impl Fn(i64) -> String,
        summary: String,
    ) -> Self {
        let most = values.iter().map(|(_, value)| *value).max().unwrap_or(0);
        let room = WIDTH / values.len().max(1);
        let bars = values.iter().enumerate();
        let bars = bars.map(|(index, (label, value))| {
            let height = height(*value, most);
            Bar {
                label: label.clone(),
                text: words(*value),
                x: index * room + room / 10,
                y: HEIGHT - height,
                width: room - room / 5,
                height,
            }
        });
        Self {
            id,
            title,
            summary,
            most: words(most),
            bars: bars.collect(),
        }
    }

    /// The first label and the last one.
    pub fn ends(&self) -> (&str, &str) {
        match (self.bars.first(), self.bars.last()) {
            (Some(first), Some(last)) => (&first.label, &last.label),
            _ => ("", ""),
        }
    }
}

/// What is not nothing can be seen.
fn height(value: i64, most: i64) -> i64 {
    if value <= 0 || most <= 0 {
        return 0;
    }
    let height = i128::from(value) * i128::from(HEIGHT) / i128::from(most);
    // Between 0 and HEIGHT.
    (height as i64).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heights(values: &[i64]) -> Vec<i64> {
        let values: Vec<_> = values.iter().map(|value| (String::new(), *value)).collect();
        let chart = Chart::new("a", "A", &values, |n| n.to_string(), String::new());
        chart.bars.iter().map(|bar| bar.height).collect()
    }

    #[test]
    fn the_largest_bar_fills_the_height_and_a_small_one_can_be_seen() {
        assert_eq!(heights(&[1, 1000, 500, 0]), [1, 100, 50, 0]);
        assert_eq!(heights(&[i64::MAX, i64::MAX / 2]), [100, 49]);
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert_eq!(heights(&[0, 0]), [0, 0]);
        assert_eq!(heights(&[-5, 0]), [0, 0]);
        assert!(heights(&[]).is_empty());
    }
}
