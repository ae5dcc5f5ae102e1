//! The comments of a Rust file. Belongs here: telling them from strings and code. Does not belong here: what they say.

use super::markdown;
use super::paragraph::Paragraph;

/// The paragraphs of all comments and docs, without the code blocks in them.
pub(super) fn paragraphs(source: &str) -> Vec<Paragraph> {
    blocks(source)
        .iter()
        .flat_map(|block| markdown::paragraphs(block.lines.iter().map(|(line, text)| (text.as_str(), *line))))
        .collect()
}

/// The sort of a comment: two sorts on lines that follow each other are two texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// `//`
    Plain,
    /// `///`
    Outer,
    /// `//!`
    Inner,
    /// `/* … */`, documentation or not.
    Block,
}

/// Comments that are read as one text.
struct Block {
    sort: Sort,
    /// Code stands before it on its line, so that the next line is another text.
    trailing: bool,
    lines: Vec<(usize, String)>,
}

fn blocks(source: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut reader = Reader { rest: source, line: 1, code_on_line: false };
    while let Some(comment) = reader.next_comment() {
        match blocks.last_mut() {
            Some(last) if follows(last, &comment) => last.lines.extend(comment.lines),
            _ => blocks.push(comment),
        }
    }
    blocks
}

fn follows(last: &Block, next: &Block) -> bool {
    let adjoining = match (last.lines.last(), next.lines.first()) {
        (Some((last, _)), Some((next, _))) => last + 1 == *next,
        _ => false,
    };
    adjoining && last.sort == next.sort && last.sort != Sort::Block && !last.trailing && !next.trailing
}

/// Walks through a source, and knows the few tokens in which `//` begins no comment.
struct Reader<'a> {
    rest: &'a str,
    line: usize,
    code_on_line: bool,
}

impl Reader<'_> {
    fn next_comment(&mut self) -> Option<Block> {
        loop {
            let first = self.rest.chars().next()?;
            if self.rest.starts_with("//") {
                return Some(self.line_comment());
            }
            if self.rest.starts_with("/*") {
                return Some(self.block_comment());
            }
            if first == '"' {
                self.string();
            } else if first == '\'' {
                self.character_or_lifetime();
            } else if first.is_alphabetic() || first == '_' {
                self.identifier_or_raw_string();
            } else {
                if !first.is_whitespace() {
                    self.code_on_line = true;
                }
                self.advance(first.len_utf8());
            }
        }
    }

    /// Goes on by `bytes`, which end between two characters.
    fn advance(&mut self, bytes: usize) {
        let (passed, rest) = self.rest.split_at(bytes);
        let lines = passed.matches('\n').count();
        self.line += lines;
        if lines > 0 {
            self.code_on_line = false;
        }
        self.rest = rest;
    }

    /// Goes on past the first `end`, or to the end of the source.
    fn advance_past(&mut self, end: &str) {
        let bytes = self.rest.find(end).map_or(self.rest.len(), |at| at + end.len());
        self.advance(bytes);
    }

    fn line_comment(&mut self) -> Block {
        let text = self.rest.lines().next().unwrap_or_default();
        let (sort, content) = match text.strip_prefix("//").unwrap_or_default() {
            inner if inner.starts_with('!') => (Sort::Inner, inner.get(1..)),
            // Four slashes are a plain comment.
            outer if outer.starts_with('/') && !outer.starts_with("//") => (Sort::Outer, outer.get(1..)),
            plain => (Sort::Plain, Some(plain)),
        };
        let lines = vec![(self.line, content.unwrap_or_default().to_owned())];
        let block = Block { sort, trailing: self.code_on_line, lines };
        self.advance(text.len());
        block
    }

    fn block_comment(&mut self) -> Block {
        let mut depth = 0_usize;
        let mut at = 0;
        while let Some(rest) = self.rest.get(at..).filter(|rest| !rest.is_empty()) {
            let step = if rest.starts_with("/*") {
                depth += 1;
                2
            } else if rest.starts_with("*/") {
                depth -= 1;
                2
            } else {
                rest.chars().next().map_or(1, char::len_utf8)
            };
            at += step;
            if depth == 0 {
                break;
            }
        }
        let text = self.rest.get(..at).unwrap_or(self.rest);
        let bare = |line: &str| {
            line.trim().trim_start_matches(['/', '*', '!']).trim_end_matches(['/', '*']).to_owned()
        };
        let lines = text.lines().zip(self.line..).map(|(line, number)| (number, bare(line))).collect();
        let block = Block { sort: Sort::Block, trailing: self.code_on_line, lines };
        self.advance(text.len());
        block
    }

    /// A string in which `\` escapes.
    fn string(&mut self) {
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, character)| {
            let ends = *character == '"' && !escaped;
            escaped = *character == '\\' && !escaped;
            ends
        });
        self.advance(end.map_or(self.rest.len(), |(at, _)| at + 1));
        self.code_on_line = true;
    }

    /// `'a'` may hold a quote; the lifetime `'a` has no end.
    fn character_or_lifetime(&mut self) {
        let mut characters =
            self.rest.char_indices().skip(1).map(|(at, character)| (at + character.len_utf8(), character));
        let length = match (characters.next(), characters.next()) {
            // The escaped character may be a quote itself.
            (Some((_, '\\')), Some((escaped, _))) => {
                let after = self.rest.get(escaped..).unwrap_or_default();
                after.find('\'').map_or(self.rest.len(), |at| escaped + at + 1)
            }
            (Some(_), Some((end, '\''))) => end,
            _ => 1,
        };
        self.advance(length);
        self.code_on_line = true;
    }

    /// `r"…"` and `br#"…"#` have no escapes; an identifier, such as `r#type` or `for`, is passed over whole.
    fn identifier_or_raw_string(&mut self) {
        let word = self.rest.find(|character: char| !character.is_alphanumeric() && character != '_');
        let (word, after) = self.rest.split_at(word.unwrap_or(self.rest.len()));
        let hashes = after.len() - after.trim_start_matches('#').len();
        let raw = ["r", "br", "cr"].contains(&word)
            && after.get(hashes..).is_some_and(|rest| rest.starts_with('"'));
        let start = word.len();
        if raw {
            self.advance(start + hashes + 1);
            self.advance_past(&format!("\"{}", "#".repeat(hashes)));
        } else {
            self.advance(start);
        }
        self.code_on_line = true;
    }
}

#[cfg(test)]
mod tests {
    use super::paragraphs;

    /// Each paragraph with the number of its first line.
    fn texts(source: &str) -> Vec<(usize, String)> {
        paragraphs(source)
            .into_iter()
            .map(|paragraph| {
                let line = paragraph.lines.first().map_or(0, |(line, _)| *line);
                (line, paragraph.words().map(|word| word.text).collect::<Vec<_>>().join(" "))
            })
            .collect()
    }

    fn found(line: usize, text: &str) -> (usize, String) {
        (line, text.to_owned())
    }

    #[test]
    fn lines_that_follow_each_other_are_one_text() {
        assert_eq!(texts("// a\n// b\n\n// c"), [found(1, "a b"), found(4, "c")]);
    }

    #[test]
    fn docs_and_comments_are_two_texts() {
        assert_eq!(texts("//! a\n/// b\n// c"), [found(1, "a"), found(2, "b"), found(3, "c")]);
    }

    #[test]
    fn a_comment_after_code_is_a_text_of_its_own() {
        assert_eq!(texts("f(); // a\n// b\ng(); // c"), [found(1, "a"), found(2, "b"), found(3, "c")]);
    }

    #[test]
    fn slashes_in_strings_begin_no_comment() {
        assert_eq!(texts(r#"f("http://a \" // b"); // c"#), [found(1, "c")]);
    }

    #[test]
    fn slashes_in_raw_strings_begin_no_comment() {
        assert_eq!(
            texts("f(r\"\\\"); // a\ng(r#\" \" // b\"#); // c\nh(br\"//\");"),
            [found(1, "a"), found(2, "c")]
        );
    }

    #[test]
    fn a_string_of_many_lines_counts_them() {
        assert_eq!(texts("f(\"a\n// b\n\"); // c"), [found(3, "c")]);
    }

    #[test]
    fn a_quote_as_a_character_begins_no_string() {
        assert_eq!(texts("f('\"', '\\'', '\\\\'); // a"), [found(1, "a")]);
    }

    #[test]
    fn lifetimes_are_no_characters() {
        assert_eq!(texts("fn f<'a>(a: &'a str, b: &'a str) {} // \"a"), [found(1, "\"a")]);
    }

    #[test]
    fn raw_identifiers_are_no_strings() {
        assert_eq!(texts("let r#type = 1; // a"), [found(1, "a")]);
    }

    #[test]
    fn code_blocks_in_docs_are_left_out() {
        assert_eq!(
            texts("/// a\n/// ```\n/// // What is here.\n/// ```\n/// b"),
            [found(1, "a"), found(5, "b")]
        );
    }

    #[test]
    fn blocks_are_read_with_all_that_is_nested_in_them() {
        assert_eq!(texts("/* a /* b */\n * c\n */ f(); // d"), [found(1, "a /* b c"), found(3, "d")]);
    }

    #[test]
    fn a_comment_without_an_end_is_read_to_the_file_s_end() {
        assert_eq!(texts("/* a"), [found(1, "a")]);
    }
}
