//! [`Paragraph`]: text that is read as one, and where its lines stand.

/// Text of a comment or a document that is read as one: no list item, heading or code is joined to another.
#[derive(Debug)]
pub(super) struct Paragraph {
    /// Its lines, with their numbers in the file.
    pub(super) lines: Vec<(usize, String)>,
    /// Whether it is a heading, which may be a question.
    pub(super) heading: bool,
}

/// A word of a paragraph.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<'a> {
    /// The number of its line.
    pub(super) line: usize,
    /// It, with the punctuation around it.
    pub(super) text: &'a str,
}

impl Paragraph {
    pub(super) fn words(&self) -> impl Iterator<Item = Word<'_>> {
        self.lines
            .iter()
            .flat_map(|(line, text)| text.split_whitespace().map(|text| Word { line: *line, text }))
    }
}
