//! Sessions for the suite, and calls that say what went wrong. Belongs here: what several session checks need. Does not
//! belong here: checks.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::port::{LogoutClaim, LogoutJob, SessionRecord, SessionStore};
use iampass_core::{Secret, Server, Session, SessionToken, UnixSeconds, UserToken};

use super::checks::{OrSeen as _, Seen, ensure};
use super::texts::shown;
use super::under_test::StoreUnderTest;

/// The service that the suite's sessions belong to. A store that checks stored URLs against its [`Server`] must be made with
/// this one.
pub const SUITE_SERVER: &str = "https://login.example";

pub(super) type UnderTest<'a> = &'a dyn StoreUnderTest<dyn SessionStore>;
pub(super) type Node = Arc<dyn SessionStore>;

pub(super) const LEASE: Duration = Duration::from_secs(30);
/// More than any check stores.
pub(super) const MANY: usize = 1_000;
/// How long the suite's sessions may last.
pub(super) const LIFE: u64 = 3_600;

/// So many seconds after the time at which the suite plays.
pub(super) const fn at(seconds: u64) -> UnixSeconds {
    UnixSeconds(1_800_000_000 + seconds)
}

pub(super) fn name(text: impl Into<String>) -> Result<SessionToken, Seen> {
    SessionToken::new(text).map_err(|why| format!("the suite made a session token that is none: {why}"))
}

pub(super) fn user(text: impl Into<String>) -> Result<UserToken, Seen> {
    UserToken::new(text).map_err(|why| format!("the suite made a user token that is none: {why}"))
}

pub(super) fn suite_server() -> Result<Server, Seen> {
    Server::parse(SUITE_SERVER).map_err(|why| format!("the suite has no service: {why}"))
}

/// A session of these parts, whose URLs are paths of the suite's service.
pub(super) fn session(token: &str, secret: &str, status: &str, logout: &str) -> Result<Session, Seen> {
    let server = suite_server()?;
    let (status, logout) = (format!("{SUITE_SERVER}/{status}"), format!("{SUITE_SERVER}/{logout}"));
    Session::new(name(token)?, Secret::new(secret), &status, &logout, &server)
        .map_err(|why| format!("the suite made a session that is none: {why}"))
}

/// A session of user `u`, started at `started` and lasting [`LIFE`].
pub(super) fn record(token: &str, started: u64) -> Result<SessionRecord, Seen> {
    record_of(token, "u", started)
}

pub(super) fn record_of(token: &str, owner: &str, started: u64) -> Result<SessionRecord, Seen> {
    let session = session(token, &format!("secret of {token}"), "status", "logout")?;
    Ok(SessionRecord::new(session, user(owner)?, at(started), at(started + LIFE)))
}

pub(super) async fn create(node: &Node, record: &SessionRecord) -> Result<(), Seen> {
    let token = shown(record.session.token().as_str());
    node.create(record).await.or_seen(format!("create of session {token}"))
}

/// Stores a session whose logout is due at `due`.
pub(super) async fn create_due(node: &Node, token: &str, due: u64) -> Result<(), Seen> {
    create(node, &record(token, 0)?.with_logout_due(at(due))).await
}

/// The stored session, which must be there.
pub(super) async fn load(node: &Node, token: &str) -> Result<SessionRecord, Seen> {
    node.load(&name(token)?)
        .await
        .or_seen("load")?
        .ok_or_else(|| format!("load of session {} gave None, and it was stored", shown(token)))
}

pub(super) async fn ensure_gone(node: &Node, token: &str) -> Result<(), Seen> {
    let found = node.load(&name(token)?).await.or_seen("load")?;
    ensure(found.is_none(), format!("session {} is there and should not be", shown(token)))
}

/// Every field is as it was stored. Secrets are compared and never named.
pub(super) fn ensure_same(stored: &SessionRecord, found: &SessionRecord) -> Result<(), Seen> {
    let (a, b) = (&stored.session, &found.session);
    let fields = [
        ("token", a.token() == b.token()),
        ("secret", a.secret().matches(b.secret().expose())),
        ("status URL", a.status_url().as_str() == b.status_url().as_str()),
        ("logout URL", a.logout_url().as_str() == b.logout_url().as_str()),
        ("status stream URL", a.status_stream_url() == b.status_stream_url()),
        ("user", stored.user == found.user),
        ("start", stored.started_at == found.started_at),
        ("expiry", stored.expires_at == found.expires_at),
        ("due logout", stored.logout_due == found.logout_due),
    ];
    for (field, same) in fields {
        let token = shown(a.token().as_str());
        ensure(same, format!("the {field} of session {token} did not come back as it was stored"))?;
    }
    Ok(())
}

/// Claims all that a node with this clock may claim.
pub(super) async fn claim(node: &Node, now: u64) -> Result<Vec<LogoutJob>, Seen> {
    Ok(node.claim_logouts(at(now), LEASE, MANY).await.or_seen("claim_logouts")?.jobs)
}

/// Claims, and gets one job, which is of this session.
pub(super) async fn claim_one(node: &Node, now: u64, token: &str, when: &str) -> Result<LogoutClaim, Seen> {
    let jobs = claim(node, now).await?;
    let [job] = jobs.as_slice() else {
        return Err(format!("claim_logouts gave {} jobs instead of one {when}", jobs.len()));
    };
    ensure(
        job.claim.token.as_str() == token && job.record.session.token().as_str() == token,
        "claim_logouts gave the job of another session",
    )?;
    Ok(job.claim.clone())
}

/// Claims, and gets nothing.
pub(super) async fn claim_none(node: &Node, now: u64, when: &str) -> Result<(), Seen> {
    let jobs = claim(node, now).await?;
    ensure(jobs.is_empty(), format!("claim_logouts gave {} jobs instead of none {when}", jobs.len()))
}

pub(super) async fn release(node: &Node, claim: &LogoutClaim, due: u64) -> Result<(), Seen> {
    node.release_logout(claim, at(due)).await.or_seen("release_logout")
}

pub(super) async fn claim_session(node: &Node, token: &str) -> Result<bool, Seen> {
    Ok(node.claim_session(&name(token)?).await.or_seen("claim_session")?.is_in_use())
}

pub(super) async fn set_user(node: &Node, token: &str, before: &str, owner: &str) -> Result<bool, Seen> {
    node.set_user(&name(token)?, &user(before)?, &user(owner)?).await.or_seen("set_user")
}

pub(super) async fn queue(node: &Node, token: &str, due: u64) -> Result<(), Seen> {
    node.queue_logout(&name(token)?, at(due)).await.or_seen("queue_logout")
}

pub(super) async fn request(node: &Node, token: &str) -> Result<(), Seen> {
    node.request_logout(&name(token)?).await.or_seen("request_logout")
}

pub(super) async fn delete(node: &Node, token: &str) -> Result<(), Seen> {
    node.delete(&name(token)?).await.or_seen("delete")
}

pub(super) async fn purge(node: &Node, now: u64, limit: usize) -> Result<usize, Seen> {
    node.purge_expired(at(now), limit).await.or_seen("purge_expired")
}

/// The names of a user's sessions as `sessions_of` gives them.
pub(super) async fn names_of(node: &Node, owner: &str, limit: usize) -> Result<Vec<String>, Seen> {
    let found = node.sessions_of(&user(owner)?, limit).await.or_seen("sessions_of")?;
    Ok(found.iter().map(|record| record.session.token().to_string()).collect())
}

pub(super) fn ensure_names(found: &[String], expected: &[&str], call: &str) -> Result<(), Seen> {
    ensure(found == expected, format!("{call} gave {found:?} instead of {expected:?}"))
}
