//! The signature that is measured: a status call of a session, the most frequent one there is.

use std::hint::black_box;

use iampass_core::signing::{Nonce, SignedHeaders, Signer};
use iampass_core::{Secret, UnixSeconds};

pub(crate) const URL: &str =
    "https://main.iam-api.com/authentication/session_status/238b3b2d99c26ac726c83d84d556df1f4eab375b";
pub(crate) const ID: &str = "238b3b2d99c26ac726c83d84d556df1f4eab375b";
/// A fixed test key.
pub(crate) const SECRET: &str = "6WKDS0DVI06BRGX6IBYZPKN413KAYQT7";
pub(crate) const NONCE: u64 = 17_512_509_305_700_416_301;
pub(crate) const AT: u64 = 1_712_678_827;

/// Signs it once.
pub(crate) fn sign(secret: &Secret) -> SignedHeaders {
    let signer = Signer { id: ID, secret };
    signer.sign(black_box(URL), Nonce::new(black_box(NONCE)), UnixSeconds(black_box(AT)))
}
