//! wip
#![forbid(unsafe_code)]
#![deny(missing_docs)]
mod error;
mod ids;
mod link;
mod now;
pub mod port;
mod secret;
mod server;
mod session;
pub mod signing;
pub mod wire;
pub use error::*;
pub use ids::*;
pub use link::*;
pub use now::*;
pub use secret::Secret;
pub use server::*;
pub use session::*;
