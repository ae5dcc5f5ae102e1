//! The guarded site: a program that knows nothing of logins, and says what arrives at it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use tokio::task::JoinHandle;

/// The site. It is gone when dropped.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) port: u16,
    arrived: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Site {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let arrived = Arc::default();
        let router = Router::new().fallback(tell).with_state(Arc::clone(&arrived));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, arrived, serving }
    }

    /// The requests that have arrived since this was asked for the last time, each as method and address.
    pub(crate) fn arrived(&self) -> Vec<String> {
        std::mem::take(&mut *self.arrived.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Says the request line and each header, one a line, and the body after an empty line.
async fn tell(State(arrived): State<Arc<Mutex<Vec<String>>>>, request: Request) -> String {
    let (parts, body) = request.into_parts();
    let line = format!("{} {}", parts.method, parts.uri);
    arrived.lock().unwrap_or_else(PoisonError::into_inner).push(line.clone());
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())));
    let headers = headers.collect::<Vec<_>>().join("\n");
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
    format!("{line}\n{headers}\n\n{}", String::from_utf8_lossy(&body))
}
