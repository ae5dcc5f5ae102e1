//! Logins under way on this node. Belongs here: what the browser that began one holds, and the tasks that await answers. Does not belong
//! here: pages, and whose phone may be asked ([`crate::attempts`]).

use std::sync::Arc;
use std::time::Duration;

use iampass_core::client::{Canceller, Client, LoginFlow};
use iampass_core::machine::{Denial, Granted, LoginEvent, LoginOptions, LoginOutcome};
use iampass_core::port::SessionRecord;
use iampass_core::{SessionToken, UnixMillis};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use tokio::sync::watch;

use crate::attempts::{AttemptEnd, AttemptId, Whose};
use crate::came_back::BackSecret;
use crate::page_times::GRACE;

/// The most logins under way on one node.
const AT_ONCE: u64 = 100_000;

/// For how long a login is remembered without a question about it.
const IDLE: Duration = Duration::from_secs(15 * 60);

/// The content of the cookie of the browser that began a login, sealed. It does not say whether a phone is asked: names without a user get
/// the same.
#[derive(Serialize, Deserialize)]
pub(crate) struct PendingCookie {
    pub(crate) attempt: AttemptId,
    /// The other half, which is in the address of the page and in no cookie: a thief of only one of them has nothing.
    pub(crate) proof: String,
    /// The name that was typed. `None` for a login without a name.
    pub(crate) login_name: Option<String>,
    pub(crate) return_to: String,
    /// When it was begun.
    pub(crate) begun_at: UnixMillis,
    /// When it is over without an answer: the same instant for all pages and nodes.
    pub(crate) until: UnixMillis,
    /// The secret of the browser that came back from IAMPASS on the same device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) back: Option<BackSecret>,
    /// Whether the user chose that the browser stays signed in. A login of before has not.
    #[serde(default)]
    pub(crate) keeps: bool,
}

impl PendingCookie {
    pub(crate) const fn whose(&self) -> Whose {
        if self.login_name.is_some() { Whose::Named } else { Whose::Nameless }
    }

    /// The name that was typed; empty where there is none.
    pub(crate) fn typed(&self) -> &str {
        self.login_name.as_deref().unwrap_or_default()
    }

    pub(crate) fn is_proved_by(&self, proof: &str) -> bool {
        self.proof.as_bytes().ct_eq(proof.as_bytes()).into()
    }
}

/// How far the question to a phone is.
#[derive(Clone, Debug)]
pub(crate) enum Progress {
    /// The phone is asked.
    Waiting,
    /// The user accepted. The session is not claimed yet.
    Granted(Arc<Granted>),
    /// It is over.
    Ended(AttemptEnd),
}

/// A question whose answer this node awaits.
pub(crate) struct Following {
    pub(crate) record: SessionRecord,
    pub(crate) progress: watch::Receiver<Progress>,
    canceller: Canceller,
}

/// The questions whose answers this node awaits.
pub(crate) struct PendingLogins {
    following: Cache<SessionToken, Arc<Following>>,
    /// Whether the service could not be asked the last time, for whomever.
    in_trouble: Arc<watch::Sender<bool>>,
    runtime: tokio::runtime::Handle,
}

impl PendingLogins {
    pub(crate) fn new(runtime: tokio::runtime::Handle) -> Self {
        Self {
            following: Cache::builder().max_capacity(AT_ONCE).time_to_idle(IDLE).build(),
            in_trouble: Arc::new(watch::Sender::new(false)),
            runtime,
        }
    }

    /// Whether the service cannot be asked at the moment. It says nothing about any one login.
    pub(crate) fn in_trouble(&self) -> watch::Receiver<bool> {
        self.in_trouble.subscribe()
    }

    /// Awaits the answer to the question of this session on this node from now on. `None`: there is no such session, or it is in use.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub(crate) async fn follow(
        &self,
        client: &Client,
        options: &LoginOptions,
        session: &SessionToken,
        whose: Whose,
    ) -> Result<Option<Arc<Following>>, iampass_core::Error> {
        match self.followed(session) {
            Some(following) => Ok(Some(following)),
            None => Ok(self.follow_record(client, options, client.load_session(session).await?, whose)),
        }
    }

    /// The question of this session, if this node awaits its answer.
    pub(crate) fn followed(&self, session: &SessionToken) -> Option<Arc<Following>> {
        self.following.get(session)
    }

    /// Awaits the answer to the question of a session that the store has. `None`: there is no such session, or it is in use.
    pub(crate) fn follow_record(
        &self,
        client: &Client,
        options: &LoginOptions,
        record: Option<SessionRecord>,
        whose: Whose,
    ) -> Option<Arc<Following>> {
        let record = record?;
        let left = record.logout_due?.since(client.now().wall).saturating_sub(GRACE);
        let (session, options) = (record.session.token().clone(), options.clone().deadline(left));
        let begin = || {
            let flow = match whose {
                Whose::Named => client.follow(&record, options),
                Whose::Nameless => client.follow_nameless(&record, options),
            };
            self.begin(flow, record)
        };
        Some(self.following.get_with(session, begin))
    }

    fn begin(&self, mut flow: LoginFlow, record: SessionRecord) -> Arc<Following> {
        let canceller = flow.canceller();
        let (teller, progress) = watch::channel(Progress::Waiting);
        let in_trouble = Arc::clone(&self.in_trouble);
        self.runtime.spawn(async move {
            while let Some(event) = flow.next().await {
                let is_trouble = matches!(event, LoginEvent::Trouble(_));
                in_trouble.send_if_modified(|before| std::mem::replace(before, is_trouble) != is_trouble);
                if let LoginEvent::Finished(end) = event {
                    teller.send_replace(ended(end));
                }
            }
        });
        Arc::new(Following { record, progress, canceller })
    }

    /// Awaits the answer no longer.
    pub(crate) fn stop(&self, session: &SessionToken) {
        if let Some(following) = self.following.remove(session) {
            following.canceller.cancel();
        }
    }
}

fn ended(end: Result<LoginOutcome, iampass_core::Error>) -> Progress {
    let end = match end {
        Ok(LoginOutcome::Granted(granted)) => return Progress::Granted(Arc::new(granted)),
        Ok(LoginOutcome::Denied(denial)) => match denial {
            Denial::Declined => AttemptEnd::Declined,
            Denial::Reported => AttemptEnd::Reported,
            Denial::WrongCode => AttemptEnd::WrongCode,
            Denial::NoAnswer | Denial::NotStarted(_) => AttemptEnd::NoAnswer,
            Denial::Cancelled => AttemptEnd::Cancelled,
            Denial::UnknownUser => AttemptEnd::UnknownUser,
            _ => AttemptEnd::Failed,
        },
        Ok(_) => AttemptEnd::Failed,
        Err(_) => AttemptEnd::Unreachable,
    };
    Progress::Ended(end)
}
