//! A browser without a script, of an owner or of an attacker.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use iampass_testkit::{VirtualPhone, code_on_page};
use reqwest::{Client, Method, redirect};

use crate::ground::SOON;
use crate::verdict::Failure;

#[derive(Clone)]
pub(crate) struct Browser {
    http: Client,
    origin: String,
    address: String,
    /// Where the login pages are.
    mount: String,
    pub(crate) cookies: BTreeMap<String, String>,
}

/// A page as it came.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) text: String,
}

impl Browser {
    pub(crate) fn new(origin: &str, address: &str, mount: &str) -> Result<Self, Failure> {
        let http = Client::builder().redirect(redirect::Policy::none()).timeout(SOON * 2).build()?;
        let (origin, address, mount) = (origin.to_owned(), address.to_owned(), mount.to_owned());
        Ok(Self { http, origin, address, mount, cookies: BTreeMap::new() })
    }

    async fn send(&mut self, method: Method, path: &str, form: Option<String>) -> Result<Page, Failure> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.origin))
            .header("accept", "text/html")
            .header("sec-fetch-mode", "navigate")
            .header("x-forwarded-for", &self.address);
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        if let Some(form) = form {
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "same-origin")
                .header("origin", &self.origin)
                .body(form);
        } else {
            request = request.header("sec-fetch-site", "none");
        }
        let response = request.send().await?;
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str()?;
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = response.headers().get("location").map(|place| place.to_str().map(str::to_owned));
        let (status, location) = (response.status().as_u16(), location.transpose()?);
        Ok(Page { status, location, text: response.text().await? })
    }

    pub(crate) async fn get(&mut self, path: &str) -> Result<Page, Failure> {
        let page = self.send(Method::GET, path, None).await?;
        // The picture by which a page says that it has arrived.
        let picture = page.text.split_once("<img class=\"arrived\" src=\"").map(|(_, rest)| rest);
        if let Some((picture, _)) = picture.and_then(|rest| rest.split_once('"')) {
            self.send(Method::GET, picture, None).await?;
        }
        Ok(page)
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Page, Failure> {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Method::POST, path, Some(form)).await
    }

    /// Types a name on the login page.
    pub(crate) async fn try_name(&mut self, name: &str) -> Result<Page, Failure> {
        self.post(&format!("{}/login", self.mount), &[("login_name", name), ("return_to", "/")]).await
    }

    /// Taps on what shows the QR code.
    pub(crate) async fn begin_nameless(&mut self) -> Result<Page, Failure> {
        self.post(&format!("{}/login/code", self.mount), &[("return_to", "/")]).await
    }

    /// Begins a login, which has to be possible; where its page is.
    pub(crate) async fn begin(&mut self, name: &str) -> Result<String, Failure> {
        let page = self.try_name(name).await?;
        match (page.status, page.location) {
            (303, Some(wait)) => Ok(wait),
            (status, _) => Err(format!("a login of {name} was not begun: {status}").into()),
        }
    }

    /// The digits that the page shows, as soon as it does.
    pub(crate) async fn code(&mut self, wait: &str) -> Result<String, Failure> {
        let deadline = Instant::now() + SOON;
        loop {
            let page = self.get(wait).await?;
            if let Some(code) = code_on_page(&page.text) {
                return Ok(code);
            }
            if Instant::now() > deadline {
                return Err("the page shows no code".into());
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Loads the page until it leads on; whether it did.
    pub(crate) async fn leads_on(&mut self, wait: &str, patience: Duration) -> Result<bool, Failure> {
        let deadline = Instant::now() + patience;
        loop {
            if self.get(&format!("{wait}&shown=nothing")).await?.status == 303 {
                return Ok(true);
            }
            if Instant::now() > deadline {
                return Ok(false);
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Signs in with a phone that brings this page's code.
    pub(crate) async fn sign_in(&mut self, phone: &VirtualPhone, name: &str) -> Result<(), Failure> {
        let wait = self.begin(name).await?;
        let code = self.code(&wait).await?;
        phone.accept_code(&code).await?;
        if self.leads_on(&wait, SOON).await? { Ok(()) } else { Err("an honest login came to nothing".into()) }
    }

    /// Whether the application's page for users lets it in.
    pub(crate) async fn is_in(&mut self) -> Result<bool, Failure> {
        Ok(self.get("/").await?.status == 200)
    }
}
