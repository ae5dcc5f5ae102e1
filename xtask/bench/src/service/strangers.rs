//! A million logins that strangers begin in the name of one user: how often the user's phone rings, and how the user signs in meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::program::Program;
use super::{Phone, Session, Shop};
use crate::figure::{Better, Figure};
use crate::{Failure, rounds};

const STARTS: u64 = 1_000_000;
const CONNECTIONS: u64 = 32;
/// How often the user signs in meanwhile.
const EVERY: Duration = Duration::from_secs(2);
const USER: &str = "owner";

pub(crate) fn measure() -> Result<Vec<Figure>, Failure> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?.block_on(million())
}

async fn million() -> Result<Vec<Figure>, Failure> {
    let folder = tempfile::tempdir()?;
    let program = Program::start(&folder.path().join("data.sqlite")).await?;
    let shop = program.shop.clone();
    let mut line = shop.line().await?;
    shop.add_users(&mut line, &[USER.to_owned()]).await?;
    let phone = shop.register(&mut line, USER).await?;
    let before = program.bytes()?;
    let bar = ProgressBar::new(STARTS);
    let is_over = Arc::new(AtomicBool::new(false));
    let owner = tokio::spawn(sign_in_meanwhile(shop.clone(), phone.clone(), Arc::clone(&is_over)));
    let begun = Instant::now();
    let next = Arc::new(AtomicU64::new(0));
    let mut strangers = JoinSet::new();
    for _ in 0..CONNECTIONS {
        strangers.spawn(begin(shop.clone(), Arc::clone(&next), bar.clone()));
    }
    while let Some(stranger) = strangers.join_next().await {
        stranger??;
    }
    let lasted = begun.elapsed().as_secs_f64();
    is_over.store(true, Ordering::Relaxed);
    let Meanwhile { times, rung } = owner.await??;
    bar.finish_and_clear();
    let grown = (program.bytes()? - before) / (1024.0 * 1024.0);
    program.end().await?;
    let slowest = rounds::percentile_ms(&times, 100) / 1_000.0;
    Ok(vec![
        Figure {
            name: "strangers_rings",
            value: rung as f64,
            bound: Some(0.0),
            better: Better::Lower,
            detail: format!(
                "questions of strangers on the user's phone, of {STARTS} begun by browsers that show a code, in {lasted:.0} s"
            ),
        },
        Figure {
            name: "strangers_grown_mib",
            value: grown,
            bound: Some(64.0),
            better: Better::Lower,
            detail: "more resident memory of the service after that".to_owned(),
        },
        Figure {
            name: "owner_signs_in_s",
            value: slowest,
            bound: Some(2.0),
            better: Better::Lower,
            detail: format!(
                "the slowest of {} logins of the user meanwhile, from a known browser; p50 {:.3} s",
                times.len(),
                rounds::percentile_ms(&times, 50) / 1_000.0
            ),
        },
    ])
}

async fn begin(shop: Shop, next: Arc<AtomicU64>, bar: ProgressBar) -> Result<(), Failure> {
    let mut line = shop.line().await?;
    let url = shop.url("authentication/authenticate_user", Some(USER));
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= STARTS {
            return Ok(());
        }
        // They come from many networks.
        let [.., a, b, c] = number.to_be_bytes();
        let body = json!({"confirm": ["code"], "address": format!("10.{a}.{b}.{c}")}).to_string();
        line.call("POST", &url, Some(&shop.pair), &body).await?;
        bar.inc(1);
    }
}

/// The logins of the user meanwhile.
struct Meanwhile {
    times: Vec<Duration>,
    /// Questions on the phone that the user's own browser did not put.
    rung: usize,
}

async fn sign_in_meanwhile(shop: Shop, phone: Phone, is_over: Arc<AtomicBool>) -> Result<Meanwhile, Failure> {
    let mut line = shop.line().await?;
    let (mut times, mut rung) = (Vec::new(), 0);
    let url = shop.url("authentication/authenticate_user", Some(USER));
    let known = json!({"confirm": ["code"], "known_browser": true}).to_string();
    while !is_over.load(Ordering::Relaxed) {
        tokio::time::sleep(EVERY).await;
        let begun = Instant::now();
        let started = line.call("POST", &url, Some(&shop.pair), &known).await?;
        let pending = line.call("GET", &phone.pending, Some(&phone.pair), "").await?;
        let questions = pending.pointer("/requests").and_then(Value::as_array).map_or(0, Vec::len);
        rung += questions.saturating_sub(1);
        let code = started.pointer("/authentication_status/confirmation/code").and_then(Value::as_str);
        let code = code.ok_or("an answer lacks the code")?;
        shop.accept(&mut line, &phone, &pending, &json!({"accepted": true, "code": code})).await?;
        let session = Session::read(&started)?;
        let status = session.status(&mut line).await?;
        if status != "active" {
            return Err(format!("a login ended as {status}").into());
        }
        times.push(begun.elapsed());
        session.log_out(&mut line).await?;
    }
    Ok(Meanwhile { times, rung })
}
