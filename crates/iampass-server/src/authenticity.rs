//! Who sent a request: from its signature to a verified identity.
//!
//! Belongs here: the order of the checks. Does not belong here: the checks themselves ([`iampass_core::signing`]).

use std::fmt;

use http::StatusCode;
use iampass_core::Secret;
use iampass_core::signing::{Presented, Refusal};
use iampass_core::wire::Reason;

use crate::problem::Refused;
use crate::request::RequestHead;
use crate::service::App;
use crate::storage::{Application, Device, QuestionKey, SessionView, SpentNonce, StorageError};

/// A request that was signed by whom it claims to come from, for the first time.
pub(crate) struct Verified<T> {
    /// Who signed.
    pub(crate) who: T,
    /// The nonce, to be stored with what the request changes.
    pub(crate) spent: SpentNonce,
}

impl<T> fmt::Debug for Verified<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified").finish_non_exhaustive()
    }
}

impl App {
    /// The application `id`, of the path, has signed.
    pub(crate) fn by_application(
        &self,
        request: RequestHead<'_>,
        id: &str,
    ) -> Result<Verified<Application>, Refused> {
        let unknown = || {
            Refused::not_found(
                Reason::UnknownApplication,
                "no application has this id: check it in the Console",
            )
        };
        self.verify(request, id, unknown, |id| {
            let found = self.database.application(id)?;
            Ok(found.map(|application| (application.secret.clone(), application)))
        })
    }

    /// The application signs with the pair of the session `token`.
    pub(crate) fn by_session(
        &self,
        request: RequestHead<'_>,
        token: &str,
    ) -> Result<Verified<SessionView>, Refused> {
        self.verify(request, token, unknown_session, |token| self.database.session(token))
    }

    /// The phone `id` has signed.
    pub(crate) fn by_device(&self, request: RequestHead<'_>, id: &str) -> Result<Verified<Device>, Refused> {
        self.verify(request, id, unknown_device, |id| self.database.device(id))
    }

    /// The phone signs with the pair of the question `id`.
    pub(crate) fn by_question(
        &self,
        request: RequestHead<'_>,
        id: &str,
    ) -> Result<Verified<QuestionKey>, Refused> {
        let unknown = || Refused::not_found(Reason::UnknownRequest, "no such question was ever put");
        self.verify(request, id, unknown, |id| self.database.question(id))
    }

    /// `id_in_path` is whom the request is about; only they may sign it.
    fn verify<T>(
        &self,
        request: RequestHead<'_>,
        id_in_path: &str,
        unknown: impl FnOnce() -> Refused,
        look_up: impl FnOnce(&str) -> Result<Option<(Secret, T)>, StorageError>,
    ) -> Result<Verified<T>, Refused> {
        let presented = Presented::from_headers(request.headers)?;
        let urls = request.signed_urls(&self.known_as())?;
        let Some((secret, who)) = look_up(presented.id())? else {
            let refusal = urls.with(|urls| presented.verify_unknown_id(urls));
            return Err(if presented.id() == id_in_path { unknown() } else { refusal.into() });
        };
        let now = self.now();
        urls.with(|urls| presented.verify(&secret, urls, now, self.config.signature_window))?;
        if presented.id() != id_in_path {
            return Err(Refused::new(
                StatusCode::UNAUTHORIZED,
                Reason::NotYours,
                "the signature is good, but not by the one whom this URL is about",
            ));
        }
        self.seen().accept(&presented, now).inspect_err(|refusal| {
            if matches!(refusal, Refusal::WindowFull) {
                tracing::warn!("no room for more nonces: requests are refused until the window moves on");
            }
        })?;
        Ok(Verified { who, spent: SpentNonce::new(std::sync::Arc::clone(&self.database), &presented) })
    }
}

/// There never was such a session, or it ended so long ago that it is forgotten.
pub(crate) fn unknown_session() -> Refused {
    Refused::not_found(Reason::UnknownSession, "no session has this token")
}

/// The phone was replaced, removed, or never there. 401, so that it stops asking.
pub(crate) fn unknown_device() -> Refused {
    Refused::new(
        StatusCode::UNAUTHORIZED,
        Reason::UnknownDevice,
        "this phone is not registered (any more): open a new registration link on it",
    )
}
