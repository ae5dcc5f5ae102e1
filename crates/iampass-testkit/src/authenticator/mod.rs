//! Authenticators in software, which unlock a virtual phone.
//!
//! Belongs here: what WebAuthn makes of options. Does not belong here: the calls between which it does so ([`iampass_phone`]).

mod forging;

pub use forging::{AuthenticatorFlags, ForgedUnlock, ForgingAuthenticator};
