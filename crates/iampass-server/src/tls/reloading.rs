//! [`Identity`]: the pair in use, and another one when the files change.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;
use sha2::{Digest as _, Sha256};

use super::identity::{Loaded, load};
use super::{TlsError, TlsFiles};

/// How often there is a look at the files.
const LOOK: Duration = Duration::from_secs(2);

/// Certificate and key in use.
pub(crate) struct Identity {
    files: TlsFiles,
    /// The contents of the files before they were loaded: a change between the two is noticed.
    loaded: Contents,
    current: RwLock<Loaded>,
}

/// The contents of the files. Their times are not enough, since a tool may preserve them.
type Contents = [Option<Vec<u8>>; 2];

/// Their digests: one of the files is a key.
fn contents(files: &TlsFiles) -> Contents {
    [&files.certificate, &files.key]
        .map(|path| std::fs::read(path).ok().map(|text| Sha256::digest(text).to_vec()))
}

impl Identity {
    pub(crate) fn load(files: &TlsFiles) -> Result<Self, TlsError> {
        let loaded = contents(files);
        Ok(Self { current: RwLock::new(load(files)?), files: files.clone(), loaded })
    }

    /// The pair for a new connection.
    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).config)
    }

    /// When the certificate in use ends, in seconds since 1970. The one in the file may be another one, which was not taken.
    pub(crate) fn ends_at(&self) -> Option<u64> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).ends_at
    }

    /// The file of the certificate.
    pub(crate) fn certificate(&self) -> &Path {
        &self.files.certificate
    }

    pub(crate) fn handshake_timeout(&self) -> Duration {
        self.files.handshake_timeout
    }

    /// Looks after the files for as long as it is awaited.
    pub(crate) async fn watch(&self) {
        let mut known = self.loaded.clone();
        let mut asked = Asked::new();
        loop {
            let is_asked = tokio::select! {
                () = tokio::time::sleep(LOOK) => false,
                () = asked.once() => true,
            };
            let found = contents(&self.files);
            if found == known && !is_asked {
                continue;
            }
            match load(&self.files) {
                Ok(loaded) => {
                    *self.current.write().unwrap_or_else(PoisonError::into_inner) = loaded;
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
