//! Mocks of the ports, by [`mockall`]: for tests that say what must be called, how often, and what it gives.
//!
//! ```
//! use iampass_core::UserToken;
//! use iampass_core::client::Client;
//! use iampass_testkit::mocks::MockHttpTransport;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut transport = MockHttpTransport::new();
//! transport
//!     .expect_send()
//!     .withf(|request| request.uri().path().starts_with("/management/has_registered_mobile_device/"))
//!     .times(1)
//!     .returning(|_| Ok(http::Response::new(br#"{"status": true, "device_registered": false}"#.to_vec())));
//!
//! let client = Client::builder().application("APP", "secret").transport(transport).sessions_in_memory().build()?;
//! assert!(!client.has_registered_device(&UserToken::new("u1")?).await?);
//! # Ok(())
//! # }
//! ```
//!
//! Belongs here: one mock a port. Does not belong here: anything with behaviour of its own.

use std::time::Duration;

use async_trait::async_trait;
use iampass_core::port::{
    ClaimOutcome, ClaimedLogouts, Clock, Entropy, EntropyError, HttpRequest, HttpResponse, HttpTransport,
    LogoutClaim, SessionRecord, SessionStore, SharedEntry, SharedKey, SharedState, SharedVersion, Sleep,
    StoreError, TokenStore, TransportError, UserKey,
};
use iampass_core::{Draw, Monotonic, Now, SessionToken, UnixMillis, UnixSeconds, UserToken};
use mockall::mock;

mock! {
    /// A mock of [`HttpTransport`].
    #[derive(Debug)]
    pub HttpTransport {}
    #[async_trait]
    impl HttpTransport for HttpTransport {
        async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError>;
    }
}

mock! {
    /// A mock of [`TokenStore`].
    #[derive(Debug)]
    pub TokenStore {}
    #[async_trait]
    impl TokenStore for TokenStore {
        async fn token_for(&self, user: &UserKey) -> Result<Option<UserToken>, StoreError>;
        async fn user_for(&self, token: &UserToken) -> Result<Option<UserKey>, StoreError>;
        async fn assign(&self, user: &UserKey, candidate: &UserToken) -> Result<UserToken, StoreError>;
        async fn rotate(&self, user: &UserKey, replacement: &UserToken) -> Result<(), StoreError>;
        async fn remove(&self, user: &UserKey) -> Result<(), StoreError>;
    }
}

mock! {
    /// A mock of [`SharedState`].
    #[derive(Debug)]
    pub SharedState {}
    #[async_trait]
    impl SharedState for SharedState {
        async fn load_shared(&self, key: &SharedKey) -> Result<Option<SharedEntry>, StoreError>;
        async fn swap_shared(
            &self,
            key: &SharedKey,
            expected: Option<SharedVersion>,
            entry: &SharedEntry,
        ) -> Result<bool, StoreError>;
        async fn delete_shared(&self, key: &SharedKey, expected: SharedVersion) -> Result<bool, StoreError>;
        async fn purge_shared(&self, now: UnixMillis, limit: usize) -> Result<usize, StoreError>;
    }
}

mock! {
    /// A mock of [`SessionStore`], which is a [`SharedState`] too.
    #[derive(Debug)]
    pub SessionStore {}
    #[async_trait]
    impl SharedState for SessionStore {
        async fn load_shared(&self, key: &SharedKey) -> Result<Option<SharedEntry>, StoreError>;
        async fn swap_shared(
            &self,
            key: &SharedKey,
            expected: Option<SharedVersion>,
            entry: &SharedEntry,
        ) -> Result<bool, StoreError>;
        async fn delete_shared(&self, key: &SharedKey, expected: SharedVersion) -> Result<bool, StoreError>;
        async fn purge_shared(&self, now: UnixMillis, limit: usize) -> Result<usize, StoreError>;
    }
    #[async_trait]
    impl SessionStore for SessionStore {
        async fn create(&self, record: &SessionRecord) -> Result<(), StoreError>;
        async fn load(&self, token: &SessionToken) -> Result<Option<SessionRecord>, StoreError>;
        async fn set_user(
            &self,
            token: &SessionToken,
            before: &UserToken,
            user: &UserToken,
        ) -> Result<bool, StoreError>;
        async fn claim_session(&self, token: &SessionToken) -> Result<ClaimOutcome, StoreError>;
        async fn sessions_of(&self, user: &UserToken, limit: usize) -> Result<Vec<SessionRecord>, StoreError>;
        async fn queue_logout(&self, token: &SessionToken, due: UnixSeconds) -> Result<(), StoreError>;
        async fn request_logout(&self, token: &SessionToken) -> Result<(), StoreError>;
        async fn claim_logouts(
            &self,
            now: UnixSeconds,
            lease: Duration,
            limit: usize,
        ) -> Result<ClaimedLogouts, StoreError>;
        async fn release_logout(&self, claim: &LogoutClaim, due: UnixSeconds) -> Result<(), StoreError>;
        async fn delete(&self, token: &SessionToken) -> Result<(), StoreError>;
        async fn purge_expired(&self, now: UnixSeconds, limit: usize) -> Result<usize, StoreError>;
    }
}

mock! {
    /// A mock of [`Clock`].
    #[derive(Debug)]
    pub Clock {}
    impl Clock for Clock {
        fn now(&self) -> Now;
    }
}

mock! {
    /// A mock of [`Entropy`].
    #[derive(Debug)]
    pub Entropy {}
    impl Entropy for Entropy {
        fn draw(&self) -> Result<Draw, EntropyError>;
    }
}

mock! {
    /// A mock of [`Sleep`].
    #[derive(Debug)]
    pub Sleep {}
    #[async_trait]
    impl Sleep for Sleep {
        async fn until(&self, until: Monotonic);
    }
}
