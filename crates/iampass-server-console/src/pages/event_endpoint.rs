//! Where the events of an application go: setting the endpoint, its secret, switching it off and on, removing and trying it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use iampass_core::events::{EventKind, EventSecret};
use iampass_server_domain::event::{EventKinds, LONGEST_URL};
use iampass_server_domain::random;
use iampass_server_storage::{EndpointChange, EndpointChanged, SECRET_OVERLAP, StorageError};

use super::confirm::{ConfirmPage, Confirmation, Confirmed};
use super::events::{events_of, kind_name, origin};
use crate::access::InApplication;
use crate::fields::{Fields, Problem};
use crate::frame::{Frame, Tab, done, show};
use crate::page_error::PageError;
use crate::state::Console;

#[derive(Template)]
#[template(path = "console/event_endpoint.html")]
struct EndpointPage {
    frame: Frame,
    url: String,
    kinds: EventKinds,
    url_problem: Option<Problem>,
    kinds_problem: Option<Problem>,
}

impl EndpointPage {
    /// The kinds to choose from: the test is always sent.
    fn choices(&self) -> Vec<&'static EventKind> {
        EventKind::ALL.iter().filter(|kind| **kind != EventKind::Test).collect()
    }

    fn is_chosen(&self, kind: &EventKind) -> bool {
        self.kinds.have(kind)
    }
}

/// A secret, this once.
#[derive(Template)]
#[template(path = "console/event_secret.html")]
struct SecretPage {
    frame: Frame,
    heading: &'static str,
    text: String,
    secret: String,
    go_on: String,
}

/// The URL, and a field for each kind that is wanted.
type Given = Vec<(String, String)>;

/// `GET /console/applications/{application}/events/endpoint`
pub(crate) async fn page(State(console): State<Console>, here: InApplication) -> Result<Response, PageError> {
    let endpoint = console.database().event_endpoint(here.application().key).await?;
    let (url, kinds) = match endpoint {
        Some(endpoint) => (endpoint.url, endpoint.kinds),
        None => (String::new(), EventKinds::all()),
    };
    ask(StatusCode::OK, &console, &here, (url, kinds), [None, None])
}

fn ask(
    status: StatusCode,
    console: &Console,
    here: &InApplication,
    (url, kinds): (String, EventKinds),
    [url_problem, kinds_problem]: [Option<Problem>; 2],
) -> Result<Response, PageError> {
    let frame = Frame::in_application(console, here, "endpoint-title", Tab::Events);
    show(status, &EndpointPage { frame, url, kinds, url_problem, kinds_problem })
}

/// `POST /console/applications/{application}/events/endpoint`
pub(crate) async fn set(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<Given>,
) -> Result<Response, PageError> {
    let url = given.iter().find(|(name, _)| name == "url").map(|(_, url)| url.trim()).unwrap_or_default();
    let is_given = |kind: &&EventKind| given.iter().any(|(name, _)| name == kind.as_str());
    let kinds = EventKind::ALL.iter().filter(is_given).fold(EventKinds::NONE, EventKinds::with);
    let url_problem = match url {
        "" => Some("endpoint-url-none"),
        url if url.len() > LONGEST_URL => Some("endpoint-url-long"),
        url if console.parts().events.check_url(url).is_err() => Some("endpoint-url-not-allowed"),
        _ => None,
    };
    let kinds_problem = kinds.is_empty().then_some("endpoint-kinds-none");
    if url_problem.is_some() || kinds_problem.is_some() {
        let form = (url.to_owned(), kinds);
        return ask(StatusCode::UNPROCESSABLE_ENTITY, &console, &here, form, [url_problem, kinds_problem]);
    }
    let secret = draw()?;
    let change = EndpointChange::Set {
        url: url.to_owned(),
        kinds: kinds.with(&EventKind::Test),
        secret: secret.clone(),
    };
    let subject = Some(origin(url).to_owned());
    match make(&console, &here, change, "endpoint.set", subject).await? {
        EndpointChanged::Made => show_secret(&console, &here, "endpoint-made", None, &secret),
        _ => Ok(done(&events_of(&console, &here), "set")),
    }
}

fn draw() -> Result<EventSecret, PageError> {
    Ok(EventSecret::from_bytes(random::bytes().map_err(StorageError::from)?))
}

fn show_secret(
    console: &Console,
    here: &InApplication,
    heading: &'static str,
    overlap: Option<u64>,
    secret: &EventSecret,
) -> Result<Response, PageError> {
    let frame = Frame::in_application(console, here, "endpoint-secret-title", Tab::Events);
    let text = match overlap {
        Some(overlap) => frame.one("endpoint-rotated-why", "overlap", frame.duration(overlap)),
        None => frame.t("endpoint-made-why").to_owned(),
    };
    let page = SecretPage {
        heading,
        text,
        secret: secret.to_text().expose().to_owned(),
        go_on: events_of(console, here),
        frame,
    };
    show(StatusCode::CREATED, &page)
}

async fn make(
    console: &Console,
    here: &InApplication,
    change: EndpointChange,
    action: &'static str,
    subject: Option<String>,
) -> Result<EndpointChanged, PageError> {
    let (application, noted) = (here.application().key, here.noted(action, subject));
    let changed = console.database().change_event_endpoint(application, change, here.actor(), noted).await?;
    match changed.ok_or(PageError::NotFound)? {
        EndpointChanged::NoEndpoint => Err(PageError::NotFound),
        changed => Ok(changed),
    }
}

/// `GET /console/applications/{application}/events/rotate`
pub(crate) async fn rotate_page(
    State(console): State<Console>,
    here: InApplication,
) -> Result<Response, PageError> {
    confirming(&console, &here, Confirming::Rotate).ask()
}

/// `POST /console/applications/{application}/events/rotate`
pub(crate) async fn rotate(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<Confirmation>,
) -> Result<Response, PageError> {
    if let Confirmed::Not(answer) = confirming(&console, &here, Confirming::Rotate).settle(&given)? {
        return Ok(answer);
    }
    let secret = draw()?;
    let change = EndpointChange::Rotate { secret: secret.clone() };
    make(&console, &here, change, "endpoint.secret-rotated", None).await?;
    show_secret(&console, &here, "endpoint-rotated", Some(SECRET_OVERLAP.as_secs()), &secret)
}

/// `GET /console/applications/{application}/events/switch-on`
pub(crate) async fn switch_on_page(
    State(console): State<Console>,
    here: InApplication,
) -> Result<Response, PageError> {
    confirming(&console, &here, Confirming::SwitchOn).ask()
}

/// `POST /console/applications/{application}/events/switch-on`
pub(crate) async fn switch_on(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<Confirmation>,
) -> Result<Response, PageError> {
    settle(&console, &here, &given, Confirming::SwitchOn).await
}

/// `GET /console/applications/{application}/events/switch-off`
pub(crate) async fn switch_off_page(
    State(console): State<Console>,
    here: InApplication,
) -> Result<Response, PageError> {
    confirming(&console, &here, Confirming::SwitchOff).ask()
}

/// `POST /console/applications/{application}/events/switch-off`
pub(crate) async fn switch_off(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<Confirmation>,
) -> Result<Response, PageError> {
    settle(&console, &here, &given, Confirming::SwitchOff).await
}

/// `GET /console/applications/{application}/events/remove`
pub(crate) async fn remove_page(
    State(console): State<Console>,
    here: InApplication,
) -> Result<Response, PageError> {
    confirming(&console, &here, Confirming::Remove).ask()
}

/// `POST /console/applications/{application}/events/remove`
pub(crate) async fn remove(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<Confirmation>,
) -> Result<Response, PageError> {
    settle(&console, &here, &given, Confirming::Remove).await
}

/// `POST /console/applications/{application}/events/test`
pub(crate) async fn test(State(console): State<Console>, here: InApplication) -> Result<Response, PageError> {
    make(&console, &here, EndpointChange::Test, "endpoint.tested", None).await?;
    Ok(done(&events_of(&console, &here), "test"))
}

/// The changes that are asked for once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Confirming {
    Rotate,
    SwitchOn,
    SwitchOff,
    Remove,
}

async fn settle(
    console: &Console,
    here: &InApplication,
    given: &Confirmation,
    what: Confirming,
) -> Result<Response, PageError> {
    if let Confirmed::Not(answer) = confirming(console, here, what).settle(given)? {
        return Ok(answer);
    }
    let (change, action, said) = match what {
        Confirming::SwitchOn => (EndpointChange::SwitchOn, "endpoint.switched-on", "on"),
        Confirming::Remove => (EndpointChange::Remove, "endpoint.removed", "removed"),
        Confirming::SwitchOff => (EndpointChange::SwitchOff, "endpoint.switched-off", "off"),
        // It shows a page of its own.
        Confirming::Rotate => return Err(PageError::Internal),
    };
    make(console, here, change, action, None).await?;
    Ok(done(&events_of(console, here), said))
}

fn confirming(console: &Console, here: &InApplication, what: Confirming) -> ConfirmPage {
    let events = events_of(console, here);
    let (title, ends, button, verb) = match what {
        Confirming::Rotate => (
            "endpoint-rotate-heading",
            ["endpoint-rotate-both", "endpoint-rotate-set"],
            "rotate-make",
            "rotate",
        ),
        Confirming::SwitchOn => {
            ("endpoint-on-heading", ["endpoint-on-from-now", "endpoint-on-again"], "enable", "switch-on")
        }
        Confirming::SwitchOff => {
            ("endpoint-off-heading", ["endpoint-off-none", "endpoint-off-waiting"], "disable", "switch-off")
        }
        Confirming::Remove => (
            "endpoint-remove-heading",
            ["endpoint-remove-secret", "endpoint-off-waiting"],
            "delete",
            "remove",
        ),
    };
    let frame = Frame::in_application(console, here, title, Tab::Events);
    ConfirmPage {
        heading: frame.t(title).to_owned(),
        ends: frame.all(ends),
        name: None,
        button,
        action: format!("{events}/{verb}"),
        cancel: events,
        problem: None,
        frame,
    }
}
