//! The browser and the address from which a session was begun, for the user's own list of sessions. Belongs here: noting it, and finding it again.
//! Does not belong here: the list ([`crate::account_page`]).
//!
//! It is sealed in the store that all nodes share, under the name of its session, and expires with it. Nothing but the list goes by it.

use std::net::IpAddr;

use iampass_core::port::{SharedKey, StoreError, StoreErrorKind};
use iampass_core::{SessionToken, UnixMillis, UnixSeconds};
use serde::{Deserialize, Serialize};

use crate::browser_name::BrowserName;
use crate::cookies::{Cookies, Name};
use crate::session::id_of;
use crate::shared_entry::SharedEntries;

/// The browser and the address from which a session was begun, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SignedInFrom {
    #[serde(flatten)]
    pub(crate) name: BrowserName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<IpAddr>,
}

/// The sealed content of the entry.
#[derive(Serialize, Deserialize)]
struct Sealed {
    /// The session. A note that was moved to the entry of another one is not believed.
    session: String,
    #[serde(flatten)]
    from: SignedInFrom,
}

fn key(session: &SessionToken) -> SharedKey {
    SharedKey::new("from", session.as_str().as_bytes())
}

impl SignedInFrom {
    pub(crate) fn new(name: BrowserName, address: Option<IpAddr>) -> Self {
        Self { name, address: address.map(|address| address.to_canonical()) }
    }

    /// Notes it for a session that was just given to a browser. The first note counts: a browser may get its session again.
    pub(crate) async fn note(
        &self,
        entries: &SharedEntries,
        cookies: &Cookies,
        session: &SessionToken,
        expires_at: UnixSeconds,
    ) -> Result<(), StoreError> {
        let content = Sealed { session: id_of(session), from: self.clone() };
        let Some(sealed) = cookies.sealed(Name::SignedInFrom, &content, 0) else { return Ok(()) };
        let expires_at = UnixMillis(expires_at.0.saturating_mul(1_000));
        match entries.insert(&key(session), &sealed.value(), expires_at).await {
            Err(error) if error.kind() == StoreErrorKind::Conflict => Ok(()),
            result => result,
        }
    }

    /// Forgets it: the session has ended, and nothing else goes by the note.
    pub(crate) async fn forget(entries: &SharedEntries, session: &SessionToken) -> Result<(), StoreError> {
        entries.remove(&key(session)).await
    }

    /// That of a session. Nothing is known of one from before, and of one whose note cannot be read.
    pub(crate) async fn load(
        entries: &SharedEntries,
        cookies: &Cookies,
        session: &SessionToken,
    ) -> Result<Self, StoreError> {
        let stored: Option<String> = match entries.load(&key(session)).await {
            Err(error) if error.kind() == StoreErrorKind::Unreadable => None,
            stored => stored?,
        };
        let opened = stored.and_then(|value| cookies.open_value::<Sealed>(Name::SignedInFrom, &value));
        let own = opened.filter(|sealed| sealed.session == id_of(session));
        Ok(own.map(|sealed| sealed.from).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use iampass_core::client::Client;
    use iampass_core::port::{
        HttpRequest, HttpResponse, HttpTransport, MemorySessionStore, SharedState as _, TransportError,
        TransportErrorKind,
    };

    use super::*;
    use crate::config::Config;

    struct NoService;

    #[async_trait::async_trait]
    impl HttpTransport for NoService {
        async fn send(&self, _: HttpRequest) -> Result<HttpResponse, TransportError> {
            Err(TransportError::new(TransportErrorKind::Connect))
        }
    }

    /// A note is sealed, for its session alone, and cannot be changed by a second one.
    #[tokio::test]
    async fn a_note_is_of_its_session_alone() {
        let store = Arc::new(MemorySessionStore::new(10));
        let client = Client::builder()
            .application("APP", "a test key")
            .server("http://127.0.0.1:1")
            .transport(NoService)
            .session_store(store.clone())
            .build()
            .unwrap();
        let later = client.now().wall.plus(std::time::Duration::from_secs(60));
        let (entries, config, other) =
            (SharedEntries::new(client), Config::for_tests(""), Config::for_tests(""));
        let session = |name: &str| SessionToken::new(name).unwrap();
        let load = async |config: &Config, name: &str| {
            SignedInFrom::load(&entries, &config.cookies, &session(name)).await.unwrap()
        };
        let firefox = BrowserName { browser: "Firefox".to_owned(), system: "Windows".to_owned() };
        let from = SignedInFrom::new(firefox, "::ffff:203.0.113.5".parse().ok());
        from.note(&entries, &config.cookies, &session("one"), later).await.unwrap();
        assert_eq!(load(&config, "one").await, from);
        assert_eq!(from.address.map(|address| address.to_string()).as_deref(), Some("203.0.113.5"));

        let second = SignedInFrom::new(BrowserName::default(), None);
        second.note(&entries, &config.cookies, &session("one"), later).await.unwrap();
        assert_eq!(load(&config, "one").await, from, "the first one counts");
        assert_eq!(load(&config, "two").await, SignedInFrom::default());
        assert_eq!(load(&other, "one").await, SignedInFrom::default(), "other keys");

        SignedInFrom::forget(&entries, &session("two")).await.unwrap();
        assert_eq!(load(&config, "one").await, from, "another one is forgotten");
        let stored = store.load_shared(&key(&session("one"))).await.unwrap().unwrap();
        let text = String::from_utf8(stored.value.clone()).unwrap();
        assert!(!text.contains("Firefox") && !text.contains("203.0"), "{text}");
        assert!(store.swap_shared(&key(&session("two")), None, &stored).await.unwrap());
        assert_eq!(load(&config, "two").await, SignedInFrom::default(), "it was moved");
        SignedInFrom::forget(&entries, &session("one")).await.unwrap();
        assert!(store.load_shared(&key(&session("one"))).await.unwrap().is_none());
    }
}
