//! A key of the Admin API as the signer of a call.

use http::{Method, StatusCode};
use iampass_core::wire::Reason;
use iampass_server_storage::{AdminCaller, AdminKeyRefused};

use super::Authenticity;
use crate::problem::Refused;
use crate::rates::Limited;
use crate::request::Incoming;

impl Authenticity {
    /// A key of the Admin API has signed, and with it the body of what it posts; and the key is good.
    ///
    /// The path names no signer: who signs is the one whom the call is by. The nonce is stored before anything is done, whatever the call is for, and also
    /// where the call comes too often: a copy of it is good at no node. The call is counted before the key is looked at, so that a key that is good no longer
    /// is not answered more often than a good one.
    pub(crate) async fn by_admin_key(&self, request: &Incoming) -> Result<AdminCaller, Refused> {
        let claim = self.known_as.claim(request.head())?;
        let found = self.database.admin_signer(claim.presented.id()).await?;
        let id = if found.is_some() { claim.presented.id().to_owned() } else { String::new() };
        let signer = self.judged(&claim, &id, found, revoked)?;
        // Refused from here on, the call leaves its nonce all the same.
        let spent = self.database.nonce_of_change(&claim.presented);
        self.rates.take(Limited::AdminKey, signer.key())?;
        if request.method == Method::POST {
            request.signed_body()?;
        }
        let caller = self.database.begin_admin_call(signer, spent).await?.map_err(refused)?;
        self.rates.count_call(request.address)?;
        Ok(caller)
    }
}

/// The signature was good, so the holder of the key is told.
fn refused(why: AdminKeyRefused) -> Refused {
    match why {
        AdminKeyRefused::Expired => Refused::new(
            StatusCode::UNAUTHORIZED,
            Reason::KeyExpired,
            "this key has expired: make another one",
        ),
        AdminKeyRefused::Ended => revoked(),
        AdminKeyRefused::UnknownScope => Refused::new(
            StatusCode::UNAUTHORIZED,
            Reason::KeyRevoked,
            "this key has a scope that this version of the service does not know, so it may do nothing here: make another one",
        ),
    }
}

/// The key is good no longer.
pub(crate) fn revoked() -> Refused {
    Refused::new(
        StatusCode::UNAUTHORIZED,
        Reason::KeyRevoked,
        "this key was revoked, or ended with the right of the account that made it: make another one",
    )
}
