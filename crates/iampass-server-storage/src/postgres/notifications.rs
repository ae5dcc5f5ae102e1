//! Telling other nodes at once that something has happened to a user.
//!
//! A notification is a hint: a woken task reads the store, and every waiting task looks again by itself now and then. So none has
//! to arrive, and a connection that is lost costs a few seconds at most.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, broadcast, mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio_postgres::Client;

use super::connecting::{Connector, Hearing};
use super::pool::Pool;
use crate::{StorageError, UserKey};

/// Users that may wait to be announced. Beyond it they are found by looking.
const WAITING: usize = 4_096;
/// Users in one notification; the payload has a limit of 8,000 bytes.
const AT_ONCE: usize = 256;
/// How long the last announcements may take when the service stops.
const FLUSH: Duration = Duration::from_secs(1);
/// After a connection was lost.
const PAUSE: Duration = Duration::from_millis(500);
/// How often the connection that hears is tried. A frozen server is noticed by it, and that another one has taken its place.
const TRY_EVERY: Duration = Duration::from_secs(1);
/// How long an answer to that may take.
const TRY_TIME: Duration = Duration::from_secs(2);

pub(super) struct Notifications {
    to_announce: mpsc::Sender<Message>,
    heard: Mutex<broadcast::Receiver<Option<UserKey>>>,
    tasks: [AbortHandle; 2],
}

enum Message {
    Announce(UserKey),
    Flush(oneshot::Sender<()>),
}

impl Notifications {
    /// Begins to tell and to hear, within the runtime that this is called in.
    pub(super) fn start(connector: Connector, pool: Arc<Pool>) -> Self {
        let (to_announce, announced) = mpsc::channel(WAITING);
        let (hearing, heard) = broadcast::channel(WAITING);
        let tasks = [
            tokio::spawn(async move { tell(&pool, announced).await }).abort_handle(),
            tokio::spawn(async move { listen(&connector, &hearing).await }).abort_handle(),
        ];
        Self { to_announce, heard: Mutex::new(heard), tasks }
    }

    pub(super) fn announce(&self, user: UserKey) {
        // Where there is no room any more, the others find out by themselves.
        let _ = self.to_announce.try_send(Message::Announce(user));
    }

    /// Calls `wake` for every user in a notification, and with `None` where some may have been missed.
    pub(super) async fn hear(&self, wake: &(dyn Fn(Option<UserKey>) + Sync)) {
        let mut heard = self.heard.lock().await;
        loop {
            match heard.recv().await {
                Ok(user) => wake(user),
                Err(broadcast::error::RecvError::Lagged(_)) => wake(None),
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    /// Returns when everything that was to be announced has been.
    pub(super) async fn flush(&self) {
        let (reply, done) = oneshot::channel();
        if self.to_announce.send(Message::Flush(reply)).await.is_ok() {
            let _ = tokio::time::timeout(FLUSH, done).await;
        }
    }
}

impl Drop for Notifications {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

async fn tell(pool: &Pool, mut announced: mpsc::Receiver<Message>) {
    let mut messages = Vec::new();
    while announced.recv_many(&mut messages, AT_ONCE).await > 0 {
        let mut users: Vec<String> = Vec::new();
        let mut flushed = Vec::new();
        for message in messages.drain(..) {
            match message {
                Message::Announce(user) => users.push(user.0.to_string()),
                Message::Flush(reply) => flushed.push(reply),
            }
        }
        if !users.is_empty()
            && let Err(error) = notify(pool, &users.join(",")).await
        {
            tracing::warn!(%error, "a notification to other nodes failed; they find the change by polling");
        }
        for reply in flushed {
            let _ = reply.send(());
        }
    }
}

async fn notify(pool: &Pool, users: &str) -> Result<(), StorageError> {
    let connection = pool.take().await?;
    let operation = Box::pin(async {
        let client = connection.client();
        let statement = connection.prepared().get(client, "SELECT pg_notify('iampass_wake', ?1)").await?;
        client.query(&statement, &[&users]).await?;
        Ok(())
    });
    let done = connection.begin().of(operation).await?;
    connection.end(&done);
    done
}

async fn listen(connector: &Connector, hearing: &broadcast::Sender<Option<UserKey>>) {
    loop {
        let error = listen_once(connector, hearing).await;
        tracing::warn!(%error, "the connection for other nodes' notifications was lost; it is made again");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Returns when it has come to an end, with the reason.
async fn listen_once(connector: &Connector, hearing: &broadcast::Sender<Option<UserKey>>) -> StorageError {
    let (payloads, mut heard): (Hearing, _) = broadcast::channel(WAITING);
    let session = match connector.connect(Some(&payloads)).await {
        Ok(session) => session,
        Err(error) => return error,
    };
    // The task of the connection has one, and ends with it.
    drop(payloads);
    let telling = async {
        loop {
            match heard.recv().await {
                Ok(payload) => {
                    for user in payload.split(',').filter_map(|user| user.parse().ok()) {
                        let _ = hearing.send(Some(UserKey(user)));
                    }
                }
                Err(broadcast::error::RecvError::Lagged(_)) => drop(hearing.send(None)),
                Err(broadcast::error::RecvError::Closed) => {
                    return StorageError::Unreachable("it was closed".to_owned());
                }
            }
        }
    };
    tokio::select! {
        ended = telling => ended,
        failed = keep_asking(&session.client, hearing) => failed,
    }
}

/// Begins to listen, and asks again and again whether the server is still there. Returns when it is not.
async fn keep_asking(client: &Client, hearing: &broadcast::Sender<Option<UserKey>>) -> StorageError {
    let mut sql = "LISTEN iampass_wake";
    loop {
        if let Err(error) = asked(client, sql).await {
            return error;
        }
        if !sql.is_empty() {
            // Notifications sent before this instant were not received.
            let _ = hearing.send(None);
            sql = "";
        }
        tokio::time::sleep(TRY_EVERY).await;
    }
}

async fn asked(client: &Client, sql: &str) -> Result<(), StorageError> {
    match tokio::time::timeout(TRY_TIME, client.batch_execute(sql)).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(StorageError::Unreachable(format!("no answer within {} s", TRY_TIME.as_secs()))),
    }
}
