//! [`TestService`]: the real service, in this process, for one test.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use iampass_core::client::{Client, ClientBuilder, System};
use iampass_core::port::Clock;
use iampass_core::{Application, ApplicationId, RegistrationLink, Secret, Server};
use iampass_reqwest::ReqwestTransport;
use iampass_server::push::Pushes;
use iampass_server::{
    Approval, RateLimits, ServerError, Service, ServiceConfig, StorageLocation, UnverifiedMethods,
};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::phone::{Phone, VirtualPhone};
use crate::{ManualClock, TestkitError};

/// The IAMPASS service on a free port of 127.0.0.1, with a data file of its own and an application ready.
///
/// It needs a tokio runtime, and ends when it is dropped.
#[derive(Debug)]
pub struct TestService {
    config: ServiceConfig,
    address: SocketAddr,
    application: Application,
    secret: Secret,
    clock: Option<ManualClock>,
    transport: Arc<ReqwestTransport>,
    running: Option<Running>,
    /// Holds the data file; removed at the end.
    _directory: TempDir,
}

#[derive(Debug)]
struct Running {
    service: Service,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), ServerError>>,
}

/// Settings of a [`TestService`].
#[derive(Clone, Debug, Default)]
#[must_use = "nothing is started until `start` is called"]
pub struct TestServiceBuilder {
    application_name: Option<String>,
    credentials: Option<(ApplicationId, Secret)>,
    answer_timeout: Option<Duration>,
    signature_window: Option<Duration>,
    remembered_nonces: Option<usize>,
    clock: Option<ManualClock>,
    unverified_methods: UnverifiedMethods,
    is_at_localhost: bool,
    pushes: Pushes,
    approval: Approval,
    walkaway: bool,
}

impl TestServiceBuilder {
    /// The name of the application, as phones show it; `Test application` unless set.
    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.application_name = Some(name.into());
        self
    }

    /// The application's credentials; drawn unless set.
    pub fn credentials(mut self, id: ApplicationId, secret: Secret) -> Self {
        self.credentials = Some((id, secret));
        self
    }

    /// How long a phone has to answer; 60 s unless set.
    pub fn answer_timeout(mut self, limit: Duration) -> Self {
        self.answer_timeout = Some(limit);
        self
    }

    /// How far the timestamp of a signature may lie from the clock; 300 s unless set.
    pub fn signature_window(mut self, window: Duration) -> Self {
        self.signature_window = Some(window);
        self
    }

    /// How many nonces the service remembers at most, for load that would fill the window; 4,000,000 unless set.
    pub fn remembered_nonces(mut self, most: usize) -> Self {
        self.remembered_nonces = Some(most);
        self
    }

    /// Sets the treatment of logins by `device` or `facial`, which the service cannot verify. They are refused, as in production, unless
    /// this is [`UnverifiedMethods::Simulated`].
    pub fn unverified_methods(mut self, unverified: UnverifiedMethods) -> Self {
        self.unverified_methods = unverified;
        self
    }

    /// Hands it out as `http://localhost:PORT`, where browsers and authenticators work (WebAuthn), and not by its IP address.
    pub fn at_localhost(mut self) -> Self {
        self.is_at_localhost = true;
        self
    }

    /// The phones that are pushed to: none unless set, since it has no URL with `https`.
    pub fn pushes(mut self, pushes: Pushes) -> Self {
        self.pushes = pushes;
        self
    }

    /// The approval that the application takes at least; [`Approval::Tap`] unless set.
    pub fn approval(mut self, approval: Approval) -> Self {
        self.approval = approval;
        self
    }

    /// Phones of the application say whether they are near, and its sessions follow; they do not unless set.
    pub fn walkaway(mut self) -> Self {
        self.walkaway = true;
        self
    }

    /// The clock of the service, its clients and its phones; the system's unless set.
    pub fn clock(mut self, clock: &ManualClock) -> Self {
        self.clock = Some(clock.clone());
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// [`TestkitError`].
    pub async fn start(self) -> Result<TestService, TestkitError> {
        let directory = tempfile::tempdir()?;
        let mut config = ServiceConfig::new(StorageLocation::File(directory.path().join("iampass.sqlite")));
        if let Some(limit) = self.answer_timeout {
            config.answer_timeout = limit;
        }
        if let Some(window) = self.signature_window {
            config.signature_window = window;
        }
        if let Some(most) = self.remembered_nonces {
            config.limits.remembered_nonces = most;
        }
        if let Some(clock) = &self.clock {
            config.clock = Arc::new(clock.clone());
        }
        config.unverified_methods = self.unverified_methods;
        config.pushes = self.pushes;
        // Tests do in a second what people do in a week.
        config.rates = RateLimits::off();
        // A test that ends does not wait for phones that still do.
        config.limits.shutdown_grace = Duration::from_secs(2);

        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let base = if self.is_at_localhost {
            let url = format!("http://localhost:{}", address.port());
            config.public_url = url.parse().ok();
            url
        } else {
            format!("http://{address}")
        };
        let service = Service::open(config.clone()).await?;
        let name = self.application_name.as_deref().unwrap_or("Test application");
        let new = service.add_application(name, self.credentials).await?;
        service.set_approval(&new.id, self.approval).await?;
        if self.walkaway {
            service.set_walkaway(&new.id, true).await?;
        }
        let server = Server::parse(&base)
            .map_err(|refused| iampass_core::Error::RefusedUrl { field: "server address", refused })?;
        Ok(TestService {
            config,
            address,
            application: Application::new(server, new.id, new.secret.clone()),
            secret: new.secret,
            clock: self.clock,
            transport: Arc::new(ReqwestTransport::new()?),
            running: Some(Running::start(service, listener)),
            _directory: directory,
        })
    }
}

impl Running {
    fn start(service: Service, listener: TcpListener) -> Self {
        let (stop, stopped) = oneshot::channel();
        let serving = service.clone().serve(listener, async {
            // A sender that is gone says the same.
            let _ = stopped.await;
        });
        Self { service, stop, task: tokio::spawn(serving) }
    }
}

impl TestService {
    /// Starts one with defaults.
    ///
    /// # Errors
    /// [`TestkitError`].
    pub async fn start() -> Result<Self, TestkitError> {
        Self::builder().start().await
    }

    /// Begins with its settings.
    pub fn builder() -> TestServiceBuilder {
        TestServiceBuilder::default()
    }

    /// Its base URL, for `IAMPASS_SERVER`.
    #[must_use]
    pub fn server_url(&self) -> &str {
        self.application.server().base()
    }

    /// The application's id.
    #[must_use]
    pub fn application_id(&self) -> &ApplicationId {
        self.application.id()
    }

    /// The application's secret.
    #[must_use]
    pub fn application_secret(&self) -> &Secret {
        &self.secret
    }

    /// The application, for machines and clients.
    #[must_use]
    pub fn application(&self) -> Application {
        self.application.clone()
    }

    /// Where the data is.
    #[must_use]
    pub fn data_file(&self) -> &Path {
        match &self.config.data {
            StorageLocation::File(path) => path,
            _ => Path::new(""),
        }
    }

    /// A client of the application over reqwest, by the clock of the service, with its sessions in memory.
    ///
    /// # Errors
    /// [`TestkitError::Client`].
    pub fn client(&self) -> Result<Client, TestkitError> {
        Ok(self.client_builder().build()?)
    }

    /// The same with more to be set. Sessions are kept in memory unless a store is set.
    pub fn client_builder(&self) -> ClientBuilder {
        let builder = Client::builder()
            .sessions_in_memory()
            .server(self.server_url())
            .application(self.application_id().as_str(), self.secret.clone())
            .shared_transport(self.transport.clone());
        match &self.clock {
            Some(clock) => builder.clock(Arc::new(clock.clone())).sleep(Arc::new(clock.clone())),
            None => builder,
        }
    }

    /// Opens a registration link on a new phone, which goes by the clock of the service.
    ///
    /// # Errors
    /// As [`VirtualPhone::register`].
    pub async fn register_phone(&self, link: &RegistrationLink) -> Result<VirtualPhone, TestkitError> {
        VirtualPhone::register_over(self.transport.clone(), self.wall_clock(), link).await
    }

    /// The same as a phone of before, without a device key.
    ///
    /// # Errors
    /// As [`VirtualPhone::register`].
    pub async fn register_shared_phone(&self, link: &RegistrationLink) -> Result<VirtualPhone, TestkitError> {
        VirtualPhone::register_shared_over(self.transport.clone(), self.wall_clock(), link).await
    }

    /// A phone for several users, which goes by the clock of the service.
    #[must_use]
    pub fn phone(&self) -> Phone {
        Phone::over(self.transport.clone(), self.wall_clock())
    }

    fn wall_clock(&self) -> Arc<dyn Clock> {
        match &self.clock {
            Some(clock) => Arc::new(clock.clone()),
            None => Arc::new(System::new()),
        }
    }

    /// Moves the clock that it was built with, and has the service see to every deadline that this passes. Without such a clock
    /// nothing moves.
    ///
    /// # Errors
    /// [`TestkitError::Stopped`], [`TestkitError::Service`].
    pub async fn advance(&self, by: Duration) -> Result<(), TestkitError> {
        if let Some(clock) = &self.clock {
            clock.advance(by);
        }
        let running = self.running.as_ref().ok_or(TestkitError::Stopped)?;
        Ok(running.service.run_due_tasks().await?)
    }

    /// Stops it and keeps its data and its port: from now on nobody answers there.
    ///
    /// # Errors
    /// [`TestkitError::Service`] when its last writes failed.
    pub async fn stop(&mut self) -> Result<(), TestkitError> {
        let Some(Running { service, stop, task }) = self.running.take() else { return Ok(()) };
        drop(service);
        // It may have ended by itself.
        let _ = stop.send(());
        match task.await {
            Ok(result) => Ok(result?),
            Err(failed) => Err(std::io::Error::other(failed).into()),
        }
    }

    /// Starts it again where it was, with the data that it had.
    ///
    /// # Errors
    /// [`TestkitError`]; when another program has taken the port in between, for example.
    pub async fn start_again(&mut self) -> Result<(), TestkitError> {
        self.stop().await?;
        let service = Service::open(self.config.clone()).await?;
        let listener = TcpListener::bind(self.address).await?;
        self.running = Some(Running::start(service, listener));
        Ok(())
    }

    /// Ends it and removes its data.
    ///
    /// # Errors
    /// [`TestkitError::Service`] when its last writes failed.
    pub async fn shutdown(mut self) -> Result<(), TestkitError> {
        self.stop().await
    }
}

impl Drop for TestService {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.task.abort();
        }
    }
}
