//! The program's report of its actions. It holds no secret but those that a person is to be shown once.

use iampass_core::is_unseen;
use iampass_core::wire::{
    AuthenticationRequest, ListedPhone, PhoneLink, PhoneList, PhoneSession, PresenceAnswer, RecoveryCodes,
    WaitingState,
};
use iampass_testkit::VirtualPhone;
use serde_json::{Value, json};

/// An action and its object.
pub(crate) struct Report {
    done: &'static str,
    what: &'static str,
    items: Vec<Item>,
    /// Facts beside the objects.
    also: Vec<Also>,
}

/// A fact beside the objects: a member in JSON, and a line for people, if it says something to them.
struct Also {
    name: &'static str,
    json: Value,
    text: Option<String>,
}

struct Item {
    json: Value,
    text: String,
}

impl Report {
    pub(crate) fn users<'a>(done: &'static str, phones: impl IntoIterator<Item = &'a VirtualPhone>) -> Self {
        let item = |phone: &VirtualPhone| {
            let service = &phone.record().service;
            let application = service.service_name.as_deref().unwrap_or(&service.service_id);
            let name = phone.display_name();
            let mut text = format!("{} ({}) at {application}", phone.user(), name.unwrap_or("no name"));
            // It is shown once: whether the phone still waits, the service alone knows.
            let waiting = phone.record().waiting.as_ref().filter(|_| done == "registered");
            let code = waiting.map(|waiting| waiting.code.expose());
            if let Some(code) = code {
                text.push_str(&format!(
                    ". It waits: confirm it on a phone that the user has, by the code {code}"
                ));
            }
            Item {
                json: json!({"user": phone.user(), "name": name, "application": application,
                    "application_id": service.service_id, "device_id": phone.record().device.device_id,
                    "key": if phone.has_device_key() { "device" } else { "shared" }, "code": code}),
                text,
            }
        };
        Self::of(done, "users", phones.into_iter().map(item).collect())
    }

    pub(crate) fn phones(done: &'static str, list: &PhoneList) -> Self {
        let item = |phone: &ListedPhone| {
            let this = if phone.is_this { ", this one" } else { "" };
            Item { json: json!(phone), text: format!("{} ({}){this}", phone.phone_id, named(&phone.name)) }
        };
        let waits = |waiting: &iampass_core::wire::WaitingPhone| {
            format!("Waits to be confirmed: {} ({})", waiting.phone_id, named(&waiting.name))
        };
        Self::of(done, "phones", list.phones.iter().map(item).collect())
            .and("waiting", json!(list.waiting), list.waiting.as_ref().map(waits))
            .and("recovery_codes_left", json!(list.recovery_codes_left), None)
            .and("recovery_codes_made_at", json!(list.recovery_codes_made_at), None)
    }

    pub(crate) fn link(link: &PhoneLink) -> Self {
        let item = Item { json: json!(link), text: link.register_url.expose().to_owned() };
        Self::of("link for one more phone", "links", vec![item])
    }

    pub(crate) fn recovery_codes(codes: &RecoveryCodes) -> Self {
        let item =
            |code: &iampass_core::Secret| Item { json: json!(code.expose()), text: code.expose().to_owned() };
        Self::of("recovery code", "recovery_codes", codes.recovery_codes.iter().map(item).collect())
    }

    /// The end of this phone's waiting.
    pub(crate) fn let_in(state: &WaitingState) -> Self {
        let text = Some("This phone is one of the user's now.".to_owned());
        Self::of("let in", "phones", Vec::new()).and("state", json!(state), text)
    }

    fn of(done: &'static str, what: &'static str, items: Vec<Item>) -> Self {
        Self { done, what, items, also: Vec::new() }
    }

    fn and(mut self, name: &'static str, json: Value, text: Option<String>) -> Self {
        self.also.push(Also { name, json, text });
        self
    }

    pub(crate) fn requests(done: &'static str, requests: &[AuthenticationRequest]) -> Self {
        let item = |request: &AuthenticationRequest| Item {
            json: json!({"user": request.user_id, "application": request.application_name,
                "application_id": request.application_id, "request_id": request.auth_request_id,
                "requested_at": request.requested_at, "expires_at": request.expires_at,
                "browser": request.browser, "address": request.address, "known_browser": request.known_browser,
                "needs_code": request.needs_code()}),
            text: question(request),
        };
        Self::of(done, "requests", requests.iter().map(item).collect())
    }

    pub(crate) fn sessions(done: &'static str, sessions: &[PhoneSession]) -> Self {
        let item = |session: &PhoneSession| Item {
            json: json!({"user": session.user_id, "application": session.application_name,
                "application_id": session.application_id, "session_id": session.session_id,
                "session_status": session.session_status, "started_at": session.started_at,
                "expires_at": session.expires_at}),
            text: format!("{} at {} ({})", session.user_id, session.application_name, session.session_status),
        };
        Self::of(done, "sessions", sessions.iter().map(item).collect())
    }

    /// The effect of a word about being near or away.
    pub(crate) fn presence(done: &'static str, answer: PresenceAnswer) -> Self {
        let count = answer.sessions;
        let text = match (count, answer.overtaken) {
            (0, 0) => format!("{done}: there is no session that it counts for"),
            (1, 0) => format!("{done}: 1 session"),
            (_, 0) => format!("{done}: {count} sessions"),
            (_, overtaken) => format!(
                "{done}: {count} of {} sessions, as a later word was there before it",
                count + overtaken
            ),
        };
        Self::of(done, "words", Vec::new())
            .and("sessions", json!(count), Some(text))
            .and("overtaken", json!(answer.overtaken), None)
            .and("near_until", json!(answer.near_until), None)
    }

    /// The same, with the address at which the login goes on, if there is one.
    pub(crate) fn going_back(self, return_to: Option<String>) -> Self {
        let Some(return_to) = return_to else { return self };
        let text = format!("The login goes on in the browser that began it. Open there: {return_to}");
        self.and("return_to", json!(return_to), Some(text))
    }

    pub(crate) fn print(&self, as_json: bool) {
        if as_json {
            let items: Vec<_> = self.items.iter().map(|item| &item.json).collect();
            let mut said = serde_json::Map::new();
            said.insert("done".to_owned(), json!(self.done));
            said.insert(self.what.to_owned(), json!(items));
            said.extend(self.also.iter().map(|also| (also.name.to_owned(), also.json.clone())));
            println!("{}", Value::Object(said));
            return;
        }
        for item in &self.items {
            println!("{}: {}", self.done, printable(&item.text));
        }
        for text in self.also.iter().filter_map(|also| also.text.as_ref()) {
            println!("{}", printable(text));
        }
    }
}

fn named(name: &str) -> &str {
    if name.is_empty() { "no name" } else { name }
}

/// A question as a person reads it: for whom, where, and who asks.
fn question(request: &AuthenticationRequest) -> String {
    let mut text = format!("{} at {}", request.user_id, request.application_name);
    if let Some(browser) = &request.browser {
        text.push_str(&format!(", asked by {browser}"));
    }
    if let Some(address) = &request.address {
        text.push_str(&format!(" from {address}"));
    }
    if request.known_browser == Some(false) {
        text.push_str(", a browser that is new here");
    }
    if request.needs_code() {
        text.push_str("; to accept it, the code of its login page is needed");
    }
    text
}

/// Names and browsers come from others: nothing of them moves the cursor or the colours of a terminal, or is not seen.
fn printable(text: &str) -> String {
    text.chars().map(|character| if is_unseen(character) { '\u{fffd}' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_says_who_asks_and_what_is_needed() {
        let mut request: AuthenticationRequest = serde_json::from_value(json!({
            "auth_request_id": "Q", "application_id": "APP", "application_name": "Shop", "user_id": "u",
            "identify": {"identification_start_url": "s", "identification_url": "i", "identification_data_secret": "x"},
        }))
        .unwrap();
        assert_eq!(question(&request), "u at Shop");
        request.browser = Some("Firefox on Windows".to_owned());
        request.address = Some("203.0.113.5".to_owned());
        request.known_browser = Some(false);
        request.confirm = vec![iampass_core::wire::ConfirmationMethod::Code];
        assert_eq!(
            question(&request),
            "u at Shop, asked by Firefox on Windows from 203.0.113.5, a browser that is new here; \
             to accept it, the code of its login page is needed"
        );
    }

    #[test]
    fn nothing_moves_the_terminal() {
        assert_eq!(printable("Shop\u{1b}[2J\n"), "Shop\u{fffd}[2J\u{fffd}");
    }
}
