//! The short name of a browser, for the phone: `Firefox on Windows`. Belongs here: the few rules by which it is read out of `User-Agent`.
//!
//! The name is made of words of this file alone. So nothing that a browser sends stands on the phone or on a page, and the name is short.

use serde::{Deserialize, Serialize};

/// The name of a browser that is not known.
const UNKNOWN: &str = "a browser";

/// Parts of `User-Agent` and the browser that they mean. The first that is there counts: most browsers also name those before them.
const BROWSERS: [(&str, &str); 13] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chromium/", "Chromium"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("Lynx/", "Lynx"),
];

/// The same for the system that it runs on.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
];

/// The longest `User-Agent` that is looked at, in bytes.
const LONGEST: usize = 1_000;

/// The short name of the browser that sends this `User-Agent`.
pub(crate) fn browser_name(user_agent: Option<&str>) -> String {
    let BrowserName { browser, system } = BrowserName::of(user_agent);
    let browser = if browser.is_empty() { UNKNOWN } else { &browser };
    match &*system {
        "" => browser.to_owned(),
        system => format!("{browser} on {system}"),
    }
}

/// The two parts of that name, for pages in any language. A part that is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BrowserName {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) browser: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) system: String,
}

impl BrowserName {
    /// Of the browser that sends this `User-Agent`.
    pub(crate) fn of(user_agent: Option<&str>) -> Self {
        let sent = user_agent.filter(|sent| sent.len() <= LONGEST).unwrap_or_default();
        let named = |names: &[(&str, &'static str)]| {
            let found = names.iter().find(|(part, _)| sent.contains(part));
            found.map(|(_, name)| (*name).to_owned()).unwrap_or_default()
        };
        Self { browser: named(&BROWSERS), system: named(&SYSTEMS) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_browsers_are_named() {
        for (sent, name) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
                "Firefox on Windows",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
                "Chrome on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0.0.0 Mobile/15E148 Safari/604.1",
                "Chrome on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
                "Samsung Internet on Android",
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
                "Chrome on ChromeOS",
            ),
            ("Lynx/2.9.0dev.5 libwww-FM/2.14", "Lynx"),
        ] {
            assert_eq!(browser_name(Some(sent)), name, "{sent}");
        }
    }

    #[test]
    fn what_is_sent_is_not_repeated() {
        assert_eq!(browser_name(None), UNKNOWN);
        let long = format!("Firefox/1 {}", "x".repeat(LONGEST));
        for sent in ["", "curl/8.5", "Accept this request!\u{202e}", "\n\r", &long] {
            assert_eq!(browser_name(Some(sent)), UNKNOWN, "{sent}");
        }
        assert_eq!(browser_name(Some("evil text Windows \u{7}")), "a browser on Windows");
        let longest = |names: &[(&str, &str)]| names.iter().map(|(_, name)| name.chars().count()).max();
        assert!(longest(&BROWSERS).max(Some(UNKNOWN.len())) <= Some(20) && longest(&SYSTEMS) <= Some(20));
    }
}
