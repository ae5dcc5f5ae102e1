//! [`Pushing`]: this service's keys and ways to wake phones, and what it makes of the tokens that phones send.

pub(crate) mod asking;
mod outbox;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iampass_core::port::Clock;
use iampass_core::wire::Reason;
use iampass_server_domain::push::{PushService, token_in_row};
use iampass_server_domain::random;
use iampass_server_metrics::Metrics;
use iampass_server_push::queue::Limits;
use iampass_server_push::{
    Address, Contact, HttpClient, NotificationToken, PushWorker, Reach, VapidKey, VapidKeys, Ways, WebPush,
};
use iampass_server_storage::{Database, NewSubscription, PushHolder};
use outbox::StoredOutbox;

use crate::problem::Refused;
use crate::{PublicUrl, ServerError, ServiceConfig};

/// The names of the settings.
const KEYS: &str = "push keys";
const TOPICS: &str = "push topics";
/// How often a node looks for keys that another one or a command has made.
const KEYS_LOOKED_FOR: Duration = Duration::from_secs(30);

/// Which phones are pushed to.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Pushes {
    /// Browsers, where the service has a public URL with `https`, which is given to push services as the operator's contact.
    #[default]
    ByPublicUrl,
    /// None: phones ask.
    Off,
    /// Browsers, and by these ways.
    With(PushConfig),
}

/// How phones are pushed to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PushConfig {
    /// At which push services of browsers reach the operator.
    pub contact: Contact,
    /// How far the URLs of strangers may lead.
    pub reach: Reach,
    /// The ways besides Web Push.
    pub ways: Ways,
}

impl PushConfig {
    /// To browsers, on the public internet.
    #[must_use]
    pub fn new(contact: Contact) -> Self {
        Self { contact, reach: Reach::Public, ways: Ways::default() }
    }
}

/// The service's side of pushes.
#[derive(Debug)]
pub(crate) struct Pushing {
    web: Arc<WebPush>,
    ways: Ways,
    reach: Reach,
    topics: [u8; 32],
    holder: PushHolder,
}

/// Where a phone wants to be pushed to, as the store takes it.
pub(crate) struct Wish {
    /// The text to keep in the phone's row.
    pub(crate) token: String,
    /// None: nowhere.
    pub(crate) subscription: Option<NewSubscription>,
}

impl Wish {
    fn new(token: String, subscription: Option<NewSubscription>) -> Self {
        Self { token: token_in_row(token), subscription }
    }

    /// The wish of a phone at a service that pushes to none.
    pub(crate) fn unfulfilled(token: String) -> Self {
        Self::new(token, None)
    }
}

impl Pushing {
    /// With the keys of the store, which are drawn the first time. None where no phone is pushed to.
    pub(crate) async fn open(
        config: &ServiceConfig,
        database: &Database,
    ) -> Result<Option<Self>, ServerError> {
        let config = match &config.pushes {
            Pushes::Off => return Ok(None),
            Pushes::With(config) => config.clone(),
            Pushes::ByPublicUrl => {
                let public = config.public_url.as_ref().filter(|url| url.is_https()).map(PublicUrl::as_str);
                match public.and_then(|url| Contact::new(url).ok()) {
                    Some(contact) => PushConfig::new(contact),
                    None => return Ok(None),
                }
            }
        };
        let http = HttpClient::to_strangers(config.reach).map_err(|_| CANNOT_SET_UP)?;
        let keys = keys(&drawn_once(database).await?)?;
        let drawn = URL_SAFE_NO_PAD.encode(random::bytes::<32>().map_err(|_| NOT_DRAWN)?);
        let topics = URL_SAFE_NO_PAD.decode(database.setting_or(TOPICS, drawn).await?).ok();
        let topics = topics.and_then(|bytes| bytes.try_into().ok()).ok_or(UNREADABLE)?;
        let web = Arc::new(WebPush::new(http, keys, config.contact));
        let ways = config.ways.with(PushService::Web, Arc::clone(&web) as _);
        Ok(Some(Self { web, ways, reach: config.reach, topics, holder: PushHolder::draw()? }))
    }

    /// The key that a browser subscribes for.
    pub(crate) fn application_server_key(&self) -> String {
        self.web.keys().newest().public_key()
    }

    /// The services that this node has a way to.
    pub(crate) fn services(&self) -> Vec<PushService> {
        self.ways.services().collect()
    }

    /// Reads the token of a phone.
    pub(crate) fn wish(&self, token: String) -> Result<Wish, Refused> {
        let read = NotificationToken::read(&token, &self.web.keys(), self.reach).map_err(|invalid| {
            Refused::unprocessable(Reason::InvalidParameter, format!("notification_token: {invalid}"))
        })?;
        let subscription = match read {
            NotificationToken::Polled | NotificationToken::Foreign | NotificationToken::OtherKey => None,
            NotificationToken::Push(address) => subscription(&address),
        };
        Ok(Wish::new(token, subscription))
    }

    /// The worker that sends this node's pushes.
    pub(crate) fn worker(
        &self,
        database: Arc<Database>,
        clock: Arc<dyn Clock>,
        metrics: Arc<Metrics>,
    ) -> PushWorker {
        let outbox = StoredOutbox {
            database,
            holder: self.holder,
            services: self.services(),
            reach: self.reach,
            topics: self.topics,
        };
        PushWorker {
            outbox: Arc::new(outbox),
            push: Arc::new(self.ways.clone()),
            clock,
            metrics,
            limits: Limits::default(),
        }
    }

    /// Takes over keys that were made elsewhere, for as long as the service runs.
    pub(crate) async fn watch_keys(&self, database: &Database) {
        loop {
            tokio::time::sleep(KEYS_LOOKED_FOR).await;
            match keys_in_store(database).await {
                Ok(Some(keys)) => self.web.set_keys(keys),
                Ok(None) => {
                    tracing::error!("the keys for pushes are gone from the data; the earlier ones are used")
                }
                Err(error) => {
                    tracing::error!(%error, "the keys for pushes cannot be read; the earlier ones are used")
                }
            }
        }
    }
}

/// Makes a new key for subscriptions, and forgets those of the keys before for which there are none any more. Services that run take it over within
/// half a minute; phones subscribe for it when their page is opened. Its public half.
pub(crate) async fn rotate_keys(database: &Database) -> Result<String, ServerError> {
    loop {
        let before = drawn_once(database).await?;
        let used = database.used_vapid_keys().await?;
        let new = draw()?;
        let after = rotated(parsed(&before)?, &used, new.clone());
        // Another one may have rotated them meanwhile.
        if database.replace_setting(KEYS, before, written(&after)).await? {
            return Ok(new.public_key());
        }
    }
}

/// The keys with a new one, the newest first.
///
/// The newest of those before stays, whether there are subscriptions or not: services that run go on giving it out until they take the new one over,
/// and a phone that has it may be subscribing.
fn rotated(before: Vec<VapidKey>, used: &[String], new: VapidKey) -> Vec<VapidKey> {
    let is_used = |key: &VapidKey| used.contains(&key.id().to_string());
    let kept = before.into_iter().enumerate().filter(|(place, key)| *place == 0 || is_used(key));
    std::iter::once(new).chain(kept.map(|(_, key)| key)).collect()
}

fn subscription(address: &Address) -> Option<NewSubscription> {
    Some(NewSubscription {
        service: address.service(),
        vapid_key: address.vapid_key().map(|key| key.to_string()),
        address: address.to_stored()?,
    })
}

const CANNOT_SET_UP: ServerError =
    ServerError::Settings("no connection to push services can be set up: check the system's certificates");
const UNREADABLE: ServerError = ServerError::Settings(
    "the keys for pushes in the data cannot be read: restore a backup, or switch pushes off",
);

const NOT_DRAWN: ServerError =
    ServerError::Settings("the system's random generator gave nothing, so no key for pushes can be made");

fn draw() -> Result<VapidKey, ServerError> {
    VapidKey::generate().map_err(|_| NOT_DRAWN)
}

/// The keys as they are written in the store. The first one is drawn and stored where there is none.
async fn drawn_once(database: &Database) -> Result<String, ServerError> {
    Ok(database.setting_or(KEYS, written(&[draw()?])).await?)
}

/// The keys as they are in the store. None where there are none.
async fn keys_in_store(database: &Database) -> Result<Option<VapidKeys>, ServerError> {
    database.setting(KEYS).await?.as_deref().map(keys).transpose()
}

/// The newest first, in base64url, a space between two.
fn written(keys: &[VapidKey]) -> String {
    keys.iter().map(|key| URL_SAFE_NO_PAD.encode(key.pkcs8())).collect::<Vec<_>>().join(" ")
}

fn parsed(text: &str) -> Result<Vec<VapidKey>, ServerError> {
    let key = |text: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        VapidKey::from_pkcs8(&bytes).ok()
    };
    text.split(' ').map(|text| key(text).ok_or(UNREADABLE)).collect()
}

fn keys(text: &str) -> Result<VapidKeys, ServerError> {
    let mut oldest_first = parsed(text)?.into_iter().rev();
    let oldest = VapidKeys::new(oldest_first.next().ok_or(UNREADABLE)?);
    Ok(oldest_first.fold(oldest, VapidKeys::rotated))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_keeps_the_newest_key_of_before_and_those_in_use() {
        let [first, second, third, fourth] = [(); 4].map(|()| VapidKey::generate().unwrap());
        let ids = |keys: &[VapidKey]| keys.iter().map(|key| key.id().to_string()).collect::<Vec<_>>();
        let used = ids(std::slice::from_ref(&first));
        let after = rotated(vec![third.clone(), second, first.clone()], &used, fourth.clone());
        assert_eq!(ids(&after), ids(&[fourth.clone(), third, first]));
        let again = rotated(after, &[], VapidKey::generate().unwrap());
        assert_eq!(ids(&again[1..]), ids(&[fourth]), "older ones that nothing uses go");
    }
}
