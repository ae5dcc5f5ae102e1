//! `iampass-server run`.

use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::arguments::RunArguments;
use super::stopping::asked_to_stop;
use crate::{DataFile, ServerError, Service, ServiceConfig};

pub(super) async fn run(arguments: RunArguments) -> Result<(), ServerError> {
    let mut config = ServiceConfig::new(DataFile::At(arguments.data));
    config.public_url = arguments.public_url;
    if config.public_url.as_ref().is_some_and(|url| !url.is_https()) {
        tracing::warn!("the public URL is not https: what is signed can be seen and held back on the way");
    }
    let service = Service::open(config)?;
    let listener = listen(arguments.listen).await?;
    tracing::info!(address = %listener.local_addr()?, "serving");
    service.serve(listener, asked_to_stop()).await
}

pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, ServerError> {
    TcpListener::bind(address).await.map_err(|source| ServerError::Listen { address, source })
}
