//! Telling other nodes at once that something has happened to a user.
//!
//! A notification is a hint: whoever is woken reads the store, and everybody who waits looks again by themselves now and then. So none has
//! to arrive, and a connection that is lost costs a few seconds at most.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, broadcast, mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio_postgres::AsyncMessage;

use super::pool::{Pool, Purpose, configured};
use super::url::DatabaseUrl;
use crate::storage::{StorageError, UserKey};

const CHANNEL: &str = "iampass_wake";
/// Users that may wait to be announced. Beyond it they are found by looking.
const WAITING: usize = 4_096;
/// Users in one notification; the payload has a limit of 8,000 bytes.
const AT_ONCE: usize = 256;
/// After a connection was lost.
const PAUSE: Duration = Duration::from_secs(1);

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
    pub(super) fn start(url: &DatabaseUrl, pool: Arc<Pool>) -> Self {
        let (to_announce, announced) = mpsc::channel(WAITING);
        let (hearing, heard) = broadcast::channel(WAITING);
        let url = url.clone();
        let tasks = [
            tokio::spawn(async move { tell(&pool, announced).await }).abort_handle(),
            tokio::spawn(async move { listen(&url, &hearing).await }).abort_handle(),
        ];
        Self { to_announce, heard: Mutex::new(heard), tasks }
    }

    pub(super) fn announce(&self, user: UserKey) {
        // Where there is no room any more, the others find out by themselves.
        let _ = self.to_announce.try_send(Message::Announce(user));
    }

    /// Calls `wake` for every user that is heard of, and with `None` where some may have been missed.
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
            let _ = tokio::time::timeout(PAUSE, done).await;
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
            tracing::warn!(%error, "other nodes could not be told what has happened; they find it out by themselves");
        }
        for reply in flushed {
            let _ = reply.send(());
        }
    }
}

async fn notify(pool: &Pool, users: &str) -> Result<(), StorageError> {
    let connection = pool.take().await?;
    let client = connection.client();
    let statement = connection.prepared().get(client, "SELECT pg_notify('iampass_wake', ?1)").await?;
    client.query(&statement, &[&users]).await?;
    Ok(())
}

async fn listen(url: &DatabaseUrl, hearing: &broadcast::Sender<Option<UserKey>>) {
    loop {
        if let Err(error) = listen_once(url, hearing).await {
            tracing::warn!(%error, "the connection that hears what happens on other nodes was lost; it is made again");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen_once(
    url: &DatabaseUrl,
    hearing: &broadcast::Sender<Option<UserKey>>,
) -> Result<(), StorageError> {
    let (client, mut connection) = configured(url, Purpose::Hearing).connect(url.tls()?).await?;
    let mut messages = futures_util::stream::poll_fn(move |context| connection.poll_message(context));
    let asked = client.batch_execute("LISTEN iampass_wake");
    tokio::pin!(asked);
    let mut is_listening = false;
    loop {
        tokio::select! {
            done = &mut asked, if !is_listening => {
                done?;
                is_listening = true;
                // What was told before this instant was not heard.
                let _ = hearing.send(None);
            }
            message = futures_util::StreamExt::next(&mut messages) => match message {
                Some(Ok(AsyncMessage::Notification(notification))) if notification.channel() == CHANNEL => {
                    for user in notification.payload().split(',').filter_map(|user| user.parse().ok()) {
                        let _ = hearing.send(Some(UserKey(user)));
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Err(StorageError::Unreachable("it was closed".to_owned())),
            },
        }
    }
}
