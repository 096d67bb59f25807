//! The little of Markdown that the description is written in: paragraphs, lists, `code` and **words that matter**.

/// A paragraph or a list.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    /// The items of a list; of a paragraph one.
    pub items: Vec<Vec<Piece>>,
    pub is_list: bool,
}

/// A stretch of text in one style.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub style: Style,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Plain,
    Code,
    Strong,
}

/// Reads a text.
pub fn blocks(text: &str) -> Vec<Block> {
    let paragraphs = text.split("\n\n").map(str::trim);
    paragraphs
        .filter(|paragraph| !paragraph.is_empty())
        .map(|paragraph| match paragraph.strip_prefix("- ") {
            Some(list) => Block {
                items: list.split("\n- ").map(pieces).collect(),
                is_list: true,
            },
            None => Block {
                items: vec![pieces(paragraph)],
                is_list: false,
            },
        })
        .collect()
}

/// Cuts at the marks; what is marked as code is taken as it is.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (index, stretch) in text.split('`').enumerate() {
        if index % 2 == 1 {
            push(&mut pieces, stretch, Style::Code);
            continue;
        }
        for (index, stretch) in stretch.split("**").enumerate() {
            let style = if index % 2 == 1 {
                Style::Strong
            } else {
                Style::Plain
            };
            push(&mut pieces, stretch, style);
        }
    }
    pieces
}

fn push(pieces: &mut Vec<Piece>, text: &str, style: Style) {
    if !text.is_empty() {
        pieces.push(Piece {
            text: text.to_owned(),
            style,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(text: &str, style: Style) -> Piece {
        Piece {
            text: text.to_owned(),
            style,
        }
    }

    #[test]
    fn code_and_strong_words_are_told_apart() {
        let blocks = blocks("**Who** sends `**x**` gets\n404.");
        let expected = [
            piece("Who", Style::Strong),
            piece(" sends ", Style::Plain),
            piece("**x**", Style::Code),
            piece(" gets\n404.", Style::Plain),
        ];
        assert_eq!(blocks[0].items, [expected]);
    }

    #[test]
    fn a_list_has_items_and_stands_apart_from_paragraphs() {
        let blocks = blocks("One.\n\n- a\n- b\n\nTwo.\n");
        let shapes: Vec<_> = blocks
            .iter()
            .map(|block| (block.is_list, block.items.len()))
            .collect();
        assert_eq!(shapes, [(false, 1), (true, 2), (false, 1)]);
    }
}
