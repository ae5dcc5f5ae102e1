//! [`Unlocking`]: whether this service can verify that a phone was unlocked.

/// Whether this service can verify that a phone was unlocked. That takes a WebAuthn credential of the phone, and WebAuthn takes a service that
/// is known by a name over https, or as `localhost` \[X\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unlocking {
    /// Browsers make no credential for the address of this service, or the service does not know its address.
    #[default]
    NotPossible,
    /// The answer carries what proves it.
    Verified,
}
