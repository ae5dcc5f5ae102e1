//! Awaiting that a phone is registered. Belongs here: asking the service, once for all pages of a user on this node, and for no longer than
//! somebody wants to know.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use iampass_core::UserToken;
use iampass_core::client::Client;
use moka::sync::Cache;
use tokio::sync::watch;
use tokio::time::Instant;

/// How often the service is asked.
const ASK: Duration = Duration::from_secs(2);

/// For how long it is asked after somebody last wanted to know.
const WANTED: Duration = Duration::from_secs(10);

const AT_ONCE: u64 = 10_000;

/// A registration that pages of this node wait for.
pub(crate) struct Awaited {
    is_registered: watch::Sender<bool>,
    wanted_at: Mutex<Instant>,
}

impl Awaited {
    /// Somebody wants to know, now.
    pub(crate) fn want(&self) {
        *self.wanted_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn is_wanted(&self) -> bool {
        self.wanted_at.lock().unwrap_or_else(PoisonError::into_inner).elapsed() < WANTED
    }

    pub(crate) fn watch(&self) -> watch::Receiver<bool> {
        self.is_registered.subscribe()
    }

    pub(crate) fn is_registered(&self) -> bool {
        *self.is_registered.borrow()
    }
}

/// The registrations that pages of this node wait for.
pub(crate) struct Registrations {
    awaited: Cache<UserToken, Arc<Awaited>>,
    runtime: tokio::runtime::Handle,
}

impl Registrations {
    pub(crate) fn new(runtime: tokio::runtime::Handle) -> Self {
        Self { awaited: Cache::builder().max_capacity(AT_ONCE).time_to_idle(WANTED * 3).build(), runtime }
    }

    /// The registration of this user's phone, awaited from now on.
    pub(crate) fn of(&self, client: &Client, user: &UserToken) -> Arc<Awaited> {
        let awaited = self.awaited.get_with(user.clone(), || {
            let awaited = Arc::new(Awaited {
                is_registered: watch::Sender::new(false),
                wanted_at: Mutex::new(Instant::now()),
            });
            let (asked, client, user) = (Arc::clone(&awaited), client.clone(), user.clone());
            let cache = self.awaited.clone();
            self.runtime.spawn(async move {
                let mut pause = ASK / 4;
                while asked.is_wanted() {
                    tokio::time::sleep(pause).await;
                    pause = ASK;
                    match client.has_registered_device(&user).await {
                        Ok(true) => {
                            asked.is_registered.send_replace(true);
                            break;
                        }
                        Ok(false) => {}
                        Err(error) => {
                            tracing::debug!(%error, "it is not known whether a phone was registered")
                        }
                    }
                }
                // Meanwhile the client's connections may be closed.
                drop(client);
                if *asked.is_registered.borrow() {
                    // Long enough for every waiting page to receive it.
                    tokio::time::sleep(WANTED).await;
                }
                // The next page that wants to know begins anew: by then the phone may be lost again.
                cache.invalidate(&user);
            });
            awaited
        });
        awaited.want();
        awaited
    }
}
