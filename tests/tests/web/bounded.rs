//! Law 6 for web applications: however many pages are open, the service is asked no more than the freshness bound allows.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use iampass_core::port::MemorySessionStore;
use iampass_web::{Body, LoginWeb, Method};

use crate::accepting::{Accepting, application, cookie_of, request, start};

const SESSIONS: usize = 100;
const TABS: usize = 1_000;
const FRESHNESS: Duration = Duration::from_millis(500);

/// Logs a user in, and gives the session cookie.
async fn logged_in(login: LoginWeb<()>, user: usize) -> String {
    let answer = login.handle(start(user)).await;
    assert_eq!(answer.status, 303);
    let pending = cookie_of(&answer, "iampass-login").unwrap();
    let wait = answer.headers.iter().find(|(name, _)| *name == "location").unwrap().1.clone();
    loop {
        let answer = login.handle(request(Method::Get, &wait, Some(&pending))).await;
        if let Some(session) = cookie_of(&answer, "iampass-session") {
            return session;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_pages_of_a_hundred_sessions_ask_no_more_than_a_hundred() {
    let service = Accepting::default();
    let sessions = Arc::new(MemorySessionStore::new(1_000));
    let login = application(&service, SESSIONS, sessions, FRESHNESS).await;
    let logins = (0..SESSIONS).map(|user| tokio::spawn(logged_in(login.clone(), user)));
    let cookies: Vec<_> =
        futures_util::future::join_all(logins).await.into_iter().map(Result::unwrap).collect();
    service.0.lock().unwrap().status.clear();

    let began = Instant::now();
    let mut tabs = Vec::new();
    for tab in 0..TABS {
        let (login, cookie) = (login.clone(), cookies[tab % SESSIONS].clone());
        // And requests besides.
        assert!(login.current(Some(&cookie), None).await.is_ok());
        tabs.push(tokio::spawn(async move {
            let answer = login.handle(request(Method::Get, "/session/events", Some(&cookie))).await;
            let Body::Events(mut events) = answer.body else { panic!("no events: {answer:?}") };
            while events.next().await.is_some() {}
        }));
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let lasted = began.elapsed();
    for tab in tabs {
        tab.abort();
    }

    let asked = service.0.lock().unwrap();
    assert_eq!(asked.status.len(), SESSIONS, "each is watched");
    for (session, times) in &asked.status {
        let periods = lasted.as_millis() / FRESHNESS.as_millis();
        assert!(times.len() >= 2, "{session} was asked about {} times only", times.len());
        assert!(times.len() as u128 <= periods + 1, "{session} was asked about {} times", times.len());
    }
}
