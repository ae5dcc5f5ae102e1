//! Sealing: what is secret in a session is encrypted and bound to its row before it goes to the database. Belongs here: keys, and
//! what is sealed. Does not belong here: where it is kept.

mod key;
mod key_ring;
mod session_seal;

pub use key::{InvalidKey, SealingKey};
pub use key_ring::KeyRing;

pub(crate) use session_seal::{OpenPart, SealedSession};
