//! The end of a session, by its application.

use axum::response::Response;
use http::StatusCode;
use iampass_core::wire::DoneAnswer;

use crate::app::App;
use crate::authenticity::Verified;
use crate::path_segments::plain_id;
use crate::problem::{Refused, json};
use crate::request::Incoming;

/// Ends a session. One that has ended already is just as much ended.
pub(super) async fn log_out(app: &App, request: &Incoming, token: &str) -> Result<Response, Refused> {
    let Verified { who, spent } = app.authenticity.by_session(request.head(), &plain_id(token)).await?;
    app.rates.count_call(request.address)?;
    app.database.log_out(who.key, spent).await?;
    Ok(json(StatusCode::OK, &DoneAnswer::done()))
}
