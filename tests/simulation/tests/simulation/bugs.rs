//! Bugs that are planted into the service's answers, so that the simulation is seen to find such bugs.
//!
//! They stand in a port around the service, and so in no product code. The port knows what the service knows, since all requests and answers
//! go through it, and lies as a service with that bug would.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iampass_core::machine::calls;
use iampass_core::port::{HttpRequest, HttpResponse};
use iampass_core::signing::MovingCode;
use iampass_core::wire::{
    AnswerClaims, AuthenticateAnswer, AuthenticateStatus, AuthenticateUser, BringClaims, PendingRequests,
    Shown,
};
use iampass_core::{Application, UnixSeconds, UserToken};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::clocks::{Clocks, Owner};

/// A bug in binding or supersession.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    /// An acceptance with a wrong code counts.
    AnyCode,
    /// An acceptance that brings what an older or newer login of this user shows counts.
    CodeOfAnotherLogin,
    /// The user's newest login gets the acceptance of an older one.
    NewestGetsTheAnswer,
    /// A denial is taken for an acceptance.
    DenialCounts,
    /// Bringing a code is taken for an acceptance.
    BringingIsEnough,
    /// Every browser rings.
    EveryBrowserRings,
    /// Starts are counted by the user's name alone.
    StartsAreCountedByNameAlone,
    /// A code that moves counts however old it is.
    OldCodesCount,
    /// A second phone gets the question that the first has got for the same code.
    TwoPhonesGetTheQuestion,
    /// A login without a name is said to be that of the user whose phone was the last to bring anything.
    AnotherUserIsNamed,
}

impl Bug {
    pub(crate) const ALL: [Self; 10] = [
        Self::AnyCode,
        Self::CodeOfAnotherLogin,
        Self::NewestGetsTheAnswer,
        Self::DenialCounts,
        Self::BringingIsEnough,
        Self::EveryBrowserRings,
        Self::StartsAreCountedByNameAlone,
        Self::OldCodesCount,
        Self::TwoPhonesGetTheQuestion,
        Self::AnotherUserIsNamed,
    ];
}

struct Login {
    user: String,
    browser: String,
    status_path: String,
    shown: Vec<String>,
}

/// The port.
pub(crate) struct Planted {
    bug: Bug,
    application: Application,
    logins: Vec<Login>,
    /// The browser of each question.
    questions: BTreeMap<String, String>,
    /// The logins that it says are active.
    let_in: BTreeSet<String>,
    clocks: Clocks,
    /// When each login without a name was begun, by the service's clock.
    moving_since: BTreeMap<String, UnixSeconds>,
    /// The first question that was given for each of them.
    first_questions: BTreeMap<String, HttpResponse>,
    last_to_bring: Option<UserToken>,
}

impl Planted {
    pub(crate) fn new(bug: Bug, application: Application, clocks: Clocks) -> Self {
        Self {
            bug,
            application,
            logins: Vec::new(),
            questions: BTreeMap::new(),
            let_in: BTreeSet::new(),
            clocks,
            moving_since: BTreeMap::new(),
            first_questions: BTreeMap::new(),
            last_to_bring: None,
        }
    }

    /// How wrong the service's clock is to go during this request, in milliseconds: a code of long ago is then one of now.
    pub(crate) fn turns_back(&self, request: &HttpRequest) -> i64 {
        let code = claims(request, "brought").and_then(|brought| moving_code(&brought));
        let Some(code) = code.filter(|_| self.bug == Bug::OldCodesCount) else { return 0 };
        let Some(since) = self.moving_since.get(code.token()) else { return 0 };
        let shown_at = since.0 + code.step();
        self.clocks.now(Owner::Service).wall.0.saturating_sub(shown_at).cast_signed() * -1_000
    }

    /// The request as the service gets it.
    pub(crate) fn before(&mut self, request: HttpRequest) -> HttpRequest {
        if self.bug != Bug::EveryBrowserRings {
            return request;
        }
        let Some(user) = started_user(&request) else { return request };
        let body: AuthenticateUser = serde_json::from_slice(request.body()).unwrap();
        let header = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
        let nonce = header("authentication").split(':').nth(1).unwrap().parse().unwrap();
        let at = UnixSeconds(header("x-iampass-authentication-timestamp").parse().unwrap());
        let user = UserToken::new(user).unwrap();
        let body = body.known_browser(true);
        let call = calls::authenticate_user(&self.application, &user, &[], None, &body).unwrap();
        call.sign(iampass_core::signing::Nonce::new(nonce), at)
    }

    /// The answer as the caller gets it.
    pub(crate) fn after(&mut self, request: &HttpRequest, answer: HttpResponse) -> HttpResponse {
        let path = request.uri().path().to_owned();
        if path.starts_with("/authentication/start/") {
            self.note_moving(&answer);
        }
        if let Some(brought) = claims::<BringClaims>(request, "brought") {
            self.last_to_bring = Some(brought.sub.clone());
            if self.bug == Bug::TwoPhonesGetTheQuestion
                && let Some(code) = moving_code(&brought)
            {
                return self.first_question(code.token(), answer);
            }
        }
        if let Some(user) = started_user(request) {
            return self.after_start(request, &user, answer);
        }
        if let Ok(pending) = serde_json::from_slice::<PendingRequests>(answer.body()) {
            for question in pending.requests {
                let browser = question.browser.unwrap_or_default();
                if self.bug == Bug::BringingIsEnough && path.ends_with("/bring") {
                    self.let_in(&browser);
                }
                self.questions.insert(question.auth_request_id.to_string(), browser);
            }
        }
        if let Some(question) = path.strip_prefix("/identification/") {
            self.after_answer(question, request, &answer);
        }
        if self.let_in.contains(&path) {
            return says_active();
        }
        if self.bug == Bug::AnotherUserIsNamed {
            return self.names_another(answer);
        }
        answer
    }

    fn note_moving(&mut self, answer: &HttpResponse) {
        let answer = serde_json::from_slice(answer.body());
        if let Ok(AuthenticateAnswer { authentication_status: AuthenticateStatus::Started(started) }) = answer
            && let Some(qr) = started.qr
        {
            self.moving_since.insert(qr.token, self.clocks.now(Owner::Service).wall);
        }
    }

    fn first_question(&mut self, token: &str, answer: HttpResponse) -> HttpResponse {
        if answer.status() == 200 {
            return self.first_questions.entry(token.to_owned()).or_insert(answer).clone();
        }
        self.first_questions.get(token).cloned().unwrap_or(answer)
    }

    fn names_another(&self, answer: HttpResponse) -> HttpResponse {
        let (parts, body) = answer.into_parts();
        let named = serde_json::from_slice::<Value>(&body).ok().and_then(|mut value| {
            let another = Value::from(self.last_to_bring.as_ref()?.as_str());
            // A status stands in an answer twice.
            value.get_mut("user_id").filter(|user| user.is_string()).map(|user| *user = another.clone())?;
            *value.get_mut("authentication_status")?.get_mut("user_id")? = another;
            serde_json::to_vec(&value).ok()
        });
        http::Response::from_parts(parts, named.unwrap_or(body))
    }

    fn after_start(&mut self, request: &HttpRequest, user: &str, answer: HttpResponse) -> HttpResponse {
        let body: AuthenticateUser = serde_json::from_slice(request.body()).unwrap();
        let Ok(AuthenticateAnswer { authentication_status: AuthenticateStatus::Started(started) }) =
            serde_json::from_slice(answer.body())
        else {
            return answer;
        };
        let earlier = self.logins.iter().filter(|login| login.user == user).count();
        let mut shown = Vec::new();
        if let Some(confirmation) = &started.confirmation {
            shown.push(confirmation.code.expose().to_owned());
            let scan = confirmation.scan_url.expose();
            shown.push(scan.rsplit_once('=').map_or(scan, |(_, secret)| secret).to_owned());
        }
        let status_path = started.status_url.parse::<http::Uri>().unwrap().path().to_owned();
        let browser = body.browser.unwrap_or_default();
        self.logins.push(Login { user: user.to_owned(), browser, status_path, shown });
        if self.bug == Bug::StartsAreCountedByNameAlone && earlier >= 5 {
            return http::Response::builder().status(429).body(Vec::new()).unwrap();
        }
        answer
    }

    fn after_answer(&mut self, question: &str, request: &HttpRequest, answer: &HttpResponse) {
        let Some(browser) = self.questions.get(question).cloned() else { return };
        let Some(claims) = claims::<AnswerClaims>(request, "answer") else { return };
        let identification = claims.identification;
        let is_taken = answer.status() == 200;
        let shown = identification.code.as_ref().or(identification.scan.as_ref());
        let shown = shown.map(|shown| shown.expose().to_owned());
        let counts = match self.bug {
            Bug::AnyCode => identification.accepted && answer.status() == 422,
            Bug::CodeOfAnotherLogin => {
                let of_another = |login: &Login| {
                    login.user == claims.sub.as_str()
                        && shown.as_ref().is_some_and(|shown| login.shown.contains(shown))
                };
                identification.accepted && self.logins.iter().any(of_another)
            }
            Bug::DenialCounts => !identification.accepted && is_taken,
            Bug::NewestGetsTheAnswer if identification.accepted && is_taken => {
                let of_user = |login: &&Login| login.user == claims.sub.as_str();
                let newest = self.logins.iter().rev().find(of_user).map(|login| login.browser.clone());
                return newest.iter().for_each(|newest| self.let_in(newest));
            }
            _ => false,
        };
        if counts {
            self.let_in(&browser);
        }
    }

    fn let_in(&mut self, browser: &str) {
        if let Some(login) = self.logins.iter().rev().find(|login| login.browser == browser) {
            self.let_in.insert(login.status_path.clone());
        }
    }
}

/// The user whose login the request starts.
fn started_user(request: &HttpRequest) -> Option<String> {
    let path = request.uri().path().strip_prefix("/authentication/authenticate_user/")?;
    Some(path.split_once('/')?.1.to_owned())
}

/// The part of the body that the phone's key has signed.
fn claims<T: DeserializeOwned>(request: &HttpRequest, member: &str) -> Option<T> {
    let body: Value = serde_json::from_slice(request.body()).ok()?;
    let payload = body.get(member)?.as_str()?.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

/// The code of a login without a name, if this is one.
fn moving_code(brought: &BringClaims) -> Option<MovingCode> {
    let Shown::Scan(scan) = &brought.shown else { return None };
    MovingCode::parse(scan.expose())
}

fn says_active() -> HttpResponse {
    let body = r#"{"authentication_status": {"authenticated": true, "session_status": "active"}}"#;
    http::Response::new(body.as_bytes().to_vec())
}
