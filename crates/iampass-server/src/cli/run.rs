//! `iampass-server run`.

use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::arguments::RunArguments;
use super::stopping::{asked_to_stop, do_not_end_at_hangup};
use crate::{ServerError, Service};

pub(super) async fn run(arguments: RunArguments) -> Result<(), ServerError> {
    let in_force = arguments.in_force()?;
    super::log::start(&in_force.settings.log);
    do_not_end_at_hangup();
    let config = in_force.config()?;
    let address = in_force.listen()?;
    if config.public_url.as_ref().is_some_and(|url| !url.is_https()) {
        tracing::warn!("the public URL is not https: what is signed can be seen and held back on the way");
    }
    if config.public_url.as_ref().is_some_and(|url| !url.path().is_empty()) {
        tracing::warn!(
            "the public URL has a path: pages below other paths of that host can use the phones of this service and its Console, so leave it so only where everything at that host is yours"
        );
    }
    let service = Service::open(config).await?;
    let listener = listen(address).await?;
    tracing::info!(address = %listener.local_addr()?, "serving");
    service.serve(listener, asked_to_stop()).await
}

/// For `dev`, which has no proxies to trust: plain http is for this machine, unless it is asked for.
pub(super) fn refuse_plain_http(address: SocketAddr, is_allowed: bool) -> Result<(), ServerError> {
    if address.ip().is_loopback() || is_allowed {
        return Ok(());
    }
    Err(ServerError::Settings(
        "`dev` listens on a loopback address only, or say --allow-plain-http: others can read and change what is on the way then",
    ))
}

pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, ServerError> {
    TcpListener::bind(address).await.map_err(|source| ServerError::Listen { address, source })
}
