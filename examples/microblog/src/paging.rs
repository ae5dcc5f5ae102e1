//! Lists in pages. Belongs here: how long a page is, and where the next one begins.

/// How many are on one page.
const SHOWN: usize = 20;

/// How many are asked for: one more tells whether there is another page.
pub(crate) const ASKED: u64 = SHOWN as u64 + 1;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, C> {
    /// The items on it.
    pub items: Vec<T>,
    /// The place of the last one on it, if there are more after it.
    pub next: Option<C>,
}

impl<T, C> Page<T, C> {
    /// Of what was found when [`ASKED`] were asked for.
    pub(crate) fn new(mut found: Vec<T>, place: impl Fn(&T) -> C) -> Self {
        let has_more = found.len() > SHOWN;
        found.truncate(SHOWN);
        let next = found.last().filter(|_| has_more).map(place);
        Self { items: found, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_next_page_only_if_something_is_on_it() {
        for (found, next) in [(0, None), (1, None), (SHOWN, None), (SHOWN + 1, Some(SHOWN - 1))] {
            let page = Page::new((0..found).collect(), |item| *item);
            assert_eq!((page.items.len(), page.next), (found.min(SHOWN), next));
        }
    }
}
