//! The data that a stolen or changed database reveals.

use iampass_core::port::{ClaimOutcome, SessionRecord, SessionStore as _, StoreErrorKind};
use iampass_core::{Secret, Server, Session, SessionToken, UnixSeconds, UserToken};
use iampass_sql::{KeyRing, Resealed, Schema, SealingKey, SessionTable};

use crate::rusqlite_database::Rusqlite;

pub(crate) const SERVER: &str = "https://login.example";

pub(crate) fn key() -> SealingKey {
    SealingKey::generate().unwrap().0
}

pub(crate) fn database() -> Rusqlite {
    Rusqlite::migrated("CREATE TABLE users (id INTEGER PRIMARY KEY)", &Schema::default())
}

pub(crate) fn store(database: &Rusqlite, ring: &KeyRing) -> SessionTable<Rusqlite> {
    SessionTable::new(database.clone(), &Schema::default(), ring.clone(), Server::parse(SERVER).unwrap())
}

pub(crate) fn token(text: &str) -> SessionToken {
    SessionToken::new(text).unwrap()
}

pub(crate) fn record(name: &str, user: &str) -> SessionRecord {
    let server = Server::parse(SERVER).unwrap();
    let url = |path: &str| format!("{SERVER}/{name}/{path}");
    let secret = Secret::new(format!("secret-of-{name}"));
    let session = Session::new(token(name), secret, &url("status"), &url("logout"), &server).unwrap();
    SessionRecord::new(session, UserToken::new(user).unwrap(), UnixSeconds(1_000), UnixSeconds(2_000))
}

async fn load_kind(store: &SessionTable<Rusqlite>, name: &str) -> Result<String, StoreErrorKind> {
    match store.load(&token(name)).await {
        Ok(record) => Ok(record.unwrap().session.secret().expose().to_owned()),
        Err(error) => Err(error.kind()),
    }
}

#[tokio::test]
async fn the_database_alone_gives_no_secret_away() {
    let database = database();
    store(&database, &KeyRing::new(key())).create(&record("a", "u")).await.unwrap();
    let image: Vec<u8> = database.connection().serialize(rusqlite::MAIN_DB).unwrap().to_vec();
    let holds = |needle: &[u8]| image.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"iampass_sessions"), "the image is the database");
    assert!(!holds(b"secret-of-a") && !holds(b"login.example"));
    assert_eq!(
        load_kind(&store(&database, &KeyRing::new(key())), "a").await,
        Err(StoreErrorKind::Unreadable)
    );
}

/// During a change of keys, or with a wrong ring, one node cannot read what another has sealed.
#[tokio::test]
async fn a_logout_that_a_node_cannot_read_is_left_to_those_that_can() {
    let (database, ring) = (database(), KeyRing::new(key()));
    let owning = store(&database, &ring);
    let other = store(&database, &KeyRing::new(key()).with_old(key()));
    owning.create(&record("a", "u")).await.unwrap();
    owning.queue_logout(&token("a"), UnixSeconds(1_100)).await.unwrap();
    other.create(&record("b", "u")).await.unwrap();
    other.queue_logout(&token("b"), UnixSeconds(1_200)).await.unwrap();
    let lease = std::time::Duration::from_secs(60);
    // It is counted once a lease, so that an operator hears of it, and holds nothing up.
    let mut counted = Vec::new();
    for now in [1_200, 1_201, 1_230, 1_260] {
        let claimed = other.claim_logouts(UnixSeconds(now), lease, 1).await.unwrap();
        counted.push((claimed.jobs.len(), claimed.unreadable));
    }
    assert_eq!(counted, [(1, 1), (0, 0), (0, 0), (1, 1)]);
    let claimed = owning.claim_logouts(UnixSeconds(1_260), lease, 10).await.unwrap();
    let [job] = &claimed.jobs[..] else { panic!("{} claimed", claimed.jobs.len()) };
    assert_eq!((job.claim.token.as_str(), job.claim.number, claimed.unreadable), ("a", 1, 1));
    // A session that was claimed by nobody can still be taken into use.
    let record = record("c", "u").with_logout_due(UnixSeconds(1_300));
    owning.create(&record).await.unwrap();
    let _ = other.claim_logouts(UnixSeconds(1_400), lease, 10).await.unwrap();
    assert_eq!(owning.claim_session(&token("c")).await.unwrap(), ClaimOutcome::Claimed);
}

/// A person who can write to the table must not become another user by it.
#[tokio::test]
async fn a_seal_opens_only_in_its_own_row() {
    let ring = KeyRing::new(key());
    for change in [
        "UPDATE iampass_sessions SET sealed_session = (SELECT sealed_session FROM iampass_sessions WHERE token = 'b') \
         WHERE token = 'a'",
        "UPDATE iampass_sessions SET user_token = 'v' WHERE token = 'a'",
        "UPDATE iampass_sessions SET expires_at = expires_at + 1 WHERE token = 'a'",
        "UPDATE iampass_sessions SET started_at = started_at + 1 WHERE token = 'a'",
        "UPDATE iampass_sessions SET key_id = '0000000000000000' WHERE token = 'a'",
        "UPDATE iampass_sessions SET key_id = '' WHERE token = 'a'",
        "UPDATE iampass_sessions SET sealed_session = x'' WHERE token = 'a'",
        "UPDATE iampass_sessions SET sealed_session = x'01' WHERE token = 'a'",
        "UPDATE iampass_sessions SET sealed_session = x'02' || substr(sealed_session, 2) WHERE token = 'a'",
        "UPDATE iampass_sessions SET claims = -1 WHERE token = 'a'",
        "DELETE FROM iampass_sessions WHERE token = 'a'; UPDATE iampass_sessions SET token = 'a' WHERE token = 'b'",
    ] {
        let database = database();
        let store = store(&database, &ring);
        store.create(&record("a", "u")).await.unwrap();
        store.create(&record("b", "w")).await.unwrap();
        assert_eq!(load_kind(&store, "a").await.as_deref(), Ok("secret-of-a"));
        database.run(change);
        let got = load_kind(&store, "a").await;
        assert_eq!(got, Err(StoreErrorKind::Unreadable), "{change}");
        let of_user = store.sessions_of(&UserToken::new("v").unwrap(), 10).await.unwrap();
        assert!(of_user.is_empty(), "{change}");
    }
}

#[tokio::test]
async fn the_stream_is_sealed_with_the_session_and_resealed() {
    let (database, old, new) = (database(), key(), key());
    let ring = KeyRing::new(old.clone());
    let server = Server::parse(SERVER).unwrap();
    let stream = "https://login.example/a/stream";
    let mut with = record("a", "u");
    with.session = with.session.with_status_stream(Some(stream), &server);
    store(&database, &ring).create(&with).await.unwrap();
    store(&database, &ring).create(&record("b", "u")).await.unwrap();
    let both = store(&database, &KeyRing::new(new.clone()).with_old(old));
    both.reseal().await.unwrap();
    for (name, expected) in [("a", Some(stream)), ("b", None)] {
        let found = store(&database, &KeyRing::new(new.clone())).load(&token(name)).await.unwrap().unwrap();
        assert_eq!(found.session.status_stream_url().map(iampass_core::ServiceUrl::as_str), expected);
    }
    let image: Vec<u8> = database.connection().serialize(rusqlite::MAIN_DB).unwrap().to_vec();
    assert!(!image.windows(7).any(|window| window == b"/stream"));
}

#[tokio::test]
async fn another_services_sessions_are_not_read() {
    let (database, ring) = (database(), KeyRing::new(key()));
    store(&database, &ring).create(&record("a", "u")).await.unwrap();
    let other = Server::parse("https://other.example").unwrap();
    let store = SessionTable::new(database, &Schema::default(), ring, other);
    assert_eq!(load_kind(&store, "a").await, Err(StoreErrorKind::Unreadable));
}

#[tokio::test]
async fn keys_are_changed_without_a_session_lost() {
    let (database, old, new) = (database(), key(), key());
    let before = store(&database, &KeyRing::new(old.clone()));
    // More than one step of the job.
    for number in 0..1_200 {
        before.create(&record(&format!("s{number}"), "u")).await.unwrap();
    }
    before.create(&record("damaged", "u")).await.unwrap();
    database.run("UPDATE iampass_sessions SET sealed_session = x'01' WHERE token = 'damaged'");

    let both = store(&database, &KeyRing::new(new.clone()).with_old(old.clone()));
    assert_eq!(load_kind(&both, "s7").await.as_deref(), Ok("secret-of-s7"));
    let report = both.reseal().await.unwrap();
    assert_eq!((report.sessions, report.unreadable), (1_200, 1));
    let again = both.reseal().await.unwrap();
    assert_eq!((again.sessions, again.unreadable), (0, 1));

    let after = store(&database, &KeyRing::new(new));
    for number in [0, 7, 999, 1_000, 1_199] {
        let name = format!("s{number}");
        assert_eq!(load_kind(&after, &name).await, Ok(format!("secret-of-{name}")));
        assert_eq!(
            load_kind(&before, &name).await,
            Err(StoreErrorKind::Unreadable),
            "the old key opens nothing"
        );
    }
}

/// Rows of which not even the columns can be read must not stop the job, nor keep it going for ever.
#[tokio::test]
async fn resealing_passes_unreadable_rows() {
    let (database, ring) = (database(), KeyRing::new(key()));
    database.run(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2499) \
         INSERT INTO iampass_sessions (token, user_token, sealed_session, key_id, started_at, expires_at) \
         SELECT 'x' || i, '', x'', 'k', 0, 0 FROM n",
    );
    let mut expected = Resealed::default();
    expected.unreadable = 2_500;
    assert_eq!(store(&database, &ring).reseal().await.unwrap(), expected);
}

#[test]
fn a_key_is_32_bytes_and_is_not_printed() {
    let (key, text) = SealingKey::generate().unwrap();
    assert!(!format!("{key:?}").contains(text.expose()));
    assert_eq!(SealingKey::from_base64(text.expose()).unwrap().id(), key.id());
    let url_safe = text.expose().replace('+', "-").replace('/', "_");
    assert_eq!(SealingKey::from_base64(&url_safe).unwrap().id(), key.id());
    for bad in ["", "secret", "AAAA", &format!("{0}{0}", text.expose())] {
        assert!(SealingKey::from_base64(bad).is_err(), "{bad}");
        assert!(KeyRing::parse(bad).is_err(), "{bad}");
    }
    let (old, old_text) = SealingKey::generate().unwrap();
    let ring = KeyRing::parse(&format!("{}, {}\n", text.expose(), old_text.expose())).unwrap();
    assert_eq!(ring.sealing_key().id(), key.id());
    assert_ne!(key.id(), old.id());
}
