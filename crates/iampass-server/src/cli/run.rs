//! `iampass-server run`.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

use super::arguments::RunArguments;
use super::stopping::asked_to_stop;
use crate::{PublicUrl, ServerError, Service};

pub(super) async fn run(arguments: RunArguments) -> Result<(), ServerError> {
    refuse_plain_http(arguments.listen, arguments.public_url.as_ref(), arguments.allow_plain_http)?;
    let mut config = arguments.data.config()?;
    config.public_url = arguments.public_url;
    config.answer_timeout = Duration::from_secs(arguments.answer_timeout);
    if config.public_url.as_ref().is_some_and(|url| !url.is_https()) {
        tracing::warn!("the public URL is not https: what is signed can be seen and held back on the way");
    }
    let service = Service::open(config).await?;
    let listener = listen(arguments.listen).await?;
    tracing::info!(address = %listener.local_addr()?, "serving");
    service.serve(listener, asked_to_stop()).await
}

/// A signature covers neither method nor body, so others must not be able to read or change what is on the way: plain http is for this
/// machine, or for a proxy in front that does TLS.
pub(super) fn refuse_plain_http(
    address: SocketAddr,
    public_url: Option<&PublicUrl>,
    is_allowed: bool,
) -> Result<(), ServerError> {
    let is_behind_tls = public_url.is_some_and(PublicUrl::is_https);
    if address.ip().is_loopback() || is_behind_tls || is_allowed {
        return Ok(());
    }
    Err(ServerError::Settings(
        "without TLS it listens on a loopback address only: name a --public-url with https, or say --allow-plain-http",
    ))
}

pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, ServerError> {
    TcpListener::bind(address).await.map_err(|source| ServerError::Listen { address, source })
}
