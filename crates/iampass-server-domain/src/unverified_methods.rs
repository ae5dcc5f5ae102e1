//! [`UnverifiedMethods`]: the operator's choice about methods that this service cannot verify.

/// The treatment of logins that ask for a method that this service cannot verify. It has no means to tell whose face a phone saw (`facial`), and
/// where WebAuthn is not possible none to tell whether a phone was unlocked by its owner (`device`) \[X\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnverifiedMethods {
    /// They are not started: `authenticated` is false, with the reason `METHOD_NOT_AVAILABLE`.
    #[default]
    Refused,
    /// They are started, and what the phone says of itself is believed. **It proves nothing**: this is for development and tests only. The
    /// phone page says that it is simulated.
    Simulated,
}
