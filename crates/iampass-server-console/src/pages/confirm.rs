//! The page before a dangerous change: what ends, the name to be typed if it cannot be undone, and a way back.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;

use crate::fields::{self, Problem};
use crate::frame::{Frame, show};
use crate::page_error::PageError;

/// Asks once more. The form goes to `action` with what was typed as `typed`, or with `sure`.
#[derive(Template)]
#[template(path = "console/confirm.html")]
pub(crate) struct ConfirmPage {
    pub(crate) frame: Frame,
    /// The action to confirm, as a question.
    pub(crate) heading: String,
    /// The things that end by it, a sentence each.
    pub(crate) ends: Vec<String>,
    /// The name to be typed; None where what ends can be had again.
    pub(crate) name: Option<String>,
    /// The label of the button.
    pub(crate) button: &'static str,
    pub(crate) action: String,
    /// Where *Cancel* leads.
    pub(crate) cancel: String,
    pub(crate) problem: Option<Problem>,
}

/// The form that the page sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Confirmation {
    typed: String,
    sure: String,
}

impl ConfirmPage {
    pub(crate) fn ask(self) -> Result<Response, PageError> {
        show(StatusCode::OK, &self)
    }

    /// Whether the name was typed, or the button pressed where there is none to be typed; the page once more if not.
    pub(crate) fn settle(self, given: &Confirmation) -> Result<Confirmed, PageError> {
        let (is_meant, problem) = match &self.name {
            Some(name) => (fields::is_typed(&given.typed, name), "confirm-not-the-name"),
            None => (given.sure == "yes", "confirm-use-button"),
        };
        if is_meant {
            return Ok(Confirmed::Yes);
        }
        self.again(problem).map(Confirmed::Not)
    }

    /// The page once more, with what stands against it.
    pub(crate) fn again(mut self, problem: Problem) -> Result<Response, PageError> {
        self.problem = Some(problem);
        show(StatusCode::UNPROCESSABLE_ENTITY, &self)
    }
}

/// Whether somebody meant it.
#[must_use]
pub(crate) enum Confirmed {
    Yes,
    /// The answer to give instead.
    Not(Response),
}
