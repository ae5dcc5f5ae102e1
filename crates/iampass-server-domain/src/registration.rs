//! [`Registration`]: the operator's choice about new accounts of the Console.

/// The people who may make an account in the Console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Registration {
    /// Holders of an invitation, or of a link from the command line.
    #[default]
    Invited,
    /// Everybody who reaches it.
    Open,
}
