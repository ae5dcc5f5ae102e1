//! wip
#![forbid(unsafe_code)]
#![deny(missing_docs)]
mod ids;
mod now;
mod secret;
pub mod signing;
pub use ids::*;
pub use now::*;
pub use secret::Secret;
pub mod wire;
