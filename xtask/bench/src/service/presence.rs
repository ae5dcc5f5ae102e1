//! Sessions whose phones promise to be near: what that costs the service, and how soon a promise that was missed is noticed.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use indicatif::ProgressBar;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::line::Line;
use super::program::Program;
use super::{Phone, Session, Shop};
use crate::figure::{Better, Figure};
use crate::{Failure, rounds};

const SESSIONS: usize = 10_000;
const CONNECTIONS: usize = 64;
/// Each phone says it so often, and promises to be near for longer.
const EVERY: Duration = Duration::from_secs(240);
const PROMISE: &str = r#"{"presence": "near", "seconds": 300}"#;
/// For so long the service is looked at, at rest and while words come.
const LOOKED: Duration = Duration::from_secs(30);
/// Promises that are missed, one after the other.
const MISSED: usize = 5;
const SHORTEST: &str = r#"{"presence": "near", "seconds": 10}"#;

pub(crate) fn measure() -> Result<Vec<Figure>, Failure> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?.block_on(costs())
}

async fn costs() -> Result<Vec<Figure>, Failure> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("data.sqlite");
    let program = Program::start(&file).await?;
    let people = fill(&program.shop).await?;
    switch_on(&file)?;
    let mut line = program.shop.line().await?;
    for (phone, _) in &people {
        say(&program.shop, &mut line, phone, PROMISE).await?;
    }
    let at_rest = share(&program, tokio::time::sleep(LOOKED)).await?;
    let between = EVERY / u32::try_from(SESSIONS)?;
    let words = usize::try_from(LOOKED.as_nanos() / between.as_nanos())?;
    let with_words = share(&program, async {
        let mut turns = tokio::time::interval(between);
        for (phone, _) in people.iter().cycle().take(words) {
            turns.tick().await;
            say(&program.shop, &mut line, phone, PROMISE).await?;
        }
        Ok::<_, Failure>(())
    })
    .await?;
    let mut noticed = Vec::new();
    for (phone, session) in people.iter().take(MISSED) {
        noticed.push(missed(&program.shop, &mut line, phone, session).await?);
    }
    program.end().await?;
    Ok(vec![
        Figure {
            name: "presence_core_percent",
            value: with_words * 100.0,
            bound: Some(1.0),
            better: Better::Lower,
            detail: format!(
                "of a core, with {SESSIONS} sessions whose phones say that they are near every {} s ({words} words in {} s); without words {:.2} %",
                EVERY.as_secs(),
                LOOKED.as_secs(),
                at_rest * 100.0
            ),
        },
        Figure {
            name: "presence_noticed_s",
            value: noticed.iter().copied().fold(0.0, f64::max),
            bound: Some(2.0),
            better: Better::Lower,
            detail: format!(
                "from the end of a promise to the event in the status stream, the slowest of {MISSED}; in the middle {:.2} s",
                rounds::median(&mut noticed)
            ),
        },
    ])
}

/// Users with a phone and an active session each.
async fn fill(shop: &Shop) -> Result<Vec<(Phone, Session)>, Failure> {
    let users: Vec<_> = (0..SESSIONS).map(|user| format!("user-{user}")).collect();
    let mut line = shop.line().await?;
    for some in users.chunks(1_000) {
        shop.add_users(&mut line, some).await?;
    }
    let bar = ProgressBar::new(SESSIONS as u64);
    let mut people = JoinSet::new();
    for connection in 0..CONNECTIONS {
        let (shop, bar) = (shop.clone(), bar.clone());
        let own: Vec<_> = users.iter().skip(connection).step_by(CONNECTIONS).cloned().collect();
        people.spawn(async move {
            let mut line = shop.line().await?;
            let mut all = Vec::with_capacity(own.len());
            for user in own {
                let phone = shop.register(&mut line, &user).await?;
                let session = shop.log_in(&mut line, &phone).await?;
                all.push((phone, session));
                bar.inc(1);
            }
            Ok::<_, Failure>(all)
        });
    }
    let mut all = Vec::with_capacity(SESSIONS);
    while let Some(some) = people.join_next().await {
        all.extend(some??);
    }
    bar.finish_and_clear();
    Ok(all)
}

/// The application wants to know whether phones are near.
fn switch_on(file: &Path) -> Result<(), Failure> {
    Ok(rusqlite::Connection::open(file)?.execute_batch("UPDATE applications SET walkaway = 1")?)
}

async fn say(shop: &Shop, line: &mut Line, phone: &Phone, word: &str) -> Result<(), Failure> {
    let url = format!("http://{}/device/{}/presence", shop.address, phone.pair.id);
    line.call("POST", &url, Some(&phone.pair), word).await.map(drop)
}

/// The share of a core that the service takes until this is done.
async fn share<T>(program: &Program, work: impl Future<Output = T>) -> Result<f64, Failure> {
    let (before, began) = (program.busy()?, std::time::Instant::now());
    work.await;
    Ok(program.busy()?.saturating_sub(before).as_secs_f64() / began.elapsed().as_secs_f64())
}

/// How many seconds after the end of its promise a session is told to be away.
async fn missed(shop: &Shop, line: &mut Line, phone: &Phone, session: &Session) -> Result<f64, Failure> {
    let url = session.status_url.replace("/status", "/stream");
    let mut stream = TcpStream::connect(&shop.address).await?;
    stream.write_all(Line::request("GET", &url, Some(&session.pair), "")?.as_bytes()).await?;
    let url = format!("http://{}/device/{}/presence", shop.address, phone.pair.id);
    let said = line.call("POST", &url, Some(&phone.pair), SHORTEST).await?;
    let until = said.pointer("/near_until").and_then(serde_json::Value::as_u64).ok_or("no promise")?;
    let mut heard = String::new();
    let mut some = [0; 4096];
    while !heard.contains(r#""walkaway""#) {
        let count = stream.read(&mut some).await?;
        if count == 0 {
            return Err("the stream has ended".into());
        }
        heard.push_str(&String::from_utf8_lossy(some.get(..count).unwrap_or_default()));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64();
    Ok(now - until as f64)
}
