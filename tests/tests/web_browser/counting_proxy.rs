//! A proxy that counts requests, and may share them out to several nodes or keep scripts back. Belongs here: how many were made, how many are under
//! way, and how many each node was given. Each is a connection of its own.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use crate::slow_proxy::head;

/// The answer to a request for a script that is kept back.
const NO_SCRIPT: &[u8] = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// The limit of every wait.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Default, Debug)]
struct Count {
    made: usize,
    under_way: usize,
}

type Counts = Arc<Mutex<HashMap<String, Count>>>;

#[derive(Clone, Copy)]
enum Scripts {
    PassedOn,
    Missing,
}

pub(crate) struct CountingProxy {
    counts: Counts,
    /// How many requests each node was given.
    given: Arc<[AtomicUsize]>,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for CountingProxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl CountingProxy {
    pub(crate) fn start(listener: std::net::TcpListener, application: String) -> Self {
        Self::over(listener, vec![application])
    }

    /// The browser gets no script.
    pub(crate) fn without_scripts(listener: std::net::TcpListener, application: String) -> Self {
        Self::serve(listener, vec![application], Scripts::Missing)
    }

    /// In front of several nodes: each request goes to the next one.
    pub(crate) fn over(listener: std::net::TcpListener, nodes: Vec<String>) -> Self {
        Self::serve(listener, nodes, Scripts::PassedOn)
    }

    fn serve(listener: std::net::TcpListener, nodes: Vec<String>, scripts: Scripts) -> Self {
        listener.set_nonblocking(true).unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let counts = Counts::default();
        let given: Arc<[AtomicUsize]> = nodes.iter().map(|_| AtomicUsize::new(0)).collect();
        let (counted, shared) = (counts.clone(), Arc::clone(&given));
        let serving = tokio::spawn(async move {
            for turn in 0.. {
                let Ok((browser, _)) = listener.accept().await else { return };
                let node = turn % nodes.len();
                let (application, counts, given) =
                    (nodes[node].clone(), counted.clone(), Arc::clone(&shared));
                tokio::spawn(
                    async move { forward(browser, &application, scripts, &counts, &given[node]).await },
                );
            }
        });
        Self { counts, given, serving }
    }

    /// How many requests each node was given.
    pub(crate) fn given(&self) -> Vec<usize> {
        self.given.iter().map(|given| given.load(Ordering::SeqCst)).collect()
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

async fn forward(
    mut browser: TcpStream,
    application: &str,
    scripts: Scripts,
    counts: &Counts,
    given: &AtomicUsize,
) -> Option<()> {
    let request = head(&mut browser).await?;
    given.fetch_add(1, Ordering::SeqCst);
    let path = request.split(' ').nth(1)?.split('?').next()?;
    let _under_way = UnderWay::begin(counts, path);
    if matches!(scripts, Scripts::Missing) && path.ends_with(".js") {
        return browser.write_all(NO_SCRIPT).await.ok();
    }
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
