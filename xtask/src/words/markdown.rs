//! Markdown as paragraphs. Belongs here: the few forms that this project's documents and comments use. Does not belong here: rules.

use super::paragraph::Paragraph;

/// The paragraphs of numbered lines. Code blocks are left out.
pub(super) fn paragraphs<'a>(lines: impl Iterator<Item = (&'a str, usize)>) -> Vec<Paragraph> {
    let mut paragraphs = Vec::new();
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut fence: Option<&str> = None;
    for (line, number) in lines {
        let text = line.trim();
        if let Some(end) = fence {
            if text.starts_with(end) {
                fence = None;
            }
            continue;
        }
        fence = ["```", "~~~"].into_iter().find(|fence| text.starts_with(fence));
        let item = after_marker(text);
        let heading = text.starts_with('#');
        if fence.is_some() || text.is_empty() || heading || item.is_some() || text.starts_with('|') {
            close(&mut paragraphs, &mut open);
        }
        if fence.is_some() || text.is_empty() {
            continue;
        }
        if heading {
            let text = text.trim_start_matches('#').to_owned();
            paragraphs.push(Paragraph { lines: vec![(number, text)], heading: true });
        } else if text.starts_with('|') {
            // A cell is a text of its own.
            paragraphs.extend(
                text.split('|')
                    .filter(|cell| !cell.trim().is_empty())
                    .map(|cell| Paragraph { lines: vec![(number, cell.trim().to_owned())], heading: false }),
            );
        } else {
            open.push((number, item.unwrap_or(text).to_owned()));
        }
    }
    close(&mut paragraphs, &mut open);
    paragraphs
}

fn close(paragraphs: &mut Vec<Paragraph>, open: &mut Vec<(usize, String)>) {
    if !open.is_empty() {
        paragraphs.push(Paragraph { lines: std::mem::take(open), heading: false });
    }
}

/// The text of a list item or a quotation.
fn after_marker(text: &str) -> Option<&str> {
    let digits = text.trim_start_matches(|character: char| character.is_ascii_digit());
    let numbered = (digits.len() < text.len()).then(|| digits.strip_prefix(". ")).flatten();
    ["* ", "- ", "+ ", "> "]
        .into_iter()
        .find_map(|marker| text.strip_prefix(marker))
        .or(numbered)
        .map(str::trim_start)
}

#[cfg(test)]
mod tests {
    use super::paragraphs;

    fn texts(markdown: &str) -> Vec<String> {
        paragraphs(markdown.lines().zip(1..))
            .into_iter()
            .map(|paragraph| paragraph.words().map(|word| word.text).collect::<Vec<_>>().join(" "))
            .collect()
    }

    #[test]
    fn lines_are_joined_until_a_blank_one() {
        assert_eq!(texts("a\nb\n\nc"), ["a b", "c"]);
    }

    #[test]
    fn each_item_is_read_by_itself() {
        assert_eq!(texts("a:\n* b\n  c\n- d\n12. e\n> f"), ["a:", "b c", "d", "e", "f"]);
    }

    #[test]
    fn a_number_at_a_line_s_beginning_is_no_item() {
        assert_eq!(texts("at most\n12 of them"), ["at most 12 of them"]);
    }

    #[test]
    fn code_blocks_are_left_out() {
        assert_eq!(texts("a\n```text\nWhat is here.\n```\nb\n~~~\n```\n~~~\nc"), ["a", "b", "c"]);
    }

    #[test]
    fn each_cell_of_a_table_is_read_by_itself() {
        assert_eq!(texts("x\n| a | b |\n|---|---|\n| c d | |\ny"), ["x", "a", "b", "---", "---", "c d", "y"]);
    }

    #[test]
    fn headings_are_told_from_text() {
        let headings: Vec<bool> =
            paragraphs("# a\nb".lines().zip(1..)).into_iter().map(|paragraph| paragraph.heading).collect();
        assert_eq!(headings, [true, false]);
    }
}
