//! Calls that only read and whose signer is remembered, and what is remembered of questions. Does not belong here: the memory itself
//! ([`super::remembered`]), and calls that make a change ([`super::foreseen`]).

use iampass_core::signing::Presented;
use iampass_core::{Secret, UnixSeconds};

use super::nonce_rows::NonceRow;
use super::questions::read_fetched;
use super::remembered::{Remembered, RememberedSession};
use super::sessions::read_view;
use super::{
    Answerer, Answerers, AskedQuestion, Database, Device, NonceShare, Question, QuestionKey, Sealed,
    SessionView, StorageError, Waiting, asked_together,
};

/// A signer of calls that only read, as this node read it last. The statement that answers such a call reads it again.
pub struct RememberedSigner {
    /// Its secret.
    pub secret: Secret,
    /// The share of the room for nonces that its calls take from.
    pub share: NonceShare,
    /// The secret as it is stored.
    pub(crate) sealed: Vec<u8>,
}

impl Database {
    /// The signers that this node remembers, where that is of use: a data file is at hand itself.
    pub(super) fn remembering(&self, remember: impl FnOnce(&Remembered)) {
        if let Some(remembered) = self.remembered() {
            remember(remembered);
        }
    }

    /// The signer of this session's calls, as this node read or made it last. None where nothing is remembered.
    pub fn remembered_session(&self, token: &str) -> Option<RememberedSigner> {
        let RememberedSession { sealed, counted_to, .. } = self.remembered()?.session(token)?;
        let secret = self.sealer().open(Sealed::Session, token, &sealed).ok()?;
        Some(RememberedSigner { secret, share: NonceShare::Application(counted_to), sealed })
    }

    /// The phone of this id as this node read it last, and how it signs. None where nothing is remembered.
    pub fn remembered_device(&self, id: &str) -> Option<(RememberedSigner, Device)> {
        let (sealed, device) = self.remembered()?.device(id)?;
        let secret = self.sealer().open(Sealed::Device, id, &sealed).ok()?;
        Some((RememberedSigner { secret, share: (&device).into(), sealed }, device))
    }

    /// The session of a call whose signature fits what is remembered of its signer, and its nonce spent. None where the stored secret is not the remembered
    /// one, or the nonce was spent before: then nothing was spent, and the call is to be judged by what is stored.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn session_foreseen(
        &self,
        presented: &Presented<'_>,
        signer: RememberedSigner,
    ) -> Result<Option<SessionView>, StorageError> {
        self.ask_session(NonceRow::new(presented), signer).await
    }

    pub(super) async fn ask_session(
        &self,
        nonce: NonceRow,
        signer: RememberedSigner,
    ) -> Result<Option<SessionView>, StorageError> {
        let Some(postgres) = self.postgres() else { return Ok(None) };
        let rows = postgres.ask(asked_together::A_SESSION, nonce, signer.sealed).await?;
        rows.first().map(read_view).transpose()
    }

    /// As [`Database::session_foreseen`] for what waits for a phone at `now`.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn questions_foreseen(
        &self,
        presented: &Presented<'_>,
        signer: RememberedSigner,
        now: UnixSeconds,
    ) -> Result<Option<Waiting>, StorageError> {
        self.ask_questions(NonceRow::new(presented), signer, now).await
    }

    pub(super) async fn ask_questions(
        &self,
        nonce: NonceRow,
        signer: RememberedSigner,
        now: UnixSeconds,
    ) -> Result<Option<Waiting>, StorageError> {
        let Some(postgres) = self.postgres() else { return Ok(None) };
        let rows = postgres.ask(asked_together::WHAT_WAITS, nonce, signer.sealed).await?;
        read_fetched(self.sealer(), &rows, now)
    }

    /// Remembers how questions sign that this phone is told of.
    pub fn remember_questions<'q>(&self, device: &Device, questions: impl IntoIterator<Item = &'q Question>) {
        let Some(remembered) = self.remembered() else { return };
        for question in questions {
            let key = QuestionKey {
                session: question.stored.session,
                application: device.application,
                user: Some(device.user),
            };
            let own = device.signer.clone().map(|signer| Answerer { device: device.key, signer });
            let answerers = match (own, question.is_for_all) {
                (Some(own), true) => Answerers::Keys(remembered.phones_with(device.user, own)),
                (Some(own), false) => Answerers::Keys(vec![own]),
                (None, false) => Answerers::Shared,
                // One of those with a key answers it.
                (None, true) => continue,
            };
            let (counted_to, methods) = (device.counted_to, question.methods.clone());
            let asked = AskedQuestion { key, counted_to, answerers, methods };
            remembered.keep_question(question.id.as_str(), question.stored.sealed.clone(), asked);
        }
    }
}

impl std::fmt::Debug for RememberedSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RememberedSigner").finish_non_exhaustive()
    }
}
