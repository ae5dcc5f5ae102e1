//! Logins under way. Belongs here: what the browser that began one holds, and who on this node awaits its answer. Does not belong
//! here: pages, and whose phone may be asked ([`crate::asking`]).

use std::sync::Arc;
use std::time::Duration;

use iampass_core::client::Canceller;
use iampass_core::client::Client;
use iampass_core::machine::{Denial, Granted, LoginEvent, LoginOptions, LoginOutcome};
use iampass_core::port::SessionRecord;
use iampass_core::{MAX_ID_BYTES, SessionToken, UnixSeconds};
use moka::sync::Cache;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use subtle::ConstantTimeEq as _;
use tokio::sync::watch;

use crate::pages::LoginEnd;

/// How long after the answer the browser has to come and take up its login. After that the session is logged out.
pub(crate) const GRACE: Duration = Duration::from_secs(30);

/// The most logins under way on one node.
const AT_ONCE: u64 = 100_000;

/// For how long a login is kept in mind that nobody asks for.
const IDLE: Duration = Duration::from_secs(15 * 60);

/// What the browser holds that began a login, sealed. A decoy is made just like the real one, for names that nobody has, and is as
/// long.
#[derive(Serialize, Deserialize)]
pub(crate) struct PendingCookie {
    /// The session's token, or what looks like one.
    #[serde(serialize_with = "padded", deserialize_with = "unpadded")]
    pub(crate) session: SessionToken,
    pub(crate) kind: Kind,
    /// The other half, which is in the address of the page and in no cookie: whoever stole only one of them has nothing.
    pub(crate) proof: String,
    pub(crate) login_name: String,
    pub(crate) return_to: String,
    /// When the question was put.
    pub(crate) begun_at: UnixSeconds,
    /// When it is over if nobody answers.
    pub(crate) until: UnixSeconds,
}

/// Whether somebody's phone is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Kind {
    #[serde(rename = "r")]
    Real,
    #[serde(rename = "d")]
    Decoy,
}

/// A token fills the room of the longest one. It has no spaces of its own.
fn padded<S: Serializer>(token: &SessionToken, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{:<MAX_ID_BYTES$}", token.as_str()))
}

fn unpadded<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SessionToken, D::Error> {
    let padded = String::deserialize(deserializer)?;
    SessionToken::new(padded.trim_end()).map_err(serde::de::Error::custom)
}

impl PendingCookie {
    pub(crate) fn is_proved_by(&self, proof: &str) -> bool {
        self.proof.as_bytes().ct_eq(proof.as_bytes()).into()
    }
}

/// How far a login is.
#[derive(Clone, Debug)]
pub(crate) enum Progress {
    /// The phone is asked.
    Waiting,
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

/// What a node finds when it looks for a login.
pub(crate) enum Found {
    /// It is awaited here from now on.
    Following(Arc<Following>),
    /// Somebody has taken it up.
    TakenUp,
    /// It was taken back.
    Cancelled,
    /// Nobody knows of it, as if there had never been one.
    Nothing,
}

/// The logins under way that this node knows of.
pub(crate) struct PendingLogins {
    following: Cache<SessionToken, Arc<Following>>,
    /// Those that were taken back, real or not.
    cancelled: Cache<SessionToken, ()>,
    /// Whether the service could not be asked the last time, for whomever.
    in_trouble: Arc<watch::Sender<bool>>,
    runtime: tokio::runtime::Handle,
}

impl PendingLogins {
    pub(crate) fn new(runtime: tokio::runtime::Handle) -> Self {
        Self {
            following: Cache::builder().max_capacity(AT_ONCE).time_to_idle(IDLE).build(),
            cancelled: Cache::builder().max_capacity(AT_ONCE).time_to_idle(IDLE).build(),
            in_trouble: Arc::new(watch::Sender::new(false)),
            runtime,
        }
    }

    /// Whether the service cannot be asked at the moment. It says nothing about any one login.
    pub(crate) fn in_trouble(&self) -> watch::Receiver<bool> {
        self.in_trouble.subscribe()
    }

    /// Looks for the login of this session, and awaits it on this node from now on if there is one.
    pub(crate) async fn follow(
        &self,
        client: &Client,
        options: &LoginOptions,
        session: &SessionToken,
    ) -> Result<Found, iampass_core::Error> {
        if self.is_cancelled(session) {
            return Ok(Found::Cancelled);
        }
        if let Some(following) = self.following.get(session) {
            return Ok(Found::Following(following));
        }
        let Some(record) = client.stored(session).await? else { return Ok(Found::Nothing) };
        let Some(due) = record.logout_due else { return Ok(Found::TakenUp) };
        let left = due.since(client.now().wall).saturating_sub(GRACE);
        let begin = || self.begin(client, options.clone().deadline(left), record);
        Ok(Found::Following(self.following.get_with(session.clone(), begin)))
    }

    fn begin(&self, client: &Client, options: LoginOptions, record: SessionRecord) -> Arc<Following> {
        let mut flow = client.follow(&record, options);
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

    /// Takes a login back, on this node.
    pub(crate) fn cancel(&self, session: &SessionToken) {
        self.cancelled.insert(session.clone(), ());
        if let Some(following) = self.following.remove(session) {
            following.canceller.cancel();
        }
    }

    pub(crate) fn is_cancelled(&self, session: &SessionToken) -> bool {
        self.cancelled.contains_key(session)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CookieKeys;
    use crate::cookies::{Cookies, Name};

    /// Whoever chooses where a login leads chooses how long the cookie is, and must not learn by it which kind it is.
    #[test]
    fn a_decoy_is_as_long_as_a_real_one() {
        let cookies = Cookies::new(CookieKeys::generate().unwrap(), true, "iampass", "");
        let length = |session: &str, kind, return_to: usize| {
            let pending = PendingCookie {
                session: SessionToken::new(session).unwrap(),
                kind,
                proof: "0".repeat(32),
                login_name: "anna".to_owned(),
                return_to: "x".repeat(return_to),
                begun_at: UnixSeconds(1_800_000_000),
                until: UnixSeconds(1_800_000_060),
            };
            let cookie = cookies.sealed(Name::Pending, &pending, 90).unwrap();
            let opened: PendingCookie = cookies.open_value(Name::Pending, cookie.value()).unwrap();
            assert_eq!((opened.session.as_str(), opened.kind), (session, kind));
            cookie.value().len()
        };
        for return_to in 0..600 {
            let real = length("a-token-of-forty-characters-0123456789ab", Kind::Real, return_to);
            assert_eq!(real, length(&"d".repeat(32), Kind::Decoy, return_to), "{return_to}");
        }
    }
}
