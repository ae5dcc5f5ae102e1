//! The program: reads its arguments, serves, and ends when it is told to.

#![forbid(unsafe_code)]

use std::net::TcpListener;
use std::process::ExitCode;

use actix_notes::config::{Arguments, Keys, is_loopback};
use actix_notes::{Failure, Notebook, Settings, serve};
use clap::Parser as _;
use iampass::{Client, ReqwestTransport};
use tracing_subscriber::EnvFilter;

#[actix_web::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("actix-notes: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Failure> {
    let listener = TcpListener::bind(arguments.listen)
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
    let settings = Settings {
        origin: origin.clone(),
        database_url: arguments.database_url,
        keys,
        trusted_proxies: arguments.trusted_proxies,
    };
    let client = Client::builder().transport(ReqwestTransport::new()?).from_env();
    let notebook = Notebook::open(client, settings).await?;
    let serving = serve(&notebook, listener)?;
    println!("Notes are at {origin}");
    let server = serving.handle();
    actix_web::rt::spawn(async move {
        told_to_end().await;
        notebook.shutdown();
        server.stop(true).await;
    });
    Ok(serving.await?)
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
