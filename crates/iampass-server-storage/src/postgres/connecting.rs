//! Making a connection: which host is tried, what is set in the session, and what the server says of itself.
//!
//! Belongs here: everything between a URL and a session that can be used. Does not belong here: how many there are, and who has them
//! ([`super::pool`]).
//!
//! Settings are made by `SET` after connecting, not as startup parameters: poolers refuse the startup parameter `options`.

use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::sync::broadcast;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_postgres::{AsyncMessage, CancelToken, Client, Config, Connection, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::servers::{Epoch, Servers};
use super::url::DatabaseUrl;
use crate::StorageError;

/// How long one host may take until its session can be used, unless the URL says otherwise.
const CONNECT: Duration = Duration::from_secs(3);
/// No statement takes longer. One that does holds others up.
pub(super) const STATEMENT_SECONDS: u64 = 20;
/// How long a cancellation may take. It is a courtesy to the server.
const CANCEL: Duration = Duration::from_secs(3);

/// The purpose of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Commits are on the disk when they return.
    Keeping,
    /// Commits are visible to all nodes when they return, and on the disk with the next commit of the other kind.
    Spending,
    /// Hears notifications.
    Hearing,
}

/// Makes connections of one purpose.
pub(super) struct Connector {
    hosts: Vec<Config>,
    connect: Duration,
    settings: String,
    may_be_read_only: bool,
    tls: MakeRustlsConnect,
    servers: Servers,
}

/// A session that can be used.
pub(super) struct Session {
    pub(super) client: Client,
    /// Which server it leads to, in the order in which they were met.
    pub(super) epoch: Epoch,
    task: AbortHandle,
    cancel: CancelToken,
    tls: MakeRustlsConnect,
}

impl Connector {
    pub(super) fn new(url: &DatabaseUrl, purpose: Purpose, servers: Servers) -> Result<Self, StorageError> {
        let connect = url.config.get_connect_timeout().copied().unwrap_or(CONNECT);
        Ok(Self {
            hosts: url.each_host(connect),
            connect,
            settings: settings(url, purpose),
            may_be_read_only: url.may_be_read_only,
            tls: url.tls()?,
            servers,
        })
    }

    /// How long [`Connector::connect`] takes at most.
    pub(super) fn longest(&self) -> Duration {
        self.connect * u32::try_from(self.hosts.len()).unwrap_or(u32::MAX) + Duration::from_secs(1)
    }

    /// A session with the first host that gives one in its time and takes changes. The one that gave the last session is asked first.
    pub(super) async fn connect(&self, hears: Option<&Hearing>) -> Result<Session, StorageError> {
        let mut failed = StorageError::Unreachable("its URL names no host".to_owned());
        for place in self.servers.order_of(self.hosts.len()) {
            let Some(host) = self.hosts.get(place) else { continue };
            let no_answer = || {
                let seconds = self.connect.as_secs();
                Err(StorageError::Unreachable(format!("a host gave no session within {seconds} s")))
            };
            match timeout(self.connect, self.connect_to(host, hears)).await.unwrap_or_else(|_| no_answer()) {
                Ok(session) => {
                    self.servers.gave_session(place);
                    return Ok(session);
                }
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    async fn connect_to(&self, host: &Config, hears: Option<&Hearing>) -> Result<Session, StorageError> {
        let (client, connection) = host.connect(self.tls.clone()).await?;
        let cancel = client.cancel_token();
        let task = tokio::spawn(drive(connection, hears.cloned())).abort_handle();
        let mut session = Session { client, epoch: Epoch::default(), task, cancel, tls: self.tls.clone() };
        let answers = session.client.simple_query(&self.settings).await?;
        let Some(row) = answers.iter().rev().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        }) else {
            return Err(StorageError::Corrupt { what: "answer about the server" });
        };
        let encoding = row.get(1).unwrap_or_default();
        if encoding != "UTF8" {
            return Err(StorageError::Encoding { encoding: encoding.to_owned() });
        }
        if row.get(0) != Some("f") && !self.may_be_read_only {
            return Err(StorageError::ReadOnly);
        }
        session.epoch = self.servers.met(row.get(2).unwrap_or_default());
        Ok(session)
    }

    pub(super) fn servers(&self) -> &Servers {
        &self.servers
    }
}

impl Session {
    /// Ends it in the middle of whatever it is at. The server is asked to stop that: a commit that waits for a standby would hold a place
    /// at the server long after its connection is gone.
    pub(super) fn abandon(&self) {
        self.task.abort();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (cancel, tls) = (self.cancel.clone(), self.tls.clone());
            runtime.spawn(async move { timeout(CANCEL, cancel.cancel_query(tls)).await });
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Left to itself the task waits for all answers, and a frozen server gives none.
        self.task.abort();
    }
}

/// Where notifications go: the payload of each.
pub(super) type Hearing = broadcast::Sender<String>;

async fn drive<S, T>(mut connection: Connection<S, T>, hears: Option<Hearing>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let mut messages = futures_util::stream::poll_fn(move |context| connection.poll_message(context));
    loop {
        match messages.next().await {
            Some(Ok(AsyncMessage::Notification(notification))) => {
                if let Some(hears) = &hears {
                    let _ = hears.send(notification.payload().to_owned());
                }
            }
            Some(Ok(_)) => {}
            // The one who uses the client next is told as well.
            Some(Err(error)) => {
                let error = StorageError::from(error);
                return tracing::warn!(%error, "a connection to the database has ended");
            }
            None => return,
        }
    }
}

/// The statements that make a session ours, and the question about the server as the last of them.
fn settings(url: &DatabaseUrl, purpose: Purpose) -> String {
    // A nonce that is held by a change of another node is a second copy of its request: others are not to wait for it.
    let (synchronous, lock) = if purpose == Purpose::Spending { ("off", "100ms") } else { ("on", "5s") };
    let mut sql: String =
        url.settings.iter().map(|(name, value)| format!("SET {name} = {};", quoted(value))).collect();
    sql.push_str(&format!(
        "SET statement_timeout = '{STATEMENT_SECONDS}s'; SET lock_timeout = '{lock}';
         SET idle_in_transaction_session_timeout = '30s'; SET default_transaction_isolation = 'read committed';
         SET synchronous_commit = {synchronous};
         SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool, current_setting('server_encoding'),
                concat_ws(' ', extract(epoch FROM pg_postmaster_start_time()), inet_server_addr(), inet_server_port())"
    ));
    sql
}

/// As a value of `SET`. A list of names, such as a search path, is several values.
fn quoted(value: &str) -> String {
    let one = |value: &str| {
        let bare = value.trim().trim_matches('"');
        format!("E'{}'", bare.replace('\\', "\\\\").replace('\'', "\\'"))
    };
    value.split(',').map(one).collect::<Vec<_>>().join(", ")
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector").finish_non_exhaustive()
    }
}
