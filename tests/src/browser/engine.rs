//! The engines that the pages are tested in. Belongs here: which programs each needs, and starting them. Does not belong here: what is done
//! in them.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Map, Value, json};

use super::marionette::Marionette;
use super::{Scripts, on_path};
use crate::desktop::Desktop;
use crate::free_port::free_port;
use crate::programs::Failure;
use crate::push_service::PushService;

/// A browser's engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Chromium, by its `ChromeDriver`.
    Chromium,
    /// Firefox, by its own protocol (Marionette), which this crate translates.
    Firefox,
    /// `WebKitGTK`, by `WebKitWebDriver`, in a display of its own.
    WebKit,
}

const MINI_BROWSERS: [&str; 4] = [
    "/usr/lib/x86_64-linux-gnu/webkitgtk-6.0/MiniBrowser",
    "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
    "/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
    "/usr/libexec/webkit2gtk-4.1/MiniBrowser",
];

/// The surroundings of a browser.
#[derive(Debug, Clone, Copy)]
pub(super) enum Around<'a> {
    /// No window, no camera, nobody to push to it.
    Nothing,
    /// Chromium's camera sees this film (`.y4m`). The other engines show none.
    Film(&'a Path),
    /// A window on this desktop, and this push service. `WebKitGTK` has no pushes.
    Desktop(&'a Desktop, &'a PushService),
}

impl Around<'_> {
    fn has_window(self) -> bool {
        matches!(self, Self::Desktop(..))
    }

    fn set(self, command: &mut Command) {
        if let Self::Desktop(desktop, _) = self {
            command.envs(desktop.environment());
        }
    }
}

/// A started driver: a program that speaks `WebDriver` at an address, and what it needs beside it. All of it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Driver {
    pub(super) address: String,
    pub(super) capabilities: Map<String, Value>,
    children: Vec<Child>,
    _marionette: Option<Marionette>,
}

impl Drop for Driver {
    fn drop(&mut self) {
        // A driver ends its browser when it ends; the display is the last.
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Engine {
    /// The one that tests run in which name none: Chromium, unless `IAMPASS_TEST_ENGINE` names another.
    pub(super) fn chosen() -> Result<Self, Failure> {
        match std::env::var("IAMPASS_TEST_ENGINE").as_deref() {
            Err(_) | Ok("" | "chromium") => Ok(Self::Chromium),
            Ok("firefox") => Ok(Self::Firefox),
            Ok("webkit") => Ok(Self::WebKit),
            Ok(other) => Err(format!("IAMPASS_TEST_ENGINE is {other}, and not chromium, firefox or webkit")),
        }
    }

    /// How to get what is missing. `None`: nothing is.
    pub(super) fn how_to_get(self) -> Option<&'static str> {
        match self {
            Self::Chromium if chromium().is_none() || on_path("chromedriver").is_none() => Some(
                "Chromium with ChromeDriver is needed to test the pages. Install it (on Debian: \
                 `apt-get install chromium chromium-driver`) and run the test again.",
            ),
            Self::Firefox if firefox().is_none() => Some(
                "Firefox is needed to test the pages in it. Install it (on Debian: `apt-get install firefox-esr`) and run the test \
                 again.",
            ),
            Self::WebKit
                if mini_browser().is_none()
                    || on_path("WebKitWebDriver").is_none()
                    || on_path("Xvfb").is_none() =>
            {
                Some(
                    "WebKitGTK with WebKitWebDriver, and Xvfb, are needed to test the pages in it. Install them (on Debian: \
                     `apt-get install webkit2gtk-driver xvfb`) and run the test again.",
                )
            }
            _ => None,
        }
    }

    /// Starts the driver; the browser keeps what it keeps in `profile`.
    pub(super) async fn start(
        self,
        profile: &Path,
        scripts: Scripts,
        around: Around<'_>,
    ) -> Result<Driver, Failure> {
        match self {
            Self::Chromium => start_chromium(profile, scripts, around),
            Self::Firefox => start_firefox(profile, scripts, around).await,
            Self::WebKit => start_webkit(profile).await,
        }
    }
}

fn chromium() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(on_path)
}

fn firefox() -> Option<PathBuf> {
    ["firefox-esr", "firefox"].into_iter().find_map(on_path)
}

fn mini_browser() -> Option<&'static str> {
    MINI_BROWSERS.into_iter().find(|program| Path::new(program).is_file())
}

fn start_chromium(profile: &Path, scripts: Scripts, around: Around<'_>) -> Result<Driver, Failure> {
    let (Some(chromium), Some(program)) = (chromium(), on_path("chromedriver")) else {
        return Err("there is no Chromium".to_owned());
    };
    let mut command = Command::new(program);
    around.set(&mut command);
    let child = spawn(command.arg("--port=0"), Stdio::piped())?;
    let mut driver =
        Driver { address: String::new(), capabilities: Map::new(), children: vec![child], _marionette: None };
    let port = driver.children.first_mut().and_then(|child| said(child, "successfully on port "));
    let port = port.ok_or("chromedriver did not say its port")?;
    driver.address = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
    let arguments = [
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
    arguments.push(format!("--user-data-dir={}", profile.display()));
    if !around.has_window() {
        arguments.push("--headless=new".to_owned());
    }
    if let Around::Desktop(_, push) = around {
        arguments.extend(push.chromium_arguments());
    }
    if let Around::Film(film) = around {
        // The person who is asked for the camera allows it.
        arguments.push("--use-fake-device-for-media-stream".to_owned());
        arguments.push("--use-fake-ui-for-media-stream".to_owned());
        arguments.push(format!("--use-file-for-fake-video-capture={}", film.display()));
    }
    let mut preferences = match scripts {
        Scripts::On => Map::new(),
        Scripts::Off => {
            Map::from_iter([("profile.managed_default_content_settings.javascript".to_owned(), json!(2))])
        }
    };
    if around.has_window() {
        // The person who is asked for notifications allows them.
        preferences.insert("profile.default_content_setting_values.notifications".to_owned(), json!(1));
    }
    let options = json!({"binary": chromium, "args": arguments, "prefs": preferences});
    driver.capabilities.insert("goog:chromeOptions".to_owned(), options);
    driver.capabilities.insert("goog:loggingPrefs".to_owned(), json!({"browser": "ALL"}));
    Ok(driver)
}

async fn start_firefox(profile: &Path, scripts: Scripts, around: Around<'_>) -> Result<Driver, Failure> {
    let program = firefox().ok_or("there is no Firefox")?;
    let port = free_port().map_err(|error| error.to_string())?;
    let mut preferences = vec![
        ("marionette.port", json!(port)),
        ("remote.prefs.recommended", json!(true)),
        ("javascript.enabled", json!(scripts == Scripts::On)),
        ("browser.shell.checkDefaultBrowser", json!(false)),
        ("datareporting.policy.dataSubmissionEnabled", json!(false)),
        ("toolkit.telemetry.server", json!("")),
        ("app.update.enabled", json!(false)),
        ("browser.startup.page", json!(0)),
        ("network.captive-portal-service.enabled", json!(false)),
        ("network.connectivity-service.enabled", json!(false)),
        // For its virtual authenticator.
        ("security.webauth.webauthn_enable_softtoken", json!(true)),
        ("security.webauth.webauthn_enable_usbtoken", json!(false)),
    ];
    if let Around::Desktop(_, push) = around {
        preferences.extend(push.firefox_preferences());
        // The person who is asked for notifications allows them.
        preferences.push(("permissions.default.desktop-notification", json!(1)));
    }
    let lines: String =
        preferences.iter().map(|(name, value)| format!("user_pref(\"{name}\", {value});\n")).collect();
    std::fs::write(profile.join("user.js"), lines).map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    if !around.has_window() {
        command.arg("--headless");
    }
    around.set(&mut command);
    command.args(["--no-remote", "--marionette", "--profile"]).arg(profile);
    command.env("MOZ_DISABLE_AUTO_SAFE_MODE", "1").env("HOME", profile);
    command.args(["--width", "500", "--height", "740"]);
    let child = spawn(&mut command, Stdio::null())?;
    // So that it is ended whatever follows.
    let mut driver =
        Driver { address: String::new(), capabilities: Map::new(), children: vec![child], _marionette: None };
    let marionette = Marionette::translate(port).await?;
    driver.address = marionette.address();
    driver._marionette = Some(marionette);
    Ok(driver)
}

async fn start_webkit(profile: &Path) -> Result<Driver, Failure> {
    let browser = mini_browser().ok_or("there is no MiniBrowser of WebKitGTK")?;
    let mut command = Command::new("Xvfb");
    // It writes the number of the display that it has taken.
    command.args(["-displayfd", "1", "-screen", "0", "800x900x24", "-nolisten", "tcp"]);
    let display = spawn(&mut command, Stdio::piped())?;
    let mut driver = Driver {
        address: String::new(),
        capabilities: Map::new(),
        children: vec![display],
        _marionette: None,
    };
    let number = driver.children.first_mut().and_then(|child| said(child, ""));
    let number = number.ok_or("Xvfb did not say its display")?;
    let port = free_port().map_err(|error| error.to_string())?;
    let mut command = Command::new("WebKitWebDriver");
    command
        .args([&format!("--port={port}"), "--host=127.0.0.1"])
        .env("DISPLAY", format!(":{number}"))
        .env("HOME", profile)
        .env("XDG_DATA_HOME", profile)
        .env("XDG_CACHE_HOME", profile)
        // As root, which CI often is, the sandbox does not start; nor is there a graphics card.
        .env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1")
        .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        .env("GDK_BACKEND", "x11");
    driver.children.insert(0, spawn(&mut command, Stdio::null())?);
    driver.address = format!("http://127.0.0.1:{port}");
    let options = json!({"binary": browser, "args": ["--automation"]});
    driver.capabilities.insert("webkitgtk:browserOptions".to_owned(), options);
    answers(port).await?;
    Ok(driver)
}

fn spawn(command: &mut Command, output: Stdio) -> Result<Child, Failure> {
    let name = command.get_program().to_owned();
    let command = command.stdin(Stdio::null()).stdout(output).stderr(Stdio::null());
    command.spawn().map_err(|error| format!("{}: {error}", name.display()))
}

/// The text behind these words in the first line that has them.
fn said(child: &mut Child, words: &str) -> Option<String> {
    let mut lines = BufReader::new(child.stdout.take()?).lines();
    let said = lines.by_ref().map_while(Result::ok).find_map(|line| {
        let (_, after) = line.split_once(words)?;
        Some(after.trim().to_owned())
    });
    // Its later output must be read all the same, or it would stand still.
    std::thread::spawn(move || lines.for_each(drop));
    said
}

async fn answers(port: u16) -> Result<(), Failure> {
    for _ in 0..200 {
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    Err(format!("nothing answers at port {port}"))
}
