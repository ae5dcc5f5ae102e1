//! [`RateLimits`]: how often what may be done.

use std::time::Duration;

use iampass_core::rate_limit::Rate;

use super::Limited;

/// How often applications, users, sessions and addresses may do what; None is "without limit". Each node counts for itself. Whatever is too
/// much is answered by 429 with `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimits {
    /// Good signed calls of one application, or of one key of the Admin API, all but those about the state of a session: 50,000 a second.
    pub per_application: Option<Rate>,
    /// Good signed calls from one address, all but those about the state of a session: 50,000 a second. An IPv6 address counts by its
    /// networks of 64, 56 and 48 bits, of which the wider ones may 4 and 16 times as much; an IPv4 address by itself and by its network
    /// of 24 bits, which may 64 times as much.
    pub per_address: Option<Rate>,
    /// From one address, requests that are not signed by whom they claim to be, and registrations of phones that fail: 100 at once, 60 a
    /// minute. Requests with a good signature go through all the same.
    pub per_address_failures: Option<Rate>,
    /// Logins that are started for one user: 100 at once, 60 a minute. Five questions may be open at a time in any case.
    pub per_user_starts: Option<Rate>,
    /// Registration links for one user, but for those after a lost phone: 30 at once, 12 a minute.
    pub per_user_links: Option<Rate>,
    /// Messages that are sent to one user: 10 at once, 1 a minute. Messages that were not sent do not count.
    pub per_user_messages: Option<Rate>,
    /// Messages that are queued for one application: 200 at once, 10 a minute.
    pub per_application_messages: Option<Rate>,
    /// Messages that are queued to one number or address, whichever applications have them sent: 5 at once, 6 an hour.
    pub per_destination_messages: Option<Rate>,
    /// Accounts that are made in the Console from one address: 10 at once, 1 a minute.
    pub per_address_registrations: Option<Rate>,
    /// Questions how one session is: without limit, since applications ask at each request of their own \[P\].
    pub per_session_status: Option<Rate>,
}

impl Default for RateLimits {
    fn default() -> Self {
        let generous = Some(Rate { burst: 50_000, every: Duration::from_micros(20) });
        Self {
            per_application: generous,
            per_address: generous,
            per_address_failures: Some(Rate::per_minute(60, 100)),
            per_user_starts: Some(Rate::per_minute(60, 100)),
            per_user_links: Some(Rate::per_minute(12, 30)),
            per_user_messages: Some(Rate::per_minute(1, 10)),
            per_application_messages: Some(Rate::per_minute(10, 200)),
            per_destination_messages: Some(Rate { burst: 5, every: Duration::from_secs(600) }),
            per_address_registrations: Some(Rate::per_minute(1, 10)),
            per_session_status: None,
        }
    }
}

impl RateLimits {
    /// No limits at all: for tests that do in a second what people do in a week.
    #[must_use]
    pub const fn off() -> Self {
        Self {
            per_application: None,
            per_address: None,
            per_address_failures: None,
            per_user_starts: None,
            per_user_links: None,
            per_user_messages: None,
            per_application_messages: None,
            per_destination_messages: None,
            per_address_registrations: None,
            per_session_status: None,
        }
    }

    pub(super) const fn of(&self, what: Limited) -> Option<Rate> {
        match what {
            Limited::Application | Limited::AdminKey => self.per_application,
            Limited::Address => self.per_address,
            Limited::AddressFailures => self.per_address_failures,
            Limited::UserStarts => self.per_user_starts,
            Limited::UserLinks => self.per_user_links,
            Limited::UserMessages => self.per_user_messages,
            Limited::ApplicationMessages => self.per_application_messages,
            Limited::DestinationMessages => self.per_destination_messages,
            Limited::Registrations => self.per_address_registrations,
            Limited::SessionStatus => self.per_session_status,
        }
    }
}
