//! A browser without a script: cookies, redirects by hand, and the headers that browsers send.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, redirect};

use crate::setting::SOON;

#[derive(Clone)]
pub(crate) struct Browser {
    http: Client,
    /// The node that it is led to.
    node: String,
    /// The address that it takes for the application's.
    pub(crate) origin: String,
    pub(crate) cookies: BTreeMap<String, String>,
    /// Its `User-Agent`.
    pub(crate) user_agent: Option<&'static str>,
}

pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Page {
    /// The address of the picture by which the page says that it has arrived.
    pub(crate) fn picture(&self) -> Option<String> {
        let (_, from) = self.text.split_once("<img class=\"arrived\" src=\"")?;
        Some(from.split_once('"')?.0.to_owned())
    }

    /// The page but for that address, which differs each time.
    pub(crate) fn text_without_picture(&self) -> String {
        self.picture().map_or_else(|| self.text.clone(), |picture| self.text.replace(&picture, "PICTURE"))
    }
}

impl Browser {
    pub(crate) fn new(node: String, origin: String) -> Self {
        let http = Client::builder().redirect(redirect::Policy::none()).timeout(SOON).build().unwrap();
        Self { http, node, origin, cookies: BTreeMap::new(), user_agent: None }
    }

    /// The same browser, led to another node.
    pub(crate) fn at(&self, other: &Self) -> Self {
        Self { node: other.node.clone(), ..self.clone() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.http.request(method, format!("{}{path}", self.node));
        // Whichever node a load balancer leads it to, it asks for the application's own host.
        let request = match self.origin.strip_prefix("http://") {
            Some(host) if self.node != self.origin => request.header("host", host),
            _ => request,
        };
        let request = match self.user_agent {
            Some(user_agent) => request.header("user-agent", user_agent),
            None => request,
        };
        if cookies.is_empty() { request } else { request.header("cookie", cookies.join("; ")) }
    }

    pub(crate) async fn take(&mut self, request: RequestBuilder) -> Page {
        let response = request.send().await.unwrap();
        self.keep_cookies(&response);
        let (status, headers) = (response.status(), response.headers().clone());
        let location = headers.get("location").map(|value| value.to_str().unwrap().to_owned());
        Page { status, location, headers, text: response.text().await.unwrap() }
    }

    fn keep_cookies(&mut self, response: &Response) {
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Goes to an address, and loads the picture of the page by which a login is over.
    pub(crate) async fn get(&mut self, path: &str) -> Page {
        let page = self.get_without_picture(path).await;
        self.load_picture(&page).await;
        page
    }

    /// The page has arrived: its picture is asked for.
    pub(crate) async fn load_picture(&mut self, page: &Page) {
        if let Some(picture) = page.picture() {
            assert_eq!(self.fetch(&picture).await.status, 200);
        }
    }

    /// Goes to an address by an answer that has not arrived yet.
    pub(crate) async fn get_without_picture(&mut self, path: &str) -> Page {
        let request = self.request(Method::GET, path);
        let request = request.header("sec-fetch-mode", "navigate").header("sec-fetch-site", "none");
        self.take(request.header("accept", "text/html")).await
    }

    /// A request of a script on the page.
    pub(crate) async fn fetch(&mut self, path: &str) -> Page {
        let request = self.request(Method::GET, path);
        self.take(request.header("sec-fetch-mode", "cors").header("sec-fetch-site", "same-origin")).await
    }

    /// Sends a form of one of the application's pages.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self.form(path, fields).header("origin", self.origin.clone());
        self.take(request.header("sec-fetch-site", "same-origin")).await
    }

    /// A script of the application's own page sends the same, and reads the answer.
    pub(crate) async fn call(&mut self, path: &str, fields: &[(&str, &str)]) -> (Page, serde_json::Value) {
        let request = self.form(path, fields).header("origin", self.origin.clone());
        let (client, request) = request.header("sec-fetch-site", "same-origin").build_split();
        let mut request = request.unwrap();
        request.headers_mut().insert("sec-fetch-mode", "cors".parse().unwrap());
        request.headers_mut().insert("accept", "application/json".parse().unwrap());
        let page = self.take(RequestBuilder::from_parts(client, request)).await;
        let json = serde_json::from_str(&page.text).unwrap_or_default();
        (page, json)
    }

    /// Takes back the login whose page has this address, as the form of that page does.
    pub(crate) async fn cancel(&mut self, wait: &str) -> Page {
        let (_, proof) = wait.split_once("proof=").unwrap();
        let page = self.post("/auth/login/cancel", &[("proof", proof)]).await;
        self.load_picture(&page).await;
        page
    }

    /// A form without the headers that say where it comes from.
    pub(crate) fn form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        self.request(Method::POST, path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-mode", "navigate")
            .header("accept", "text/html")
            .body(body.finish())
    }

    /// The first event of a stream, and those that come at once after it.
    pub(crate) async fn first_events(&mut self, path: &str) -> String {
        let mut answer = self.request(Method::GET, path).send().await.unwrap();
        let mut heard = String::new();
        let mut patience = SOON;
        while let Ok(Ok(Some(part))) = tokio::time::timeout(patience, answer.chunk()).await {
            heard.push_str(std::str::from_utf8(&part).unwrap());
            patience = Duration::from_millis(300);
        }
        heard
    }

    /// Begins a login, and gives the address of the page to wait on.
    pub(crate) async fn begin(&mut self, name: &str) -> String {
        let page = self.post("/auth/login", &[("login_name", name), ("return_to", "/?from=login")]).await;
        assert_eq!(page.status, 303, "{}", page.text);
        page.location.unwrap()
    }

    /// Reloads the page until the login is taken up. Its script has taken the request to accept away by then.
    pub(crate) async fn complete(&mut self, wait: &str) -> Page {
        self.reload_until(&format!("{wait}&shown=nothing"), |page| page.status == 303).await
    }

    pub(crate) async fn reload_until(&mut self, path: &str, is_it: impl Fn(&Page) -> bool) -> Page {
        let began = std::time::Instant::now();
        loop {
            let page = self.get(path).await;
            if is_it(&page) {
                return page;
            }
            assert!(began.elapsed() < SOON, "{path} stays {} {}", page.status, page.text);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether the application lets it in.
    pub(crate) async fn is_in(&mut self) -> bool {
        let page = self.get("/").await;
        match page.status.as_u16() {
            200 => true,
            303 | 403 | 503 => false,
            other => panic!("{other}: {}", page.text),
        }
    }
}
