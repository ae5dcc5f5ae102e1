//! Building a [`Client`], from code or from the environment.

use std::sync::Arc;

use super::Client;
use super::drive::Ports;
use super::status_stream::StreamLimit;
use crate::machine::RetryPolicy;
use crate::port::{
    Clock, Entropy, HttpTransport, MemorySessionStore, MemoryTokenStore, SessionStore, Sleep, TokenStore,
};
use crate::{Application, ApplicationId, Error, Secret, Server};

/// The live service, as the published client knows it \[P\].
const LIVE_SERVER: &str = "https://iam-api.com";

/// How many status streams a client holds at once, unless set otherwise: few enough for any process's share of connections.
const STATUS_STREAMS: usize = 100;

/// How many sessions the store of [`ClientBuilder::sessions_in_memory`] holds.
const MEMORY_SESSIONS: usize = 10_000;

/// How many users the store of [`ClientBuilder::in_memory`] holds.
const MEMORY_USERS: usize = 10_000;

/// Collects what a [`Client`] needs; [`ClientBuilder::build`] says what is missing.
#[derive(Default)]
#[must_use = "a builder builds nothing until `build` is called"]
pub struct ClientBuilder {
    server: Option<String>,
    origins: Vec<String>,
    id: Option<String>,
    secret: Option<Secret>,
    transport: Option<Arc<dyn HttpTransport>>,
    clock: Option<Arc<dyn Clock>>,
    entropy: Option<Arc<dyn Entropy>>,
    sleep: Option<Arc<dyn Sleep>>,
    tokens: Option<Arc<dyn TokenStore>>,
    sessions: Option<Arc<dyn SessionStore>>,
    retry: RetryPolicy,
    status_streams: Option<usize>,
}

impl std::fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("server", &self.server)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// The service's base URL; the live service unless set.
    pub fn server(mut self, base_url: impl Into<String>) -> Self {
        self.server = Some(base_url.into());
        self
    }

    /// One more origin on which URLs that the service hands out are called (law 5).
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.origins.push(origin.into());
        self
    }

    /// The application's credentials.
    pub fn application(mut self, id: impl Into<String>, secret: impl Into<Secret>) -> Self {
        self.id = Some(id.into());
        self.secret = Some(secret.into());
        self
    }

    /// Takes `IAMPASS_SERVER` \[P\], `IAMPASS_APPLICATION_ID` and `IAMPASS_APPLICATION_SECRET` \[X\] from the environment, as far
    /// as they are set and not empty.
    pub fn from_env(self) -> Self {
        self.from_vars(|name| std::env::var(name).ok())
    }

    /// The same from any other place that knows values by these names, such as a configuration file.
    pub fn from_vars(mut self, var: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name| var(name).filter(|value| !value.is_empty());
        self.server = set("IAMPASS_SERVER").or(self.server);
        self.id = set("IAMPASS_APPLICATION_ID").or(self.id);
        self.secret = set("IAMPASS_APPLICATION_SECRET").map(Secret::new).or(self.secret);
        self
    }

    /// Sets the transport that sends the requests.
    pub fn transport(mut self, transport: impl HttpTransport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Sets the transport that sends the requests; others may share it.
    pub fn shared_transport(mut self, transport: Arc<dyn HttpTransport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Clock, randomness and waiting, all from one thing: [`super::System`] (the default with the feature `system`), or the test kit's.
    pub fn time_and_entropy(mut self, source: impl Clock + Entropy + Sleep + 'static) -> Self {
        let source = Arc::new(source);
        self.clock = Some(source.clone());
        self.entropy = Some(source.clone());
        self.sleep = Some(source);
        self
    }

    /// Tells the time.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Gives random bits.
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = Some(entropy);
        self
    }

    /// Waits; by the same clock as [`ClientBuilder::clock`].
    pub fn sleep(mut self, sleep: Arc<dyn Sleep>) -> Self {
        self.sleep = Some(sleep);
        self
    }

    /// The lookup table; needed by [`Client::enrol`] only.
    pub fn token_store(mut self, tokens: Arc<dyn TokenStore>) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// Where sessions, owed logouts and what the nodes share ([`Client::shared_state`]) are kept: a store over the application's database,
    /// which all of its nodes share. Required, unless [`ClientBuilder::sessions_in_memory`] is asked for.
    pub fn session_store(mut self, sessions: Arc<dyn SessionStore>) -> Self {
        self.sessions = Some(sessions);
        self
    }

    /// Keeps sessions and owed logouts in the memory of this process: 10,000 of them. For tests and tools.
    ///
    /// They are gone with the process. Everybody is logged out by a restart, while the sessions live on at the service, and a login
    /// that is begun on one node cannot be completed on another. It holds for sessions in sealed cookies as well.
    pub fn sessions_in_memory(mut self) -> Self {
        self.sessions = Some(Arc::new(MemorySessionStore::new(MEMORY_SESSIONS)));
        self
    }

    /// Keeps the tokens of users in the memory of this process as well: 10,000 of them. For the first steps, and for tests.
    ///
    /// All that [`ClientBuilder::sessions_in_memory`] says holds, and users have to register their phones anew after a restart.
    pub fn in_memory(self) -> Self {
        self.token_store(Arc::new(MemoryTokenStore::new(MEMORY_USERS))).sessions_in_memory()
    }

    /// How failed calls are made again, where that is safe.
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// How many status streams are held open at once, where the service offers them and the transport can; 100 unless set, half of them
    /// at most for sessions in use. Each may be a connection of its own. Where there is none, or no room, the service is asked again and
    /// again instead, which is slower and no less safe; 0 does that always.
    pub fn status_streams(mut self, most: usize) -> Self {
        self.status_streams = Some(most);
        self
    }

    /// The service as it is set up so far: for a session store, which has to know it too.
    ///
    /// # Errors
    /// [`Error::RefusedUrl`].
    pub fn configured_server(&self) -> Result<Server, Error> {
        let refused = |field| move |refused| Error::RefusedUrl { field, refused };
        let base = self.server.as_deref().unwrap_or(LIVE_SERVER);
        let mut server = Server::parse(base).map_err(refused("server address"))?;
        for origin in &self.origins {
            server = server.allow(origin).map_err(refused("allowed origin"))?;
        }
        Ok(server)
    }

    /// The client.
    ///
    /// # Errors
    /// [`Error::BadInput`], [`Error::BadId`] or [`Error::RefusedUrl`], saying what is missing or wrong.
    pub fn build(self) -> Result<Client, Error> {
        let missing = |what, why| Error::BadInput { what, why };
        let server = self.configured_server()?;
        let why = "it is not set. Set IAMPASS_APPLICATION_ID and IAMPASS_APPLICATION_SECRET in the environment (`iampass-server dev` and the Console say to what), or call `application`";
        let id = self.id.ok_or(missing("the application id", why))?;
        let id =
            ApplicationId::new(id).map_err(|invalid| Error::BadId { what: "the application id", invalid })?;
        let secret = self.secret.filter(|secret| !secret.is_empty());
        let secret = secret.ok_or(missing("the application secret", why))?;

        #[cfg(feature = "system")]
        let (clock, entropy, sleep) = {
            let system = Arc::new(super::System::new());
            (
                self.clock.or(Some(system.clone())),
                self.entropy.or(Some(system.clone())),
                self.sleep.or(Some(system)),
            )
        };
        #[cfg(not(feature = "system"))]
        let (clock, entropy, sleep) = (self.clock, self.entropy, self.sleep);

        let port = "it is not set, and the feature `system` is off";
        let ports = Ports {
            transport: self.transport.ok_or(missing("the transport", "it is not set: call `transport`"))?,
            clock: clock.ok_or(missing("the clock", port))?,
            entropy: entropy.ok_or(missing("the source of randomness", port))?,
            sleep: sleep.ok_or(missing("the way to wait", port))?,
            streams: StreamLimit::new(self.status_streams.unwrap_or(STATUS_STREAMS)),
        };
        let sessions = self.sessions.ok_or(missing(
            "the session store",
            "it is not set: call `session_store` with one over your database, or `sessions_in_memory` if all logins may be lost when \
             this process ends",
        ))?;
        let application = Application::new(server, id, secret);
        Ok(Client::from_parts(application, ports, self.tokens, sessions, self.retry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::{EntropyError, HttpRequest, HttpResponse, TransportError, TransportErrorKind};
    use crate::{Draw, Monotonic, Now, RefusedUrl};
    use async_trait::async_trait;

    struct Nothing;

    #[async_trait]
    impl HttpTransport for Nothing {
        async fn send(&self, _: HttpRequest) -> Result<HttpResponse, TransportError> {
            Err(TransportError::new(TransportErrorKind::Connect))
        }
    }

    impl Clock for Nothing {
        fn now(&self) -> Now {
            Now::new(std::time::Duration::ZERO, 1_700_000_000)
        }
    }

    impl Entropy for Nothing {
        fn draw(&self) -> Result<Draw, EntropyError> {
            Err(EntropyError)
        }
    }

    #[async_trait]
    impl Sleep for Nothing {
        async fn until(&self, _: Monotonic) {}
    }

    fn builder() -> ClientBuilder {
        Client::builder().transport(Nothing).time_and_entropy(Nothing).sessions_in_memory()
    }

    #[test]
    fn the_environment_says_where_and_who() {
        let vars = |name: &str| match name {
            "IAMPASS_SERVER" => Some("http://127.0.0.1:8089/".to_owned()),
            "IAMPASS_APPLICATION_ID" => Some("FROM-ENV".to_owned()),
            "IAMPASS_APPLICATION_SECRET" => Some("a test key".to_owned()),
            _ => None,
        };
        let client = builder().application("FROM-CODE", "another").from_vars(vars).build().unwrap();
        assert_eq!(client.application().id().as_str(), "FROM-ENV");
        assert_eq!(client.application().server().base(), "http://127.0.0.1:8089");
        assert!(client.application().signer().secret.matches("a test key"));
    }

    #[test]
    fn what_is_empty_there_counts_as_not_set() {
        let client =
            builder().application("APP", "a test key").from_vars(|_| Some(String::new())).build().unwrap();
        assert_eq!(client.application().id().as_str(), "APP");
        assert_eq!(client.application().server().base(), LIVE_SERVER);
    }

    #[test]
    fn what_is_missing_or_wrong_is_said() {
        assert!(matches!(builder().build(), Err(Error::BadInput { what: "the application id", .. })));
        let empty = builder().application("APP", "").build();
        assert!(matches!(empty, Err(Error::BadInput { what: "the application secret", .. })));
        assert!(matches!(builder().application("two words", "k").build(), Err(Error::BadId { .. })));
        let plain = builder().application("APP", "k").server("http://login.example").build();
        assert!(matches!(
            plain,
            Err(Error::RefusedUrl { field: "server address", refused: RefusedUrl::NotHttps })
        ));
        let no_transport = Client::builder().time_and_entropy(Nothing).application("APP", "k").build();
        assert!(matches!(no_transport, Err(Error::BadInput { what: "the transport", .. })));
        assert!(!format!("{:?}", builder().application("APP", "hunter2")).contains("hunter2"));
    }

    /// Fault B19: without a store everything seemed to work until the restart.
    #[test]
    fn sessions_in_memory_are_asked_for() {
        let builder =
            || Client::builder().transport(Nothing).time_and_entropy(Nothing).application("APP", "k");
        let error = builder().build().unwrap_err();
        assert!(matches!(error, Error::BadInput { what: "the session store", .. }));
        let text = error.to_string();
        assert!(text.contains("`session_store`") && text.contains("`sessions_in_memory`"), "{text}");
        assert!(builder().sessions_in_memory().build().unwrap().token_store().is_none());
        assert!(builder().in_memory().build().unwrap().token_store().is_some());
        assert!(builder().session_store(Arc::new(MemorySessionStore::new(1))).build().is_ok());
    }
}
