//! A browser without a script, and the phone of who sits before it.

use std::collections::BTreeMap;
use std::time::Duration;

use iampass_server::{ConsoleLink, ConsoleSettings, Registration};
use serde_json::json;

use crate::rig::{Answer, Phone, Question, Rig, path_of, questions};

pub(crate) const SESSION: &str = "iampass-console-session";

/// A service whose Console anybody may register at.
pub(crate) async fn open_house() -> Rig {
    Rig::with(|config| config.console = Some(ConsoleSettings::new(Registration::Open))).await
}

pub(crate) struct Visitor<'r> {
    pub(crate) rig: &'r Rig,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) phone: Option<Phone>,
}

impl<'r> Visitor<'r> {
    pub(crate) fn new(rig: &'r Rig) -> Self {
        Self { rig, cookies: BTreeMap::new(), phone: None }
    }

    /// Somebody who has registered and is signed in.
    pub(crate) async fn registered(rig: &'r Rig, name: &str) -> Self {
        let mut visitor = Self::new(rig);
        assert_eq!(visitor.post("/console/register", &[("name", name)]).await.status, 303);
        visitor.enrol().await;
        visitor.sign_in(name).await;
        visitor
    }

    /// The first administrator, signed in.
    pub(crate) async fn administrator(rig: &'r Rig, name: &str) -> Self {
        let mut visitor = Self::new(rig);
        let link = rig.service.console_link(ConsoleLink::NewAdministrator(None)).await.unwrap();
        assert_eq!(visitor.post(&link, &[("name", name)]).await.status, 303);
        visitor.enrol().await;
        visitor.sign_in(name).await;
        visitor
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")], None).await
    }

    /// A form of a page of the Console.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let origin = format!("http://{}", self.rig.address);
        let from =
            [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate"), ("origin", origin.as_str())];
        self.send("POST", path, &from, Some(fields)).await
    }

    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        fields: Option<&[(&str, &str)]>,
    ) -> Answer {
        let mut all = vec![("accept", "text/html".to_owned())];
        all.extend(headers.iter().map(|&(name, value)| (name, value.to_owned())));
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            all.push(("cookie", pairs.join("; ")));
        }
        let body = fields.map(|fields| {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(fields);
            form.finish()
        });
        if body.is_some() {
            all.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
        }
        let answer = self.rig.send(method, path, &all, body.as_deref()).await;
        for line in answer.head.lines() {
            let Some((name, cookie)) = line.split_once(": ") else { continue };
            if !name.eq_ignore_ascii_case("set-cookie") {
                continue;
            }
            let (pair, attributes) = cookie.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// The registration link that the page shows to this browser, if it does.
    pub(crate) async fn registration_link(&mut self) -> Option<String> {
        let page = self.get("/console/auth/enrol").await.body;
        page.split('"').find(|text| text.contains("/r/")).map(str::to_owned)
    }

    /// Opens the registration link on a phone.
    pub(crate) async fn enrol(&mut self) {
        let link = self.registration_link().await.expect("the page shows a link");
        self.phone = Some(self.rig.register(&link).await);
    }

    /// Begins to sign in; where the page waits for the phone.
    pub(crate) async fn begin(&mut self, name: &str) -> String {
        let fields = [("login_name", name), ("return_to", "/console")];
        let answer = self.post("/console/auth/login", &fields).await;
        answer.header("location").expect("the login is begun").to_owned()
    }

    /// The code that the page shows which waits there. It comes when the question is put.
    pub(crate) async fn code_at(&mut self, place: &str) -> String {
        for _ in 0..300 {
            let page = self.get(place).await.body;
            let groups: Vec<_> =
                page.split("class=\"code-group\">").skip(1).map(|group| &group[..3]).collect();
            if groups.len() == 2 {
                return groups.concat();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the page shows no code")
    }

    /// Accepts on the phone, which brings the code of the page that waits there.
    pub(crate) async fn accept_at(&mut self, place: &str) {
        let code = self.code_at(place).await;
        self.accept_code(&code).await;
    }

    /// Accepts on the phone with this code, whoever shows it.
    pub(crate) async fn accept_code(&self, code: &str) {
        let brought = self.rig.bring(self.phone.as_ref().unwrap(), json!({"code": code})).await.ok(200);
        let question = questions(&brought).pop().unwrap();
        self.rig.answer(&question, json!({"accepted": true, "code": code})).await.ok(200);
    }

    /// Loads the page that waits until it goes on, for a while. Its script has taken the request to accept away by then.
    pub(crate) async fn wait(&mut self, place: &str) -> Answer {
        let place = &format!("{place}&shown=nothing");
        for _ in 0..100 {
            self.rig.clock.advance(1);
            let answer = self.get(place).await;
            if answer.status != 200 {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.get(place).await
    }

    /// The question that rings for the page which waits there; `None` where its code rings nowhere.
    pub(crate) async fn rings_at(&mut self, place: &str, phone: &Phone) -> Option<Question> {
        self.code_at(place).await;
        self.rig.questions(phone).await.pop()
    }

    /// Looks at the page until it says so.
    pub(crate) async fn wait_for(&mut self, place: &str, words: &str) {
        for _ in 0..300 {
            if self.get(place).await.body.contains(words) {
                return;
            }
            self.rig.clock.advance(1);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the page does not say {words:?}")
    }

    pub(crate) async fn sign_in(&mut self, name: &str) {
        let place = self.begin(name).await;
        self.accept_at(&place).await;
        let answer = self.wait(&place).await;
        assert_eq!((answer.status, answer.header("location")), (303, Some("/console")), "{answer:?}");
        assert!(self.is_in().await);
    }

    /// Whether the Console shows what is for accounts only.
    pub(crate) async fn is_in(&mut self) -> bool {
        self.get("/console/account").await.status == 200
    }

    /// Adds an application; its id and the secret that is shown.
    pub(crate) async fn add_application(&mut self, name: &str) -> (String, String) {
        let page = self.post("/console/applications/new", &[("name", name)]).await;
        assert_eq!(page.status, 201, "{page:?}");
        let value = |field: &str| {
            let (_, after) = page.body.split_once(&format!("id=\"{field}\"")).unwrap();
            after.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
        };
        let (id, secret) = (value("credential_id"), value("credential_secret"));
        let lines =
            format!("export IAMPASS_APPLICATION_ID={id}\nexport IAMPASS_APPLICATION_SECRET={secret}</pre>");
        assert!(page.body.contains(&lines), "a program sees what a shell exports: {}", page.body);
        (id, secret)
    }

    /// An invitation to an application: the path of its link.
    pub(crate) async fn invite(&mut self, application: &str, role: &str) -> String {
        let page = self
            .post(&format!("/console/applications/{application}/members/invite"), &[("role", role)])
            .await;
        assert_eq!(page.status, 201, "{page:?}");
        let link = page.body.split('"').find(|text| text.contains("/console/join/")).unwrap();
        path_of(link).to_owned()
    }
}
