//! Telling a URL that a proxy has rewritten from a wrong signature. The request is refused in both cases.
//!
//! Belongs here: the other spellings that are tried, and what is said when one of them was signed. Does not belong here: the check itself
//! ([`iampass_core::signing`]), or any way to accept such a request.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use iampass_core::signing::Refusal;
use iampass_core::wire::Reason;
use iampass_core::{Secret, UnixSeconds, path_segment, query_value};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::call::Call;
use crate::known_as::{Claim, KnownAs};
use crate::once_a_minute::OnceAMinute;
use crate::problem::Refused;
use crate::request::RequestHead;

/// The most spellings that are tried, so that a wrong signature costs little.
const MOST: usize = 5;

/// The section of the operating guide that helps.
const SECTION: &str = "see \"TLS and the proxy\" in the operating guide";

/// The characters that every client leaves as they are. The published client writes all other characters as `%XX`, and a space as `+` \[P\].
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How a client spells what it puts into a URL.
#[derive(Clone, Copy)]
enum Style {
    /// The published client \[P\].
    Published,
    /// This project's client.
    Own,
    /// A client that escapes all but the unreserved characters.
    Escaped,
}

impl Style {
    fn segment(self, text: &str) -> String {
        match self {
            Self::Published => form(text),
            Self::Own => path_segment(text).collect(),
            Self::Escaped => utf8_percent_encode(text, UNRESERVED).to_string(),
        }
    }

    fn value(self, text: &str) -> String {
        match self {
            Self::Published => form(text),
            Self::Own => query_value(text),
            Self::Escaped => utf8_percent_encode(text, UNRESERVED).to_string(),
        }
    }
}

fn form(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string().replace("%20", "+")
}

/// A text that arrived, decoded; None where it is not UTF-8.
fn read(raw: &str, plus_is_space: bool) -> Option<String> {
    let spaced = if plus_is_space { raw.replace('+', " ") } else { raw.to_owned() };
    percent_decode_str(&spaced).decode_utf8().ok().map(Into::into)
}

/// The path up to the user's id with the slash before it, and what stands in the place of the id: more than one segment where a proxy has
/// written `%2F` as `/`.
fn at_user(path: &str) -> Option<(&str, &str)> {
    let before: usize = path.split('/').take(4).map(|segment| segment.len() + 1).sum();
    let (start, user) = path.split_at_checked(before)?;
    (!user.is_empty() && Call::parse(&[start, "x"].concat()).is_some()).then_some((start, user))
}

/// Whether the path may be that of a call about a user, whose id has been spelled anew.
pub(crate) fn may_name_user(path: &str) -> bool {
    at_user(path).is_some()
}

/// The query in the spelling of `style`. Names are left, and so are commas in `methods`, which no client escapes \[P\].
fn query_in(query: &str, style: Style, plus_is_space: bool) -> Option<String> {
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some(("methods", value)) => Some(format!("methods={value}")),
        Some((name, value)) => Some(format!("{name}={}", style.value(&read(value, plus_is_space)?))),
        None => Some(pair.to_owned()),
    });
    Some(pairs.collect::<Option<Vec<_>>>()?.join("&"))
}

/// The targets that may have been sent where `target` arrived, likeliest first.
fn other_targets(target: &str) -> Vec<String> {
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let user = at_user(path);
    let mut targets = Vec::new();
    for plus_is_space in [true, false] {
        for style in [Style::Published, Style::Own, Style::Escaped] {
            let path = match user {
                Some((start, user)) => {
                    read(user, plus_is_space).map(|user| format!("{start}{}", style.segment(&user)))
                }
                None => Some(path.to_owned()),
            };
            let query = query.map(|query| query_in(query, style, plus_is_space));
            let spelled = match (path, query) {
                (Some(path), None) => path,
                (Some(path), Some(Some(query))) => format!("{path}?{query}"),
                _ => continue,
            };
            if spelled != target && !targets.contains(&spelled) {
                targets.push(spelled);
            }
        }
    }
    targets
}

/// Explains signatures that are good for another URL than the one that arrived.
pub(crate) struct Rewritten {
    known_as: Arc<KnownAs>,
    /// How far the timestamp of a signature may lie from the clock, either way.
    window: Duration,
    told: OnceAMinute,
}

impl Rewritten {
    pub(crate) fn new(known_as: Arc<KnownAs>, window: Duration) -> Self {
        Self { known_as, window, told: OnceAMinute::default() }
    }

    /// The answer instead of [`Refusal::BadSignature`].
    pub(crate) fn explain(
        &self,
        claim: &Claim<'_>,
        secrets: &[Option<&Secret>],
        now: UnixSeconds,
    ) -> Refused {
        self.explained(claim, secrets, now).unwrap_or_else(|| Refusal::BadSignature.into())
    }

    /// The answer where another spelling was signed. None where none was.
    pub(crate) fn explained(
        &self,
        claim: &Claim<'_>,
        secrets: &[Option<&Secret>],
        now: UnixSeconds,
    ) -> Option<Refused> {
        let signed = self.signed_otherwise(claim, secrets, now)?;
        Some(self.refused(claim.head, &signed, now))
    }

    /// The other spelling that was signed, where one was.
    fn signed_otherwise(
        &self,
        claim: &Claim<'_>,
        secrets: &[Option<&Secret>],
        now: UnixSeconds,
    ) -> Option<String> {
        self.other_urls(claim.head).into_iter().find(|url| {
            secrets.iter().flatten().any(|secret| {
                let checked = claim.presented.verify(secret, &[url], now, self.window);
                // A time outside the window is found out only after the signature was good.
                matches!(checked, Ok(()) | Err(Refusal::TooOld { .. } | Refusal::TooNew { .. }))
            })
        })
    }

    /// Every URL that is tried, without its scheme: at most [`MOST`].
    fn other_urls(&self, head: RequestHead<'_>) -> Vec<String> {
        let target = head.target();
        let Ok(authority) = head.authority() else { return Vec::new() };
        let public = self.known_as.public();
        let forwarded = head.forwarded_host();
        let base = public.map_or(forwarded.unwrap_or(authority), |public| public.without_scheme());
        // A client that calls the service by another name than the public one has signed that name.
        let called_by = forwarded.or(public.map(|_| authority));
        let as_called = called_by.map(|host| format!("{host}{target}"));
        let as_called = as_called.filter(|url| public.is_none() || url.strip_prefix(base) != Some(target));
        let others = other_targets(target).into_iter().map(|target| format!("{base}{target}"));
        // A signature does not protect what stands before a second `://`.
        let is_signable = |url: &String| !url.contains("://");
        as_called.into_iter().chain(others).filter(is_signable).take(MOST).collect()
    }

    fn refused(&self, head: RequestHead<'_>, signed: &str, now: UnixSeconds) -> Refused {
        let authority = head.authority().unwrap_or_default();
        let arrived = match self.known_as.public() {
            Some(public) => format!("{}{}", public.without_scheme(), head.target()),
            None => format!("{authority}{}", head.target()),
        };
        let (host_signed, host_arrived) =
            (signed.split('/').next().unwrap_or_default(), arrived.split('/').next().unwrap_or_default());
        let is_host = host_signed != host_arrived;
        let what_to_do = if is_host && self.known_as.public().is_some() {
            "let clients call the service by its public URL alone"
        } else if is_host {
            "set --public-url to the address that clients call"
        } else {
            "set the proxy so that it leaves URLs as they are"
        };
        self.tell(is_host, what_to_do, now);
        Refused::new(
            StatusCode::UNAUTHORIZED,
            Reason::UrlRewritten,
            format!(
                "the URL was changed on its way: signed {signed}, arrived {arrived}; {what_to_do}, {SECTION}"
            ),
        )
    }

    /// One line a minute, without the URL: it names users.
    fn tell(&self, is_host: bool, what_to_do: &str, now: UnixSeconds) {
        if self.told.is_due(now) {
            let changed = if is_host { "the host" } else { "the path or the query" };
            tracing::warn!(
                "a proxy changes {changed} of signed requests, which are refused with URL_REWRITTEN: {what_to_do}, {SECTION}"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: &str = "/management/has_registered_mobile_device/APP/";

    #[test]
    fn what_real_proxies_make_of_an_id_leads_back_to_it() {
        // As signed, as nginx with a path, plain apache or lighttpd hand it on.
        for (signed, arrived) in [
            ("ann%40example.org", "ann@example.org"),
            ("a%2Fb", "a/b"),
            ("a%2Bb", "a+b"),
            ("a%26b%3Dc", "a&b=c"),
            ("o%27neil", "o'neil"),
            ("a%3Ab%3Bc%2Cd", "a:b;c,d"),
            ("a%28b%29%2A%21%24", "a(b)*!$"),
            ("a+b%40c", "a+b@c"),
            ("a%20b%2Fc@d", "a%20b/c@d"),
        ] {
            let targets = other_targets(&format!("{CALL}{arrived}"));
            let place = targets.iter().position(|target| *target == format!("{CALL}{signed}"));
            assert!(place.is_some_and(|place| place < MOST), "{signed}: {targets:?}");
        }
    }

    #[test]
    fn values_of_queries_are_spelled_anew_too() {
        let targets = other_targets(&format!("{CALL}u?display_name=J:/@'&methods=acceptance,device"));
        let signed = format!("{CALL}u?display_name=J%3A%2F%40%27&methods=acceptance,device");
        assert!(targets.iter().take(MOST).any(|target| *target == signed), "{targets:?}");
    }

    #[test]
    fn nothing_is_made_up_for_other_paths() {
        for target in ["/", "", "*", "/nowhere", "/management/nowhere/APP/a/b", "/device/d/sessions/s/logout"]
        {
            assert_eq!(other_targets(target), Vec::<String>::new(), "{target}");
        }
    }
}
