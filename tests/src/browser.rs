//! A real browser, without a window.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::programs::Failure;

const HOW_TO_GET_A_BROWSER: &str = "Chromium with ChromeDriver is needed to test the pages. Install it (on Debian: \
     `apt-get install chromium chromium-driver`) and run the test again.";

/// How long a page has to show what is expected of it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Headless Chromium with a profile of its own. Both it and its driver are killed when this is dropped.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    page: Client,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one, as wide and high as a phone. `Ok(None)` when there is no Chromium or no ChromeDriver on this machine: it has been said
    /// how to get them, and the test is to be skipped. With `CI=true` nothing is skipped.
    ///
    /// # Errors
    /// When it is there and does not start, or when it is not there and `CI=true`.
    pub async fn start() -> Result<Option<Self>, Failure> {
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
        let options = json!({"binary": chromium, "args": arguments});
        let mut capabilities = serde_json::Map::new();
        capabilities.insert("goog:chromeOptions".to_owned(), options);
        let connected = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await;
        match connected {
            Ok(page) => Ok(Some(Self { driver, page, _profile: profile })),
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
            let is_inert = element.attr("aria-disabled").await.ok()?.is_some_and(|inert| inert == "true");
            if is_shown && !is_inert { element.click().await.ok() } else { None }
        })
        .await
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
        let picture = self.keep_picture(what).await.unwrap_or_default();
        Err(format!("within {PATIENCE:?} it did not come to it that {what}. {picture}"))
    }

    /// Keeps a picture of the page beside the test programs, for whoever looks into a failure.
    async fn keep_picture(&self, what: &str) -> Option<String> {
        let name: String = what.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let folder = std::env::current_exe().ok()?.parent()?.parent()?.join("screenshots");
        std::fs::create_dir_all(&folder).ok()?;
        let file = folder.join(format!("{name}.png"));
        std::fs::write(&file, self.page.screenshot().await.ok()?).ok()?;
        Some(format!("The page is shown in {}.", file.display()))
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
