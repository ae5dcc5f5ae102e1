//! The Authentication API: asking for the state of a session, ending it.

use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use iampass_core::wire::{DoneAnswer, StatusAnswer};
use iampass_server_domain::rules::{EndReason, Proven, State};
use iampass_server_storage::{SessionKey, SessionView, UserKey};

use super::reading::plain_id;
use crate::app::App;
use crate::authenticity::{Verified, unknown_session};
use crate::problem::{Refused, json, json_bytes};
use crate::rates::Limited;
use crate::request::{Incoming, RequestHead};

/// How a session is, as its application is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Its state.
    pub(super) state: State,
    /// The facts that its approval has proven.
    pub(super) proven: Proven,
    /// Why it let nobody in, where its state alone does not say it.
    pub(super) end_reason: Option<EndReason>,
    /// The user, where the login was started without a name and is approved.
    pub(super) told_user: Option<UserKey>,
}

impl Standing {
    /// A session that has no approval, or whose approval counts no more.
    const fn ended(state: State) -> Self {
        let proven = Proven { code: false, unlocked: false, device_key: false };
        Self { state, proven, end_reason: None, told_user: None }
    }
}

/// The result of looking at a session.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Look {
    /// It is in this state, and the store says so too, or a promise of its phone has just passed.
    Stored(Standing),
    /// Its deadline has passed and that is not written down yet: its end is not known. An answer of the phone that came in time
    /// may be on its way to the store; a caller that was told of the end before it is stored would have dropped a session that becomes
    /// active.
    Due(SessionKey),
}

/// Looks at a session.
pub(super) async fn look(app: &App, request: RequestHead<'_>, token: &str) -> Result<Look, Refused> {
    asked(app, app.by_session(request, &plain_id(token)).await?.who)
}

/// Looks at a session without waiting for anything; None where that cannot be done.
pub(super) fn look_at_once(
    app: &App,
    request: RequestHead<'_>,
    token: &str,
) -> Option<Result<Look, Refused>> {
    let verified = app.by_session_at_once(request, &plain_id(token))?;
    Some(verified.and_then(|verified| asked(app, verified.who)))
}

fn asked(app: &App, session: SessionView) -> Result<Look, Refused> {
    app.rates.take(Limited::SessionStatus, session.key, app.config.clock.now().mono)?;
    Ok(seen(app, session))
}

fn seen(app: &App, session: SessionView) -> Look {
    let state = session.timeline.state_at(app.now());
    let (proven, user) = (session.proven, session.user);
    // A promise that was missed takes no access for good: it counts as it is, and a timer writes it down.
    if state != session.timeline.state && state != State::Walkaway {
        return Look::Due(session.key);
    }
    let told_user = user.filter(|_| session.nameless && state.is_open());
    Look::Stored(Standing { state, proven, end_reason: session.end_reason, told_user })
}

/// The state of a session whose token is known to be good, now.
pub(super) async fn state_of(app: &Arc<App>, token: &str) -> Result<Standing, Refused> {
    let (_, session) = app.database.session(token).await?.ok_or_else(unknown_session)?;
    match seen(app, session) {
        Look::Stored(standing) => Ok(standing),
        // A session that is due is over when that is written down.
        Look::Due(session) => settled(Arc::clone(app), session).await.map(Standing::ended),
    }
}

/// Says how a session ended, after that is written down.
pub(super) async fn settle(app: Arc<App>, session: SessionKey) -> Result<Response, Refused> {
    let standing = Standing::ended(settled(Arc::clone(&app), session).await?);
    status(&app, standing).await
}

/// Writes down how a session ended: the first who asks after the deadline settles it for all who ask later, and for good.
async fn settled(app: Arc<App>, session: SessionKey) -> Result<State, Refused> {
    // The caller may go away, but then the phone has to be woken all the same.
    let settling = tokio::spawn(async move { app.database.settle(session).await });
    match settling.await.map_err(|_| Refused::unavailable())?? {
        Some((state, _)) => Ok(state),
        None => Err(unknown_session()),
    }
}

/// Says how a session is, by 200 whatever it is: the published client misreads anything else \[P\]. `authenticated` is true of an active
/// session alone: a client written from the documentation may go by it \[X\]. None where the user has to be told, whom the store has to be
/// asked for.
pub(super) fn status_at_once(standing: Standing) -> Option<Response> {
    let answer = Bytes::from_static(answer(standing).as_bytes());
    standing.told_user.is_none().then(|| json_bytes(StatusCode::OK, answer))
}

/// The same with the user, if that is to be told.
pub(super) async fn status(app: &App, standing: Standing) -> Result<Response, Refused> {
    match status_at_once(standing) {
        Some(answer) => Ok(answer),
        None => Ok(json_bytes(StatusCode::OK, status_text(app, standing).await?.into())),
    }
}

/// The text of an answer about a session.
pub(super) async fn status_text(app: &App, standing: Standing) -> Result<String, Refused> {
    let text = answer(standing);
    let Some(user) = standing.told_user else { return Ok(text.to_owned()) };
    // The user has been deleted since the session was read, and the session with it.
    let Some(user) = app.database.user_id(user).await? else { return Err(unknown_session()) };
    let with_user = serde_json::from_str::<StatusAnswer>(text)
        .and_then(|answer| serde_json::to_string(&answer.user_id(user)))
        .map_err(|_| Refused::unavailable())?;
    Ok(with_user)
}

/// [`StatusAnswer`] for a session. There are 24 of them, and they are given all the time.
pub(super) const fn answer(standing: Standing) -> &'static str {
    macro_rules! of {
        ($word:literal) => {
            of!($word, "false", "")
        };
        ($word:literal, $authenticated:literal, $assurance:literal) => {
            concat!(
                r#"{"authentication_status":{"authenticated":"#,
                $authenticated,
                r#","session_status":""#,
                $word,
                r#"""#,
                $assurance,
                r#"},"authenticated":"#,
                $authenticated,
                r#","session_status":""#,
                $word,
                r#"""#,
                $assurance,
                "}"
            )
        };
    }
    macro_rules! open {
        ($word:literal, $authenticated:literal) => {
            match (standing.proven.code, standing.proven.unlocked, standing.proven.device_key) {
                (false, false, false) => of!(
                    $word,
                    $authenticated,
                    r#","assurance":{"code":false,"unlocked":false,"key":"shared"}"#
                ),
                (false, false, true) => of!(
                    $word,
                    $authenticated,
                    r#","assurance":{"code":false,"unlocked":false,"key":"device"}"#
                ),
                (false, true, false) => of!(
                    $word,
                    $authenticated,
                    r#","assurance":{"code":false,"unlocked":true,"key":"shared"}"#
                ),
                (false, true, true) => of!(
                    $word,
                    $authenticated,
                    r#","assurance":{"code":false,"unlocked":true,"key":"device"}"#
                ),
                (true, false, false) => of!(
                    $word,
                    $authenticated,
                    r#","assurance":{"code":true,"unlocked":false,"key":"shared"}"#
                ),
                (true, false, true) => of!(
                    $word,
                    $authenticated,
                    r#","assurance":{"code":true,"unlocked":false,"key":"device"}"#
                ),
                (true, true, false) => {
                    of!($word, $authenticated, r#","assurance":{"code":true,"unlocked":true,"key":"shared"}"#)
                }
                (true, true, true) => {
                    of!($word, $authenticated, r#","assurance":{"code":true,"unlocked":true,"key":"device"}"#)
                }
            }
        };
    }
    match standing.state {
        State::Pending => of!("pending"),
        State::Identifying => of!("identifying"),
        State::Active => open!("active", "true"),
        State::Walkaway => open!("walkaway", "false"),
        State::Timeout => of!("timeout"),
        State::Failed => match standing.end_reason {
            Some(EndReason::WrongCode) => of!("failed", "false", r#","reason":"WRONG_CODE""#),
            _ => of!("failed"),
        },
        State::Cancelled => match standing.end_reason {
            Some(EndReason::Reported) => of!("cancelled", "false", r#","reason":"REPORTED""#),
            _ => of!("cancelled"),
        },
        State::Closed => of!("closed"),
    }
}

/// Ends a session. One that has ended already is just as much ended.
pub(super) async fn log_out(app: &App, request: &Incoming, token: &str) -> Result<Response, Refused> {
    let Verified { who, spent } = app.by_session(request.head(), &plain_id(token)).await?;
    app.count_call(request.head())?;
    app.database.log_out(who.key, spent).await?;
    Ok(json(StatusCode::OK, &DoneAnswer::done()))
}

#[cfg(test)]
mod tests {
    use iampass_core::wire::{Assurance, KeyKind, Reason};

    use super::*;

    #[test]
    fn answers_are_those_of_the_wire() {
        use State as S;
        for state in [
            S::Pending,
            S::Identifying,
            S::Active,
            S::Walkaway,
            S::Timeout,
            S::Failed,
            S::Cancelled,
            S::Closed,
        ] {
            for bits in 0..8 {
                let proven = Proven::from_column(bits);
                let key = if proven.device_key { KeyKind::Device } else { KeyKind::Shared };
                let assurance = Assurance::default().code(proven.code).unlocked(proven.unlocked).key(key);
                let said = StatusAnswer::of(state.into(), state.is_open().then_some(assurance));
                let standing = Standing { state, proven, end_reason: None, told_user: None };
                assert_eq!(answer(standing), serde_json::to_string(&said).unwrap());
            }
            for (end_reason, of, reason) in [
                (EndReason::Reported, S::Cancelled, Reason::Reported),
                (EndReason::WrongCode, S::Failed, Reason::WrongCode),
            ] {
                let assurance = state.is_open().then(Assurance::default);
                let said = StatusAnswer::of(state.into(), assurance).reason((state == of).then_some(reason));
                let standing = Standing { end_reason: Some(end_reason), ..Standing::ended(state) };
                assert_eq!(answer(standing), serde_json::to_string(&said).unwrap());
            }
        }
    }
}
