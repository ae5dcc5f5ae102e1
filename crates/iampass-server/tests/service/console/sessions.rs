//! Sessions in the Console: which are shown, that pages hear of changes, and ending them.

use std::time::Duration;

use iampass_server::{ConsoleSettings, Registration};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::shop::{log, member, open_sessions, owner, page_of, place, went_to};
use super::visitor::{Visitor, open_house};
use crate::rig::{Answer, Rig};
use crate::status_stream::Stream;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn sessions_are_shown_and_ended_one_by_one_or_all_of_a_user() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    let (ann, bob) = (rig.phone("ann").await, rig.phone("bob").await);
    let first = rig.active_session(&ann, "ann", "").await;
    let second = rig.active_session(&ann, "ann", "").await;
    let of_bob = rig.active_session(&bob, "bob", "").await;
    let asked = rig.session("ann", "").await;
    let page = owner.get(&place(&rig, "/sessions")).await;
    assert_eq!(page.body.matches("class=\"tag good\">active").count(), 3, "{page:?}");
    assert!(page.body.contains("waits for the phone"), "{page:?}");
    let page = owner.get(&page_of(&rig, "bob")).await;
    assert_eq!(page.body.matches("class=\"tag good\">active").count(), 1, "{page:?}");

    // One of them.
    let oldest = open_sessions(&rig).pop().unwrap();
    let end = place(&rig, &format!("/sessions/{oldest}/end"));
    assert!(owner.get(&end).await.body.contains("Log ann out?"));
    assert_eq!(owner.post(&end, &[]).await.status, 422);
    assert_eq!(rig.status(&first).await, "active");
    went_to(&owner.post(&end, &[("sure", "yes")]).await, &place(&rig, "/sessions?done=ended"));
    assert_eq!(rig.status(&first).await, "closed");
    assert_eq!(rig.status(&second).await, "active");
    assert_eq!(owner.get(&end).await.status, 404);

    // From the page of the user it leads back there.
    let newest = &open_sessions(&rig)[1];
    let answer =
        owner.post(&place(&rig, &format!("/sessions/{newest}/end?of-user")), &[("sure", "yes")]).await;
    went_to(&answer, &format!("{}?done=ended", page_of(&rig, "bob")));
    assert_eq!(rig.status(&of_bob).await, "closed");

    // All of a user, and what the phone is being asked.
    let page = page_of(&rig, "ann");
    assert!(owner.get(&format!("{page}/log-out")).await.body.contains("2 sessions end"));
    went_to(
        &owner.post(&format!("{page}/log-out"), &[("sure", "yes")]).await,
        &format!("{page}?done=logged-out"),
    );
    assert_eq!(rig.status(&second).await, "closed");
    assert_ne!(rig.status(&asked).await, "pending");
    assert!(rig.questions(&ann).await.is_empty());
    assert_eq!(log(&rig)[..3], ["user.logged-out", "session.ended", "session.ended"]);
    // The phone is as it was.
    rig.active_session(&ann, "ann", "").await;
}

/// How a stream of events begins.
pub(crate) async fn beginning_of(visitor: &mut Visitor<'_>, path: &str) -> Answer {
    let events = Events::at(visitor, path).await;
    let status = events.read.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: events.read.clone(), body: String::new(), json: serde_json::Value::Null }
}

/// The events of a page, as a browser follows them.
struct Events {
    stream: TcpStream,
    read: String,
}

impl Events {
    async fn of(visitor: &mut Visitor<'_>, page: &str) -> Self {
        let body = visitor.get(page).await.body;
        let place = body.split("data-events=\"").nth(1).expect("a page that changes by itself");
        let place = place.split('"').next().unwrap().replace("&amp;", "&");
        let mut events = Self::at(visitor, &place).await;
        assert!(events.read.starts_with("HTTP/1.1 200"), "{}", events.read);
        events.read.clear();
        events
    }

    /// Up to the end of the head.
    async fn at(visitor: &Visitor<'_>, place: &str) -> Self {
        let cookies: Vec<_> = visitor.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let address = visitor.rig.address;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET {place} HTTP/1.1\r\nHost: {address}\r\nAccept: text/html\r\nSec-Fetch-Site: same-origin\r\nCookie: {}\r\n\r\n",
            cookies.join("; ")
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut events = Self { stream, read: String::new() };
        events.until("\r\n\r\n").await;
        events
    }

    /// Reads until this has come; false at the end, which is an empty chunk.
    async fn until(&mut self, text: &str) -> bool {
        let mut bytes = [0; 4096];
        while !self.read.contains(text) {
            if self.read.ends_with("\r\n0\r\n\r\n") || self.read == "0\r\n\r\n" {
                return false;
            }
            match timeout(PATIENCE, self.stream.read(&mut bytes)).await.expect("something comes") {
                Ok(0) | Err(_) => return false,
                Ok(count) => self.read.push_str(&String::from_utf8_lossy(&bytes[..count])),
            }
        }
        true
    }
}

#[tokio::test]
async fn pages_hear_of_changes() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    let ann = rig.phone("ann").await;
    rig.add_users(&["bob"]).await;
    let mut sessions = Events::of(&mut owner, &place(&rig, "/sessions")).await;
    let bob = page_of(&rig, "bob");
    let mut of_bob = Events::of(&mut owner, &bob).await;
    assert!(sessions.read.is_empty(), "the page is as it was made: {}", sessions.read);
    let session = rig.session("ann", "").await;
    assert!(sessions.until("event: changed\ndata").await, "{}", sessions.read);
    sessions.read.clear();
    rig.call(&session.pair, "POST", &session.logout_url, None).await;
    assert!(sessions.until("event: changed\ndata").await, "{}", sessions.read);
    assert!(!sessions.read.contains("ann"));
    drop(ann);

    let link = super::shop::link_on(&owner.post(&format!("{bob}/link"), &[]).await);
    rig.register(&link).await;
    assert!(of_bob.until("event: registered\ndata").await, "{}", of_bob.read);
}

/// Fault B4: whoever leaves pages of the Console open must not take the places of the applications' streams.
#[tokio::test]
async fn pages_that_listen_take_no_room_of_applications() {
    let rig = Rig::with(|config| {
        config.console = Some(ConsoleSettings::new(Registration::Open));
        config.limits.status_streams = 1;
    })
    .await;
    let mut owner = owner(&rig).await;
    let _phone = rig.phone("ann").await;
    let session = rig.session("ann", "").await;
    let _page = Events::of(&mut owner, &place(&rig, "/sessions")).await;
    let full = beginning_of(&mut owner, &place(&rig, "/sessions/events")).await;
    assert_eq!(full.status, 503, "the Console has room for one here");
    let stream = Stream::open(&rig, &session).await;
    assert!(stream.head.starts_with("HTTP/1.1 200"), "{}", stream.head);
}

#[tokio::test]
async fn who_is_removed_hears_nothing_more() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    let mut member = member(&rig, &mut owner, "rita", "read-only").await;
    rig.phone("ann").await;
    let mut events = Events::of(&mut member, &place(&rig, "/sessions")).await;
    let account = rig.store.column("SELECT CAST(key AS TEXT) FROM accounts WHERE name = 'rita'").remove(0);
    let removed = owner.post(&place(&rig, &format!("/members/{account}/remove")), &[("typed", "rita")]).await;
    assert_eq!(removed.status, 303);
    rig.session("ann", "").await;
    assert!(!events.until("event:").await, "{}", events.read);
    let stranger = format!("{}/events", page_of(&rig, "ann"));
    assert_eq!(member.get(&stranger).await.status, 404);
}

#[tokio::test]
async fn pages_hear_of_nothing_once_their_session_has_ended() {
    let rig = open_house().await;
    rig.add_users(&["ann"]).await;
    let mut owner = owner(&rig).await;
    for ending in ["/console/auth/logout", "/console/auth/sessions/end-all"] {
        let mut sessions = Events::of(&mut owner, &place(&rig, "/sessions")).await;
        let user = page_of(&rig, "ann");
        let mut user = Events::of(&mut owner, &user).await;
        assert_eq!(owner.post(ending, &[]).await.status, 303);
        for events in [&mut sessions, &mut user] {
            // Without that it ends after five minutes.
            let ended = timeout(Duration::from_secs(120), events.until("event:")).await;
            assert_eq!(ended, Ok(false), "{ending}: {}", events.read);
        }
        rig.clock.advance(61);
        owner.sign_in("olga").await;
    }
}
