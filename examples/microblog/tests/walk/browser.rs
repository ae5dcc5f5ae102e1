//! A browser without a script: cookies, and the headers that browsers send. Redirects are followed by hand.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder, redirect};

/// For things that happen at once, on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub(crate) struct Browser {
    http: Client,
    origin: String,
    cookies: BTreeMap<String, String>,
}

pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Page {
    /// Whether it leads there.
    #[track_caller]
    pub(crate) fn leads_to(&self, location: &str) {
        assert_eq!((self.status, self.location.as_deref()), (303, Some(location)), "{}", self.text);
    }

    #[track_caller]
    pub(crate) fn shows(&self, text: &str) {
        assert!(
            self.status == 200 && self.text.contains(text),
            "{} without {text}: {}",
            self.status,
            self.text
        );
    }

    #[track_caller]
    pub(crate) fn is(&self, status: u16, text: &str) {
        assert_eq!(self.status, status, "{}", self.text);
        assert!(self.text.contains(text), "no {text} in {}", self.text);
    }

    /// The address in an attribute.
    #[track_caller]
    pub(crate) fn link(&self, containing: &str) -> String {
        let mut parts = self.text.split(|c: char| c.is_whitespace() || "\"'<>".contains(c));
        parts.find(|part| part.contains(containing)).unwrap_or_else(|| panic!("{}", self.text)).to_owned()
    }
}

impl Browser {
    pub(crate) fn new(origin: &str) -> Self {
        let http = Client::builder().redirect(redirect::Policy::none()).timeout(SOON).build().unwrap();
        Self { http, origin: origin.to_owned(), cookies: BTreeMap::new() }
    }

    pub(crate) fn has_cookies(&self) -> bool {
        !self.cookies.is_empty()
    }

    /// The names of its cookies.
    pub(crate) fn cookie_names(&self) -> Vec<&str> {
        self.cookies.keys().map(String::as_str).collect()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.http.request(method, format!("{}{path}", self.origin));
        let request = request.header("accept", "text/html").header("sec-fetch-mode", "navigate");
        if cookies.is_empty() { request } else { request.header("cookie", cookies.join("; ")) }
    }

    pub(crate) async fn take(&mut self, request: RequestBuilder) -> Page {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for cookie in headers.get_all("set-cookie") {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = headers.get("location").map(|value| value.to_str().unwrap().to_owned());
        Page { status, location, headers, text: response.text().await.unwrap() }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.take(self.request(Method::GET, path).header("sec-fetch-site", "none")).await
    }

    /// Follows a link on one of the application's own pages.
    pub(crate) async fn follow(&mut self, path: &str) -> Page {
        self.take(self.request(Method::GET, path).header("sec-fetch-site", "same-origin")).await
    }

    /// Sends a form of one of the application's own pages.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let form = self.form(path, fields);
        self.take(form.header("origin", &self.origin).header("sec-fetch-site", "same-origin")).await
    }

    /// A form that does not say where it comes from.
    pub(crate) fn form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        self.request(Method::POST, path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.finish())
    }

    /// Loads a page again until it is as expected.
    pub(crate) async fn reload_until(&mut self, path: &str, is_it: impl Fn(&Page) -> bool) -> Page {
        let began = Instant::now();
        loop {
            let page = self.get(path).await;
            if is_it(&page) {
                return page;
            }
            assert!(began.elapsed() < SOON, "{path} stays {} {}", page.status, page.text);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
