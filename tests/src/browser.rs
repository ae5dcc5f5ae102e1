//! A real browser, without a window. Belongs here: starting it, and what a person would do and see in it.

mod album;
mod console;

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::actions::{InputSource as _, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::programs::Failure;

use album::Album;

const HOW_TO_GET_A_BROWSER: &str = "Chromium with ChromeDriver is needed to test the pages. Install it (on Debian: \
     `apt-get install chromium chromium-driver`) and run the test again.";

/// How long a page has to show what is expected of it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whether pages may run scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    /// As ever.
    On,
    /// None, as some people set their browser.
    Off,
}

/// Headless Chromium with a profile of its own. Both it and its driver are killed when this is dropped. If that is because a test fails,
/// the pictures of its steps are kept in `target/browser-screenshots/`.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    page: Client,
    album: Album,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one, as wide and high as a phone. `Ok(None)` when there is no Chromium or no ChromeDriver on this machine: it has been said
    /// how to get them, and the test is to be skipped. With `CI=true` nothing is skipped.
    ///
    /// # Errors
    /// When it is there and does not start, or when it is not there and `CI=true`.
    pub async fn start() -> Result<Option<Self>, Failure> {
        Self::start_as("browser", Scripts::On).await
    }

    /// The same, with a name that its pictures are kept under, and with or without scripts.
    ///
    /// # Errors
    /// As [`Browser::start`].
    pub async fn start_as(name: &str, scripts: Scripts) -> Result<Option<Self>, Failure> {
        let chromium = ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(on_path);
        let (Some(chromium), Some(driver)) = (chromium, on_path("chromedriver")) else {
            if std::env::var("CI").is_ok_and(|ci| ci == "true") {
                return Err(HOW_TO_GET_A_BROWSER.to_owned());
            }
            eprintln!("SKIPPED: {HOW_TO_GET_A_BROWSER}");
            return Ok(None);
        };
        let profile = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut driver = Command::new(driver)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("chromedriver: {error}"))?;
        let port = match driver_port(&mut driver) {
            Some(port) => port,
            None => {
                stop(&mut driver);
                return Err("chromedriver did not say its port".to_owned());
            }
        };
        let arguments = [
            "--headless=new",
            // As root, which CI often is, the sandbox does not start.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=360,740",
        ];
        let mut arguments: Vec<_> = arguments.map(str::to_owned).into();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let preferences = match scripts {
            Scripts::On => json!({}),
            Scripts::Off => json!({"profile.managed_default_content_settings.javascript": 2}),
        };
        let options = json!({"binary": chromium, "args": arguments, "prefs": preferences});
        let mut capabilities = serde_json::Map::new();
        capabilities.insert("goog:chromeOptions".to_owned(), options);
        capabilities.insert("goog:loggingPrefs".to_owned(), json!({"browser": "ALL"}));
        let connected = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await;
        match connected {
            Ok(page) => Ok(Some(Self { driver, page, album: Album::new(name), _profile: profile })),
            Err(error) => {
                stop(&mut driver);
                Err(format!("Chromium did not start: {error}"))
            }
        }
    }

    /// Opens an address.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn open(&self, address: &str) -> Result<(), Failure> {
        self.page.goto(address).await.map_err(|error| error.to_string())
    }

    /// Waits until an element is there, is visible and, if it is a button, can be pressed; then clicks it.
    ///
    /// # Errors
    /// When it does not come to that in time.
    pub async fn click(&self, selector: &str) -> Result<(), Failure> {
        self.until(&format!("{selector} can be clicked"), async || {
            let element = self.page.find(Locator::Css(selector)).await.ok()?;
            // In this order: what has just appeared takes no taps for a moment, and says so from the start.
            let is_shown = element.is_displayed().await.ok()?;
            let is_inert = element.attr("aria-disabled").await.ok()?.is_some_and(|inert| inert == "true")
                || element.attr("data-unsteady").await.ok()?.is_some();
            if is_shown && !is_inert { element.click().await.ok() } else { None }
        })
        .await
    }

    /// Makes its window this large, in CSS pixels.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn resize(&self, width: u32, height: u32) -> Result<(), Failure> {
        self.page.set_window_size(width, height).await.map_err(|error| error.to_string())
    }

    /// Taps twice on one place of the window, whatever is there by then, with so much time between.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn tap_twice(&self, (x, y): (i64, i64), between: Duration) -> Result<(), Failure> {
        let (down, up) = (
            || PointerAction::Down { button: MOUSE_BUTTON_LEFT },
            || PointerAction::Up { button: MOUSE_BUTTON_LEFT },
        );
        let taps = MouseActions::new("finger".to_owned())
            .then(PointerAction::MoveTo { duration: None, x: x as f64, y: y as f64 })
            .then(down())
            .then(up())
            .then(PointerAction::Pause { duration: between })
            .then(down())
            .then(up());
        self.page.perform_actions(taps).await.map_err(|error| error.to_string())
    }

    /// Waits until an element shows a text, among others.
    ///
    /// # Errors
    /// When it does not in time.
    pub async fn shows(&self, selector: &str, text: &str) -> Result<(), Failure> {
        self.until(&format!("{selector} shows {text:?}"), async || {
            let element = self.page.find(Locator::Css(selector)).await.ok()?;
            let shown = element.text().await.ok()?;
            shown.contains(text).then_some(())
        })
        .await
    }

    /// Writes into a field, in place of what is in it.
    ///
    /// # Errors
    /// When there is no such field, or it takes no text.
    pub async fn fill(&self, selector: &str, text: &str) -> Result<(), Failure> {
        self.until(&format!("{selector} can be filled in"), async || {
            let field = self.page.find(Locator::Css(selector)).await.ok()?;
            field.clear().await.ok()?;
            field.send_keys(text).await.ok()
        })
        .await
    }

    /// An attribute of the first such element, or its property of that name. `None` without one.
    ///
    /// # Errors
    /// When there is no such element.
    pub async fn attribute(&self, selector: &str, name: &str) -> Result<Option<String>, Failure> {
        let element = self.page.find(Locator::Css(selector)).await.map_err(|error| error.to_string())?;
        element.attr(name).await.map_err(|error| error.to_string())
    }

    /// Whether there is such an element at this moment, shown or not.
    ///
    /// # Errors
    /// When the browser does not say.
    pub async fn has(&self, selector: &str) -> Result<bool, Failure> {
        let found = self.page.find_all(Locator::Css(selector)).await.map_err(|error| error.to_string())?;
        Ok(!found.is_empty())
    }

    /// Waits until it is at this address, by whatever way.
    ///
    /// # Errors
    /// When it does not come there in time.
    pub async fn comes_to(&self, address: &str) -> Result<(), Failure> {
        self.until(&format!("the address is {address}"), async || {
            (self.page.current_url().await.ok()?.as_str() == address).then_some(())
        })
        .await
    }

    /// Waits until a script returns `true` in the page. `what` says so in words.
    ///
    /// # Errors
    /// When it does not in time.
    pub async fn finds(&self, what: &str, script: &str) -> Result<(), Failure> {
        self.until(what, async || {
            let found = self.page.execute(script, Vec::new()).await.ok()?;
            (found == Value::Bool(true)).then_some(())
        })
        .await
    }

    /// Presses the back button.
    ///
    /// # Errors
    /// When the browser does not go back.
    pub async fn go_back(&self) -> Result<(), Failure> {
        self.page.back().await.map_err(|error| error.to_string())
    }

    /// Gives another browser a cookie of the page that is shown here. A page of the same host must be shown there.
    ///
    /// # Errors
    /// When there is no such cookie, or the other one does not take it.
    pub async fn copy_cookie(&self, name: &str, other: &Self) -> Result<(), Failure> {
        let cookie = self.page.get_named_cookie(name).await.map_err(|error| error.to_string())?;
        other.page.add_cookie(cookie).await.map_err(|error| error.to_string())
    }

    /// The names of the cookies that it has for the page that is shown.
    ///
    /// # Errors
    /// When the browser does not say.
    pub async fn cookies(&self) -> Result<Vec<String>, Failure> {
        let cookies = self.page.get_all_cookies().await.map_err(|error| error.to_string())?;
        Ok(cookies.iter().map(|cookie| cookie.name().to_owned()).collect())
    }

    /// What the pages' policies forbade and what went wrong in scripts, on all pages since it was last asked. Failed requests are not
    /// among it.
    ///
    /// # Errors
    /// When the browser does not say.
    pub async fn complaints(&self) -> Result<Vec<String>, Failure> {
        console::complaints(&self.page).await
    }

    /// Takes a picture of a step, for the case that a later one fails.
    ///
    /// # Errors
    /// When the browser gives none.
    pub async fn picture(&self, step: &str) -> Result<(), Failure> {
        let png = self.page.screenshot().await.map_err(|error| error.to_string())?;
        self.album.add(step, png);
        Ok(())
    }

    /// The title, which tells states apart in the tab bar.
    ///
    /// # Errors
    /// When the browser does not say.
    pub async fn title(&self) -> Result<String, Failure> {
        self.page.title().await.map_err(|error| error.to_string())
    }

    /// The address in the address bar.
    ///
    /// # Errors
    /// When the browser does not say.
    pub async fn address(&self) -> Result<String, Failure> {
        self.page.current_url().await.map(String::from).map_err(|error| error.to_string())
    }

    /// Runs a script in the page; its last argument is the function that takes the result.
    ///
    /// # Errors
    /// When the script does not end, or not well.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Result<Value, Failure> {
        self.page.execute_async(script, arguments).await.map_err(|error| error.to_string())
    }

    /// Ends it.
    pub async fn close(self) {
        // It is killed in any case.
        let _ = self.page.clone().close().await;
    }

    async fn until(&self, what: &str, mut attempt: impl AsyncFnMut() -> Option<()>) -> Result<(), Failure> {
        let waiting = async {
            while attempt().await.is_none() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, waiting).await.is_ok() {
            return Ok(());
        }
        // The page as it is now may be what explains it.
        let _ = self.picture(&format!("not {what}")).await;
        let address = self.address().await.unwrap_or_default();
        let kept = self.album.keep().map(|folder| format!(" See the pictures in {}.", folder.display()));
        Err(format!(
            "within {PATIENCE:?} it did not come to it that {what}, at {address}.{}",
            kept.unwrap_or_default()
        ))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        stop(&mut self.driver);
    }
}

/// The driver ends its browser when it ends.
fn stop(driver: &mut Child) {
    let _ = driver.kill();
    let _ = driver.wait();
}

fn driver_port(driver: &mut Child) -> Option<u16> {
    let mut lines = BufReader::new(driver.stdout.take()?).lines();
    let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
        let (_, after) = line.split_once("successfully on port ")?;
        after.trim_end_matches('.').parse().ok()
    });
    // What it says later must be read all the same, or it would stand still.
    std::thread::spawn(move || lines.for_each(drop));
    port
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
