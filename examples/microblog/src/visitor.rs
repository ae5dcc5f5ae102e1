//! The visitor of a page that is for everybody. Belongs here: that extractor.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use iampass::axum::Rejection;
use iampass::web::Refusal;

use crate::login::CurrentUser;
use crate::users::User;

/// A user who is logged in, or a stranger. Where somebody is logged in and has walked away, or nothing is known, the page is not shown:
/// it would be that of a stranger.
#[derive(Debug)]
pub(crate) struct Visitor(Option<CurrentUser>);

impl Visitor {
    /// A user for certain.
    pub(crate) fn known(user: CurrentUser) -> Self {
        Self(Some(user))
    }

    /// The user, unless it is a stranger.
    pub(crate) fn user(&self) -> Option<&User> {
        self.0.as_ref().map(CurrentUser::user)
    }

    /// The user's key, unless it is a stranger.
    pub(crate) fn id(&self) -> Option<i64> {
        self.user().map(|user| user.id)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        match CurrentUser::from_request_parts(parts, state).await {
            Ok(user) => Ok(Self::known(user)),
            Err(rejection) if rejection.reason() == Refusal::NotLoggedIn => Ok(Self(None)),
            Err(rejection) => Err(rejection),
        }
    }
}
