//! A browser, as far as a login needs one: it keeps cookies, follows nothing by itself, and says where its forms come from.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response};

use crate::world::SOON;

pub(crate) struct Browser {
    client: Client,
    origin: String,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let client = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        Self { client, origin: format!("http://{address}"), cookies: BTreeMap::new() }
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// A request with the cookies that it has.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.origin)).timeout(2 * SOON);
        if self.cookies.is_empty() {
            return request;
        }
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.header(COOKIE, cookies.join("; "))
    }

    pub(crate) async fn send(&mut self, request: RequestBuilder) -> Response {
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (pair, attributes) = cookie.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }

    /// The page that a person sees at an address.
    pub(crate) async fn page(&mut self, path: &str) -> Response {
        let request = self.request(Method::GET, path).header(ACCEPT, "text/html");
        self.send(request).await
    }

    /// The events of an open page, from a server that may compress them.
    pub(crate) async fn events(&mut self, path: &str) -> Response {
        let request = self.request(Method::GET, path).header(ACCEPT_ENCODING, "gzip");
        self.send(request).await
    }

    /// The answer that a program gets.
    pub(crate) async fn call(&mut self, path: &str) -> Response {
        let request = self.request(Method::GET, path).header(ACCEPT, "application/json");
        self.send(request).await
    }

    /// The same, as its status and text.
    pub(crate) async fn read(&mut self, path: &str) -> (u16, String) {
        let response = self.call(path).await;
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// Sends a form of a page of the application.
    pub(crate) async fn post(&mut self, path: &str, form: impl Into<String>) -> Response {
        let request = self
            .request(Method::POST, path)
            .header(ACCEPT, "text/html")
            .header(ORIGIN, &self.origin)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.into());
        self.send(request).await
    }

    /// Begins a login; gives the address of the page that waits.
    pub(crate) async fn begin(&mut self, name: &str, return_to: &str) -> String {
        let answer = self.post("/auth/login", format!("login_name={name}&return_to={return_to}")).await;
        assert_eq!(answer.status(), 303);
        let wait = location(&answer);
        assert!(wait.starts_with("/auth/login/wait?proof="), "{wait}");
        wait
    }

    /// Waits until the waiting page would go on, by asking.
    pub(crate) async fn until_moved(&mut self, wait: &str) {
        let state = wait.replace("/wait?", "/state?");
        let begun = Instant::now();
        while self.read(&state).await.1 != r#"{"moved":true}"# {
            assert!(begun.elapsed() < SOON, "the phone's answer did not arrive");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

pub(crate) fn location(response: &Response) -> String {
    response.headers()[LOCATION].to_str().unwrap().to_owned()
}

pub(crate) fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

/// The next part of a stream as text; empty at its end.
pub(crate) async fn next(stream: &mut Response) -> String {
    let chunk = stream.chunk().await.unwrap().unwrap_or_default();
    String::from_utf8(chunk.to_vec()).unwrap()
}
