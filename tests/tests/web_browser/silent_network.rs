//! A network that falls silent while the page waits for the phone. Another browser's question may come meanwhile, so the page must not go on
//! saying that there is one to accept.

use iampass_system_tests::Engine;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::axum_site::Axum;
use crate::setting::{Framework as _, SOON};
use crate::visitor::{setting, visitor_in};

/// Passes connections on while it is told to. While it is not, nothing comes through, and no connection ends.
struct SilentNetwork {
    is_silent: watch::Sender<bool>,
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
        let serving = tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                let (application, silence) = (application.clone(), silence.clone());
                tokio::spawn(async move { pass_on(browser, &application, silence).await });
            }
        });
        Self { is_silent, serving }
    }
}

async fn pass_on(
    mut browser: TcpStream,
    application: &str,
    mut silence: watch::Receiver<bool>,
) -> Option<()> {
    silence.wait_for(|is_silent| !is_silent).await.ok()?;
    let mut application = TcpStream::connect(application).await.ok()?;
    let is_over = tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut browser, &mut application) => true,
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
    let login = setting.builder(&origin).name("Test application").build().unwrap();
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
