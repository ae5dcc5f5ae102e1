//! Logins whose page shows a code that the phone has to bring.

mod approving;
mod maker;
mod nameless;
mod pages;
mod proven;
mod returning;
mod told;

use std::time::Duration;

use iampass_core::machine::WatchOptions;
use iampass_web::{CookieKeys, ShownApproval};

use crate::axum_site::Axum;
use crate::browser::{Browser, Page};
use crate::setting::{Framework, Options, Setting, login_builder};
use maker::{Given, Maker};

const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// An application whose pages show codes. Its nodes share stores and keys.
struct Coded {
    setting: Setting,
    maker: Maker,
    nodes: Vec<Browser>,
    _serving: Vec<Box<dyn Send + Sync>>,
}

impl Coded {
    async fn start(nodes: usize) -> Self {
        Self::with::<Axum>(nodes, |builder| builder).await
    }

    async fn with<F: Framework>(nodes: usize, options: Options) -> Self {
        let setting = Setting::with::<Axum>(1, |builder| builder).await;
        let (maker, keys) = (Maker::new(), CookieKeys::generate().unwrap());
        let mut coded = Self { setting, maker, nodes: Vec::new(), _serving: Vec::new() };
        let mut origin = None;
        for _ in 0..nodes {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            let origin = origin.get_or_insert_with(|| url.clone()).clone();
            let client = coded.setting.service.client_builder().transport(coded.maker.clone());
            let client = client.token_store(coded.setting.tokens.clone());
            let client = client.session_store(coded.setting.sessions.clone()).build().unwrap();
            let login = login_builder(client, coded.setting.users.clone())
                .approval(ShownApproval::Code)
                .origin(origin.clone())
                .name("Test application")
                .cookie_keys(keys.clone())
                .watch_options(WatchOptions::default().freshness(Duration::from_millis(500)))
                .answer_step(Duration::from_millis(50));
            coded._serving.push(F::serve(options(login).build().unwrap(), listener).await);
            coded.nodes.push(Browser::new(url, origin));
        }
        coded
    }

    fn browser(&self) -> Browser {
        self.browser_at(0)
    }

    fn browser_at(&self, node: usize) -> Browser {
        self.nodes[node].clone()
    }

    /// The code that was given last.
    fn latest(&self) -> Given {
        self.maker.given().pop().unwrap()
    }

    /// The nodes have seen that the service makes codes.
    async fn codes_are_known(&self) {
        for node in 0..self.nodes.len() {
            let mut browser = self.browser_at(node);
            let wait = browser.begin("carl").await;
            until_code(&mut browser, &wait).await;
            browser.cancel(&wait).await;
        }
    }
}

/// The digits on a page.
fn digits(page: &Page) -> Option<String> {
    let groups: String = page
        .text
        .split("<span class=\"code-group\">")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap())
        .collect();
    Some(groups).filter(|groups| !groups.is_empty())
}

async fn until_code(browser: &mut Browser, wait: &str) -> Page {
    browser.reload_until(wait, |page| digits(page).is_some()).await
}
