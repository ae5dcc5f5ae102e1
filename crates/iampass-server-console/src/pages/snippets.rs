//! Programs that are ready to be pasted, with this application's id and the service's address in them. The secret is in none of them: it
//! comes from the environment.
//!
//! The programs are files in `snippets/`. Tests compile the Rust ones and run the Python one.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use iampass_server_domain::rules::Approval;

use crate::access::InApplication;
use crate::frame::{Frame, Tab, show};
use crate::page_error::PageError;
use crate::pages::settings::stored;
use crate::state::Console;

const AXUM: &str = include_str!("../../snippets/axum.rs");
const DATABASE: &str = include_str!("../../snippets/database.rs");
const PYTHON: &str = include_str!("../../snippets/login.py");

/// The placeholders in the files, which each application replaces by its own values.
const SERVER: &str = "https://iampass.example";
const ID: &str = "YOUR-APPLICATION-ID";

#[derive(Template)]
#[template(path = "console/snippets.html")]
struct SnippetsPage {
    frame: Frame,
    id: String,
    server: String,
    /// Whether the application takes no approval without a code. The published Python client shows none.
    needs_code: bool,
}

impl SnippetsPage {
    /// The page that plays the phone.
    fn phone(&self) -> String {
        format!("{}/phone", self.server)
    }

    /// The variables that the client over a database takes, but for the secret.
    fn variables(&self) -> String {
        format!(
            "IAMPASS_SERVER={}, IAMPASS_APPLICATION_ID={}, IAMPASS_APPLICATION_SECRET",
            self.server, self.id
        )
    }

    fn filled(&self, snippet: &str) -> String {
        filled(snippet, &self.server, &self.id)
    }
}

/// With what is this application's own, as it stands between quotation marks in both languages.
fn filled(snippet: &str, server: &str, id: &str) -> String {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    snippet.replace(SERVER, &quoted(server)).replace(ID, &quoted(id))
}

/// `GET /console/applications/{application}/snippets`
pub(crate) async fn page(State(console): State<Console>, here: InApplication) -> Result<Response, PageError> {
    let approval = stored(&console, &here).await?.settings.approval;
    let page = SnippetsPage {
        frame: Frame::in_application(&console, &here, "snippets-title", Tab::Snippets),
        id: here.application().id.clone(),
        server: console.server(),
        needs_code: approval == Approval::Code,
    };
    show(StatusCode::OK, &page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_snippet_is_filled_in_and_holds_no_secret() {
        for snippet in [AXUM, PYTHON] {
            let text = filled(snippet, "https://login.example/iampass", "APP\"1");
            assert!(
                text.contains("\"https://login.example/iampass\"") && text.contains("\"APP\\\"1\""),
                "{text}"
            );
            assert!(!text.contains(SERVER) && !text.contains(ID), "{text}");
            assert!(text.contains("IAMPASS_APPLICATION_SECRET"), "{text}");
        }
    }
}
