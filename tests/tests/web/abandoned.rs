//! Law 2 for web applications: a browser that goes in the middle leaves nothing behind, whatever the service is.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_core::port::{MemorySessionStore, SessionStore as _};

use crate::accepting::{Accepting, application, start};
use crate::setting::SOON;

/// The phone rings, and nobody hears which session it is for: a framework drops the handler when the browser has gone.
#[tokio::test]
async fn a_session_whose_start_nobody_awaits_is_stored_to_be_logged_out() {
    let service = Accepting::default();
    let sessions = Arc::new(MemorySessionStore::new(10));
    let login = application(&service, 1, sessions.clone(), Duration::from_secs(10)).await;
    // The browser is answered before the service is asked, and never comes back.
    assert_eq!(login.handle(start(0)).await.status, 303);

    let owed = async {
        let end_of_time = UnixSeconds(u64::from(u32::MAX));
        loop {
            let owed = sessions.claim_logouts(end_of_time, Duration::from_secs(60), 10).await.unwrap().jobs;
            if !owed.is_empty() {
                return owed.len();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let owed =
        tokio::time::timeout(SOON, owed).await.expect("the session is one that nobody here has heard of");
    assert_eq!((owed, service.0.lock().unwrap().started), (1, 1));
}
