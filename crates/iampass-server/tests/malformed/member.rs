//! An administrator who is signed in to the Console and owns an application there: what requests to the Console's pages are made with. Those who
//! are not signed in are sent to the login, and see nothing of what is behind it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use crate::bytes::exchange;
use crate::child::Child;
use crate::inhabitant::{Pair, call, pair, path_of, register};

#[derive(Default)]
pub(crate) struct Member {
    pub(crate) cookies: BTreeMap<String, String>,
    /// An application of the member's own, with one user who is logged in and asked once more.
    pub(crate) application: String,
    pub(crate) user: String,
    /// As the pages write the user and the session in their addresses.
    pub(crate) user_number: String,
    pub(crate) session: String,
    /// The member's own number.
    pub(crate) account: String,
}

impl Member {
    /// A new administrator, signed in with a new phone.
    pub(crate) async fn signed_in(child: &Child, number: u64, name: &str) -> Self {
        let mut one = Self::default();
        one.post(child, number, &child.administrator_link(name), "").await;
        let page = one.get(child, number, "/console/auth/enrol").await;
        let phone = register(child, &path_of(quoted(&page, "/r/"))).await;
        let form = format!("login_name={name}&return_to=/console");
        let place = location(&one.post(child, number, "/console/auth/login", &form).await);
        let code = loop {
            let page = one.get(child, number, &place).await;
            let groups =
                page.split("class=\"code-group\">").skip(1).map(|group| &group[..3]).collect::<Vec<_>>();
            if groups.len() == 2 {
                break groups.concat();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let path = format!("/device/{}/bring", phone.id);
        call(child, "POST", &path, Some(&phone), json!({"code": code})).await;
        accept_all(child, &phone, json!({"accepted": true, "code": code})).await;
        while one.get(child, number, &place).await.starts_with("HTTP/1.1 200") {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // The first request with its cookie takes the session into use.
        one.get(child, number, "/console/account").await;
        one
    }

    pub(crate) async fn settle(child: &Child, number: u64) -> Self {
        let mut one = Self::signed_in(child, number, &format!("member-{}", number & 0xffff)).await;
        one.user = format!("customer-{number}");
        let page = one.post(child, number, "/console/applications/new", "name=malformed").await;
        let shown = |field: &str| {
            let (_, after) = page.split_once(&format!("id=\"{field}\"")).expect(&page);
            after.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
        };
        let application = pair(&shown("credential_id").into(), &shown("credential_secret").into());
        one.has_user(child, &application).await;
        one.application = application.id;
        let pages = format!("/console/applications/{}", one.application);
        one.user_number = number_after(&one.get(child, number, &format!("{pages}/users")).await, "/users/");
        one.session = number_after(&one.get(child, number, &format!("{pages}/sessions")).await, "/sessions/");
        one.account = number_after(&one.get(child, number, &format!("{pages}/members")).await, "/members/");
        one
    }

    async fn has_user(&self, child: &Child, application: &Pair) {
        let (id, user) = (&application.id, &self.user);
        let call = async |method, path: &str, body| call(child, method, path, Some(application), body).await;
        // An application that was added in the Console takes no login without a code.
        let shows = || json!({"confirm": ["code"], "known_browser": true});
        call("POST", &format!("/management/add_users/{id}"), json!({"users": [user]})).await;
        let link =
            call("GET", &format!("/management/device_registration_link/{id}/{user}"), json!(null)).await;
        let phone = register(child, &path_of(link["register_url"].as_str().unwrap())).await;
        let login = format!("/authentication/authenticate_user/{id}/{user}");
        let started = call("POST", &login, shows()).await;
        let code = &started["authentication_status"]["confirmation"]["code"];
        accept_all(child, &phone, json!({"accepted": true, "code": code})).await;
        call("POST", &login, shows()).await;
    }

    /// The cookies that the browser sends along.
    pub(crate) fn cookies(&self) -> String {
        let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    pub(crate) async fn get(&mut self, child: &Child, number: u64, path: &str) -> String {
        self.send(child, number, "GET", path, "").await
    }

    pub(crate) async fn post(&mut self, child: &Child, number: u64, path: &str, form: &str) -> String {
        self.send(child, number, "POST", path, form).await
    }

    async fn send(&mut self, child: &Child, number: u64, method: &str, path: &str, form: &str) -> String {
        let (address, authority, cookies, length) =
            (child.address, &child.authority, self.cookies(), form.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\nAccept: text/html\r\nOrigin: http://{authority}\r\n\
             Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\nCookie: {cookies}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
        );
        // Each member comes from an address of its own: from one come only so many accounts.
        let answer = exchange(address, number | 0x20_0000, request.as_bytes(), true).await;
        let answer = String::from_utf8(answer).unwrap();
        for line in answer.lines().take_while(|line| !line.is_empty()) {
            let Some(cookie) = line.strip_prefix("set-cookie: ") else { continue };
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }
}

async fn accept_all(child: &Child, phone: &Pair, answer: serde_json::Value) {
    let path = format!("/device/{}/pending_requests", phone.id);
    let waiting = call(child, "GET", &path, Some(phone), json!(null)).await;
    for question in waiting["requests"].as_array().unwrap() {
        let signer = pair(&question["auth_request_id"], &question["identify"]["identification_data_secret"]);
        let path = format!("/identification/{}", signer.id);
        call(child, "POST", &path, Some(&signer), answer.clone()).await;
    }
}

fn quoted<'a>(page: &'a str, part: &str) -> &'a str {
    page.split('"').find(|text| text.contains(part)).expect(page)
}

/// The first number that follows this part of an address.
fn number_after(page: &str, part: &str) -> String {
    let numbers = page.split(part).skip(1).map(|rest| {
        let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].to_owned()
    });
    numbers.into_iter().find(|number| !number.is_empty()).expect(page)
}

pub(crate) fn location(answer: &str) -> String {
    answer.lines().find_map(|line| line.strip_prefix("location: ")).expect(answer).to_owned()
}
