//! A real browser. Belongs here: starting it, and what a person would do and see in it.

mod album;
mod authenticator;
mod console;
mod engine;
mod marionette;
mod position;
mod slow;
mod tap;
mod windows;

use std::path::{Path, PathBuf};
use std::time::Duration;

use fantoccini::actions::{
    InputSource as _, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;

use crate::desktop::Desktop;
use crate::programs::Failure;
use crate::push_service::PushService;

use album::Album;
use engine::{Around, Driver};

pub use engine::Engine;
pub use windows::{Kind, Window};

/// How long a page has to show what is expected of it: far longer than any wait of the pages themselves, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether pages may run scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    /// As ever.
    On,
    /// None, as some people set their browser.
    Off,
}

/// A browser with a profile of its own, without a window or in a display of its own. Both it and its driver are killed when this is
/// dropped. If that is because a test fails, the pictures of its steps are kept in `target/browser-screenshots/`.
#[derive(Debug)]
pub struct Browser {
    engine: Engine,
    scripts: Scripts,
    page: Client,
    album: Album,
    _driver: Driver,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts Chromium, as wide and high as a phone, or the engine that `IAMPASS_TEST_ENGINE` names. `Ok(None)` when there is no Chromium or no
    /// ChromeDriver on this machine: it has been said how to get them, and the test is to be skipped. With `CI=true` nothing is skipped.
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
        let engine = Engine::chosen()?;
        if engine == Engine::WebKit && scripts == Scripts::Off {
            eprintln!("SKIPPED: WebKitGTK always runs scripts");
            return Ok(None);
        }
        Self::start_in(engine, name, scripts).await
    }

    /// Chromium with a camera that sees this film (`.y4m`), whatever engine the tests run in: no other shows one.
    ///
    /// # Errors
    /// As [`Browser::start`].
    pub async fn start_with_camera(film: &Path) -> Result<Option<Self>, Failure> {
        Self::start_seeing(Engine::Chromium, "camera", Scripts::On, Around::Film(film)).await
    }

    /// The same in any engine. `WebKitGTK` always runs scripts.
    ///
    /// # Errors
    /// As [`Browser::start`].
    pub async fn start_in(engine: Engine, name: &str, scripts: Scripts) -> Result<Option<Self>, Failure> {
        Self::start_seeing(engine, name, scripts, Around::Nothing).await
    }

    /// With a window on this desktop, notifications that are allowed, and this push service.
    ///
    /// # Errors
    /// As [`Browser::start`].
    pub async fn start_on(
        engine: Engine,
        name: &str,
        desktop: &Desktop,
        push: &PushService,
    ) -> Result<Option<Self>, Failure> {
        Self::start_seeing(engine, name, Scripts::On, Around::Desktop(desktop, push)).await
    }

    async fn start_seeing(
        engine: Engine,
        name: &str,
        scripts: Scripts,
        around: Around<'_>,
    ) -> Result<Option<Self>, Failure> {
        if let Some(how_to_get_it) = engine.how_to_get() {
            if std::env::var("CI").is_ok_and(|ci| ci == "true") {
                return Err(how_to_get_it.to_owned());
            }
            eprintln!("SKIPPED: {how_to_get_it}");
            return Ok(None);
        }
        let profile = tempfile::tempdir().map_err(|error| error.to_string())?;
        let driver = engine.start(profile.path(), scripts, around).await?;
        let page = ClientBuilder::new(HttpConnector::new())
            .capabilities(driver.capabilities.clone())
            .connect(&driver.address)
            .await
            .map_err(|error| format!("{engine:?} did not start: {error}"))?;
        Ok(Some(Self { engine, scripts, page, album: Album::new(name), _driver: driver, _profile: profile }))
    }

    /// Its engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Gives it a virtual authenticator, whose person unlocks it at once, and gives its id. `WebKitGTK` has none.
    ///
    /// # Errors
    /// When the browser takes none.
    pub async fn add_authenticator(&self) -> Result<String, Failure> {
        authenticator::add(&self.page).await
    }

    /// From now on the person at the virtual authenticator is the right one, or not.
    ///
    /// # Errors
    /// When there is no such authenticator.
    pub async fn verify_person(&self, authenticator: &str, is_verified: bool) -> Result<(), Failure> {
        authenticator::verify(&self.page, authenticator, is_verified).await
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
            if is_shown && !is_inert { tap::tap(&self.page, self.scripts, element).await } else { None }
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

    /// Presses these keys one after the other, wherever the focus is: characters, and the keys of `WebDriver` (U+E004 is Tab, U+E007 Enter).
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn press(&self, keys: &str) -> Result<(), Failure> {
        let presses = keys.chars().fold(KeyActions::new("keyboard".to_owned()), |presses, value| {
            presses.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        self.page.perform_actions(presses).await.map_err(|error| error.to_string())
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
        let mut names: Vec<_> = cookies.iter().map(|cookie| cookie.name().to_owned()).collect();
        names.sort();
        Ok(names)
    }

    /// Violations of the pages' policies and errors of scripts, on all pages since it was last asked. Failed requests are not
    /// among them. Only Chromium's driver tells of these; of the others there are none.
    ///
    /// # Errors
    /// When the browser does not say.
    pub async fn complaints(&self) -> Result<Vec<String>, Failure> {
        if self.engine != Engine::Chromium {
            return Ok(Vec::new());
        }
        console::complaints(&self.page).await
    }

    /// Takes a picture of a step, for the case that a later one fails. Not of `WebKitGTK`, which often gives none without a graphics card,
    /// and says nothing more then.
    ///
    /// # Errors
    /// When the browser gives none.
    pub async fn picture(&self, step: &str) -> Result<(), Failure> {
        if self.engine == Engine::WebKit {
            return Ok(());
        }
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

pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
