//! [`Identity`]: the pair in use, and another one when the files change.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;

use super::identity::load;
use super::{TlsError, TlsFiles};

/// How often there is a look at the files.
const LOOK: Duration = Duration::from_secs(2);

/// Certificate and key in use.
pub(crate) struct Identity {
    files: TlsFiles,
    current: RwLock<Arc<ServerConfig>>,
}

impl Identity {
    pub(crate) fn load(files: &TlsFiles) -> Result<Self, TlsError> {
        Ok(Self { current: RwLock::new(load(files)?), files: files.clone() })
    }

    /// The pair for a new connection.
    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn handshake_timeout(&self) -> Duration {
        self.files.handshake_timeout
    }

    /// Looks after the files for as long as it is awaited.
    pub(crate) async fn watch(&self) {
        let mut known = self.contents();
        let mut asked = Asked::new();
        loop {
            let is_asked = tokio::select! {
                () = tokio::time::sleep(LOOK) => false,
                () = asked.once() => true,
            };
            let found = self.contents();
            if found == known && !is_asked {
                continue;
            }
            match load(&self.files) {
                Ok(config) => {
                    *self.current.write().unwrap_or_else(PoisonError::into_inner) = config;
                    tracing::info!("another certificate is in use");
                }
                // Half of a pair may have been written: the next look finds the other half.
                Err(error) => {
                    tracing::warn!(%error, "the changed certificate is not taken; the one before stays in use");
                }
            }
            known = found;
        }
    }

    /// What is in the files: their times tell too little, for a tool may keep them.
    fn contents(&self) -> [Option<Vec<u8>>; 2] {
        [&self.files.certificate, &self.files.key].map(|path| std::fs::read(path).ok())
    }
}

/// Being asked to look by a signal.
struct Asked {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl Asked {
    fn new() -> Self {
        #[cfg(unix)]
        let signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok();
        Self {
            #[cfg(unix)]
            signal,
        }
    }

    async fn once(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending().await
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("files", &self.files).finish_non_exhaustive()
    }
}
