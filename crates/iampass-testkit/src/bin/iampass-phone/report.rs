//! The program's report of its actions. It holds no secret.

use iampass_core::wire::{AuthenticationRequest, PhoneSession};
use iampass_testkit::VirtualPhone;
use serde_json::{Value, json};

/// An action and its object.
pub(crate) struct Report {
    done: &'static str,
    what: &'static str,
    items: Vec<Item>,
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
            Item {
                json: json!({"user": phone.user(), "name": name, "application": application,
                    "application_id": service.service_id, "device_id": phone.record().device.device_id}),
                text: format!("{} ({}) at {application}", phone.user(), name.unwrap_or("no name")),
            }
        };
        Self { done, what: "users", items: phones.into_iter().map(item).collect() }
    }

    pub(crate) fn requests(done: &'static str, requests: &[AuthenticationRequest]) -> Self {
        let item = |request: &AuthenticationRequest| Item {
            json: json!({"user": request.user_id, "application": request.application_name,
                "application_id": request.application_id, "request_id": request.auth_request_id,
                "requested_at": request.requested_at, "expires_at": request.expires_at}),
            text: format!("{} at {}", request.user_id, request.application_name),
        };
        Self { done, what: "requests", items: requests.iter().map(item).collect() }
    }

    pub(crate) fn sessions(done: &'static str, sessions: &[PhoneSession]) -> Self {
        let item = |session: &PhoneSession| Item {
            json: json!({"user": session.user_id, "application": session.application_name,
                "application_id": session.application_id, "session_id": session.session_id,
                "session_status": session.session_status, "started_at": session.started_at,
                "expires_at": session.expires_at}),
            text: format!("{} at {} ({})", session.user_id, session.application_name, session.session_status),
        };
        Self { done, what: "sessions", items: sessions.iter().map(item).collect() }
    }

    pub(crate) fn print(&self, as_json: bool) {
        if as_json {
            let items: Vec<_> = self.items.iter().map(|item| &item.json).collect();
            println!("{}", json!({"done": self.done, self.what: items}));
            return;
        }
        for item in &self.items {
            println!("{}: {}", self.done, item.text);
        }
    }
}
