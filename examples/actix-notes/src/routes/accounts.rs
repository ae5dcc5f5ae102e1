//! Signing up. The login itself is not here: its routes are its own.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form};
use iampass::actix::into_response;
use serde::Deserialize;

use super::{Outcome, Visitor, go_to, known};
use crate::fields::{self, Problem};
use crate::pages::{Frame, SignUpPage, show};
use crate::{Notebook, login, unfinished};

const NAME_TAKEN: Problem = "This name is taken. Choose another one.";

/// The form of somebody who is new.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct NewUser {
    name: String,
}

/// Why nobody is signed up.
#[derive(Debug, Clone, Copy)]
enum Refused {
    /// The form has not been sent yet.
    NotTried,
    /// It is no name.
    Name(Problem),
    /// It is somebody's.
    NameTaken,
    /// It cannot be known whether it is.
    Unknown,
}

fn show_sign_up(notebook: &Notebook, name: String, why: Refused) -> Outcome {
    let (status, name_problem, problem) = match why {
        Refused::NotTried => (StatusCode::OK, None, None),
        Refused::Name(problem) => (StatusCode::UNPROCESSABLE_ENTITY, Some(problem), None),
        Refused::NameTaken => (StatusCode::CONFLICT, Some(NAME_TAKEN), None),
        Refused::Unknown => {
            let problem = "We cannot tell at the moment whether this name is free. Try again in a minute.";
            (StatusCode::SERVICE_UNAVAILABLE, None, Some(problem))
        }
    };
    show(status, &SignUpPage { frame: Frame::new(notebook, None, "Sign up"), name, name_problem, problem })
}

/// `GET /sign-up`
pub(super) async fn sign_up_page(notebook: Data<Notebook>, visitor: Visitor) -> Outcome {
    if known(visitor)?.is_some() {
        return Ok(go_to("/"));
    }
    show_sign_up(&notebook, String::new(), Refused::NotTried)
}

/// `POST /sign-up`
pub(super) async fn sign_up(notebook: Data<Notebook>, visitor: Visitor, form: Form<NewUser>) -> Outcome {
    if known(visitor)?.is_some() {
        return Ok(go_to("/"));
    }
    let given = form.into_inner().name;
    let name = match fields::name(&given) {
        Ok(name) => name,
        Err(problem) => return show_sign_up(&notebook, given, Refused::Name(problem)),
    };
    if let Some(user) = notebook.users.named(&name).await? {
        if user.holds_the_name(notebook.now()) {
            return show_sign_up(&notebook, given, Refused::NameTaken);
        }
        match unfinished::give_up(&notebook.login, &notebook.users, &user).await {
            Ok(true) => {}
            Ok(false) => return show_sign_up(&notebook, given, Refused::NameTaken),
            Err(error) => {
                tracing::warn!(error = error.as_ref(), "it is not known whether a name is free");
                return show_sign_up(&notebook, given, Refused::Unknown);
            }
        }
    }
    match notebook.users.sign_up(&name, notebook.now()).await? {
        Some(user) => Ok(into_response(login::enrol(&notebook.login, &user))),
        None => show_sign_up(&notebook, given, Refused::NameTaken),
    }
}
