//! The rules of style. Belongs here: which sentences are against them. Does not belong here: where sentences come from.

use super::paragraph::{Paragraph, Word};

/// Words that no sentence begins with: each stands in place of a subject that has a name.
const OPENINGS: [&str; 5] = ["Who", "Whoever", "Whose", "What", "Nobody"];

/// Turns that have a plain word.
const TURNS: [(&str, &str); 8] = [
    ("the service's word", "the service's answer, or the status"),
    ("the last word", "the last status"),
    ("on the strength of", "by, or because of"),
    ("gets to hear of", "learns of, or is notified of"),
    ("has gone its way", "was delivered, or was sent"),
    ("is so no more", "is no longer"),
    ("of its own accord", "by itself"),
    ("lets go of", "drops, or releases"),
];

/// A sentence against the rules.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) line: usize,
    pub(super) what: String,
}

/// The sentences of these paragraphs that are against the rules.
pub(super) fn check(paragraphs: &[Paragraph]) -> Vec<Finding> {
    paragraphs
        .iter()
        .flat_map(|paragraph| {
            let words: Vec<Word<'_>> = paragraph.words().collect();
            let mut found = if paragraph.heading { Vec::new() } else { openings(&words) };
            found.extend(turns(&words));
            found
        })
        .collect()
}

/// The sentences that begin with a word of [`OPENINGS`].
fn openings(words: &[Word<'_>]) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut begins = true;
    for word in words {
        let bare = word.text.trim_start_matches(['*', '_', '(']);
        let end = bare
            .find(|character: char| !character.is_alphanumeric() && character != '_')
            .unwrap_or(bare.len());
        let first = bare.get(..end).unwrap_or_default();
        if begins && OPENINGS.contains(&first) {
            found.push(Finding { line: word.line, what: format!("a sentence begins with {first}") });
        }
        begins = ends_a_sentence(word.text);
    }
    found
}

/// Quotation marks and brackets may stand after the full stop. A colon ends one too where a capital follows.
fn ends_a_sentence(word: &str) -> bool {
    word.trim_end_matches(['*', '_', ')', ']', '"', '”', '\'', '`']).ends_with(['.', '!', '?', ':', '…', ';'])
}

/// The turns of [`TURNS`], also across lines.
fn turns(words: &[Word<'_>]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (turn, plain) in TURNS {
        let parts: Vec<&str> = turn.split(' ').collect();
        for window in words.windows(parts.len()) {
            if window.iter().zip(&parts).all(|(word, part)| bare(word.text) == *part) {
                let line = window.first().map_or(0, |word| word.line);
                found.push(Finding { line, what: format!("\"{turn}\": say {plain}") });
            }
        }
    }
    found
}

/// A word in small letters, without the punctuation around it.
fn bare(word: &str) -> String {
    word.trim_matches(|character: char| !character.is_alphanumeric()).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::words::comments;
    use crate::words::markdown;

    fn lines(source: &str) -> Vec<usize> {
        check(&comments::paragraphs(source)).into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn every_opening_is_found() {
        for opening in ["Who", "Whoever", "Whose", "What", "Nobody"] {
            assert_eq!(lines(&format!("/// {opening} is here.")), [1], "{opening}");
        }
    }

    #[test]
    fn a_sentence_in_the_middle_is_found_on_its_line() {
        assert_eq!(lines("// The rule.\n// The reason. What\n// is here."), [2]);
        assert_eq!(lines("// The rule (a law).\n// Nobody is here."), [2]);
        assert_eq!(lines("// The rule [D]. *What* is here."), [1]);
        assert_eq!(lines("// The rule. (Who is here.)"), [1]);
    }

    #[test]
    fn the_same_words_inside_a_sentence_are_allowed() {
        assert_eq!(lines("// The rule says\n// What is here, who is here, and nobody."), [0_usize; 0]);
        assert_eq!(lines("// The rule: what is here."), [0_usize; 0]);
    }

    #[test]
    fn longer_words_are_allowed() {
        assert_eq!(lines("// Whole files are read. Whatever_else."), [0_usize; 0]);
    }

    #[test]
    fn strings_are_not_read() {
        assert_eq!(lines("let text = \"// What is here.\";"), [0_usize; 0]);
    }

    #[test]
    fn headings_may_be_questions() {
        assert_eq!(lines("//! # What is here?\n//!\n//! What is here."), [3]);
    }

    #[test]
    fn turns_are_found_across_lines() {
        assert_eq!(lines("// It is the\n// service's word."), [1]);
    }

    #[test]
    fn documents_are_read_as_comments_are() {
        let text = "Text.\n\n* What is here.\n\n```sh\n# What is here.\n```\n| a | What is here |\n";
        let found: Vec<usize> = check(&markdown::paragraphs(text.lines().zip(1..)))
            .into_iter()
            .map(|finding| finding.line)
            .collect();
        assert_eq!(found, [3, 8]);
    }
}
