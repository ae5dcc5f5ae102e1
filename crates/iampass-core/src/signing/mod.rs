//! Signing and verifying requests: "Authentication Protocol 1", both sides of it.
//!
//! ```text
//! key       = SHA-256( nonce ‖ secret )[..16]
//! message   = nonce ‖ host[:port]/path?query ‖ unix seconds
//! signature = base64( HMAC-SHA-256( key, message )[..16] )
//! ```
//!
//! Nonce and seconds are decimal text \[P\]. Neither the method nor the body is covered \[P\], so TLS is required and a nonce is
//! accepted only once \[X\]. A body that a phone posts is covered all the same: its digest stands in the URL ([`BodyDigest`]) \[X\].
//!
//! Belongs here: pure functions over text and time. Does not belong here: where secrets are kept, or which URL to call.

mod body_digest;
mod moving_code;
mod nonce;
mod replay;
mod return_link;
mod short_tag;
mod sign;
mod url_form;
mod verify;

pub use body_digest::{BODY_DIGEST, BodyDigest};
pub use moving_code::MovingCode;
pub use nonce::Nonce;
pub use replay::{ForgottenTimes, InvalidForgottenTimes, ReplayWindow, Share, UsedNonces};
pub use return_link::ReturnLink;
pub use sign::{AUTHENTICATION, SignedHeaders, Signer, TIMESTAMP, VERSION, VERSION_AS_PUBLISHED};
pub use url_form::signed_url_part;
pub use verify::{DEFAULT_WINDOW, Presented, Refusal};
