//! A proxy that counts requests. Belongs here: how many were made, and how many are under way. Each is a connection of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use crate::slow_proxy::head;

/// The limit of every wait.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Default, Debug)]
struct Count {
    made: usize,
    under_way: usize,
}

type Counts = Arc<Mutex<HashMap<String, Count>>>;

pub(crate) struct CountingProxy {
    counts: Counts,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for CountingProxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl CountingProxy {
    pub(crate) fn start(listener: std::net::TcpListener, application: String) -> Self {
        listener.set_nonblocking(true).unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let counts = Counts::default();
        let counted = counts.clone();
        let serving = tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                let (application, counts) = (application.clone(), counted.clone());
                tokio::spawn(async move { forward(browser, &application, &counts).await });
            }
        });
        Self { counts, serving }
    }

    fn of(&self, path: &str) -> Count {
        self.counts.lock().unwrap().get(path).copied().unwrap_or_default()
    }

    /// How many requests for this path there were.
    pub(crate) fn made(&self, path: &str) -> usize {
        self.of(path).made
    }

    /// Waits until so many requests for this path are under way.
    pub(crate) async fn comes_to(&self, path: &str, under_way: usize) {
        self.until(&format!("{under_way} of {path} are under way"), || self.of(path).under_way == under_way)
            .await;
    }

    /// Waits until there were more requests for this path than before.
    pub(crate) async fn makes_more(&self, path: &str, before: usize) {
        self.until(&format!("{path} is asked for again"), || self.of(path).made > before).await;
    }

    async fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        let began = Instant::now();
        while !is_so() {
            assert!(began.elapsed() < PATIENCE, "it did not come to it that {what}: {:?}", self.counts);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A request that is counted until it is dropped.
struct UnderWay<'a>(&'a Counts, String);

impl<'a> UnderWay<'a> {
    fn begin(counts: &'a Counts, path: &str) -> Self {
        let mut all = counts.lock().unwrap();
        let count = all.entry(path.to_owned()).or_default();
        count.made += 1;
        count.under_way += 1;
        Self(counts, path.to_owned())
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.lock().unwrap().entry(self.1.clone()).or_default().under_way -= 1;
    }
}

async fn forward(mut browser: TcpStream, application: &str, counts: &Counts) -> Option<()> {
    let request = head(&mut browser).await?;
    let path = request.split(' ').nth(1)?.split('?').next()?;
    let _under_way = UnderWay::begin(counts, path);
    let mut application = TcpStream::connect(application.trim_start_matches("http://")).await.ok()?;
    application.write_all(request.as_bytes()).await.ok()?;
    let (mut from_browser, mut to_browser) = browser.split();
    let (mut from_application, mut to_application) = application.split();
    tokio::select! {
        // The rest of the request; it ends when the browser goes.
        _ = tokio::io::copy(&mut from_browser, &mut to_application) => {}
        _ = tokio::io::copy(&mut from_application, &mut to_browser) => {}
    }
    Some(())
}
