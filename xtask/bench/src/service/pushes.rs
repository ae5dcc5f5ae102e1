//! Pushes: how soon one is at its push service, how many go out while one service is slow, and what a dead one costs a login.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Path;
use axum::routing::post;
use http::StatusCode;
use iampass_server::push::{Contact, PushConfig, Pushes, Reach};
use indicatif::ProgressBar;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use super::line::{Line, Pair, text};
use super::logins::{logins, shop_with_phones};
use super::open::{Serving, on_file};
use super::{Phone, Shop};
use crate::figure::{Better, Figure};
use crate::{Failure, rounds};

/// One after the other.
const ALONE: usize = 200;
const AT_ONCE: usize = 10_000;
/// Every so many, a phone is at the slow service.
const SLOW_EVERY: usize = 50;
const SLOW: Duration = Duration::from_secs(5);
const CONNECTIONS: usize = 64;
const ROUNDS: usize = 5;
/// The key and the secret of a subscription: the example of RFC 8291.
const KEY: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

pub(crate) fn measure() -> Result<Vec<Figure>, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let mut figures = vec![one_after_another().await?, many_at_once().await?];
        figures.push(over_a_dead_service().await?);
        Ok(figures)
    })
}

/// A push service on this machine.
struct Receiver {
    address: String,
    /// When each phone's first message came.
    came: Arc<Mutex<HashMap<String, Instant>>>,
    serving: JoinHandle<()>,
}

impl Receiver {
    async fn start(answers_after: Duration) -> Result<Self, Failure> {
        let came = Arc::<Mutex<HashMap<String, Instant>>>::default();
        let kept = Arc::clone(&came);
        let receive = move |Path(name): Path<String>| {
            if let Ok(mut came) = kept.lock() {
                came.entry(name).or_insert_with(Instant::now);
            }
            async move {
                tokio::time::sleep(answers_after).await;
                StatusCode::CREATED
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let site = Router::new().route("/push/{name}", post(receive));
        let serving = tokio::spawn(async move {
            // It ends with the measurement.
            let _ = axum::serve(listener, site).await;
        });
        Ok(Self { address, came, serving })
    }

    fn came(&self) -> usize {
        self.came.lock().map_or(0, |came| came.len())
    }

    /// Waits until messages for so many phones have come; when the last of them did.
    async fn all(&self, number: usize) -> Result<Instant, Failure> {
        let limit = Instant::now() + Duration::from_secs(120);
        while self.came() < number {
            if Instant::now() > limit {
                return Err(format!("{} pushes of {number} have come", self.came()).into());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let last = self.came.lock().ok().and_then(|came| came.values().max().copied());
        last.ok_or_else(|| "no push has come".into())
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// A service that pushes to this machine.
async fn pushing(folder: &std::path::Path) -> Result<Serving, Failure> {
    let mut config = on_file(&folder.join("data.sqlite"));
    let mut push = PushConfig::new(Contact::new("mailto:ops@example.org")?);
    push.reach = Reach::Everywhere;
    config.pushes = Pushes::With(push);
    Serving::start(config).await
}

async fn subscribe(line: &mut Line, phone: &Phone, address: &str) -> Result<(), Failure> {
    let configure = |token: &str| json!({"notification_token": token}).to_string();
    let asked = line.call("POST", &phone.configuration, Some(&phone.pair), &configure("*")).await?;
    let subscription = json!({
        "endpoint": format!("http://{address}/push/{}", phone.user),
        "keys": {"p256dh": KEY, "auth": AUTH},
        "applicationServerKey": text(&asked, "/push/application_server_key")?,
    });
    let token = configure(&format!("webpush:{subscription}"));
    let said = line.call("POST", &phone.configuration, Some(&phone.pair), &token).await?;
    match said.pointer("/push/is_subscribed").and_then(serde_json::Value::as_bool) {
        Some(true) => Ok(()),
        _ => Err("a phone could not subscribe".into()),
    }
}

/// Users whose phones are subscribed, each at the address that is told for its number.
async fn subscribed(
    serving: &Serving,
    users: usize,
    at: impl Fn(usize) -> String + Send + Sync + 'static,
) -> Result<(Shop, Vec<String>), Failure> {
    let application = &serving.application;
    let pair = Pair { id: application.id.to_string(), secret: application.secret.clone() };
    let shop = Shop::at(serving.address.clone(), pair);
    let names: Vec<_> = (0..users).map(|user| format!("user-{user}")).collect();
    let mut line = shop.line().await?;
    for some in names.chunks(1_000) {
        shop.add_users(&mut line, some).await?;
    }
    let (bar, at) = (ProgressBar::new(users as u64), Arc::new(at));
    let mut tasks = JoinSet::new();
    for connection in 0..CONNECTIONS {
        let (shop, bar, at) = (shop.clone(), bar.clone(), Arc::clone(&at));
        let own: Vec<_> = names.iter().cloned().enumerate().skip(connection).step_by(CONNECTIONS).collect();
        tasks.spawn(async move {
            let mut line = shop.line().await?;
            for (number, user) in own {
                let phone = shop.register(&mut line, &user).await?;
                subscribe(&mut line, &phone, &at(number)).await?;
                bar.inc(1);
            }
            Ok::<_, Failure>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    bar.finish_and_clear();
    Ok((shop, names))
}

async fn one_after_another() -> Result<Figure, Failure> {
    let folder = tempfile::tempdir()?;
    let serving = pushing(folder.path()).await?;
    let receiver = Receiver::start(Duration::ZERO).await?;
    let address = receiver.address.clone();
    let (shop, names) = subscribed(&serving, ALONE, move |_| address.clone()).await?;
    let mut line = shop.line().await?;
    let mut times = Vec::new();
    for (number, name) in names.iter().enumerate() {
        let begun = Instant::now();
        shop.start(&mut line, name).await?;
        times.push(receiver.all(number + 1).await?.saturating_duration_since(begun));
    }
    serving.end().await?;
    Ok(Figure {
        name: "push_out_p95_ms",
        value: rounds::percentile_ms(&times, 95),
        bound: Some(50.0),
        better: Better::Lower,
        detail: format!(
            "from the application's call to the push at its push service, {ALONE} one after another; p50 {:.1} ms",
            rounds::percentile_ms(&times, 50)
        ),
    })
}

async fn many_at_once() -> Result<Figure, Failure> {
    let folder = tempfile::tempdir()?;
    let serving = pushing(folder.path()).await?;
    let (quick, slow) = (Receiver::start(Duration::ZERO).await?, Receiver::start(SLOW).await?);
    let (to_quick, to_slow) = (quick.address.clone(), slow.address.clone());
    let at = move |number: usize| {
        if number.is_multiple_of(SLOW_EVERY) { to_slow.clone() } else { to_quick.clone() }
    };
    let (shop, names) = subscribed(&serving, AT_ONCE, at).await?;
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for connection in 0..CONNECTIONS {
        let shop = shop.clone();
        let own: Vec<_> = names.iter().skip(connection).step_by(CONNECTIONS).cloned().collect();
        tasks.spawn(async move {
            let mut line = shop.line().await?;
            for user in own {
                shop.start(&mut line, &user).await?;
            }
            Ok::<_, Failure>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    let (put, out_by_then) = (begun.elapsed(), quick.came());
    let number = AT_ONCE - AT_ONCE.div_ceil(SLOW_EVERY);
    let out = quick.all(number).await?.saturating_duration_since(begun);
    serving.end().await?;
    Ok(Figure {
        name: "pushes_out_s",
        value: out.as_secs_f64(),
        bound: Some(10.0),
        better: Better::Lower,
        detail: format!(
            "until {number} pushes were at a quick push service, beside {} to one that takes {} s for each; their questions were put in {:.1} s, and {out_by_then} were out by then",
            AT_ONCE - number,
            SLOW.as_secs(),
            put.as_secs_f64()
        ),
    })
}

/// A login by a phone whose page is open, with and without a push that goes nowhere.
async fn over_a_dead_service() -> Result<Figure, Failure> {
    let folder = tempfile::tempdir()?;
    let serving = pushing(folder.path()).await?;
    let (shop, phones) = shop_with_phones(&serving).await?;
    let (without, with) = phones.split_at(1);
    let with = with.get(..1).unwrap_or_default();
    // It takes connections and answers nobody.
    let dead = TcpListener::bind("127.0.0.1:0").await?;
    let mut line = shop.line().await?;
    for phone in with {
        subscribe(&mut line, phone, &dead.local_addr()?.to_string()).await?;
    }
    let (mut ratios, mut plain) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (one, other) = (logins(&shop, without).await?.per_second, logins(&shop, with).await?.per_second);
        // The first round warms up.
        if round > 0 {
            ratios.push(other / one);
            plain.push(one);
        }
    }
    serving.end().await?;
    Ok(Figure {
        name: "login_push_dead_vs_none",
        value: rounds::median(&mut ratios),
        bound: Some(0.9),
        better: Better::Higher,
        detail: format!(
            "logins a second, one at a time, by a phone whose push service answers nobody, against one that has none ({:.0}/s)",
            rounds::median(&mut plain)
        ),
    })
}
