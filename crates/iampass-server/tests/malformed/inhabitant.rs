//! Somebody with everything that one can have at the service: what malformed requests are signed with and made of.

use iampass_core::signing::{BodyDigest, Nonce, Signer};
use iampass_core::{Secret, UnixSeconds};
use iampass_server::Route;
use serde_json::{Value, json};

use crate::bytes::{exchange, statuses};
use crate::child::Child;
use crate::login::{Visitor, is_of_login};
use crate::member::Member;

#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) id: String,
    pub(crate) secret: Secret,
}

pub(crate) struct Inhabitant {
    /// As requests name it.
    pub(crate) authority: String,
    pub(crate) application: Pair,
    pub(crate) user: String,
    /// A link that has not been used.
    code: String,
    pub(crate) device: Pair,
    /// A session that is active.
    pub(crate) session: Pair,
    /// Its name at the phone.
    name: String,
    /// A question that waits.
    pub(crate) question: Pair,
    /// Where the files of the phone's page lie, and one of them; one of the pages with documents.
    release: String,
    asset: String,
    document_asset: String,
    console_asset: String,
    pub(crate) member: Member,
    pub(crate) visitor: Visitor,
    /// A key of the Admin API, and the application that it is tried with: it can delete it.
    admin: Pair,
    admin_application: String,
}

impl Inhabitant {
    pub(crate) async fn settle(child: &Child, number: u64) -> Self {
        let (id, secret) = child.application.clone();
        let application = Pair { id, secret };
        let (user, guest) = (format!("user-{number}"), format!("guest-{number}"));
        let app = &application.id;
        let (admin_application, (id, secret)) = child.admin(&format!("Admin {number}"));
        let admin = Pair { id, secret };
        let path = format!("/admin/v1/applications/{admin_application}/add_users");
        call(child, "POST", &path, Some(&admin), json!({"users": [user]})).await;
        call(
            child,
            "POST",
            &format!("/management/add_users/{app}"),
            Some(&application),
            json!({"users": [user, guest]}),
        )
        .await;
        let link = async |user: &str| {
            let path = format!("/management/device_registration_link/{app}/{user}");
            path_of(
                call(child, "GET", &path, Some(&application), Value::Null).await["register_url"]
                    .as_str()
                    .unwrap(),
            )
        };
        let device = register(child, &link(&user).await).await;
        let mut one = Self {
            authority: child.authority.clone(),
            code: link(&guest).await.trim_start_matches("/r/").to_owned(),
            session: device.clone(),
            question: device.clone(),
            name: String::new(),
            release: String::new(),
            asset: String::new(),
            document_asset: String::new(),
            console_asset: String::new(),
            member: Member::settle(child, number).await,
            visitor: Visitor::settle(child, number).await,
            admin,
            admin_application,
            application,
            user,
            device,
        };
        one.session = one.ask(child).await;
        one.question = one.question(child).await;
        one.name = one.question.id.clone();
        one.accept(child).await;
        // The next one stays open.
        one.ask(child).await;
        one.question = one.question(child).await;
        one.find_files(child).await;
        one
    }

    /// A whole login.
    pub(crate) async fn logs_in(&mut self, child: &Child) {
        self.session = self.ask(child).await;
        self.question = self.question(child).await;
        self.accept(child).await;
        let path = format!("/authentication/session/{}/status", self.session.id);
        let status = call(child, "GET", &path, Some(&self.session), Value::Null).await;
        assert_eq!(status["session_status"], "active");
    }

    async fn ask(&self, child: &Child) -> Pair {
        let path = format!("/authentication/authenticate_user/{}/{}", self.application.id, self.user);
        let started = call(child, "POST", &path, Some(&self.application), json!({})).await;
        let started = &started["authentication_status"];
        pair(&started["session_token"], &started["session_secret"])
    }

    async fn question(&self, child: &Child) -> Pair {
        let path = format!("/device/{}/pending_requests", self.device.id);
        let waiting = call(child, "GET", &path, Some(&self.device), Value::Null).await;
        let last = waiting["requests"].as_array().unwrap().last().unwrap();
        pair(&last["auth_request_id"], &last["identify"]["identification_data_secret"])
    }

    async fn accept(&self, child: &Child) {
        let path = format!("/identification/{}", self.question.id);
        call(child, "POST", &path, Some(&self.question), json!({"accepted": true})).await;
    }

    async fn find_files(&mut self, child: &Child) {
        let page = get(child, "/phone").await;
        let script = page.split('"').find(|text| text.ends_with("/main.js")).expect("the phone's script");
        let mut parts = script.trim_start_matches("../").split('/').skip(1);
        self.release = parts.next().unwrap().to_owned();
        self.asset = parts.next().unwrap().to_owned();
        self.document_asset = stylesheet_of(&get(child, "/docs/api").await);
        self.console_asset = stylesheet_of(&get(child, "/console/register").await);
    }

    /// The key pair that signs requests for a route.
    pub(crate) fn signer(&self, route: Route) -> Option<&Pair> {
        let mut parts = route.pattern.split('/').skip(1);
        match (parts.next(), parts.next()) {
            (Some("management"), _)
            | (Some("authentication"), Some("authenticate_user" | "start" | "return")) => {
                Some(&self.application)
            }
            (Some("authentication"), _) => Some(&self.session),
            (Some("device"), _) => Some(&self.device),
            (Some("identification"), _) => Some(&self.question),
            (Some("admin"), _) => Some(&self.admin),
            _ => None,
        }
    }

    /// The value that stands for a placeholder of a route.
    pub(crate) fn value(&self, route: Route, placeholder: &str) -> Option<&str> {
        let is_console = route.pattern.starts_with("/console");
        Some(match placeholder {
            "{app}" if route.pattern.starts_with("/admin") => &self.admin_application,
            "{account}" if route.pattern.starts_with("/admin") => "nobody",
            "{key}" => &self.admin.id,
            "{application}" if is_console => &self.member.application,
            "{user}" if is_console => &self.member.user_number,
            "{session}" => &self.member.session,
            "{app}" | "{application}" => &self.application.id,
            "{account}" => &self.member.account,
            "{*path}" => "x",
            "{name}" if is_of_login(route) => &self.visitor.file,
            "{user}" => &self.user,
            "{token}" => &self.session.id,
            "{code}" => &self.code,
            "{id}" => &self.device.id,
            "{question}" => &self.question.id,
            "{release}" => &self.release,
            "{name}" if route.pattern.starts_with("/device") => &self.name,
            "{name}" if route.pattern.starts_with("/docs") => &self.document_asset,
            "{name}" if is_console => &self.console_asset,
            "{name}" => &self.asset,
            _ => return None,
        })
    }

    /// A route with a placeholder of a new name needs a value for it.
    pub(crate) fn check_placeholders(&self, routes: &[Route]) {
        for &route in routes {
            for part in route.pattern.split('/').filter(|part| part.starts_with('{')) {
                assert!(
                    self.value(route, part).is_some(),
                    "{route:?}: tell Inhabitant::value what {part} is"
                );
            }
        }
    }

    /// The two headers of a signature.
    pub(crate) fn sign(&self, pair: &Pair, target: &str, nonce: u64) -> Vec<(&'static str, String)> {
        sign(pair, &self.authority, target, nonce)
    }
}

fn sign(pair: &Pair, authority: &str, target: &str, nonce: u64) -> Vec<(&'static str, String)> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let url = format!("http://{authority}{target}");
    let signer = Signer { id: &pair.id, secret: &pair.secret };
    signer.sign(&url, Nonce::new(nonce), UnixSeconds(now)).lines().into()
}

pub(crate) fn pair(id: &Value, secret: &Value) -> Pair {
    Pair { id: id.as_str().unwrap().to_owned(), secret: Secret::new(secret.as_str().unwrap()) }
}

pub(crate) fn path_of(url: &str) -> String {
    let after_scheme = url.split_once("://").unwrap().1;
    after_scheme[after_scheme.find('/').unwrap()..].to_owned()
}

/// A new phone, by a link that has not been used.
pub(crate) async fn register(child: &Child, link: &str) -> Pair {
    let registration = json!({"notification_token": "*malformed", "platform": "web"});
    let record = call(child, "POST", link, None, registration).await;
    pair(&record["device"]["device_id"], &record["device"]["device_secret"])
}

/// Whether a phone or a key of the Admin API calls it: then the URL of a POST names the digest of the body.
pub(crate) fn is_of_phone(path: &str) -> bool {
    ["/device/", "/identification/", "/admin/"].iter().any(|start| path.starts_with(start))
}

/// A request as it should be, and its answer.
pub(crate) async fn call(child: &Child, method: &str, path: &str, pair: Option<&Pair>, body: Value) -> Value {
    let authority = &child.authority;
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let path = match method {
        "POST" if is_of_phone(path) => BodyDigest::of(body.as_bytes()).appended_to(path),
        _ => path.to_owned(),
    };
    let mut nonce = [0; 8];
    getrandom::fill(&mut nonce).unwrap();
    let headers = pair.map(|pair| sign(pair, authority, &path, u64::from_ne_bytes(nonce)));
    let lines: String =
        headers.unwrap_or_default().iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n{lines}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = exchange(child.address, u64::MAX, request.as_bytes(), true).await;
    assert!(
        matches!(statuses(&answer)[..], [200..300]),
        "{method} {path}: {}",
        String::from_utf8_lossy(&answer)
    );
    let text = String::from_utf8(answer).unwrap();
    serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap()
}

fn stylesheet_of(page: &str) -> String {
    let style = page.split('"').find(|text| text.ends_with(".css")).expect("a stylesheet");
    style.rsplit('/').next().unwrap().to_owned()
}

async fn get(child: &Child, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", child.authority);
    String::from_utf8(exchange(child.address, u64::MAX, request.as_bytes(), true).await).unwrap()
}
