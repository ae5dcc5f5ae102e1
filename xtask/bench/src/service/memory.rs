//! How much memory the service takes for each active session.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::ProgressBar;
use tokio::task::JoinSet;

use super::Session;
use super::program::Program;
use crate::Failure;
use crate::figure::{Better, Figure};

const SESSIONS: usize = 100_000;
const USERS: usize = 1_000;
const CONNECTIONS: usize = 64;

pub(crate) fn measure() -> Result<Vec<Figure>, Failure> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?.block_on(compare())
}

async fn compare() -> Result<Vec<Figure>, Failure> {
    let folder = tempfile::tempdir()?;
    let full = folder.path().join("full.sqlite");
    let sessions = Arc::new(fill(&full, SESSIONS).await?);
    let with_all = bytes_after_questions(&full, &sessions).await?;
    // The same number of questions about one session: what they leave behind is in both.
    let one = folder.path().join("one.sqlite");
    let session = Arc::new(fill(&one, 1).await?);
    let with_one = bytes_after_questions(&one, &session).await?;
    let per_session = (with_all - with_one) / SESSIONS as f64;
    Ok(vec![Figure {
        name: "server_bytes_per_session",
        value: per_session,
        bound: None,
        better: Better::Lower,
        detail: format!(
            "resident memory of a service with {SESSIONS} active sessions, each asked about once: {:.0} MB; asked as often about a single one: {:.0} MB",
            with_all / 1e6,
            with_one / 1e6
        ),
    }])
}

/// Makes a file with so many active sessions.
async fn fill(file: &Path, sessions: usize) -> Result<Vec<Session>, Failure> {
    let program = Program::start(file).await?;
    let shop = &program.shop;
    let users: Vec<_> = (0..USERS).map(|user| format!("user-{user}")).collect();
    let mut line = shop.line().await?;
    shop.add_users(&mut line, &users).await?;
    let bar = ProgressBar::new(sessions as u64);
    let left = Arc::new(AtomicUsize::new(sessions));
    let mut people = JoinSet::new();
    for connection in 0..CONNECTIONS {
        let (shop, bar, left) = (shop.clone(), bar.clone(), Arc::clone(&left));
        // Each connection has users of its own.
        let own: Vec<_> = users.iter().skip(connection).step_by(CONNECTIONS).cloned().collect();
        people.spawn(async move {
            let mut line = shop.line().await?;
            let (mut phones, mut sessions) = (Vec::new(), Vec::new());
            for user in own {
                phones.push(shop.register(&mut line, &user).await?);
            }
            for phone in phones.iter().cycle() {
                if left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
                    .is_err()
                {
                    break;
                }
                sessions.push(shop.log_in(&mut line, phone).await?);
                bar.inc(1);
            }
            Ok::<_, Failure>(sessions)
        });
    }
    let mut all = Vec::with_capacity(sessions);
    while let Some(some) = people.join_next().await {
        all.extend(some??);
    }
    bar.finish_and_clear();
    program.end().await?;
    // The nonces of all this would be read at the next start, and are not the sessions'.
    rusqlite::Connection::open(file)?.execute_batch("DELETE FROM nonces; DELETE FROM nonce_batches")?;
    Ok(all)
}

/// Starts the service anew and asks as often as there are to be sessions.
async fn bytes_after_questions(file: &Path, sessions: &Arc<Vec<Session>>) -> Result<f64, Failure> {
    let program = Program::start(file).await?;
    let mut askers = JoinSet::new();
    for connection in 0..CONNECTIONS {
        let (shop, sessions) = (program.shop.clone(), Arc::clone(sessions));
        askers.spawn(async move {
            let mut line = shop.line().await?;
            for number in (connection..SESSIONS).step_by(CONNECTIONS) {
                let session = sessions.get(number % sessions.len()).ok_or("there are no sessions")?;
                // URLs name the address that they were issued under; this is another one.
                let session = session.at(&shop.address);
                if session.status(&mut line).await? != "active" {
                    return Err("a session is not active".into());
                }
            }
            Ok::<_, Failure>(())
        });
    }
    while let Some(asker) = askers.join_next().await {
        asker??;
    }
    let bytes = program.bytes()?;
    program.end().await?;
    Ok(bytes)
}
