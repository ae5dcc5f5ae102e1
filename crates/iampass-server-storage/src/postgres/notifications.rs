//! Telling other nodes at once that something has happened to a user.
//!
//! A notification is a hint: a woken task reads the store, and every waiting task looks again by itself now and then. So none has
//! to arrive, and a connection that is lost costs a few seconds at most.

use std::time::Duration;

use tokio::sync::{Mutex, broadcast};
use tokio::task::AbortHandle;
use tokio_postgres::Client;

use super::connecting::{Connector, Hearing};
use super::pool::Taken;
use super::sending::Behind;
use super::statements::PostgresStatements;
use crate::{StorageError, UserKey};

/// Users that may wait to be heard of. Beyond it they are found by looking.
const WAITING: usize = 4_096;
/// Users in one notification; the payload has a limit of 8,000 bytes.
const AT_ONCE: usize = 256;
/// After a connection was lost.
const PAUSE: Duration = Duration::from_millis(500);
/// How often the connection that hears is tried. A frozen server is noticed by it, and that another one has taken its place.
const TRY_EVERY: Duration = Duration::from_secs(1);
/// How long an answer to that may take.
const TRY_TIME: Duration = Duration::from_secs(2);

/// The news of other nodes.
pub(super) struct Notifications {
    heard: Mutex<broadcast::Receiver<Option<UserKey>>>,
    task: AbortHandle,
}

impl Notifications {
    /// Begins to hear, within the runtime that this is called in.
    pub(super) fn start(connector: Connector) -> Self {
        let (hearing, heard) = broadcast::channel(WAITING);
        let task = tokio::spawn(async move { listen(&connector, &hearing).await }).abort_handle();
        Self { heard: Mutex::new(heard), task }
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
}

impl Drop for Notifications {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The texts of notifications about these users.
pub(super) fn texts(users: &[UserKey]) -> Vec<String> {
    let text = |users: &[UserKey]| users.iter().map(|user| user.0.to_string()).collect::<Vec<_>>().join(",");
    users.chunks(AT_ONCE).map(text).collect()
}

/// Tells other nodes, behind a commit and in a transaction of its own: within the one of the change, a lock of the server would let no two
/// such transactions of all nodes be committed at the same time.
pub(super) async fn announcing<'c>(
    connection: &'c Taken,
    statements: &mut PostgresStatements<'_>,
    texts: &'c [String],
) -> Result<Option<Behind<'c>>, StorageError> {
    if texts.is_empty() {
        return Ok(None);
    }
    let client = connection.client();
    let sql = "SELECT pg_notify('iampass_wake', text) FROM unnest(CAST(?1 AS TEXT[])) AS text";
    // A change may have failed before: it is undone first, without which nothing can be prepared.
    let statement = statements.prepare(sql).await?;
    Ok(Some(Behind::new(Box::pin(async move {
        client.query(&statement, &[&texts]).await.map(super::sending::Sent::Rows)
    }))))
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
