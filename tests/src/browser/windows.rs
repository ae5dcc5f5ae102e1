//! Several windows and tabs of one browser. Belongs here: opening them, going from one to another, closing them.

use fantoccini::wd::{WebDriverCompatibleCommand, WindowHandle};
use http::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

use super::Browser;
use crate::programs::Failure;

/// How a new window stands beside those that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// All are seen.
    Window,
    /// The one that was shown last is seen, and it alone.
    Tab,
}

/// A window or a tab of a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window(WindowHandle);

/// A command of Chromium's own protocol.
#[derive(Debug)]
struct OfChromium(&'static str, Value);

impl WebDriverCompatibleCommand for OfChromium {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _address: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({"cmd": self.0, "params": self.1}).to_string()))
    }
}

impl Browser {
    /// The window that all is done in.
    ///
    /// # Errors
    /// When the browser does not say.
    pub async fn window(&self) -> Result<Window, Failure> {
        self.page.window().await.map(Window).map_err(|error| error.to_string())
    }

    /// Opens another one, which shows nothing yet. All is done in it from now on.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn open_another(&self, kind: Kind) -> Result<Window, Failure> {
        let opened = self.page.new_window(kind == Kind::Tab).await.map_err(|error| error.to_string())?;
        let window = Window(opened.handle);
        self.show(&window).await?;
        Ok(window)
    }

    /// Goes to this one, and brings it to the front. All is done in it from now on.
    ///
    /// # Errors
    /// When it is closed.
    pub async fn show(&self, window: &Window) -> Result<(), Failure> {
        self.page.switch_to_window(window.0.clone()).await.map_err(|error| error.to_string())?;
        if self.engine == super::Engine::Chromium {
            self.of_chromium("Page.bringToFront", json!({})).await?;
        }
        Ok(())
    }

    /// Waits until there is a window whose address ends so, and goes to it. All is done in it from now on.
    ///
    /// # Errors
    /// When there is none in time.
    pub async fn show_the_one_at(&self, ending: &str) -> Result<(), Failure> {
        self.until(&format!("there is a window at {ending}"), async || {
            for window in self.page.windows().await.ok()? {
                self.page.switch_to_window(window).await.ok()?;
                if self.page.current_url().await.ok()?.as_str().ends_with(ending) {
                    return Some(());
                }
            }
            None
        })
        .await
    }

    /// Closes the one that all is done in. Another one has to be shown then.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn close_this(&self) -> Result<(), Failure> {
        self.page.close_window().await.map_err(|error| error.to_string())
    }

    /// Has this run before the scripts of all pages that this window shows from now on. Chromium alone does.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn run_before_pages(&self, script: &str) -> Result<(), Failure> {
        self.of_chromium("Page.addScriptToEvaluateOnNewDocument", json!({"source": script})).await
    }

    pub(super) async fn of_chromium(&self, command: &'static str, parameters: Value) -> Result<(), Failure> {
        let done = self.page.issue_cmd(OfChromium(command, parameters)).await;
        done.map(drop).map_err(|error| error.to_string())
    }
}
