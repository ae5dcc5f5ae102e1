//! The login in a request, where a layer leaves it and extractors find it.

use iampass_web::LoginWeb;

/// The login that a layer has left in a request for the extractors. It is of a type of its own: an application may leave a [`LoginWeb`] there for itself,
/// and that is no layer.
#[derive(Clone)]
pub(crate) struct InRequest<U>(pub(crate) LoginWeb<U>);
