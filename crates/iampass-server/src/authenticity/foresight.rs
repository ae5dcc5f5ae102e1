//! [`Foresight`]: calls whose signature fits what this node remembers of their signer. They do not wait for the row of the signer: it is read in the same
//! trip as what the call does, and decides.
//!
//! A call that only reads is answered by one statement, which gives no answer where the memory is old. A call that makes a change is done as far as to its
//! transaction by what is remembered. Where that does not come true, nothing was changed, and the call is answered anew by what is stored. No answer
//! is given by what is remembered alone: where nothing was read on the way, the signer is read before the answer. A signature that does not fit is
//! judged by what is stored at once.
//!
//! Belongs here: which calls go by what is remembered, and when their answers stand. Does not belong here: whether the memory is right
//! ([`iampass_server_storage::Foreseen`]).

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, OnceLock};

use iampass_core::Secret;
use iampass_core::signing::Presented;
use iampass_server_storage::{
    Application, AskedQuestion, Device, Foreseen, NonceShare, RememberedSigner, SessionView, Standing,
    Waiting,
};
use tokio::sync::watch;

use super::{Authenticity, Verified};
use crate::known_as::Claim;
use crate::problem::Refused;
use crate::rates::Limited;
use crate::request::{Incoming, RequestHead};

/// Whether one call may go by what is remembered of its signer, and whether it does.
#[derive(Debug, Default)]
pub(crate) struct Foresight {
    is_blind: bool,
    /// The prediction that the call goes by.
    by: OnceLock<Arc<Foreseen>>,
    /// The kinds of limits that it was counted for already.
    counted: AtomicU16,
}

/// The questions that wait for a phone, read with its nonce.
pub(crate) struct Fetched {
    /// The phone.
    pub(crate) who: Device,
    /// The questions that wait for it, and the news of its user from before that was read.
    pub(crate) first: (watch::Receiver<()>, Waiting),
}

impl Foresight {
    /// A call that is judged by what is stored.
    pub(crate) fn blind() -> Self {
        Self { is_blind: true, ..Self::default() }
    }

    /// Counts the call for one kind of limit, if it was not counted for that before.
    pub(crate) fn once(
        &self,
        what: Limited,
        count: impl FnOnce() -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        let bit = 1 << what as u16;
        if self.counted.load(Ordering::Relaxed) & bit != 0 {
            return Ok(());
        }
        count()?;
        self.counted.fetch_or(bit, Ordering::Relaxed);
        Ok(())
    }
}

impl Authenticity {
    /// As [`Authenticity::by_application_to_change`], by what is remembered where that fits. The answer stands when [`Authenticity::anew`] says so.
    pub(crate) async fn by_application_foreseen(
        &self,
        request: RequestHead<'_>,
        id: &str,
        foresight: &Foresight,
    ) -> Result<Verified<Application>, Refused> {
        match self.foreseen_application(request, id, foresight) {
            Some(verified) => self.admitted(verified, request, foresight),
            None => self.application(request, id, super::Nonce::OfChange, foresight).await,
        }
    }

    fn foreseen_application(
        &self,
        request: RequestHead<'_>,
        id: &str,
        foresight: &Foresight,
    ) -> Option<Verified<Application>> {
        let claim = self.claim_to_foresee(request, foresight)?;
        let (who, foreseen) = self.database.foreseen_application(claim.presented.id())?;
        let previous = who.previous_secret.as_ref().map(|(secret, _)| secret);
        let secrets = [Some(&who.secret), previous];
        let fits = self.fits(&claim, id, &secrets, NonceShare::Application(who.counted_to));
        fits.then(|| self.going_by(&claim, who, foreseen, foresight))
    }

    /// The same for the question `id`.
    pub(super) fn foreseen_question(
        &self,
        request: &Incoming,
        id: &str,
        foresight: &Foresight,
    ) -> Option<Verified<AskedQuestion>> {
        let claim = self.claim_to_foresee(request.head(), foresight)?;
        let (secret, who, foreseen) = self.database.foreseen_question(claim.presented.id())?;
        let fits = self.fits(&claim, id, &[Some(&secret)], (&who).into());
        fits.then(|| self.going_by(&claim, who, foreseen, foresight))
    }

    fn claim_to_foresee<'r>(&self, request: RequestHead<'r>, foresight: &Foresight) -> Option<Claim<'r>> {
        if foresight.is_blind { None } else { self.known_as.claim(request).ok() }
    }

    fn going_by<T>(
        &self,
        claim: &Claim<'_>,
        who: T,
        foreseen: Arc<Foreseen>,
        foresight: &Foresight,
    ) -> Verified<T> {
        let spent = self.database.foreseen_nonce(&claim.presented, &foreseen);
        let _ = foresight.by.set(foreseen);
        Verified { who, spent }
    }

    /// Whether a signature fits what is remembered of its signer, for the first time on this node. Where it does not, what is stored is asked: nothing
    /// is refused, counted or told here.
    fn fits(
        &self,
        claim: &Claim<'_>,
        id_in_path: &str,
        secrets: &[Option<&Secret>],
        share: NonceShare,
    ) -> bool {
        let Claim { presented, urls, .. } = claim;
        let now = self.clock.now().wall;
        let is_good =
            |secret: &&Secret| urls.with(|urls| presented.verify(secret, urls, now, self.window)).is_ok();
        presented.id() == id_in_path
            && secrets.iter().flatten().any(is_good)
            && self.nonces.accept(share, presented, now).is_ok()
    }

    /// Whether the answer to a call has to be given anew, by what is stored: None where it stands.
    ///
    /// # Errors
    /// Where the signer was not read on the way, and cannot be.
    pub(crate) async fn anew(
        &self,
        request: RequestHead<'_>,
        foresight: Foresight,
    ) -> Result<Option<Foresight>, Refused> {
        let Some(foreseen) = foresight.by.into_inner() else { return Ok(None) };
        let presented = Presented::from_headers(request.headers)?;
        match foreseen.standing() {
            // The nonce went into the transaction of the change, or may have.
            Standing::Held | Standing::Unclear => return Ok(None),
            Standing::Open if self.database.is_as_foreseen(&foreseen).await? => {
                // Nothing was stored for the call: its nonce is, before its answer.
                drop(self.database.nonce_of_change(&presented));
                return Ok(None);
            }
            Standing::Open | Standing::Broken => {}
        }
        // Nothing was spent, for certain.
        self.nonces.take_back(&presented);
        Ok(Some(Foresight { is_blind: true, by: OnceLock::new(), counted: foresight.counted }))
    }

    /// The session of a call that only reads, where its signature fits what is remembered. None where what is stored has to be asked.
    pub(super) async fn remembered_session(
        &self,
        claim: &Claim<'_>,
        token: &str,
    ) -> Result<Option<SessionView>, Refused> {
        let Some(signer) = self.database.remembered_session(claim.presented.id()) else { return Ok(None) };
        if !self.fits_remembered(claim, token, &signer) {
            return Ok(None);
        }
        let answered = self.database.session_foreseen(&claim.presented, signer).await;
        self.unless_old(claim, answered)
    }

    /// The phone `id` asks what waits for it, and its signature fits what is remembered. None where what is stored has to be asked.
    pub(crate) async fn by_fetching_device(
        &self,
        request: &Incoming,
        id: &str,
    ) -> Result<Option<Fetched>, Refused> {
        let Ok(claim) = self.known_as.claim(request.head()) else { return Ok(None) };
        let Some((signer, who)) = self.database.remembered_device(claim.presented.id()) else {
            return Ok(None);
        };
        if !self.fits_remembered(&claim, id, &signer) {
            return Ok(None);
        }
        // Before the store is read, so that nothing is missed in between.
        let news = self.database.signals().listen(who.user);
        let now = self.clock.now().wall;
        let answered = self.database.questions_foreseen(&claim.presented, signer, now).await;
        let Some(waiting) = self.unless_old(&claim, answered)? else { return Ok(None) };
        self.count_phone(request, &Foresight::blind())?;
        Ok(Some(Fetched { who, first: (news, waiting) }))
    }

    fn fits_remembered(&self, claim: &Claim<'_>, id: &str, signer: &RememberedSigner) -> bool {
        self.fits(claim, id, &[Some(&signer.secret)], signer.share)
    }

    /// Where there is no answer nothing was spent: this node forgets the nonce again. After an error it may be spent, and is not good a second time.
    fn unless_old<T>(
        &self,
        claim: &Claim<'_>,
        answered: Result<Option<T>, iampass_server_storage::StorageError>,
    ) -> Result<Option<T>, Refused> {
        if matches!(answered, Ok(None)) {
            self.nonces.take_back(&claim.presented);
        }
        Ok(answered?)
    }
}
