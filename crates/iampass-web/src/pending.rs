//! Logins under way. Belongs here: what the browser that began one holds, and who on this node awaits its answer. Does not belong
//! here: pages.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use iampass_core::client::{Canceller, Client};
use iampass_core::machine::{Denial, Granted, LoginEvent, LoginOptions, LoginOutcome};
use iampass_core::port::SessionRecord;
use iampass_core::{SessionToken, UnixSeconds};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use tokio::sync::watch;

use crate::pages::LoginEnd;

/// How long after the answer the browser has to come and take up its login. After that the session is logged out.
pub(crate) const GRACE: Duration = Duration::from_secs(30);

/// The most logins under way on one node.
const AT_ONCE: u64 = 100_000;

/// What the browser holds that began a login, sealed. A decoy is made just like the real one, for names that nobody has.
#[derive(Serialize, Deserialize)]
pub(crate) struct PendingCookie {
    /// The session's token, or what looks like one.
    pub(crate) session: SessionToken,
    pub(crate) is_decoy: bool,
    /// The other half, which is in the address of the page and in no cookie: whoever stole only one of them has nothing.
    pub(crate) proof: String,
    pub(crate) login_name: String,
    pub(crate) return_to: String,
    /// When the question was put.
    pub(crate) begun_at: UnixSeconds,
    /// When it is over if nobody answers.
    pub(crate) until: UnixSeconds,
}

impl PendingCookie {
    pub(crate) fn is_proved_by(&self, proof: &str) -> bool {
        self.proof.as_bytes().ct_eq(proof.as_bytes()).into()
    }
}

/// How far a login is.
#[derive(Clone, Debug)]
pub(crate) enum Progress {
    /// The phone is asked. `trouble`: the service could not be reached the last time.
    Waiting { trouble: bool },
    /// The user accepted. The session is nobody's yet.
    Granted(Arc<Granted>),
    /// It is over.
    Ended(LoginEnd),
}

/// A login that this node awaits the answer of.
pub(crate) struct Following {
    pub(crate) record: SessionRecord,
    pub(crate) progress: watch::Receiver<Progress>,
    canceller: Canceller,
}

impl Following {
    /// Gives it up, which logs the session out.
    pub(crate) fn cancel(&self) {
        self.canceller.cancel();
    }
}

/// The logins under way that this node knows of.
pub(crate) struct PendingLogins {
    following: Cache<SessionToken, Arc<Following>>,
    /// Until when a login name has a question on its phone, or would have if somebody had that name.
    asking: Cache<u64, UnixSeconds>,
    /// So that names cannot be chosen to meet.
    seed: [u8; 16],
    runtime: tokio::runtime::Handle,
}

impl PendingLogins {
    pub(crate) fn new(seed: [u8; 16], runtime: tokio::runtime::Handle) -> Self {
        let idle = Duration::from_secs(15 * 60);
        Self {
            following: Cache::builder().max_capacity(AT_ONCE).time_to_idle(idle).build(),
            asking: Cache::builder().max_capacity(AT_ONCE).time_to_idle(idle).build(),
            seed,
            runtime,
        }
    }

    fn hashed(&self, login_name: &str) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, login_name).hash(&mut hasher);
        hasher.finish()
    }

    /// Reserves the phone of a login name for one question. `Err`: it has one, for so long at most.
    pub(crate) fn reserve(
        &self,
        login_name: &str,
        now: UnixSeconds,
        until: UnixSeconds,
    ) -> Result<(), Duration> {
        let name = self.hashed(login_name);
        let entry = self.asking.entry(name).and_compute_with(|asking| match asking {
            Some(asking) if *asking.value() > now => moka::ops::compute::Op::Nop,
            _ => moka::ops::compute::Op::Put(until),
        });
        match entry {
            moka::ops::compute::CompResult::Unchanged(asking) => Err(asking.value().since(now)),
            _ => Ok(()),
        }
    }

    /// The phone of this name can be asked again.
    pub(crate) fn release(&self, login_name: &str) {
        self.asking.invalidate(&self.hashed(login_name));
    }

    /// The login of this session, awaited on this node from now on. `None` when nobody awaits it any more: it was taken up already, or
    /// is over.
    pub(crate) async fn follow(
        &self,
        client: &Client,
        options: &LoginOptions,
        session: &SessionToken,
    ) -> Result<Option<Arc<Following>>, iampass_core::Error> {
        if let Some(following) = self.following.get(session) {
            return Ok(Some(following));
        }
        let Some(record) = client.stored(session).await? else { return Ok(None) };
        let Some(due) = record.logout_due else { return Ok(None) };
        let left = due.since(client.now().wall).saturating_sub(GRACE);
        Ok(Some(
            self.following
                .get_with(session.clone(), || self.begin(client, options.clone().deadline(left), record)),
        ))
    }

    fn begin(&self, client: &Client, options: LoginOptions, record: SessionRecord) -> Arc<Following> {
        let mut flow = client.follow(&record, options);
        let canceller = flow.canceller();
        let (teller, progress) = watch::channel(Progress::Waiting { trouble: false });
        self.runtime.spawn(async move {
            while let Some(event) = flow.next().await {
                let progress = match event {
                    LoginEvent::Trouble(_) => Progress::Waiting { trouble: true },
                    LoginEvent::Progress(_) => Progress::Waiting { trouble: false },
                    LoginEvent::Finished(end) => ended(end),
                    _ => continue,
                };
                teller.send_replace(progress);
            }
        });
        Arc::new(Following { record, progress, canceller })
    }

    /// Nobody asks for this login any more.
    pub(crate) fn forget(&self, session: &SessionToken) {
        self.following.invalidate(session);
    }
}

fn ended(end: Result<LoginOutcome, iampass_core::Error>) -> Progress {
    let end = match end {
        Ok(LoginOutcome::Granted(granted)) => return Progress::Granted(Arc::new(granted)),
        Ok(LoginOutcome::Denied(denial)) => match denial {
            Denial::Declined => LoginEnd::Declined,
            Denial::NoAnswer | Denial::NotStarted(_) => LoginEnd::NoAnswer,
            Denial::Cancelled => LoginEnd::Cancelled,
            _ => LoginEnd::Failed,
        },
        Ok(_) => LoginEnd::Failed,
        Err(_) => LoginEnd::Unreachable,
    };
    Progress::Ended(end)
}
