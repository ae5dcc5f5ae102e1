//! [`Inbox`]: asking for the questions of one registration, again and again, without asking for nothing.
//!
//! Belongs here: what the next poll names and how long it waits. Does not belong here: sending it, and the questions themselves.

use std::time::Duration;

use iampass_core::machine::Backoff;
use iampass_core::wire::AuthenticationRequest;
use iampass_core::{Draw, query_value};

use crate::PhoneError;

/// The longest that one poll waits at the service; well below the time that transports allow.
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// The pause between two polls of a service that answers at once instead of waiting.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);

/// The most bytes of known ids in a URL. With more of them, each poll is answered at once.
const LONGEST_KNOWN: usize = 2_000;

/// One poll: how long it waits at the service, and which questions are known already \[X\].
///
/// ```
/// use iampass_phone::Poll;
///
/// assert_eq!(Poll::now().wait_seconds(), 0);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Poll {
    wait: u64,
    known: String,
}

impl Poll {
    /// A poll that is answered at once with all questions.
    #[must_use]
    pub fn now() -> Self {
        Self::default()
    }

    /// How long it waits at the service.
    #[must_use]
    pub fn wait_seconds(&self) -> u64 {
        self.wait
    }

    /// The service allows these two parameters on the address that it gave out.
    pub(crate) fn added_to(&self, url: &str) -> String {
        if self.wait == 0 {
            return url.to_owned();
        }
        let joined = if url.contains('?') { '&' } else { '?' };
        format!("{url}{joined}wait={}&known={}", self.wait, self.known)
    }
}

/// The state of polling for one registration. The first poll is answered at once, later ones when the questions have changed.
///
/// ```
/// use iampass_phone::Inbox;
/// use std::time::Duration;
///
/// let mut inbox = Inbox::new();
/// let second = Duration::from_secs(1);
/// assert_eq!(inbox.poll(60 * second).wait_seconds(), 0);
/// // The service answered at once, with no question.
/// let pause = inbox.answered(&[], Duration::ZERO);
/// assert!(!pause.is_zero());
/// assert_eq!(inbox.poll(60 * second).wait_seconds(), 8);
/// assert_eq!(inbox.poll(3 * second).wait_seconds(), 3);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Inbox {
    /// Ids with commas between them. None before the first answer.
    known: Option<String>,
    failures: u32,
}

impl Inbox {
    /// A phone that has not asked yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The next poll of a caller that waits no longer than `patience`.
    #[must_use]
    pub fn poll(&self, patience: Duration) -> Poll {
        match &self.known {
            None => Poll::now(),
            // Whole seconds can be waited for at the service.
            Some(known) => Poll { wait: patience.min(LONGEST_WAIT).as_secs(), known: known.clone() },
        }
    }

    /// Takes in an answer, which came after `took`. The result is the pause before the next poll.
    pub fn answered(&mut self, requests: &[AuthenticationRequest], took: Duration) -> Duration {
        self.failures = 0;
        // A comma separates ids: one that holds a comma cannot be named.
        let ids = requests.iter().map(|request| request.auth_request_id.as_str());
        let ids: Vec<_> = ids.filter(|id| !id.contains(',')).map(query_value).collect();
        let known = ids.join(",");
        self.known = Some(if known.len() > LONGEST_KNOWN { String::new() } else { known });
        SHORTEST_PAUSE.saturating_sub(took)
    }

    /// Takes in that a poll failed. The result is the pause before the next poll: from half a second, doubling, to a minute, and not
    /// shorter than the service asks for. `None` for an error that does not pass by itself.
    pub fn failed(&mut self, error: &PhoneError, draw: Draw) -> Option<Duration> {
        if !error.is_retryable() {
            return None;
        }
        let backoff =
            Backoff::new(Duration::from_millis(500), Duration::from_secs(60)).growing_by_percent(200);
        let pause = backoff.wait(self.failures, draw);
        self.failures = self.failures.saturating_add(1);
        Some(pause.max(error.retry_after().unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn request(id: &str) -> AuthenticationRequest {
        serde_json::from_value(
            serde_json::json!({"auth_request_id": id, "application_id": "APP", "application_name": "App",
            "user_id": "u", "identify": {"identification_start_url": "https://login.example/i/start",
            "identification_url": "https://login.example/i", "identification_data_secret": "s"}}),
        )
        .unwrap()
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn the_first_poll_is_plain_and_the_next_one_names_what_is_known() {
        let mut inbox = Inbox::new();
        assert_eq!(inbox.poll(LONG).added_to("https://h/p"), "https://h/p");
        assert_eq!(inbox.answered(&[request("a"), request("b+&")], Duration::ZERO), SHORTEST_PAUSE);
        assert_eq!(inbox.poll(LONG).added_to("https://h/p"), "https://h/p?wait=8&known=a,b%2B%26");
        assert_eq!(inbox.poll(LONG).added_to("https://h/p?x=1"), "https://h/p?x=1&wait=8&known=a,b%2B%26");
        assert_eq!(inbox.answered(&[], Duration::from_secs(1)), Duration::ZERO);
        assert_eq!(
            inbox.poll(Duration::from_millis(2_900)).added_to("https://h/p"),
            "https://h/p?wait=2&known="
        );
        assert_eq!(inbox.poll(Duration::from_millis(900)).added_to("https://h/p"), "https://h/p");
    }

    #[test]
    fn ids_that_cannot_be_named_are_left_out() {
        let mut inbox = Inbox::new();
        inbox.answered(&[request("a,b"), request("c")], Duration::ZERO);
        assert_eq!(inbox.poll(LONG).known, "c");
        let many: Vec<_> = (0..1_000).map(|n| request(&format!("request-{n}"))).collect();
        inbox.answered(&many, Duration::ZERO);
        assert_eq!(inbox.poll(LONG).known, "");
    }

    #[test]
    fn failures_are_waited_for_longer_and_longer_until_one_poll_is_answered() {
        let mut inbox = Inbox::new();
        let draw = Draw::from_bytes([0; 16]);
        let unavailable = |retry_after| PhoneError::Refused {
            call: "pending requests",
            status: 503,
            reason: None,
            message: None,
            retry_after,
            tries_left: None,
        };
        let pauses: Vec<_> = (0..12).map(|_| inbox.failed(&unavailable(None), draw).unwrap()).collect();
        assert!(pauses.is_sorted() && pauses[0] >= Duration::from_millis(400), "{pauses:?}");
        assert!(pauses[11] >= Duration::from_secs(50) && pauses[11] <= Duration::from_secs(66), "{pauses:?}");
        let asked = Duration::from_secs(300);
        assert_eq!(inbox.failed(&unavailable(Some(asked)), draw), Some(asked));
        inbox.answered(&[], Duration::ZERO);
        assert!(inbox.failed(&unavailable(None), draw).unwrap() < Duration::from_secs(1));
        assert_eq!(inbox.failed(&PhoneError::BringNotOffered, draw), None);
    }

    proptest! {
        #[test]
        fn a_poll_is_one_query_and_waits_no_longer_than_its_caller(
            ids in proptest::collection::vec("[!-~]{1,30}", 0..20),
            patience in 0_u64..100_000,
        ) {
            let mut inbox = Inbox::new();
            let requests: Vec<_> = ids.iter().map(|id| request(id)).collect();
            inbox.answered(&requests, Duration::ZERO);
            let patience = Duration::from_millis(patience);
            let poll = inbox.poll(patience);
            prop_assert!(Duration::from_secs(poll.wait_seconds()) <= patience.min(LONGEST_WAIT));
            let url = poll.added_to("https://login.example/p");
            let parsed = url::Url::parse(&url).unwrap();
            prop_assert_eq!(parsed.as_str(), &url);
            let named: Vec<_> = parsed.query_pairs().filter(|(name, _)| name == "known").collect();
            prop_assert!(named.len() <= 1);
            if let Some((_, known)) = named.first() {
                let expected: Vec<_> = ids.iter().map(String::as_str).filter(|id| !id.contains(',')).collect();
                prop_assert_eq!(known.as_ref(), expected.join(","));
            }
        }
    }
}
