//! `iampass-gate run`: serves until it is told to stop.

use std::net::SocketAddr;

use iampass_core::client::Client;
use iampass_gate::users::Source;
use iampass_gate::{app, set_up};
use iampass_reqwest::ReqwestTransport;
use tokio::net::TcpListener;

use super::config_file::{ConfigFile, environment};
use super::failure::Failure;

pub(super) async fn run(file: &ConfigFile) -> Result<(), Failure> {
    let settings = file.read()?;
    let transport = ReqwestTransport::new()?;
    let parts = set_up::open(Client::builder().transport(transport), &settings, environment).await?;
    let (gate, health) = set_up::gate(&parts, &settings)?;
    let listener = TcpListener::bind(settings.listen).await.map_err(|error| {
        Failure::Other(format!(
            "it cannot listen at {}: {error}. Name another address by `listen`",
            settings.listen
        ))
    })?;
    if !parts.made_up.is_empty() {
        let names = parts.made_up.join(" and ");
        eprintln!("{names} not set: keys were made up, so all have to sign in again after this run.");
    }
    if let Source::File(users) = parts.users.source() {
        tokio::spawn(std::sync::Arc::clone(users).watch());
    }
    let client = parts.client.clone();
    tokio::spawn(async move {
        let check = client.check().await;
        if !check.is_ok() {
            tracing::error!("nobody can sign in: {check}");
        }
    });
    println!("The gate of {} listens at {}", settings.origin, listener.local_addr()?);
    let login = gate.login().clone();
    let stopping = async move {
        told_to_stop().await;
        // Pages that listen for their session never end by themselves.
        login.shutdown();
    };
    let service = app::router(gate, health).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stopping).await?;
    Ok(())
}

/// Ends with Ctrl-C, or with the signal by which services are ended.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
