//! Shared transactions whose beginning fails, and whose end nobody hears of, over a way to PostgreSQL that does it: no change is made twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::test_store::{over_server, until};
use super::*;

/// The harm that a way does once.
#[derive(Clone, Copy)]
enum Harm {
    /// It takes a COMMIT to the server, and lets nothing come back.
    LosesAnswer,
    /// It spoils a BEGIN, which the server then refuses.
    SpoilsBegin,
}

/// A way to the server that does harm once it is told to.
struct Way {
    url: String,
    is_armed: Arc<AtomicBool>,
}

impl Way {
    async fn to(server: &str, harm: Harm) -> Self {
        let parsed = url::Url::parse(server).unwrap();
        let to = format!("{}:{}", parsed.host_str().unwrap(), parsed.port().unwrap_or(5_432));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = format!("postgres://{}@127.0.0.1:{port}{}", parsed.username(), parsed.path());
        let is_armed = Arc::new(AtomicBool::new(false));
        let armed = Arc::clone(&is_armed);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&to).await.unwrap();
                tokio::spawn(pass(client, server, harm, Arc::clone(&armed)));
            }
        });
        Self { url, is_armed }
    }
}

async fn pass(mut client: TcpStream, mut server: TcpStream, harm: Harm, is_armed: Arc<AtomicBool>) {
    let (mut sent, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            biased;
            read = client.read(&mut sent) => {
                let Ok(length @ 1..) = read else { return };
                let bytes = &mut sent[..length];
                let found = |text: &[u8]| bytes.windows(text.len()).position(|part| part == text);
                let (commit, begin) = (found(b"COMMIT\0"), found(b"BEGIN;SET "));
                match (harm, commit, begin) {
                    (Harm::LosesAnswer, Some(_), _) if is_armed.swap(false, Ordering::SeqCst) => {
                        server.write_all(bytes).await.unwrap();
                        // The server is done when it says no more, which nobody hears.
                        let said = async |server: &mut TcpStream, answered: &mut Vec<u8>| {
                            tokio::time::timeout(Duration::from_secs(3), server.read(answered)).await
                        };
                        while let Ok(Ok(1..)) = said(&mut server, &mut answered).await {}
                        return;
                    }
                    (Harm::SpoilsBegin, _, Some(at)) if is_armed.swap(false, Ordering::SeqCst) => {
                        bytes[at] = b'X';
                    }
                    _ => {}
                }
                if server.write_all(bytes).await.is_err() { return }
            }
            read = server.read(&mut answered) => {
                let Ok(length @ 1..) = read else { return };
                if client.write_all(&answered[..length]).await.is_err() { return }
            }
        }
    }
}

/// Three changes that share a transaction, each of which puts off all that it does; what they hear, and how often they were made.
async fn three_changes(harm: Harm) -> Option<(Vec<Result<(), StorageError>>, String)> {
    let server = iampass_test_databases::postgres()?.database();
    let way = Way::to(server.url(), harm).await;
    let database = Arc::new(Database::open(&over_server(&way.url), Sharing::Alone).await.unwrap());
    server.sql("CREATE TABLE list (id text)").unwrap();
    let write = || {
        let database = Arc::clone(&database);
        tokio::spawn(async move {
            let put_off = "INSERT INTO list VALUES ('made')";
            database.write(move |tx| Box::pin(async move { tx.execute_later(put_off, &[]).await })).await
        })
    };
    // The statement is prepared on each connection by then.
    for _ in 0..40 {
        write().await.unwrap().unwrap();
    }
    server.sql("DELETE FROM list").unwrap();
    let commit = database.hold_commits();
    let made = [write(), write(), write()];
    until(|| database.waiting_changes() >= 3).await;
    way.is_armed.store(true, Ordering::SeqCst);
    drop(commit);
    let heard = join_all(made).await.into_iter().map(Result::unwrap).collect();
    assert!(!way.is_armed.load(Ordering::SeqCst), "no harm was done");
    tokio::time::sleep(Duration::from_millis(50)).await;
    Some((heard, server.sql("SELECT count(*) FROM list").unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_may_have_happened_and_is_not_made_again() {
    let Some((heard, count)) = three_changes(Harm::LosesAnswer).await else { return };
    assert!(heard.iter().all(|one| matches!(one, Err(StorageError::MaybeCommitted(_)))), "{heard:?}");
    assert_eq!(count, "3");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_that_were_made_without_a_transaction_are_not_made_again() {
    let Some((heard, count)) = three_changes(Harm::SpoilsBegin).await else { return };
    assert!(count.parse::<u32>().unwrap() <= 3, "{count}: {heard:?}");
    assert!(heard.iter().any(|one| matches!(one, Err(StorageError::MaybeCommitted(_)))), "{heard:?}");
}
