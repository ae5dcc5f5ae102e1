//! Browsers in which the pages are used: the tests of the pages that run in each engine, with the browser that is installed.

use std::process::Stdio;

use super::installed::{install, package_version, version};
use super::{Kind, Outcome, Verdict, Wanted};
use crate::{Failure, cargo};

struct Browser {
    name: &'static str,
    programs: &'static [&'static str],
    packages: &'static [&'static str],
    version: fn() -> String,
    /// The name of its engine in the tests.
    engine: &'static str,
}

const BROWSERS: [Browser; 3] = [
    Browser {
        name: "chromium",
        programs: &["chromium", "chromedriver"],
        packages: &["chromium", "chromium-driver"],
        version: || version("chromium", "--version"),
        engine: "chromium",
    },
    Browser {
        name: "firefox-esr",
        programs: &["firefox-esr"],
        packages: &["firefox-esr"],
        version: || version("firefox-esr", "--version"),
        engine: "firefox",
    },
    Browser {
        name: "webkitgtk",
        programs: &["WebKitWebDriver", "Xvfb"],
        packages: &["webkit2gtk-driver", "xvfb"],
        // It says its version only in a window.
        version: || package_version("webkit2gtk-driver"),
        engine: "webkit",
    },
];

/// The tests of pages, and what they are about.
const TESTS: [(&str, &str); 3] = [
    ("web_browser", "the login of a web application"),
    ("phone_page", "the page that plays the phone"),
    ("console", "the Console"),
];

/// The most failed tests that are named.
const MOST_NAMED: usize = 5;

/// Tries them. In a short run nothing is tried: the tests themselves run in these browsers.
pub(super) fn run(wanted: &Wanted<'_>) -> Result<Vec<Outcome>, Failure> {
    let mut outcomes = Vec::new();
    for browser in &BROWSERS {
        if wanted.short || !wanted.has(browser.name) {
            continue;
        }
        println!("{} …", browser.name);
        let installed = install(browser.programs, browser.packages);
        for (test, about) in TESTS {
            let verdict = match &installed {
                Ok(()) => Verdict::of(tests_run(browser, test)),
                Err(how) => Verdict::NotTried(how.clone()),
            };
            outcomes.push(Outcome {
                kind: Kind::Browsers,
                name: browser.name.to_owned(),
                version: (browser.version)(),
                tried: about.to_owned(),
                verdict,
            });
        }
    }
    Ok(outcomes)
}

fn tests_run(browser: &Browser, test: &str) -> Result<(), Failure> {
    let mut cargo = cargo::cargo();
    cargo.args(["test", "--workspace", "--all-features", "--test", test, "--"]);
    // Those that name an engine themselves run with that engine's.
    for other in BROWSERS.iter().filter(|other| other.engine != browser.engine) {
        cargo.args(["--skip", &format!("in_{}", other.engine)]);
    }
    // A missing program is a fault here, and no reason to skip a test.
    cargo.env("CI", "true").env("IAMPASS_TEST_ENGINE", browser.engine);
    let said = cargo.stdin(Stdio::null()).stderr(Stdio::null()).output()?;
    if said.status.success() {
        return Ok(());
    }
    let lines = String::from_utf8_lossy(&said.stdout).into_owned();
    let failed = lines.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
    let failed: Vec<_> = failed.take(MOST_NAMED).collect();
    Err(if failed.is_empty() { "the tests were not built".into() } else { failed.join(", ").into() })
}
