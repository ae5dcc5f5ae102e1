//! The signals that make the service stop.

/// Returns at Ctrl-C, or when the system asks the process to end.
pub(super) async fn asked_to_stop() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            // There is no such signal here: wait for another one.
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
    tracing::info!("stopping: open requests may end, no new ones are taken");
}

/// SIGHUP asks for certificates to be read again. Where there are none it asks for nothing, and must not end the service, which it does to a
/// process that does not listen to it.
pub(super) fn do_not_end_at_hangup() {
    #[cfg(unix)]
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()) {
        // Once somebody has listened, the signal ends nothing any more.
        Ok(listening) => drop(listening),
        Err(error) => tracing::warn!(%error, "SIGHUP will end the service"),
    }
}
