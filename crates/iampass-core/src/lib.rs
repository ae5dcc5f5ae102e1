//! wip
#![forbid(unsafe_code)]
#![deny(missing_docs)]
mod application;
mod error;
mod ids;
mod link;
pub mod machine;
mod now;
pub mod port;
mod secret;
mod server;
mod session;
pub mod signing;
pub mod wire;
pub use application::*;
pub use error::*;
pub use ids::*;
pub use link::*;
pub use now::*;
pub use secret::Secret;
pub use server::*;
pub use session::*;
