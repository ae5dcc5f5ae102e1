//! A network that falls silent while the page waits for the phone, or on which answers are under way for long. Another browser's question may
//! come meanwhile, so the page must not go on saying that there is one to accept.

use std::time::Duration;

use iampass_system_tests::Engine;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::axum_site::Axum;
use crate::setting::{Framework as _, SOON};
use crate::visitor::{patient, setting, visitor_in};

/// The time that answers are under way, longer than the page believes anything.
const LATE: Duration = Duration::from_millis(7_500);

/// Passes connections on while it is told to. While it is not, nothing comes through, and no connection ends.
struct SilentNetwork {
    is_silent: watch::Sender<bool>,
    /// How long answers are under way.
    delay: watch::Sender<Duration>,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for SilentNetwork {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl SilentNetwork {
    fn start(listener: std::net::TcpListener, application: String) -> Self {
        listener.set_nonblocking(true).unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let (is_silent, silence) = watch::channel(false);
        let (delay, delays) = watch::channel(Duration::ZERO);
        let serving = tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                let (application, silence, delays) = (application.clone(), silence.clone(), delays.clone());
                tokio::spawn(async move { pass_on(browser, &application, silence, delays).await });
            }
        });
        Self { is_silent, delay, serving }
    }
}

/// Copies what comes, each part as long after it came as the delay was then.
async fn copy_late(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    delays: watch::Receiver<Duration>,
) {
    let (sender, mut parts) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let reading = async move {
        let mut buffer = vec![0; 16_384];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            let due = Instant::now() + *delays.borrow();
            if sender.send((due, buffer[..length].to_vec())).is_err() {
                break;
            }
        }
    };
    let writing = async move {
        while let Some((due, part)) = parts.recv().await {
            tokio::time::sleep_until(due).await;
            if to.write_all(&part).await.is_err() {
                break;
            }
        }
    };
    tokio::join!(reading, writing);
}

async fn pass_on(
    mut browser: TcpStream,
    application: &str,
    mut silence: watch::Receiver<bool>,
    delays: watch::Receiver<Duration>,
) -> Option<()> {
    silence.wait_for(|is_silent| !is_silent).await.ok()?;
    let mut application = TcpStream::connect(application).await.ok()?;
    let (mut asking, telling) = browser.split();
    let (answering, mut asked) = application.split();
    let is_over = tokio::select! {
        _ = tokio::io::copy(&mut asking, &mut asked) => true,
        () = copy_late(answering, telling, delays) => true,
        silent = silence.wait_for(|is_silent| *is_silent) => silent.is_err(),
    };
    if !is_over {
        // A connection that was open then stays open, and is lost.
        silence.wait_for(|is_silent| !is_silent).await.ok()?;
    }
    Some(())
}

async fn a_page_that_hears_nothing_says_nothing_of_accepting(engine: Engine) {
    let setting = setting::<Axum>().await;
    let bind = || std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (proxy, application) = (bind(), bind());
    let origin = format!("http://{}", proxy.local_addr().unwrap());
    let target = application.local_addr().unwrap().to_string();
    let login = setting.builder(&origin).name("Test application").login_options(patient()).build().unwrap();
    let _serving = Axum::serve(login, application).await;
    let network = SilentNetwork::start(proxy, target);
    let Some(visitor) = visitor_in(engine, &origin).await else { return };
    visitor.open("/auth/login?next=/page").await;
    visitor.begin("anna").await;

    network.is_silent.send_replace(true);
    visitor.shows("h1", "One moment").await;
    visitor.shows("main", "Do not accept any request yet").await;
    visitor.step("nothing is heard").await;

    network.is_silent.send_replace(false);
    visitor.shows("h1", "Check your phone").await;

    // Much is heard, and all of it is old.
    network.delay.send_replace(LATE);
    visitor.shows("h1", "One moment").await;
    let heard_until = Instant::now() + LATE + Duration::from_secs(3);
    while Instant::now() < heard_until {
        let title = visitor.browser.title().await.unwrap();
        assert!(title.contains("One moment"), "{title}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    visitor.step("what is heard is old").await;

    network.delay.send_replace(Duration::ZERO);
    visitor.shows("h1", "Check your phone").await;
    setting.anna.accept_next(SOON).await.unwrap();
    visitor.is_greeted("Anna").await;
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_chromium() {
    a_page_that_hears_nothing_says_nothing_of_accepting(Engine::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_firefox() {
    a_page_that_hears_nothing_says_nothing_of_accepting(Engine::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_webkit() {
    a_page_that_hears_nothing_says_nothing_of_accepting(Engine::WebKit).await;
}
