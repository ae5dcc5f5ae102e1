//! The little of Markdown that the descriptions use: paragraphs, lists, blocks of code, `code` and **strong** words.
//!
//! Belongs here: reading it. Does not belong here: HTML, which the templates write and escape.

/// A paragraph or the like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    Paragraph(Vec<Span>),
    List(Vec<Vec<Span>>),
    Code(String),
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Span {
    Plain(String),
    Code(String),
    Strong(String),
}

/// Blocks are parted by empty lines.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    for part in text.split("\n\n").map(str::trim).filter(|part| !part.is_empty()) {
        if let Some(code) = part.strip_prefix("```\n").and_then(|rest| rest.strip_suffix("\n```")) {
            blocks.push(Block::Code(code.to_owned()));
        } else if let Some(item) = part.strip_prefix("* ") {
            match blocks.last_mut() {
                Some(Block::List(items)) => items.push(spans(item)),
                _ => blocks.push(Block::List(vec![spans(item)])),
            }
        } else {
            blocks.push(Block::Paragraph(spans(part)));
        }
    }
    blocks
}

/// Text between two backquotes is code, between two pairs of stars strong. Code in strong text stays code.
pub(super) fn spans(line: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut is_strong = false;
    for (place, piece) in line.split('`').enumerate() {
        if place % 2 == 1 {
            spans.push(Span::Code(piece.to_owned()));
            continue;
        }
        for (place, words) in piece.split("**").enumerate() {
            is_strong ^= place > 0;
            if !words.is_empty() {
                spans.push(if is_strong {
                    Span::Strong(words.to_owned())
                } else {
                    Span::Plain(words.to_owned())
                });
            }
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_descriptions_use_is_read() {
        let text = "Only `active` lets **anybody `x` in**.\n\n* one\n\n* `two`\n\n```\na\nb\n```";
        let plain = |text: &str| Span::Plain(text.into());
        assert_eq!(
            blocks(text),
            [
                Block::Paragraph(vec![
                    plain("Only "),
                    Span::Code("active".into()),
                    plain(" lets "),
                    Span::Strong("anybody ".into()),
                    Span::Code("x".into()),
                    Span::Strong(" in".into()),
                    plain("."),
                ]),
                Block::List(vec![vec![plain("one")], vec![Span::Code("two".into())]]),
                Block::Code("a\nb".into()),
            ]
        );
    }
}
