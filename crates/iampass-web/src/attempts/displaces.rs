//! [`Displaces`]: the attempts that one which begins takes the place of.

/// The browsers whose live attempts one that begins takes the place of, beside its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Displaces {
    /// None.
    Nobody,
    /// Those that are not known. Pages show codes, so the attempt goes on beside one of a known browser.
    Strangers,
    /// A known browser takes the place of any, and a stranger that of strangers.
    Any,
}
