//! Answers that several calls give.

use axum::response::Response;
use http::StatusCode;
use iampass_core::wire::{DoneAnswer, Reason};

use crate::problem::{Refused, json};

pub(super) fn done() -> Response {
    json(StatusCode::OK, &DoneAnswer::done())
}

pub(super) fn scope_missing(message: impl Into<std::borrow::Cow<'static, str>>) -> Refused {
    Refused::new(StatusCode::FORBIDDEN, Reason::ScopeMissing, message)
}

pub(super) fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Refused {
    Refused::unprocessable(Reason::InvalidParameter, message)
}
