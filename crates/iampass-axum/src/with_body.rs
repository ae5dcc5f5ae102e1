//! A user and what the user sends. Belongs here: the order in which both are looked at.

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::response::{IntoResponse as _, Response};

use crate::extractors::CurrentUser;

/// The user who is logged in, and the body of the request, such as a form. The user is asked for before the body is read and again when all of
/// it is there.
///
/// An extractor that stands before `Form` or `Json` finds out who asks when the head of a request has come. Its sender can hold the body back,
/// log out or be logged out everywhere, and send the rest a minute later: the handler then acts for a session that is over. Take this one
/// where that matters.
///
/// Rejections are those of [`CurrentUser`] and of the body's own extractor.
///
/// ```
/// use iampass_axum::WithBody;
///
/// # #[derive(Clone)] struct User { name: String }
/// async fn publish(WithBody(user, post): WithBody<User, String>) -> String {
///     format!("{} wrote {} letters", user.name, post.len())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct WithBody<U, B>(pub CurrentUser<U>, pub B);

impl<S, U, B> FromRequest<S> for WithBody<U, B>
where
    S: Send + Sync,
    U: Clone + Send + Sync + 'static,
    B: FromRequest<S> + Send,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let mut asked = parts.clone();
        let user = CurrentUser::<U>::from_request_parts(&mut asked, state).await;
        user.map_err(|refused| refused.into_response())?;
        let body = B::from_request(Request::from_parts(parts, body), state).await;
        let body = body.map_err(|refused| refused.into_response())?;
        // The finding of a layer is older than the body.
        asked.extensions.remove::<CurrentUser<U>>();
        let user = CurrentUser::from_request_parts(&mut asked, state).await;
        Ok(Self(user.map_err(|refused| refused.into_response())?, body))
    }
}
