//! Opening a service with all its limits off, and serving it in this process.
//!
//! This file is part of two programs.

use std::path::Path;

use iampass_core::port::BoxError;
use iampass_server::{
    DatabaseUrl, MasterKey, MasterKeySource, MasterKeys, MetricsAccess, NewApplication, RateLimits, Service,
    ServiceConfig, StorageLocation,
};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A service in this process, until it is dropped.
pub(crate) struct Serving {
    pub(crate) address: String,
    pub(crate) application: NewApplication,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), iampass_server::ServerError>>,
}

/// Over a file.
pub(crate) fn on_file(file: &Path) -> ServiceConfig {
    without_limits(ServiceConfig::new(StorageLocation::File(file.to_owned())))
}

/// Over a database in PostgreSQL.
#[allow(dead_code, reason = "one of the two programs has no use for it")]
pub(crate) fn on_postgres(url: &str) -> Result<ServiceConfig, BoxError> {
    let mut config = ServiceConfig::new(StorageLocation::Postgres(url.parse::<DatabaseUrl>()?));
    config.master_key = MasterKeySource::Keys(MasterKeys::new(MasterKey::generate()?));
    Ok(without_limits(config))
}

/// All comes from one address and one application, and leaves its nonces behind.
fn without_limits(mut config: ServiceConfig) -> ServiceConfig {
    config.rates = RateLimits::off();
    config.limits.remembered_nonces = 20_000_000;
    let mut metrics = MetricsAccess::default();
    metrics.from_this_machine = true;
    config.metrics = metrics;
    config
}

impl Serving {
    pub(crate) async fn start(config: ServiceConfig) -> Result<Self, BoxError> {
        let service = Service::open(config).await?;
        let application = service.add_application("Bench", None).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(service.serve(listener, async {
            // A sender that is gone says the same.
            let _ = stopped.await;
        }));
        Ok(Self { address, application, stop, serving })
    }

    pub(crate) async fn end(self) -> Result<(), BoxError> {
        let _ = self.stop.send(());
        Ok(self.serving.await??)
    }
}
