//! Ports: what the protocol needs from the outside, as object-safe traits.
//!
//! An application gives an implementation of each to [`crate::client::Client`]: the transport of `iampass-reqwest` or its own,
//! a store over its database, the system's clock. Every trait can be `Arc<dyn …>`.
//!
//! Belongs here: traits, their errors and contracts, and the small in-memory stores. Does not belong here: anything that does I/O.

mod logout_queue;
mod memory_sessions;
mod memory_shared;
mod memory_tokens;
mod session_store;
mod shared_state;
mod store_error;
mod time;
mod token_store;
mod transport;

pub use logout_queue::{ClaimedLogouts, LogoutClaim, LogoutJob};
pub use memory_sessions::MemorySessionStore;
pub use memory_shared::MemorySharedState;
pub use memory_tokens::MemoryTokenStore;
pub use session_store::{ClaimOutcome, LOGOUT_REQUESTED, SessionRecord, SessionStore};
pub use shared_state::{MAX_SHARED_BYTES, SharedEntry, SharedKey, SharedState, SharedVersion};
pub use store_error::{StoreError, StoreErrorKind};
pub use time::{Clock, Entropy, EntropyError, Sleep};
pub use token_store::{TokenStore, UserKey};
pub use transport::{
    BodyStream, BoxError, HttpRequest, HttpResponse, HttpTransport, MAX_ANSWER_BYTES, StreamedResponse,
    TransportError, TransportErrorKind,
};
