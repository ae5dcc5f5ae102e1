//! The Console's own login over three nodes: each step may go to another one, a phone is asked one question at a time, a place that is given up is free on
//! all, and all hold to one budget and know the same browsers.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use iampass_core::RegistrationLink;
use iampass_testkit::VirtualPhone;
use reqwest::{Client, Method, redirect};

use crate::caller::{NODES, Three};

const SOON: Duration = Duration::from_secs(60);

/// The known browser of ten questions, and one more each thirty seconds.
const BURST: u64 = 10;
const EVERY: u64 = 30;

const RINGS: &str = "Your phone shows the request";

struct Page {
    status: u16,
    location: Option<String>,
    text: String,
}

impl Page {
    fn code(&self) -> Option<String> {
        let groups = self.text.split("class=\"code-group\">").skip(1);
        let digits: String = groups.map(|group| group.split('<').next().unwrap()).collect();
        Some(digits).filter(|digits| !digits.is_empty())
    }
}

/// A browser that is led to a node for each request.
struct Browser<'t> {
    three: &'t Three,
    http: Client,
    cookies: BTreeMap<String, String>,
}

impl<'t> Browser<'t> {
    fn new(three: &'t Three) -> Self {
        let http = Client::builder().redirect(redirect::Policy::none()).timeout(SOON).build().unwrap();
        Self { three, http, cookies: BTreeMap::new() }
    }

    async fn send(&mut self, node: usize, method: Method, path: &str, fields: &[(&str, &str)]) -> Page {
        let origin = &self.three.account().server;
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let url = format!("http://{}{path}", self.three.nodes.address(node).unwrap());
        let mut request = self
            .http
            .request(method.clone(), url)
            .header("host", origin.strip_prefix("http://").unwrap())
            .header("accept", "text/html")
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-site", "same-origin")
            .header("cookie", cookies.join("; "));
        if method == Method::POST {
            let mut body = url::form_urlencoded::Serializer::new(String::new());
            body.extend_pairs(fields);
            request = request
                .header("origin", origin)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body.finish());
        }
        let answer = request.send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (pair, attributes) = cookie.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = answer.headers().get("location").map(|place| place.to_str().unwrap().to_owned());
        Page { status: answer.status().as_u16(), location, text: answer.text().await.unwrap() }
    }

    async fn get(&mut self, node: usize, path: &str) -> Page {
        self.send(node, Method::GET, path, &[]).await
    }

    async fn post(&mut self, node: usize, path: &str, fields: &[(&str, &str)]) -> Page {
        self.send(node, Method::POST, path, fields).await
    }

    async fn until(&mut self, node: usize, path: &str, is_it: impl Fn(&Page) -> bool) -> Page {
        let began = Instant::now();
        loop {
            let page = self.get(node, path).await;
            if is_it(&page) {
                return page;
            }
            assert!(began.elapsed() < SOON, "{path} stays {} {}", page.status, page.text);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn begin(&mut self, node: usize) -> String {
        let fields = [("login_name", "anna"), ("return_to", "/console/account")];
        let page = self.post(node, "/console/auth/login", &fields).await;
        assert_eq!(page.status, 303, "{}", page.text);
        page.location.unwrap()
    }

    async fn cancel(&mut self, node: usize, wait: &str) {
        let proof = wait.split_once("proof=").unwrap().1;
        let page = self.post(node, "/console/auth/login/cancel", &[("proof", proof)]).await;
        assert_eq!(page.status, 200, "{}", page.text);
    }

    /// A whole login, of which each step goes to the next node.
    async fn sign_in(&mut self, first: usize, phone: &VirtualPhone) {
        let node = |step: usize| (first + step) % NODES;
        let wait = self.begin(node(0)).await;
        let page = self.until(node(1), &wait, |page| page.code().is_some()).await;
        phone.accept_code(&page.code().unwrap()).await.unwrap();
        self.until(node(2), &format!("{wait}&shown=nothing"), |page| page.status == 303).await;
        for step in 0..NODES {
            assert!(self.is_in(node(step)).await, "begun on {first}, seen on {}", node(step));
        }
    }

    async fn is_in(&mut self, node: usize) -> bool {
        self.get(node, "/console/account").await.status == 200
    }
}

async fn comes_to(phone: &VirtualPhone, questions: usize) {
    let began = Instant::now();
    while phone.pending().await.unwrap().len() != questions {
        assert!(began.elapsed() < SOON, "the phone does not come to {questions} questions");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_s_login_is_one_over_all_nodes() {
    let Some(three) = Three::start_with(60, &["--console", "open"]) else { return };
    let mut one = Browser::new(&three);
    assert_eq!(one.post(0, "/console/register", &[("name", "anna")]).await.status, 303);
    let page = one.until(1, "/console/auth/enrol", |page| page.text.contains("/r/")).await;
    let link = page.text.split('"').find(|part| part.contains("/r/")).unwrap();
    let phone = VirtualPhone::register(&RegistrationLink::parse(link).unwrap()).await.unwrap();

    // Each step on another node, from each of them.
    one.sign_in(0, &phone).await;
    let mut other = Browser::new(&three);
    other.sign_in(1, &phone).await;
    let mut third = Browser::new(&three);
    third.sign_in(2, &phone).await;
    assert_eq!(phone.active_sessions().await.unwrap().len(), 3);

    // A logout on one node counts on all. The browser stays known.
    assert_eq!(one.post(1, "/console/auth/logout", &[]).await.status, 303);
    for node in 0..NODES {
        assert!(!one.is_in(node).await, "{node}");
    }
    // The service is told behind the answer.
    let began = Instant::now();
    while phone.active_sessions().await.unwrap().len() != 2 {
        assert!(began.elapsed() < SOON, "the service is not told of the logout");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    // The phone is asked one question, whichever nodes put it.
    let first = one.begin(0).await;
    one.until(1, &first, |page| page.text.contains(RINGS)).await;
    comes_to(&phone, 1).await;
    let before = phone.pending().await.unwrap()[0].auth_request_id.clone();
    let second = one.begin(2).await;
    one.until(0, &second, |page| page.text.contains(RINGS)).await;
    comes_to(&phone, 1).await;
    assert_ne!(phone.pending().await.unwrap()[0].auth_request_id, before, "the one of before was withdrawn");

    // The place is free for another browser as soon as it is given up, on whatever node.
    one.cancel(1, &second).await;
    comes_to(&phone, 0).await;
    let wait = other.begin(2).await;
    other.until(0, &wait, |page| page.text.contains(RINGS)).await;
    comes_to(&phone, 1).await;
    other.cancel(1, &wait).await;

    // One budget: three nodes that count for themselves would let three times as many ring.
    let (began, mut rung) = (Instant::now(), 0);
    for round in 0..16 {
        let wait = third.begin(round % NODES).await;
        let page = third.until((round + 1) % NODES, &wait, |page| page.code().is_some()).await;
        rung += u64::from(page.text.contains(RINGS));
        third.cancel((round + 2) % NODES, &wait).await;
    }
    let most = BURST + began.elapsed().as_secs() / EVERY + 1;
    assert!((1..=most).contains(&rung), "{rung} of 16 have rung, and {most} may");

    // A browser that is forgotten on one node is known on none.
    assert!(third.get(0, "/console/auth/sessions").await.text.contains("Browsers that know you"));
    assert_eq!(third.post(1, "/console/auth/browsers/forget-all", &[]).await.status, 303);
    for node in 0..NODES {
        let page = third.get(node, "/console/auth/sessions").await;
        assert!(page.status == 200 && !page.text.contains("Browsers that know you"), "{node}");
    }
}
