//! `config check --push`: whether the push services that the settings name answer, and accept this service's credentials.
//!
//! Each is asked to push to a phone that there is not. One that accepts the credentials says that it knows no such phone.

use std::fmt;
use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_server_domain::push::{PushError, PushErrorKind, PushKind, PushService};
use iampass_server_push::{Address, DeviceToken, Push as _, PushId, PushRequest, Topic, Ways};

use super::Pushes;

/// No phone has it: the right length for Apple, the right characters for all.
const NOBODYS_TOKEN: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// How long the push that reaches no phone would be good.
const TTL: Duration = Duration::from_secs(1);

/// The answer of a push service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    service: PushService,
    trouble: Option<PushErrorKind>,
}

impl Said {
    /// Whether something has to be changed.
    pub(crate) const fn is_trouble(&self) -> bool {
        self.trouble.is_some()
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let service = self.service.as_str();
        match self.trouble {
            None => write!(f, "push: {service} answers and accepts the credentials"),
            Some(kind) => write!(f, "push: {service}: {}", kind.what()),
        }
    }
}

/// Asks the push services of these settings, one after the other.
pub(crate) async fn ask(pushes: &Pushes, now: UnixSeconds) -> Vec<Said> {
    let Pushes::With(config) = pushes else { return Vec::new() };
    let mut all = Vec::new();
    for service in config.ways.services() {
        if let Some(address) = nobodys_address(service) {
            all.push(Said { service, trouble: trouble(attempt(&config.ways, &address, now).await) });
        }
    }
    all
}

async fn attempt(ways: &Ways, address: &Address, now: UnixSeconds) -> Result<(), PushError> {
    let topic = Topic::from_bytes([0; 24]);
    let kind = PushKind::QuestionWaits;
    ways.push(&PushRequest { id: PushId(0), address, kind, topic, ttl: TTL, now }).await
}

/// Browsers have push services of their own, each of which is known only by a phone that has subscribed.
fn nobodys_address(service: PushService) -> Option<Address> {
    let token = DeviceToken::new(NOBODYS_TOKEN).ok()?;
    match service {
        PushService::Web => None,
        PushService::Fcm => Some(Address::Fcm(token)),
        PushService::Apns => Some(Address::Apns(token)),
        PushService::Webhook => Some(Address::Webhook(token)),
    }
}

fn trouble(result: Result<(), PushError>) -> Option<PushErrorKind> {
    match result.map_err(|error| error.kind()) {
        Ok(()) | Err(PushErrorKind::Gone | PushErrorKind::Refused) => None,
        Err(kind) => Some(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_that_there_is_not_is_the_answer_that_is_wanted() {
        use PushErrorKind as K;
        for good in [Ok(()), Err(K::Gone.into()), Err(K::Refused.into())] {
            assert_eq!(trouble(good), None);
        }
        for kind in [K::Unreachable, K::Timeout, K::Busy, K::Broken, K::TokenExpired, K::Unauthorized] {
            assert_eq!(trouble(Err(kind.into())), Some(kind));
        }
    }

    #[test]
    fn every_service_that_has_an_account_can_be_asked() {
        for service in PushService::ALL {
            assert_eq!(nobodys_address(service).is_none(), service == PushService::Web);
        }
    }
}
