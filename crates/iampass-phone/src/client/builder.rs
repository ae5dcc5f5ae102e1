//! [`PhoneClient`] and the builder that collects its ports.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use iampass_core::RegistrationLink;
use iampass_core::port::{Clock, Entropy, HttpTransport, Sleep};
use iampass_core::wire::RegisterDevice;

use super::account::Account;
use super::ports::Ports;
use crate::registration::polling_phone;
use crate::{KeyStore, NoUnlock, PhoneError, Registration, Unlock, answers, calls};

/// Speaks to services for a phone. It holds no account; cheap to clone.
///
/// [`super::Phone`] keeps several accounts together.
#[derive(Clone)]
pub struct PhoneClient {
    ports: Arc<Ports>,
}

/// Collects the parts of a [`PhoneClient`]; [`PhoneClientBuilder::build`] says which one is missing.
#[derive(Clone, Default)]
#[must_use = "a builder builds nothing until `build` is called"]
pub struct PhoneClientBuilder {
    transport: Option<Arc<dyn HttpTransport>>,
    clock: Option<Arc<dyn Clock>>,
    entropy: Option<Arc<dyn Entropy>>,
    sleep: Option<Arc<dyn Sleep>>,
    keys: Option<Arc<dyn KeyStore>>,
    unlock: Option<Arc<dyn Unlock>>,
}

impl PhoneClientBuilder {
    /// Sets the transport that sends the requests.
    pub fn transport(mut self, transport: Arc<dyn HttpTransport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Sets the clock. Signatures carry its wall clock, waits go by its monotonic one.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Sets the source of random bits.
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = Some(entropy);
        self
    }

    /// Sets the way to wait; by the same clock as [`PhoneClientBuilder::clock`].
    pub fn sleep(mut self, sleep: Arc<dyn Sleep>) -> Self {
        self.sleep = Some(sleep);
        self
    }

    /// Sets the key store. Without one, phones are registered without a key: the service then believes them by a secret that it shares.
    pub fn keys(mut self, keys: Arc<dyn KeyStore>) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Sets the way to have the phone unlocked for a question; [`NoUnlock`] unless set.
    pub fn unlock(mut self, unlock: Arc<dyn Unlock>) -> Self {
        self.unlock = Some(unlock);
        self
    }

    /// The client. With the feature `system`, clock, randomness and waiting are the system's unless set.
    ///
    /// # Errors
    /// [`PhoneError::NotSet`].
    pub fn build(self) -> Result<PhoneClient, PhoneError> {
        #[cfg(feature = "system")]
        let (clock, entropy, sleep) = {
            let system = Arc::new(iampass_core::client::System::new());
            (
                self.clock.or(Some(system.clone())),
                self.entropy.or(Some(system.clone())),
                self.sleep.or(Some(system)),
            )
        };
        #[cfg(not(feature = "system"))]
        let (clock, entropy, sleep) = (self.clock, self.entropy, self.sleep);

        let ports = Ports {
            transport: self.transport.ok_or(PhoneError::NotSet { part: "the transport" })?,
            clock: clock.ok_or(PhoneError::NotSet { part: "the clock" })?,
            entropy: entropy.ok_or(PhoneError::NotSet { part: "the source of randomness" })?,
            sleep: sleep.ok_or(PhoneError::NotSet { part: "the way to wait" })?,
            keys: self.keys,
            unlock: self.unlock.unwrap_or_else(|| Arc::new(NoUnlock::new())),
            word_at: AtomicU64::default(),
        };
        Ok(PhoneClient { ports: Arc::new(ports) })
    }
}

impl PhoneClient {
    /// Begins to build one.
    pub fn builder() -> PhoneClientBuilder {
        PhoneClientBuilder::default()
    }

    /// A client of which all parts are given, with a key store or without, for phones that cannot be unlocked.
    #[must_use]
    pub fn over(
        transport: Arc<dyn HttpTransport>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        sleep: Arc<dyn Sleep>,
        keys: Option<Arc<dyn KeyStore>>,
    ) -> Self {
        let unlock = Arc::new(NoUnlock::new());
        let word_at = AtomicU64::default();
        Self { ports: Arc::new(Ports { transport, clock, entropy, sleep, keys, unlock, word_at }) }
    }

    /// Opens a registration link: from now on this is the user's phone, with a device key of its own if there is a key store.
    ///
    /// # Errors
    /// [`PhoneError`]; `Refused` when the link was used, replaced or is over.
    pub async fn register(&self, link: &RegistrationLink) -> Result<Account, PhoneError> {
        self.register_as(link, polling_phone()).await
    }

    /// The same with more to be said of this phone, such as where notifications go. A key in `device` is replaced.
    ///
    /// # Errors
    /// As [`PhoneClient::register`].
    pub async fn register_as(
        &self,
        link: &RegistrationLink,
        device: RegisterDevice,
    ) -> Result<Account, PhoneError> {
        // Before a key is made for it: a link that cannot be called needs none.
        calls::register(link, &device)?;
        let Some(keys) = &self.ports.keys else { return self.register_shared(link, device).await };
        let key = keys.generate().await?;
        let handle = key.handle();
        let call = calls::register(link, &device.key(key.public_key()))?;
        let registered = match self.ports.send(&call, answers::read_record).await {
            Ok(record) => Registration::new(link, record, Some(handle.clone())),
            Err(error) => Err(error),
        };
        // The service may have refused the link, or may know no keys.
        if !registered.as_ref().is_ok_and(|registration| registration.device_key().is_some()) {
            self.ports.remove_key(Some(&handle)).await;
        }
        Ok(self.open(registered?))
    }

    /// Registers a phone without a key, as those of before were: the service believes it by a secret that it shares.
    ///
    /// # Errors
    /// As [`PhoneClient::register`].
    pub async fn register_shared(
        &self,
        link: &RegistrationLink,
        mut device: RegisterDevice,
    ) -> Result<Account, PhoneError> {
        device.key = None;
        let call = calls::register(link, &device)?;
        let record = self.ports.send(&call, answers::read_record).await?;
        Ok(self.open(Registration::new(link, record, None)?))
    }

    /// An account that was registered before.
    #[must_use]
    pub fn open(&self, registration: Registration) -> Account {
        Account::new(Arc::clone(&self.ports), registration)
    }
}

impl fmt::Debug for PhoneClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PhoneClient").field("has_keys", &self.ports.keys.is_some()).finish_non_exhaustive()
    }
}

impl fmt::Debug for PhoneClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PhoneClientBuilder").field("has_keys", &self.keys.is_some()).finish_non_exhaustive()
    }
}
