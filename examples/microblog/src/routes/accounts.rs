//! Signing up, the first steps, and what users say of themselves. The login itself is not here: its routes are its own.

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use iampass::axum::{WithBody, into_response};
use sea_orm::prelude::ChronoUtc;
use serde::Deserialize;

use crate::errors::PageError;
use crate::fields::{self, Problem};
use crate::login::{self, CurrentUser};
use crate::pages::{Frame, Here, SettingsPage, SignUpPage, WelcomePage, show};
use crate::users::{SignUp, User};
use crate::visitor::Visitor;
use crate::{Blog, unfinished};

const NAME_TAKEN: Problem = "This name is taken. Choose another one.";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct NewUser {
    name: String,
    display_name: String,
}

/// The problems with a sign-up.
#[derive(Debug, Default)]
struct SignUpProblems {
    name: Option<Problem>,
    display_name: Option<Problem>,
    other: Option<Problem>,
}

fn show_sign_up(
    status: StatusCode,
    blog: &Blog,
    visitor: &Visitor,
    given: NewUser,
    problems: SignUpProblems,
) -> Result<Response, PageError> {
    let page = SignUpPage {
        frame: Frame::new(blog, visitor, "Sign up", Here::Elsewhere),
        name: given.name,
        name_problem: problems.name,
        display_name: given.display_name,
        display_name_problem: problems.display_name,
        problem: problems.other,
    };
    show(status, &page)
}

/// `GET /sign-up`
pub(super) async fn sign_up_page(State(blog): State<Blog>, visitor: Visitor) -> Result<Response, PageError> {
    if visitor.user().is_some() {
        return Ok(Redirect::to("/").into_response());
    }
    show_sign_up(StatusCode::OK, &blog, &visitor, NewUser::default(), SignUpProblems::default())
}

/// `POST /sign-up`
pub(super) async fn sign_up(
    State(blog): State<Blog>,
    visitor: Visitor,
    form: Result<Form<NewUser>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(given) = form.map_err(|rejection| PageError::form(&rejection))?;
    let (name, display_name) = match (fields::name(&given.name), fields::display_name(&given.display_name)) {
        (Ok(name), Ok(display_name)) => (name, display_name),
        (name, display_name) => {
            let problems = SignUpProblems { name: name.err(), display_name: display_name.err(), other: None };
            return show_sign_up(StatusCode::UNPROCESSABLE_ENTITY, &blog, &visitor, given, problems);
        }
    };
    let taken = |given| {
        let problems = SignUpProblems { name: Some(NAME_TAKEN), ..SignUpProblems::default() };
        show_sign_up(StatusCode::CONFLICT, &blog, &visitor, given, problems)
    };
    if let Some(user) = blog.users.named(&name).await? {
        if user.holds_the_name(ChronoUtc::now()) {
            return taken(given);
        }
        match unfinished::give_up(&blog.login, &blog.users, &user).await {
            Ok(true) => {}
            Ok(false) => return taken(given),
            Err(error) => {
                tracing::warn!(error = error.as_ref(), "it is not known whether a name is free");
                let other =
                    Some("We cannot tell at the moment whether this name is free. Try again in a minute.");
                let problems = SignUpProblems { other, ..SignUpProblems::default() };
                return show_sign_up(StatusCode::SERVICE_UNAVAILABLE, &blog, &visitor, given, problems);
            }
        }
    }
    match blog.users.sign_up(&name, &display_name).await? {
        SignUp::Done(user) => Ok(into_response(login::enrol(&blog.login, &user))),
        SignUp::NameTaken => taken(given),
    }
}

/// `GET /welcome`
pub(super) async fn welcome(State(blog): State<Blog>, user: CurrentUser) -> Result<Response, PageError> {
    let frame = Frame::new(&blog, &Visitor::known(user), "Welcome", Here::Elsewhere);
    show(StatusCode::OK, &WelcomePage { frame })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Description {
    display_name: String,
    about: String,
}

/// `GET /settings`
pub(super) async fn settings_page(
    State(blog): State<Blog>,
    user: CurrentUser,
) -> Result<Response, PageError> {
    let page = SettingsPage {
        display_name: user.display_name.clone(),
        display_name_problem: None,
        about: user.about.clone(),
        about_problem: None,
        frame: Frame::new(&blog, &Visitor::known(user), "Settings", Here::Settings),
    };
    show(StatusCode::OK, &page)
}

/// `POST /settings`
pub(super) async fn settings(
    State(blog): State<Blog>,
    WithBody(user, form): WithBody<User, Result<Form<Description>, FormRejection>>,
) -> Result<Response, PageError> {
    let Form(given) = form.map_err(|rejection| PageError::form(&rejection))?;
    match (fields::display_name(&given.display_name), fields::about(&given.about)) {
        (Ok(display_name), Ok(about)) => {
            blog.users.describe(user.id, &display_name, &about).await?;
            Ok(Redirect::to(&format!("/u/{}", user.name)).into_response())
        }
        (display_name, about) => {
            let page = SettingsPage {
                display_name_problem: display_name.err(),
                display_name: given.display_name,
                about_problem: about.err(),
                about: given.about,
                frame: Frame::new(&blog, &Visitor::known(user), "Settings", Here::Settings),
            };
            show(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}
