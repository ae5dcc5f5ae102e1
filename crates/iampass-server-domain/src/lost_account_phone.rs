//! [`LostAccountPhone`]: what an account of the Console can do that has lost a phone.

/// The ways in which an account of the Console gets another phone when one is lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LostAccountPhone {
    /// By a link, which an administrator or a command makes.
    #[default]
    ByLink,
    /// By itself as well: with a recovery code, or with another of its phones.
    SelfService,
}
