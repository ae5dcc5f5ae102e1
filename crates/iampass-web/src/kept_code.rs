//! The code of an attempt, kept for the page of the browser that began it. Belongs here: how it is sealed into the attempt's record, and opened
//! for that attempt alone. Does not belong here: what the page looks like ([`crate::pages`]).
//!
//! The record is in the store that all nodes share. A thief of the store has no code, since the cookies' keys seal it.

use std::time::Duration;

use iampass_core::wire::{Confirmation, MovingQr};
use iampass_core::{Secret, UnixMillis};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use crate::attempts::{AttemptId, SealedCode};
use crate::cookies::{Cookies, Name};

/// How wide the QR code is drawn.
const QR_PIXELS: u32 = 240;

/// The code that the page of an attempt shows.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum PageCode {
    /// Digits and a QR code, the same all the time.
    #[serde(rename = "confirmation")]
    Fixed(Confirmation),
    /// A QR code that changes each second since then, for a login without a name. The nodes' clocks have to agree within a second or so.
    #[serde(rename = "moving")]
    Moving { qr: MovingQr, since: UnixMillis },
}

impl PageCode {
    /// Whether the service says that the phone shows the request by itself.
    pub(crate) fn rings(&self) -> bool {
        matches!(self, Self::Fixed(confirmation) if confirmation.rings)
    }
}

/// The code of one attempt.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeptCode {
    /// The attempt. A code that was moved to the record of another one is none.
    attempt: AttemptId,
    #[serde(flatten)]
    code: PageCode,
    /// Whether the phone shows the request by itself.
    pub(crate) is_ringing: bool,
    /// The link by which the page of a login without a name leads to IAMPASS in the same browser. That of a login by name is in its code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

impl KeptCode {
    pub(crate) fn new(attempt: &AttemptId, code: PageCode, is_ringing: bool) -> Self {
        Self { attempt: attempt.clone(), code, is_ringing, link: None }
    }

    /// The same with a link by which the page leads to IAMPASS in the same browser.
    pub(crate) fn with_link(mut self, link: Option<Secret>) -> Self {
        self.link = link.map(|link| link.expose().to_owned());
        self
    }

    /// That link; empty if there is none.
    pub(crate) fn link(&self) -> &str {
        match &self.code {
            PageCode::Fixed(confirmation) => confirmation.open_url.as_ref().map(Secret::expose),
            PageCode::Moving { .. } => self.link.as_deref(),
        }
        .unwrap_or_default()
    }

    /// `None` if it is too long, which no code of a service is that the client lets through.
    pub(crate) fn sealed(&self, cookies: &Cookies) -> Option<SealedCode> {
        cookies.sealed(Name::Code, self, 0).map(|cookie| SealedCode::new(cookie.value()))
    }

    /// The code of this attempt. `None` if it is another one's, or was sealed with a key that is gone.
    pub(crate) fn open(sealed: &SealedCode, cookies: &Cookies, attempt: &AttemptId) -> Option<Self> {
        let kept: Self = cookies.open_value(Name::Code, sealed.as_str())?;
        let is_own: bool = kept.attempt.as_str().as_bytes().ct_eq(attempt.as_str().as_bytes()).into();
        is_own.then_some(kept)
    }

    /// The digits; empty for a code that moves.
    pub(crate) fn digits(&self) -> &str {
        match &self.code {
            PageCode::Fixed(confirmation) => confirmation.code.expose(),
            PageCode::Moving { .. } => "",
        }
    }

    /// The link that brings the code; empty for a code that moves, of which a link would be a photograph.
    pub(crate) fn scan_url(&self) -> &str {
        match &self.code {
            PageCode::Fixed(confirmation) => confirmation.scan_url.expose(),
            PageCode::Moving { .. } => "",
        }
    }

    /// The QR code of this instant. Empty if its link is too long for one.
    pub(crate) fn qr_svg(&self, now: UnixMillis) -> String {
        let svg = match &self.code {
            PageCode::Fixed(confirmation) => confirmation.qr_svg(QR_PIXELS),
            PageCode::Moving { qr, since } => qr.qr_svg(now.since(*since), QR_PIXELS),
        };
        svg.unwrap_or_default()
    }

    /// The second of a code that moves, counted from its start, and the time until the next one.
    pub(crate) fn second(&self, now: UnixMillis) -> Option<(u64, Duration)> {
        let PageCode::Moving { since, .. } = &self.code else { return None };
        let age = now.since(*since);
        Some((age.as_secs(), Duration::from_secs(age.as_secs() + 1).saturating_sub(age)))
    }
}

#[cfg(test)]
mod tests {
    use iampass_core::UnixSeconds;

    use super::*;
    use crate::config::Config;

    fn kept(attempt: &AttemptId) -> KeptCode {
        let link = "https://login.example/phone#scan=AAAAAAAAAAAAAAAAAAAAAA";
        KeptCode::new(attempt, PageCode::Fixed(Confirmation::new("482913", link, UnixSeconds(60))), true)
    }

    #[test]
    fn a_code_opens_for_its_attempt_alone() {
        let (config, other) = (Config::for_tests(""), Config::for_tests(""));
        let (one, two) = (AttemptId::random().unwrap(), AttemptId::random().unwrap());
        let sealed = kept(&one).sealed(&config.cookies).unwrap();
        let opened = KeptCode::open(&sealed, &config.cookies, &one).unwrap();
        assert_eq!((opened.digits(), opened.is_ringing), ("482913", true));
        assert!(opened.scan_url().ends_with("AAAA") && opened.qr_svg(UnixMillis(0)).contains("<svg"));
        assert!(KeptCode::open(&sealed, &config.cookies, &two).is_none(), "it was moved");
        assert!(KeptCode::open(&sealed, &other.cookies, &one).is_none(), "other keys");
    }

    #[test]
    fn a_sealed_code_shows_nothing_of_it() {
        let (config, attempt) = (Config::for_tests(""), AttemptId::random().unwrap());
        let sealed = kept(&attempt).sealed(&config.cookies).unwrap();
        for text in [format!("{sealed:?}"), serde_json::to_string(&sealed).unwrap()] {
            assert!(!text.contains("482913") && !text.contains("scan"), "{text}");
        }
    }

    #[test]
    fn a_code_that_moves_is_another_each_second() {
        let (config, attempt) = (Config::for_tests(""), AttemptId::random().unwrap());
        let qr = MovingQr::new("https://login.example/phone#scan=", "token", "secret");
        let code = PageCode::Moving { qr, since: UnixMillis(10_000) };
        let sealed = KeptCode::new(&attempt, code, false).sealed(&config.cookies).unwrap();
        let kept = KeptCode::open(&sealed, &config.cookies, &attempt).unwrap();
        assert_eq!((kept.digits(), kept.scan_url()), ("", ""));
        let at = |millis| (kept.second(UnixMillis(millis)).unwrap(), kept.qr_svg(UnixMillis(millis)));
        let (((first, left), one), ((second, _), two)) = (at(10_250), at(11_000));
        assert_eq!((first, left, second), (0, Duration::from_millis(750), 1));
        assert!(one.contains("<svg") && one != two && one == at(10_999).1);
        // By a clock that is behind it is the first second still.
        assert_eq!(at(9_000).0.0, 0);
    }

    /// The records of attempts that an earlier version wrote.
    #[test]
    fn a_code_of_before_is_read() {
        let json = r#"{"attempt":"a","confirmation":{"code":"482913","scan_url":"https://login.example/phone#scan=A","expires_at":60},"is_ringing":true}"#;
        let kept: KeptCode = serde_json::from_str(json).unwrap();
        assert_eq!((kept.digits(), kept.is_ringing), ("482913", true));
    }
}
