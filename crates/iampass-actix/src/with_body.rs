//! A user and what the user sends. Belongs here: the order in which both are looked at.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{Error, FromRequest, HttpMessage as _, HttpRequest};

use crate::extractors::CurrentUser;

/// The user who is logged in, and the body of the request, such as a form. The user is asked for before the body is read and again when all of
/// it is there.
///
/// An extractor that stands beside `Form` or `Json` finds out who asks when the head of a request has come. Its sender can hold the body back,
/// log out or be logged out everywhere, and send the rest a minute later: the handler then acts for a session that is over. Take this one
/// where that matters.
///
/// Errors are those of [`CurrentUser`] and of the body's own extractor.
///
/// ```
/// use iampass_actix::WithBody;
///
/// # #[derive(Clone)] struct User { name: String }
/// async fn publish(WithBody(user, post): WithBody<User, String>) -> String {
///     format!("{} wrote {} letters", user.name, post.len())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct WithBody<U, B>(pub CurrentUser<U>, pub B);

impl<U, B> FromRequest for WithBody<U, B>
where
    U: Clone + Send + Sync + 'static,
    B: FromRequest + 'static,
{
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            CurrentUser::<U>::from_request(&request, &mut Payload::None).await?;
            let body = B::from_request(&request, &mut payload).await.map_err(Into::into)?;
            // The finding of a middleware is older than the body.
            request.extensions_mut().remove::<CurrentUser<U>>();
            let user = CurrentUser::from_request(&request, &mut Payload::None).await?;
            Ok(Self(user, body))
        })
    }
}
