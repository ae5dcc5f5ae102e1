//! The messages of pages in the browser's console. Belongs here: which of them tell of a fault. `ChromeDriver` collects them across pages.

use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

use crate::programs::Failure;

/// A command of `ChromeDriver`, beyond the standard.
#[derive(Debug)]
struct TakeLog;

impl WebDriverCompatibleCommand for TakeLog {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _address: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({"type": "browser"}).to_string()))
    }
}

/// The complaints since the last time: what a policy forbade, and errors and warnings of scripts.
pub(super) async fn complaints(page: &Client) -> Result<Vec<String>, Failure> {
    let entries = page.issue_cmd(TakeLog).await.map_err(|error| error.to_string())?;
    let entries = entries.as_array().ok_or("the console's log is no list")?;
    Ok(entries.iter().filter(|entry| is_complaint(entry)).map(Value::to_string).collect())
}

/// An answer with an error status is written there too, as of `network`. Whether that was to be so, the tests know.
fn is_complaint(entry: &Value) -> bool {
    let is = |key: &str, value: &str| entry.get(key).and_then(Value::as_str) == Some(value);
    !is("source", "network") && (is("level", "SEVERE") || is("level", "WARNING"))
}
