//! Walks through the application as two people with virtual phones would: signs up, registers the phone, signs in, writes, walks away and
//! comes back, signs out. `cargo xtask demo --auto` runs it.
//!
//! ```text
//! cargo run -p microblog --example walk -- http://127.0.0.1:3000
//! ```

#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use iampass::RegistrationLink;
use iampass_testkit::{VirtualPhone, code_on_page};
use reqwest::{Client, Method, Response, StatusCode, redirect};

type Failure = Box<dyn std::error::Error>;

/// The longest that one step may take.
const STEP: Duration = Duration::from_secs(30);

/// A browser without a script.
struct Browser {
    http: Client,
    origin: String,
    cookies: BTreeMap<String, String>,
}

struct Page {
    status: StatusCode,
    location: String,
    text: String,
}

impl Browser {
    fn new(origin: &str) -> Result<Self, Failure> {
        let http = Client::builder().redirect(redirect::Policy::none()).timeout(STEP).build()?;
        Ok(Self { http, origin: origin.to_owned(), cookies: BTreeMap::new() })
    }

    async fn go(&mut self, path: &str) -> Result<Page, Failure> {
        self.send(Method::GET, path, &[]).await
    }

    async fn fill_in(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Page, Failure> {
        self.send(Method::POST, path, fields).await
    }

    async fn send(&mut self, method: Method, path: &str, fields: &[(&str, &str)]) -> Result<Page, Failure> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = self
            .http
            .request(method.clone(), format!("{}{path}", self.origin))
            .header("accept", "text/html")
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-site", "same-origin")
            .header("cookie", cookies.join("; "));
        if method == Method::POST {
            let pairs: Vec<_> = fields
                .iter()
                .map(|(name, value)| {
                    format!("{name}={}", value.replace('%', "%25").replace('&', "%26").replace(' ', "+"))
                })
                .collect();
            request = request
                .header("origin", self.origin.clone())
                .header("content-type", "application/x-www-form-urlencoded")
                .body(pairs.join("&"));
        }
        let answer = request.send().await?;
        self.keep_cookies(&answer);
        let location = answer.headers().get("location").and_then(|location| location.to_str().ok());
        let (status, location) = (answer.status(), location.unwrap_or_default().to_owned());
        Ok(Page { status, location, text: answer.text().await? })
    }

    fn keep_cookies(&mut self, answer: &Response) {
        for cookie in answer.headers().get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok())
        {
            let Some((name, rest)) = cookie.split_once('=') else { continue };
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else if let Some(value) = rest.split(';').next() {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Loads a page again and again until it is as wanted.
    async fn until(&mut self, path: &str, is_it: impl Fn(&Page) -> bool) -> Result<Page, Failure> {
        let began = Instant::now();
        loop {
            let page = self.go(path).await?;
            if is_it(&page) {
                return Ok(page);
            }
            if began.elapsed() > STEP {
                return Err(format!("{path} stays as it is ({})", page.status).into());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

struct Steps(usize);

impl Steps {
    fn done(&mut self, what: &str) {
        self.0 += 1;
        println!("{:>2}. {what}", self.0);
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let origin = std::env::args().nth(1).ok_or("say where the application is, like http://127.0.0.1:3000")?;
    walk(origin.trim_end_matches('/')).await
}

/// Walks through the application at this origin.
pub(crate) async fn walk(origin: &str) -> Result<(), Failure> {
    let (mut browser, mut steps) = (Browser::new(origin)?, Steps(0));

    let page = browser.fill_in("/sign-up", &[("name", "ann"), ("display_name", "Ann")]).await?;
    if page.status != 303 {
        return Err(format!("signing up was answered by {}", page.status).into());
    }
    steps.done("Ann has signed up. There was no password to think of.");

    let page = browser.until(&page.location, |page| page.text.contains("/r/")).await?;
    let link = page.text.split(['"', '\'', '<', '>', ' ', '\n']).find(|part| part.contains("/r/"));
    let phone =
        VirtualPhone::register(&RegistrationLink::parse(link.ok_or("the page shows no link")?)?).await?;
    steps.done("Her phone has opened the link of the QR code, and is registered.");
    browser.until("/auth/enrol/state", |page| page.text.contains("true")).await?;
    browser.go("/auth/enrol").await?;

    let page = browser.fill_in("/auth/login", &[("login_name", "ann"), ("return_to", "/welcome")]).await?;
    let shows = browser.until(&page.location, |page| code_on_page(&page.text).is_some()).await?;
    phone.accept_code(&code_on_page(&shows.text).ok_or("the page shows no code")?).await?;
    steps.done("She signs in: the page shows a code, she has typed it on the phone and accepted.");
    let page = browser.until(&page.location, |page| page.status == 303).await?;
    let page = browser.go(&page.location).await?;
    if page.status != 200 {
        return Err(format!("she is not in: {}", page.status).into());
    }
    steps.done("The page went on by itself. She is in.");

    browser.fill_in("/posts", &[("text", "My first post, without a password.")]).await?;
    browser.until("/explore", |page| page.text.contains("My first post")).await?;
    steps.done("She has written a post, and everybody sees it.");

    phone.walk_away().await?;
    browser.until("/", |page| page.status == 403).await?;
    steps.done("She walks away with her phone: her pages are covered, and nobody gets in.");
    phone.come_back().await?;
    browser.until("/", |page| page.status == 200).await?;
    steps.done("She comes back: the cover lifts by itself.");

    browser.fill_in("/auth/logout", &[]).await?;
    // The application answers before the service has heard of it.
    if !phone.is_logged_out_within(STEP).await? {
        return Err("the service still has her session".into());
    }
    steps.done("She signs out. The service has ended the session.");
    println!("\nThat is all there is to it.");
    Ok(())
}
