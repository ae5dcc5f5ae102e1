//! A browser without a script: cookies, redirects by hand, and the headers that browsers send.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder, StatusCode, redirect};

use crate::world::SOON;

#[derive(Clone)]
pub(crate) struct Browser {
    http: Client,
    /// The application's address.
    origin: String,
    pub(crate) cookies: BTreeMap<String, String>,
}

pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Page {
    /// The text between these two, where they first stand.
    pub(crate) fn between(&self, before: &str, after: &str) -> Option<String> {
        let (_, rest) = self.text.split_once(before)?;
        Some(rest.split_once(after)?.0.to_owned())
    }

    /// The address of the first note in the list.
    pub(crate) fn note(&self) -> String {
        let id = self.between("<h2><a href=\"/notes/", "\"").expect(&self.text);
        format!("/notes/{id}")
    }
}

impl Browser {
    pub(crate) fn new(origin: &str) -> Self {
        let http = Client::builder().redirect(redirect::Policy::none()).timeout(SOON).build().unwrap();
        Self { http, origin: origin.to_owned(), cookies: BTreeMap::new() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.http.request(method, format!("{}{path}", self.origin));
        if cookies.is_empty() { request } else { request.header("cookie", cookies.join("; ")) }
    }

    pub(crate) async fn take(&mut self, request: RequestBuilder) -> Page {
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, rest) = cookie.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                let value = rest.split(';').next().unwrap();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let location = headers.get("location").map(|value| value.to_str().unwrap().to_owned());
        Page { status, location, headers, text: response.text().await.unwrap() }
    }

    /// Goes to an address.
    pub(crate) async fn get(&mut self, path: &str) -> Page {
        let request = self.request(Method::GET, path).header("accept", "text/html");
        self.take(request.header("sec-fetch-mode", "navigate").header("sec-fetch-site", "none")).await
    }

    /// Follows a link on one of the application's pages.
    pub(crate) async fn follow(&mut self, path: &str) -> Page {
        let request = self.request(Method::GET, path).header("accept", "text/html");
        self.take(request.header("sec-fetch-mode", "navigate").header("sec-fetch-site", "same-origin")).await
    }

    /// A form without the headers that say where it comes from.
    pub(crate) fn form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        self.request(Method::POST, path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.finish())
    }

    /// Sends a form of one of the application's pages.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self.form(path, fields).header("accept", "text/html");
        let request = request.header("origin", &self.origin).header("sec-fetch-site", "same-origin");
        self.take(request.header("sec-fetch-mode", "navigate")).await
    }

    /// The same, after which it goes on to the front page.
    pub(crate) async fn post_on(&mut self, path: &str, fields: &[(&str, &str)]) {
        let page = self.post(path, fields).await;
        assert_eq!((page.status.as_u16(), page.location.as_deref()), (303, Some("/")), "{}", page.text);
    }

    pub(crate) async fn reload_until(&mut self, path: &str, is_it: impl Fn(&Page) -> bool) -> Page {
        let began = Instant::now();
        loop {
            let page = self.get(path).await;
            if is_it(&page) {
                return page;
            }
            assert!(began.elapsed() < SOON, "{path} stays {} {}", page.status, page.text);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
