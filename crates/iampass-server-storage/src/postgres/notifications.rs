//! Telling other nodes at once that something has happened to a user, or that somebody signs in another way.
//!
//! A notification is a hint: a woken task reads the store, and every waiting task looks again by itself now and then. So none has
//! to arrive, and a connection that is lost costs a few seconds at most.

use std::time::Duration;

use tokio::sync::{Mutex, broadcast};
use tokio::task::AbortHandle;
use tokio_postgres::Client;

use super::connecting::{Connector, Hearing};
use super::node_name::NodeName;
use crate::signals::News;
use crate::{ApplicationKey, StorageError, UserKey};

/// Users that may wait to be heard of. Beyond it they are found by looking.
const WAITING: usize = 4_096;
/// News in one notification; the payload has a limit of 8,000 bytes.
const AT_ONCE: usize = 256;
/// After a connection was lost.
const PAUSE: Duration = Duration::from_millis(500);
/// How often the connection that hears is tried. A frozen server is noticed by it, and that another one has taken its place.
const TRY_EVERY: Duration = Duration::from_secs(1);
/// How long an answer to that may take.
const TRY_TIME: Duration = Duration::from_secs(2);

/// The news of other nodes.
pub(super) struct Notifications {
    heard: Mutex<broadcast::Receiver<Option<News>>>,
    task: AbortHandle,
}

impl Notifications {
    /// Begins to hear, within the runtime that this is called in.
    pub(super) fn start(connector: Connector) -> Self {
        let (hearing, heard) = broadcast::channel(WAITING);
        let task = tokio::spawn(async move { listen(&connector, &hearing).await }).abort_handle();
        Self { heard: Mutex::new(heard), task }
    }

    /// Calls `tell` for the news that have come, all that there are at once. `None` is among them where some may have been missed.
    pub(super) async fn hear(&self, tell: &(dyn Fn(&[Option<News>]) + Sync)) {
        let mut heard = self.heard.lock().await;
        loop {
            let mut news = match heard.recv().await {
                Ok(news) => vec![news],
                Err(broadcast::error::RecvError::Lagged(_)) => vec![None],
                Err(broadcast::error::RecvError::Closed) => return,
            };
            while news.len() < WAITING
                && let Ok(more) = heard.try_recv()
            {
                news.push(more);
            }
            tell(&news);
        }
    }
}

impl Drop for Notifications {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The texts of notifications with these news.
pub(super) fn texts(news: &[News]) -> Vec<String> {
    let text = |news: &[News]| news.iter().map(word).collect::<Vec<_>>().join(",");
    news.chunks(AT_ONCE).map(text).collect()
}

/// Versions of before know users alone, and pass over all other words.
fn word(news: &News) -> String {
    match news {
        News::User(user) => user.0.to_string(),
        News::Phones(user) => format!("p{}", user.0),
        News::Application(application) => format!("a{}", application.0),
    }
}

/// The news of a word. None of a word that a later version may send.
fn news(word: &str) -> Option<News> {
    match word.split_at_checked(1)? {
        ("p", user) => user.parse().ok().map(|user| News::Phones(UserKey(user))),
        ("a", application) => application.parse().ok().map(|key| News::Application(ApplicationKey(key))),
        _ => word.parse().ok().map(|user| News::User(UserKey(user))),
    }
}

/// The statement that sends them.
pub(super) const ANNOUNCE: &str =
    "SELECT pg_notify('iampass_wake', text) FROM unnest(CAST(?1 AS TEXT[])) AS text";

async fn listen(connector: &Connector, hearing: &broadcast::Sender<Option<News>>) {
    loop {
        let error = listen_once(connector, hearing).await;
        tracing::warn!(%error, "the connection for other nodes' notifications was lost; it is made again");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Returns when it has come to an end, with the reason.
async fn listen_once(connector: &Connector, hearing: &broadcast::Sender<Option<News>>) -> StorageError {
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
                    for told in payload.split(',').filter_map(news) {
                        let _ = hearing.send(Some(told));
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
async fn keep_asking(client: &Client, hearing: &broadcast::Sender<Option<News>>) -> StorageError {
    let mut sql = "LISTEN iampass_wake";
    loop {
        if let Err(error) = asked(client, sql).await {
            return error;
        }
        if !sql.is_empty() {
            call_by_name(client).await;
            // Notifications sent before this instant were not received.
            let _ = hearing.send(None);
            sql = "";
        }
        tokio::time::sleep(TRY_EVERY).await;
    }
}

/// Gives the connection the name by which the nodes are seen. A node that cannot is not seen, and does its work all the same.
async fn call_by_name(client: &Client) {
    if let Err(error) = asked(client, &NodeName::of_this_process().statement()).await {
        tracing::debug!(%error, "this node has no name at the database");
    }
}

async fn asked(client: &Client, sql: &str) -> Result<(), StorageError> {
    match tokio::time::timeout(TRY_TIME, client.batch_execute(sql)).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(StorageError::Unreachable(format!("no answer within {} s", TRY_TIME.as_secs()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_are_read_as_they_were_written_and_other_words_are_passed_over() {
        let all = [News::User(UserKey(7)), News::Phones(UserKey(7)), News::Application(ApplicationKey(7))];
        let texts = texts(&all);
        assert_eq!(texts, ["7,p7,a7"]);
        assert_eq!(texts[0].split(',').filter_map(news).collect::<Vec<_>>(), all);
        for word in ["", "p", "a", "z7", "px", "ü7", "7x"] {
            assert_eq!(news(word), None, "{word}");
        }
    }

    /// The server takes 8,000 bytes.
    #[test]
    fn the_longest_text_is_short_enough() {
        let all = vec![News::Phones(UserKey(i64::MIN)); AT_ONCE + 1];
        let texts = texts(&all);
        assert_eq!(texts.len(), 2);
        assert!(texts.iter().all(|text| text.len() < 8_000));
    }
}
