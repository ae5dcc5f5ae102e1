//! Logins of a browser that shows a code, begun by calls of the API.

use iampass_core::machine::answers::read_authenticate;
use iampass_core::machine::calls;
use iampass_core::port::{Clock, Entropy, HttpTransport};
use iampass_core::wire::{Assurance, AuthenticateStatus, AuthenticateUser, StatusAnswer};
use iampass_core::{Session, UserToken, client::System};
use iampass_reqwest::ReqwestTransport;
use iampass_testkit::TestService;

/// A login that waits, and what its browser shows.
pub(crate) struct Shown {
    pub(crate) session: Session,
    pub(crate) code: String,
    pub(crate) scan_url: String,
    /// The link to IAMPASS in the same browser, where there is one.
    pub(crate) open_url: Option<String>,
}

/// A browser that shows a code.
pub(crate) fn browser() -> AuthenticateUser {
    AuthenticateUser::default().shows_code(true).browser("Firefox on Windows").address("203.0.113.5")
}

pub(crate) async fn start(service: &TestService, user: &UserToken, body: AuthenticateUser) -> Shown {
    let call = calls::authenticate_user(&service.application(), user, &[], None, &body).unwrap();
    let AuthenticateStatus::Started(started) = read_authenticate(&send(&call).await).unwrap() else {
        panic!("it was not started");
    };
    let confirmation = started.confirmation.clone().unwrap();
    let open_url = started.open_url.as_ref().map(|url| url.expose().to_owned());
    Shown {
        open_url,
        session: Session::from_started(started, service.application().server()).unwrap(),
        code: confirmation.code.expose().to_owned(),
        scan_url: confirmation.scan_url.expose().to_owned(),
    }
}

/// The state of a session, and what its approval has proven.
pub(crate) async fn status(session: &Session) -> (String, Option<Assurance>) {
    let answer = send(&calls::status(session)).await;
    let StatusAnswer { session_status, assurance, .. } = serde_json::from_slice(answer.body()).unwrap();
    (session_status.as_str().to_owned(), assurance)
}

async fn send(call: &calls::UnsignedCall) -> iampass_core::port::HttpResponse {
    let system = System::new();
    let request = call.sign(system.draw().unwrap().nonce(), system.now().wall);
    ReqwestTransport::new().unwrap().send(request).await.unwrap()
}

/// Six digits that are not these.
pub(crate) fn other_than(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}
