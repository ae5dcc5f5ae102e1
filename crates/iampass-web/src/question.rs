//! Putting the question of an attempt to a phone, and noting what becomes of it. Belongs here: all that happens behind the answer to the
//! browser. A name that nobody has goes the same way, with a user whom the service does not know.

use std::time::Duration;

use iampass_core::port::{SharedKey, StoreError};
use iampass_core::wire::SessionStatus;
use iampass_core::{Session, SessionToken};
use tokio::time::Instant;

use crate::asking::{Asked, Asking, ShownOnPage};
use crate::attempts::{AttemptEnd, AttemptId, Budget, Earlier, Phase, Rates, SealedCode};
use crate::kept_code::KeptCode;
use crate::known_browsers::Forgotten;
use crate::login_web::LoginWeb;
use crate::pending::Progress;
use crate::shared_entry::Change;
use crate::told_at;

/// How long withdrawing other questions may take before this one is put.
const WITHDRAWING: Duration = Duration::from_secs(5);

/// How often the service is asked what became of a question that was withdrawn, and how long lies between two times.
const WITHDRAWN_LOOKS: usize = 5;
const WITHDRAWN_LOOK: Duration = Duration::from_millis(500);

/// The wait before the end of an attempt is written to the store again.
const STORE_AGAIN: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
];

/// A budget that one question was charged to.
pub(crate) struct Charge {
    pub(crate) key: SharedKey,
    pub(crate) rates: Rates,
    pub(crate) network: String,
}

/// A question to be put.
pub(crate) struct Question {
    pub(crate) id: AttemptId,
    pub(crate) asking: Asking,
    pub(crate) charges: Vec<Charge>,
    /// Questions that have to be withdrawn first.
    pub(crate) withdrawn: Vec<SessionToken>,
    /// When it was asked for. The outcome of the question is noted a multiple of [`answer_step`](crate::LoginWebBuilder::answer_step) after
    /// this, or after the instant from which on it may be put.
    pub(crate) begun_at: Instant,
    /// The attempts whose pages it has to wait for.
    pub(crate) after: Vec<Earlier>,
}

impl Question {
    /// One that costs nothing, and takes nobody's place.
    pub(crate) fn new(asking: Asking, begun_at: Instant) -> Self {
        let (id, after) = (asking.id.clone(), Vec::new());
        Self { id, asking, charges: Vec::new(), withdrawn: Vec::new(), begun_at, after }
    }
}

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// Puts a question in a task of its own, behind the answer to the browser.
    pub(crate) fn put_behind(&self, question: Question) {
        let web = self.clone();
        self.runtime().spawn(async move { web.put(question).await });
    }

    /// Puts a question, and notes how it is answered. It ends with the attempt.
    async fn put(&self, question: Question) {
        let withdrawing = question.withdrawn.iter().map(|session| self.withdraw(session));
        let _ = tokio::time::timeout(WITHDRAWING, futures_util::future::join_all(withdrawing)).await;
        let put_at = self.after_earlier_pages(question.begun_at, &question.after).await;
        match self.is_starting(&question.id).await {
            Ok(true) => {}
            // One that another browser or a cancel ended has cost that user a question; one that found the place held has not.
            Ok(false) => {
                if self.was_busy(&question.id).await {
                    self.refund(&question).await;
                }
                return;
            }
            Err(error) => {
                tracing::error!(%error, "a login is not started: its attempt could not be looked up");
                return self.end_unreachable(&question.id).await;
            }
        }
        let asked = self.ask(&question.asking).await;
        // A question that is put takes a few writes more than one for a name that nobody has. All pages see at one instant that it is put, or
        // think so.
        told_at::hold(put_at, self.config().answer_step).await;
        let noted = match asked {
            Asked::Yes(session, shown) => {
                let code = self.sealed_code(&question, shown);
                self.await_answer(&question, &session, code.as_ref()).await
            }
            Asked::Silently(code) => {
                let shown = ShownOnPage { code, ..ShownOnPage::default() };
                let code = self.sealed_code(&question, shown);
                self.attempts().not_asked(&question.id, code.as_ref()).await
            }
            Asked::TooMany => self.attempts().not_asked(&question.id, None).await,
            Asked::Ended(end) => {
                if end == AttemptEnd::Unreachable || end == AttemptEnd::Refused {
                    self.refund(&question).await;
                }
                self.attempts().end(&question.id, end).await.map(drop)
            }
        };
        if let Err(error) = noted {
            tracing::error!(%error, "it could not be stored how a login goes on; it is ended as soon as it can be");
            self.end_unreachable(&question.id).await;
        }
    }

    /// Ends an attempt that the store has failed, so that its page says so and does not wait for nothing. The store may be back soon.
    async fn end_unreachable(&self, id: &AttemptId) {
        for pause in STORE_AGAIN {
            tokio::time::sleep(pause).await;
            match self.attempts().end(id, AttemptEnd::Unreachable).await {
                Ok(Some(session)) => return self.withdraw(&session).await,
                Ok(None) => return,
                Err(error) => tracing::warn!(%error, "a login could not be ended yet: the store fails"),
            }
        }
    }

    async fn is_starting(&self, id: &AttemptId) -> Result<bool, StoreError> {
        let now = self.client().now().unix_millis();
        Ok(self.attempts().load(id).await?.is_some_and(|attempt| attempt.is_live(now)))
    }

    async fn was_busy(&self, id: &AttemptId) -> bool {
        let busy = Phase::Ended { end: AttemptEnd::Busy };
        matches!(self.attempts().load(id).await, Ok(Some(attempt)) if attempt.phase == busy)
    }

    fn sealed_code(&self, question: &Question, shown: ShownOnPage) -> Option<SealedCode> {
        let code = shown.code?;
        // Denials pause the ringing of known browsers too, and a code for whom no phone is asked rings nowhere.
        let is_ringing = code.rings() && question.asking.asker.is_known();
        KeptCode::new(&question.id, code, is_ringing).with_link(shown.open_url).sealed(&self.config().cookies)
    }

    async fn await_answer(
        &self,
        question: &Question,
        session: &Session,
        code: Option<&SealedCode>,
    ) -> Result<(), StoreError> {
        let id = &question.id;
        if !self.attempts().asked(id, session.token(), code).await? {
            // The attempt was ended meanwhile: nobody may be left with its question.
            self.end_question(session).await;
            self.forget_if_denied(question, session).await;
            return Ok(());
        }
        let (options, whose) = (&self.config().login, question.asking.whose);
        let following = self.pending().follow(self.client(), options, session.token(), whose).await;
        let Ok(Some(following)) = following else { return Ok(()) };
        let mut progress = following.progress.clone();
        let answer = match progress.wait_for(|progress| !matches!(progress, Progress::Waiting)).await {
            Ok(answer) => answer.clone(),
            Err(_) => return Ok(()),
        };
        match answer {
            Progress::Granted(_) => {
                if !self.attempts().answered(id).await?
                    && let Some(session) = self.attempts().end(id, AttemptEnd::NoAnswer).await?
                {
                    self.withdraw(&session).await;
                }
                Ok(())
            }
            // A service that waits for phones for a shorter time than the page: the attempt ends when the page says, as it does for a name
            // that nobody has.
            Progress::Ended(AttemptEnd::NoAnswer) => Ok(()),
            Progress::Ended(end) => {
                if matches!(end, AttemptEnd::Declined | AttemptEnd::Reported) {
                    self.forget_denied(question).await;
                } else {
                    self.forget_if_denied(question, session).await;
                }
                if let Some(session) = self.attempts().end(id, end).await? {
                    self.withdraw(&session).await;
                }
                Ok(())
            }
            Progress::Waiting => Ok(()),
        }
    }

    /// The same for a question that was withdrawn: the user may have denied it before this node heard of that. A browser that is a copy could
    /// begin anew at the moment of the denial.
    async fn forget_if_denied(&self, question: &Question, session: &Session) {
        if question.asking.asker.digest().is_none() {
            return;
        }
        for _ in 0..WITHDRAWN_LOOKS {
            match self.client().status(session).await {
                Ok(SessionStatus::Cancelled) => return self.forget_denied(question).await,
                Ok(status) if !status.is_in_progress() => return,
                Err(error) if !error.is_retryable() => return,
                Ok(_) | Err(_) => tokio::time::sleep(WITHDRAWN_LOOK).await,
            }
        }
    }

    /// A browser whose question the user denies is not known any more: it may be a copy of its cookie that asks.
    async fn forget_denied(&self, question: &Question) {
        self.forget_browser(&question.asking, "its user denied or reported a request of it").await;
    }

    /// The browser that asks is not known any more.
    pub(crate) async fn forget_browser(&self, asking: &Asking, why: &str) {
        let (Some(user), Some(digest)) = (&asking.user, asking.asker.digest()) else { return };
        tracing::info!(why, "a browser is not known any more");
        if let Err(error) = self.known_browsers().forget(user, Forgotten::One(digest)).await {
            tracing::error!(%error, why, "a browser stays known that should not");
        }
    }

    /// Takes the question of this session off the phone, unless it is in use.
    pub(crate) async fn withdraw(&self, session: &SessionToken) {
        self.pending().stop(session);
        match self.client().load_session(session).await {
            Ok(Some(record)) if record.logout_due.is_some() => self.end_question(&record.session).await,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "a question is withdrawn when its logout is due"),
        }
    }

    pub(crate) async fn end_question(&self, session: &Session) {
        if let Err(error) = self.client().logout(session).await {
            tracing::warn!(%error, "a question is withdrawn as soon as the service can be reached");
            self.guard().end_at_service(session.clone());
        }
    }

    /// Charges one question to a budget. `Err`: how long to wait.
    pub(crate) async fn charge(&self, charge: &Charge) -> Result<Result<(), Duration>, StoreError> {
        let now = self.client().now().unix_millis();
        self.entries()
            .update(&charge.key, |budget: Option<Budget>| {
                let mut budget = budget.unwrap_or_default();
                match budget.spend(now, charge.rates, &charge.network) {
                    Ok(()) => {
                        Change::Put { expires_at: budget.full_at().plus(SPARE), value: budget, told: Ok(()) }
                    }
                    Err(wait) => Change::Leave(Err(wait)),
                }
            })
            .await
    }

    /// Gives back what was charged for a question that was not put.
    pub(crate) async fn refund(&self, question: &Question) {
        for charge in &question.charges {
            let refunded = self.entries().update(&charge.key, |budget: Option<Budget>| {
                let Some(mut budget) = budget else { return Change::Leave(()) };
                budget.give_back(charge.rates, &charge.network);
                Change::Put { expires_at: budget.full_at().plus(SPARE), value: budget, told: () }
            });
            if let Err(error) = refunded.await {
                tracing::warn!(%error, "a question that was not put stays counted");
            }
        }
    }
}

/// An entry is kept a little longer than it means anything, for nodes whose clocks differ.
const SPARE: Duration = Duration::from_secs(60);
