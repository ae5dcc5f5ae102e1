//! The question how a session is: one door for all who ask. An answer that is at hand is given at once; else the store is waited for.

use std::sync::Arc;

use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{Request, StatusCode};
use hyper::body::Body as HttpBody;
use iampass_core::wire::StatusAnswer;
use iampass_server_domain::rules::{EndReason, Proven, State};
use iampass_server_storage::{SessionKey, SessionView, UserKey};

use super::refusals::refuse;
use crate::app::App;
use crate::authenticity::unknown_session;
use crate::call::Call;
use crate::client_address::ClientAddress;
use crate::path_segments::plain_id;
use crate::problem::{Refused, json_bytes};
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

    /// Says it, by 200 whatever it is: the published client misreads anything else \[P\]. `authenticated` is true of an active session alone: a
    /// client written from the documentation may go by it \[X\]. None where the user has to be told, whom the store has to be asked for.
    fn answer(self) -> Option<Response> {
        let text = Bytes::from_static(answer(self).as_bytes());
        self.told_user.is_none().then(|| json_bytes(StatusCode::OK, text))
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

/// The result of [`answer_at_once`].
#[derive(Debug)]
pub(crate) enum AtOnce {
    /// The answer.
    Answer(Response),
    /// The store has to be asked for more: [`look_further`] has the answer.
    Later(Look),
}

/// Answers the one call that is made all the time on the spot: it waits for nothing, so it needs no deadline and no task. None for every other
/// request, and where the store has to be waited for.
pub(crate) fn answer_at_once<B: HttpBody>(
    app: &App,
    request: &Request<B>,
    address: Option<ClientAddress>,
) -> Option<AtOnce> {
    let Some(call @ Call::SessionStatus { token }) = Call::parse(request.uri().path()) else { return None };
    if *request.method() != call.method() || !request.body().is_end_stream() {
        return None;
    }
    let head = RequestHead::from(request, address);
    let session = app.authenticity.by_session_at_once(head, &plain_id(token))?;
    // From here on the request is verified, and its nonce is spent: it must not be looked at again.
    Some(match session.and_then(|session| asked(app, session)) {
        Ok(look @ Look::Due(_)) => AtOnce::Later(look),
        Ok(look @ Look::Stored(standing)) => standing.answer().map_or(AtOnce::Later(look), AtOnce::Answer),
        Err(refused) => AtOnce::Answer(refuse(&app.rates, refused, address)),
    })
}

/// Answers the question where something has to be read or written first.
pub(crate) async fn look_further(app: &Arc<App>, look: Look) -> Response {
    told(app, look).await.unwrap_or_else(Refused::into_response)
}

/// Answers the question where nothing is at hand.
pub(super) async fn status(app: &Arc<App>, request: &Incoming, token: &str) -> Result<Response, Refused> {
    let session = app.authenticity.by_session(request.head(), &plain_id(token)).await?.who;
    told(app, asked(app, session)?).await
}

async fn told(app: &Arc<App>, look: Look) -> Result<Response, Refused> {
    let standing = known(app, look).await?;
    match standing.answer() {
        Some(answer) => Ok(answer),
        None => Ok(json_bytes(StatusCode::OK, status_text(app, standing).await?.into())),
    }
}

/// How the session is. One that is due is over when that is written down.
async fn known(app: &Arc<App>, look: Look) -> Result<Standing, Refused> {
    match look {
        Look::Stored(standing) => Ok(standing),
        Look::Due(session) => settled(Arc::clone(app), session).await.map(Standing::ended),
    }
}

/// Counts the question, and looks at the session.
fn asked(app: &App, session: SessionView) -> Result<Look, Refused> {
    app.rates.take(Limited::SessionStatus, session.key)?;
    Ok(seen(app, session))
}

fn seen(app: &App, session: SessionView) -> Look {
    let state = session.timeline.state_at(app.config.clock.now().wall);
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
    known(app, seen(app, session)).await
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
