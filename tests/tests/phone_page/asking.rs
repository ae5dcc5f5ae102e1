//! Begins logins as an application that shows a code does. Belongs here: the two calls, as they go over the wire.

use std::time::Duration;

use iampass_core::signing::{Nonce, Signer};
use iampass_core::wire::{AuthenticateAnswer, AuthenticateStatus, MovingQr};
use iampass_core::{Secret, UnixSeconds, UserToken};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::Stage;

/// A login that has begun, and what the page shows where it did.
pub(crate) struct Asked {
    pub(crate) code: String,
    pub(crate) scan_url: String,
    token: String,
    secret: Secret,
    status_url: String,
}

/// The browser that asks.
pub(crate) enum From {
    /// One where the user was signed in before: the phone rings.
    KnownBrowser,
    /// Another: nothing is on the phone until it brings the code.
    Stranger,
}

impl Asked {
    /// Other digits than those that are shown.
    pub(crate) fn wrong_code(&self) -> String {
        let other = if self.code.starts_with('1') { '2' } else { '1' };
        format!("{other}{}", &self.code[1..])
    }
}

impl Stage {
    pub(crate) async fn ask(&self, user: &UserToken, from: From) -> Asked {
        let application = self.service.application_id();
        let url =
            format!("{}/authentication/authenticate_user/{application}/{user}", self.service.server_url());
        let signer = Signer { id: application.as_str(), secret: self.service.application_secret() };
        let body = json!({
            "confirm": ["code"], "known_browser": matches!(from, From::KnownBrowser),
            "browser": "Firefox on Windows", "address": "203.0.113.5",
        });
        let request = reqwest::Client::new().post(&url).headers(signed(&signer, &url)).body(body.to_string());
        let answer = request.send().await.unwrap().text().await.unwrap();
        let answer: AuthenticateAnswer = serde_json::from_str(&answer).expect(&answer);
        let AuthenticateStatus::Started(started) = answer.authentication_status else {
            panic!("not started: {answer:?}")
        };
        let confirmation = started.confirmation.expect("a code");
        Asked {
            code: confirmation.code.expose().to_owned(),
            scan_url: confirmation.scan_url.expose().to_owned(),
            token: started.token.to_string(),
            secret: started.secret,
            status_url: started.status_url,
        }
    }

    /// Begins a login without a name: its status pair, and its code.
    pub(crate) async fn ask_nameless(&self) -> (Asked, MovingQr) {
        let application = self.service.application_id();
        let url = format!("{}/authentication/start/{application}", self.service.server_url());
        let signer = Signer { id: application.as_str(), secret: self.service.application_secret() };
        let request = reqwest::Client::new().post(&url).headers(signed(&signer, &url)).body("{}");
        let answer = request.send().await.unwrap().text().await.unwrap();
        let answer: AuthenticateAnswer = serde_json::from_str(&answer).expect(&answer);
        let AuthenticateStatus::Started(started) = answer.authentication_status else {
            panic!("not started: {answer:?}")
        };
        let asked = Asked {
            code: String::new(),
            scan_url: String::new(),
            token: started.token.to_string(),
            secret: started.secret,
            status_url: started.status_url,
        };
        (asked, started.qr.expect("a code"))
    }

    /// How the login is.
    pub(crate) async fn status(&self, asked: &Asked) -> Value {
        let signer = Signer { id: &asked.token, secret: &asked.secret };
        let headers = signed(&signer, &asked.status_url);
        let answer = reqwest::Client::new().get(&asked.status_url).headers(headers).send().await.unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    /// Waits until the login is in this state, and gives all that is said of it.
    pub(crate) async fn comes_to(&self, asked: &Asked, state: &str) -> Value {
        for _ in 0..100 {
            let status = self.status(asked).await;
            if status["session_status"] == state {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("it does not come to {state}: {}", self.status(asked).await);
    }
}

fn signed(signer: &Signer<'_>, url: &str) -> HeaderMap {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let mut headers = HeaderMap::new();
    // Of one test process, no two are the same.
    let nonce = Nonce::new(u64::try_from(now.as_nanos() % u128::from(u64::MAX)).unwrap());
    signer.sign(url, nonce, UnixSeconds(now.as_secs())).insert_into(&mut headers);
    headers
}
