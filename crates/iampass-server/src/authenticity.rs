//! Authentication of requests: from the signature to a verified identity.
//!
//! Belongs here: the order of the checks. Does not belong here: the checks themselves ([`iampass_core::signing`]).

mod admin_key;
mod foresight;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use iampass_core::Secret;
use iampass_core::port::Clock;
use iampass_core::signing::Refusal;
use iampass_core::wire::Reason;
use iampass_server_storage::{
    Application, AskedQuestion, Database, Device, NonceShare, SessionView, SpentNonce, WaitingDevice,
};

use crate::ServiceConfig;
use crate::clock_watch::ClockWatch;
use crate::known_as::{Claim, KnownAs};
use crate::problem::Refused;
use crate::rates::{Limited, Rates};
use crate::request::{Incoming, RequestHead};
use crate::rewritten::{self, Rewritten};
use crate::seen_nonces::SeenNonces;

pub(crate) use foresight::{Fetched, Foresight};

/// A request that was signed by whom it claims to come from, for the first time.
pub(crate) struct Verified<T> {
    /// The signer.
    pub(crate) who: T,
    /// The nonce, to be stored with what the request changes.
    pub(crate) spent: SpentNonce,
}

impl<T> fmt::Debug for Verified<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified").finish_non_exhaustive()
    }
}

/// Finds out who has signed a request.
pub(crate) struct Authenticity {
    database: Arc<Database>,
    clock: Arc<dyn Clock>,
    /// How far the timestamp of a signature may lie from the clock, either way.
    window: Duration,
    known_as: Arc<KnownAs>,
    nonces: Arc<SeenNonces>,
    clock_watch: Arc<ClockWatch>,
    rates: Arc<Rates>,
    rewritten: Rewritten,
}

impl Authenticity {
    pub(crate) fn new(
        config: &ServiceConfig,
        database: &Arc<Database>,
        known_as: &Arc<KnownAs>,
        nonces: &Arc<SeenNonces>,
        clock_watch: &Arc<ClockWatch>,
        rates: &Arc<Rates>,
    ) -> Self {
        Self {
            database: Arc::clone(database),
            clock: Arc::clone(&config.clock),
            window: config.signature_window,
            known_as: Arc::clone(known_as),
            nonces: Arc::clone(nonces),
            clock_watch: Arc::clone(clock_watch),
            rates: Arc::clone(rates),
            rewritten: Rewritten::new(Arc::clone(known_as), config.signature_window),
        }
    }

    /// The application `id`, of the path, has signed, and may be used.
    pub(crate) async fn by_application(
        &self,
        request: RequestHead<'_>,
        id: &str,
    ) -> Result<Verified<Application>, Refused> {
        self.application(request, id, Nonce::Stored, &Foresight::blind()).await
    }

    /// The same for a request that makes a change.
    pub(crate) async fn by_application_to_change(
        &self,
        request: RequestHead<'_>,
        id: &str,
    ) -> Result<Verified<Application>, Refused> {
        self.application(request, id, Nonce::OfChange, &Foresight::blind()).await
    }

    async fn application(
        &self,
        request: RequestHead<'_>,
        id: &str,
        nonce: Nonce,
        foresight: &Foresight,
    ) -> Result<Verified<Application>, Refused> {
        let unknown = || {
            Refused::not_found(
                Reason::UnknownApplication,
                "no application has this id: check it in the Console",
            )
        };
        let claim = self.known_as.claim(request)?;
        let found = self.database.application(claim.presented.id()).await?;
        let secrets = found.as_ref().map(|found| {
            let previous = found.previous_secret.as_ref().map(|(secret, _)| secret);
            [Some(&found.secret), previous]
        });
        let known = found.as_ref().zip(secrets.as_ref());
        let known =
            known.map(|(found, secrets)| (secrets.as_slice(), NonceShare::Application(found.counted_to)));
        self.judge(&claim, id, known, unknown)?;
        let who = found.ok_or_else(unknown)?;
        let verified = self.verified(&claim, who, nonce).await?;
        self.admitted(verified, request, foresight)
    }

    /// Counts the call of an application, which may be used.
    fn admitted(
        &self,
        verified: Verified<Application>,
        request: RequestHead<'_>,
        foresight: &Foresight,
    ) -> Result<Verified<Application>, Refused> {
        let (key, is_disabled) = (verified.who.key, verified.who.disabled_at.is_some());
        foresight.once(Limited::Application, || self.rates.take(Limited::Application, key))?;
        foresight.once(Limited::Address, || self.rates.count_call(request.address))?;
        if is_disabled {
            return Err(disabled());
        }
        Ok(verified)
    }

    /// The application signs with the pair of the session `token`.
    pub(crate) async fn by_session(
        &self,
        request: RequestHead<'_>,
        token: &str,
    ) -> Result<Verified<SessionView>, Refused> {
        let claim = self.known_as.claim(request)?;
        if let Some(who) = self.remembered_session(&claim, token).await? {
            return Ok(Verified { who, spent: SpentNonce::none(Arc::clone(&self.database)) });
        }
        let found = self.database.session(claim.presented.id()).await?;
        let who = self.judged(&claim, token, found, unknown_session)?;
        self.verified(&claim, who, Nonce::Stored).await
    }

    /// The same for a request that only reads, where nothing has to be waited for; None where it has.
    pub(crate) fn by_session_at_once(
        &self,
        request: RequestHead<'_>,
        token: &str,
    ) -> Option<Result<SessionView, Refused>> {
        let claim = match self.known_as.claim(request) {
            Ok(claim) => claim,
            Err(refused) => return Some(Err(refused)),
        };
        let found = self.database.session_at_once(claim.presented.id())?;
        let judged =
            found.map_err(Refused::from).and_then(|found| self.judged(&claim, token, found, unknown_session));
        // Only what was signed well is spent: a nonce that anybody can name is not.
        if judged.is_ok() {
            self.database.spend_nonce_at_once(&claim.presented)?;
        }
        Some(judged)
    }

    /// The phone `id` has signed, and with it the body of what it posts.
    pub(crate) async fn by_device(&self, request: &Incoming, id: &str) -> Result<Verified<Device>, Refused> {
        let claim = self.known_as.claim(request.head())?;
        let found = self.database.device(claim.presented.id()).await?;
        if found.is_none()
            && let Some(waiting) = self.database.waiting_device(claim.presented.id()).await?
        {
            let waiting = self.judged(&claim, id, Some(waiting), unknown_device)?;
            self.verified_phone(request, &claim, waiting, Nonce::Stored).await?;
            return Err(waits());
        }
        let who = self.judged(&claim, id, found, unknown_device)?;
        self.verified_phone(request, &claim, who, Nonce::Stored).await
    }

    /// The phone `id` has signed, which was added and may wait to be confirmed.
    pub(crate) async fn by_waiting(&self, request: &Incoming, id: &str) -> Result<Verified<Waiter>, Refused> {
        let claim = self.known_as.claim(request.head())?;
        // In this order: between the two it may have been confirmed, and nothing goes the other way.
        let waiting = self.database.waiting_device(claim.presented.id()).await?;
        let found = match waiting {
            Some((secret, waiting)) => Some((secret, Waiter::Waiting(waiting))),
            None => {
                let device = self.database.device(claim.presented.id()).await?;
                device.map(|(secret, device)| (secret, Waiter::Confirmed(device)))
            }
        };
        let who = self.judged(&claim, id, found, unknown_device)?;
        self.verified_phone(request, &claim, who, Nonce::Stored).await
    }

    /// The phone signs with the pair of the question `id`, and with it the body of what it posts. All that it asks by that makes a change.
    pub(crate) async fn by_question(
        &self,
        request: &Incoming,
        id: &str,
        foresight: &Foresight,
    ) -> Result<Verified<AskedQuestion>, Refused> {
        if let Some(verified) = self.foreseen_question(request, id, foresight) {
            self.count_phone(request, foresight)?;
            return Ok(verified);
        }
        let unknown = || Refused::not_found(Reason::UnknownRequest, "no such question was ever put");
        let claim = self.known_as.claim(request.head())?;
        let found = self.database.question(claim.presented.id()).await?;
        let who = self.judged(&claim, id, found, unknown)?;
        let verified = self.verified(&claim, who, Nonce::OfChange).await?;
        self.count_phone(request, foresight)?;
        Ok(verified)
    }

    /// The answer where there is no such call. A proxy that writes `%2F` as `/` makes two segments of one.
    pub(crate) async fn no_such_call(&self, head: RequestHead<'_>) -> Refused {
        let not_found = Refused::not_found(Reason::NotFound, "there is no such call: check the path");
        if !rewritten::may_name_user(head.uri_path()) {
            return not_found;
        }
        let Ok(claim) = self.known_as.claim(head) else { return not_found };
        let found = match self.database.application(claim.presented.id()).await {
            Ok(found) => found,
            Err(error) => return error.into(),
        };
        let Some(found) = found else {
            // It takes as long as for an application that there is.
            let _ = claim.urls.with(|urls| claim.presented.verify_unknown_id(urls));
            return not_found;
        };
        let previous = found.previous_secret.as_ref().map(|(secret, _)| secret);
        let secrets = [Some(&found.secret), previous];
        self.rewritten.explained(&claim, &secrets, self.clock.now().wall).unwrap_or(not_found)
    }

    /// A signature does not cover the body \[P\]. A phone's does, because the URL that it signs names the body's digest \[X\]: otherwise
    /// a machine in between that sees the headers could turn *deny* into *accept*.
    async fn verified_phone<T>(
        &self,
        request: &Incoming,
        claim: &Claim<'_>,
        who: T,
        nonce: Nonce,
    ) -> Result<Verified<T>, Refused> {
        let verified = self.verified(claim, who, nonce).await?;
        self.count_phone(request, &Foresight::blind())?;
        Ok(verified)
    }

    /// Counts the call of a phone, which has signed what it posts.
    fn count_phone(&self, request: &Incoming, foresight: &Foresight) -> Result<(), Refused> {
        if request.method == Method::POST {
            request.signed_body()?;
        }
        foresight.once(Limited::Address, || self.rates.count_call(request.address))
    }

    /// [`Authenticity::judge`] for those who have one secret.
    fn judged<T>(
        &self,
        claim: &Claim<'_>,
        id_in_path: &str,
        found: Option<(Secret, T)>,
        unknown: impl FnOnce() -> Refused + Copy,
    ) -> Result<T, Refused>
    where
        for<'w> NonceShare: From<&'w T>,
    {
        let known = found.as_ref().map(|(secret, who)| ([Some(secret)], NonceShare::from(who)));
        let known = known.as_ref().map(|(secrets, share)| (secrets.as_slice(), *share));
        self.judge(claim, id_in_path, known, unknown)?;
        found.map(|(_, who)| who).ok_or_else(unknown)
    }

    /// Whether the claim is good, and for the first time on this node. `known` are the secrets of whom it names, and to
    /// whom the nonce is counted, None when there is nobody; `id_in_path` is whom the request is about, and only they may sign it.
    fn judge(
        &self,
        claim: &Claim<'_>,
        id_in_path: &str,
        known: Option<(&[Option<&Secret>], NonceShare)>,
        unknown: impl FnOnce() -> Refused,
    ) -> Result<(), Refused> {
        let Claim { presented, urls, .. } = claim;
        let Some((secrets, share)) = known else {
            let refusal = urls.with(|urls| presented.verify_unknown_id(urls));
            return Err(if presented.id() == id_in_path { unknown() } else { refusal.into() });
        };
        let now = self.clock.now().wall;
        let mut result = Err(Refusal::BadSignature);
        for secret in secrets.iter().flatten() {
            result = urls.with(|urls| presented.verify(secret, urls, now, self.window));
            if !matches!(result, Err(Refusal::BadSignature)) {
                break;
            }
        }
        match result {
            Err(Refusal::BadSignature) => return Err(self.rewritten.explain(claim, secrets, now)),
            Err(refusal @ (Refusal::TooOld { .. } | Refusal::TooNew { .. })) => {
                // The clock that is wrong may be this one.
                self.clock_watch.look();
                return Err(refusal.into());
            }
            result => result?,
        }
        if presented.id() != id_in_path {
            return Err(Refused::new(
                StatusCode::UNAUTHORIZED,
                Reason::NotYours,
                "the signature is good, but not by the one whom this URL is about",
            ));
        }
        Ok(self.nonces.accept(share, presented, now)?)
    }

    /// Spends the nonce where other nodes may be asked with it too.
    async fn verified<T>(&self, claim: &Claim<'_>, who: T, nonce: Nonce) -> Result<Verified<T>, Refused> {
        let spent = match nonce {
            Nonce::Stored => self.database.spend_nonce(&claim.presented).await?,
            Nonce::OfChange => self.database.nonce_of_change(&claim.presented),
        };
        Ok(Verified { who, spent })
    }
}

/// When a nonce is stored.
#[derive(Clone, Copy, Debug)]
enum Nonce {
    /// Before anything is read for the request.
    Stored,
    /// In the transaction of the change that the request makes. Nothing but that change may come of the request.
    OfChange,
}

/// The application may not be used.
pub(crate) fn disabled() -> Refused {
    Refused::new(
        StatusCode::FORBIDDEN,
        Reason::ApplicationDisabled,
        "this application has been disabled: an owner can enable it again in the Console",
    )
}

/// There never was such a session, or it ended so long ago that it is forgotten.
pub(crate) fn unknown_session() -> Refused {
    Refused::not_found(Reason::UnknownSession, "no session has this token")
}

/// A phone that was added.
#[derive(Debug)]
pub(crate) enum Waiter {
    /// It waits to be confirmed.
    Waiting(WaitingDevice),
    /// It is one of the user's phones.
    Confirmed(Device),
}

impl From<&Waiter> for NonceShare {
    fn from(waiter: &Waiter) -> Self {
        match waiter {
            Waiter::Waiting(waiting) => waiting.into(),
            Waiter::Confirmed(device) => device.into(),
        }
    }
}

/// The phone is none of its user's before it is confirmed.
fn waits() -> Refused {
    Refused::new(
        StatusCode::FORBIDDEN,
        Reason::PhoneWaits,
        "this phone waits to be confirmed: type the code that it shows on a phone that you have, or a recovery code on this one",
    )
}

/// The phone was replaced, removed, or never there. 401, so that it stops asking.
pub(crate) fn unknown_device() -> Refused {
    Refused::new(
        StatusCode::UNAUTHORIZED,
        Reason::UnknownDevice,
        "this phone is not registered (any more): open a new registration link on it",
    )
}
