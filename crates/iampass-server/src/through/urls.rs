//! URLs that proxies like to change: what of each arrives.

use http::StatusCode;

use super::advice::{Front, Trouble};
use super::caller::{Answered, Caller, NoAnswer, Sent, Version};
use super::finding::{Level, Report};

/// Where a call of an application stands, up to the id of a user.
pub(super) const CALL: &str = "/management/has_registered_mobile_device/config-check/";

/// A kind of URL.
struct Kind {
    level: Level,
    topic: &'static str,
    /// Their special feature.
    what: &'static str,
    /// The ends of the path after [`CALL`].
    tails: &'static [&'static str],
}

/// First what clients of this project sign; then what only other clients, or a few ids, bring about.
const KINDS: [Kind; 14] = [
    Kind { level: Level::Change, topic: "path", what: "an encoded slash", tails: &["a%2Fb", "a%2F%2Fb"] },
    Kind { level: Level::Change, topic: "path", what: "an encoded plus", tails: &["a%2Bb"] },
    Kind {
        level: Level::Change,
        topic: "path",
        what: "escapes of $ & , ; = : @",
        tails: &["ann%40example.org", "a%24%26%2C%3B%3D%3Ab"],
    },
    Kind { level: Level::Change, topic: "path", what: "escapes of ! ' ( ) *", tails: &["a%21%27%28%29%2Ab"] },
    Kind {
        level: Level::Change,
        topic: "path",
        what: "escapes of other characters",
        tails: &["%C3%A9%20%22%23%25%3C%3E%3F%5B%5C%5D%5E%60%7B%7C%7D"],
    },
    Kind {
        level: Level::Change,
        topic: "path",
        what: "$ & , ; = : @ as they are",
        tails: &["ann@example.org", "a$&,;=:b"],
    },
    Kind { level: Level::Change, topic: "path", what: "a plus", tails: &["a+b"] },
    Kind {
        level: Level::Change,
        topic: "path",
        what: "an end like that of a file",
        tails: &["a~", "a.inc", ".hta"],
    },
    Kind {
        level: Level::Change,
        topic: "query",
        what: "escapes",
        tails: &["u?display_name=J+%2F%2B%40%27%2C%3A%C3%BC%26", "u?display_name=%5B%7C%5D"],
    },
    Kind {
        level: Level::Change,
        topic: "query",
        what: "$ , / : ; ? @ as they are",
        tails: &["u?display_name=$,/:;?@", "u?methods=acceptance,device"],
    },
    Kind { level: Level::Note, topic: "path", what: "dots alone", tails: &["..", "."] },
    Kind { level: Level::Note, topic: "path", what: "two slashes", tails: &["a//b"] },
    Kind { level: Level::Note, topic: "query", what: "an empty query", tails: &["u?"] },
    Kind {
        level: Level::Note,
        topic: "path",
        what: "escapes that no client of this project writes",
        tails: &["%7E%41%2D", "%2E%2E", "a%2fb%c3%a9"],
    },
];

/// The fate of a URL on its way.
enum Became {
    Itself,
    Another(String),
    Refused(StatusCode),
    Kept,
    Nothing(NoAnswer),
}

/// A URL without the prefix that `unknown` is left in front by mistake.
async fn became(caller: &Caller, version: Version, target: &str, left: &str) -> Became {
    match caller.ask(Sent::get(version, target)).await {
        Ok(Answered::Echo(echo)) => {
            let within = echo.within.strip_prefix(left).unwrap_or(&echo.within);
            if within == target { Became::Itself } else { Became::Another(within.to_owned()) }
        }
        Ok(Answered::Kept) => Became::Kept,
        Ok(Answered::Other { status, .. }) => Became::Refused(status),
        Err(error) => Became::Nothing(error),
    }
}

/// Tries every kind. `left` is a prefix that the service does not know of and that has been told of.
pub(super) async fn check(caller: &Caller, version: Version, front: Front, left: &str, report: &mut Report) {
    let mut spoilt = [("path", false), ("query", false)];
    for kind in &KINDS {
        let mut said = Vec::new();
        for tail in kind.tails {
            let found = became(caller, version, &format!("{CALL}{tail}"), left).await;
            said.extend(told(tail, found));
        }
        if said.is_empty() {
            continue;
        }
        for (topic, is_spoilt) in &mut spoilt {
            *is_spoilt |= *topic == kind.topic && kind.level == Level::Change;
        }
        let what_to_do = match kind.level {
            Level::Change => format!("signatures break. {}", front.advice(Trouble::Url)),
            _ => "no client of this project signs such a URL, but for ids that are dots".to_owned(),
        };
        report.add(kind.level, kind.topic, format!("{}: {}: {what_to_do}", kind.what, said.join(", ")));
    }
    for (topic, is_spoilt) in spoilt {
        if !is_spoilt {
            report.good(topic, "what clients sign arrives as it was sent");
        }
    }
}

fn told(tail: &str, became: Became) -> Option<String> {
    Some(match became {
        Became::Itself => return None,
        Became::Another(other) => {
            let other = other.strip_prefix(CALL).unwrap_or(&other);
            format!("{tail} arrives as {other}")
        }
        Became::Refused(status) => format!("{tail} is refused with {}", status.as_u16()),
        Became::Kept => format!("{tail} is answered with what was kept of another answer"),
        Became::Nothing(error) => format!("{tail} is not answered: {error}"),
    })
}

/// A URL of this length, as the service takes it.
pub(super) async fn check_long(
    caller: &Caller,
    version: Version,
    front: Front,
    left: &str,
    length: usize,
    report: &mut Report,
) {
    let before = format!("{CALL}u?display_name=");
    let rest = length.saturating_sub(before.len() + caller.url.path().len());
    let target = format!("{before}{}", "x".repeat(rest));
    let seen = match became(caller, version, &target, left).await {
        Became::Itself => {
            return report.good("long URLs", format!("{length} bytes of path and query arrive"));
        }
        Became::Another(other) => format!("of {length} bytes of path and query {} arrive", other.len()),
        Became::Refused(status) => {
            format!("{length} bytes of path and query are refused with {}", status.as_u16())
        }
        Became::Kept => "what was kept of another answer comes back".to_owned(),
        Became::Nothing(error) => format!("{length} bytes of path and query are not answered: {error}"),
    };
    report.change("long URLs", format!("{seen}. {}", front.advice(Trouble::LongUrl)));
}
