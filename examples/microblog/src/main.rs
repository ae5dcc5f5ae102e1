//! The program: reads its arguments, serves, and ends when it is told to.

#![forbid(unsafe_code)]

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser as _;
use iampass::{Client, ReqwestTransport};
use microblog::config::{Arguments, Keys, is_loopback};
use microblog::{Failure, Settings, application};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match serve(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("microblog: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: Arguments) -> Result<(), Failure> {
    let listener = TcpListener::bind(arguments.listen)
        .await
        .map_err(|error| format!("cannot listen at {}: {error}", arguments.listen))?;
    let origin = match arguments.origin {
        Some(origin) => origin,
        None => format!("http://{}", listener.local_addr()?),
    };
    let (keys, made_up) = Keys::from_vars(|name| std::env::var(name).ok(), is_loopback(&origin))?;
    if !made_up.is_empty() {
        let names = made_up.join(" and ");
        eprintln!("{names} not set: keys were made up, so everybody has to sign in again after this run.");
    }
    let client = Client::builder().transport(ReqwestTransport::new()?).from_env();
    let settings = Settings {
        origin: origin.clone(),
        database_url: arguments.database_url,
        keys,
        trusted_proxies: arguments.trusted_proxies,
    };
    let (application, login) = application(client, settings).await?;
    println!("Microblog is at {origin}");

    let stopping = async move {
        told_to_end().await;
        // Pages that listen for their session never end by themselves.
        login.shutdown();
    };
    axum::serve(listener, application.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(stopping)
        .await?;
    Ok(())
}

/// Ends with Ctrl-C, or with the signal by which services are ended.
async fn told_to_end() {
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
