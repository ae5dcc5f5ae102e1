//! Logins that are answered by a link in their own browser: the link, where that browser goes then, and taking the proof that it comes back with.

use axum::response::Response;
use http::StatusCode;
use iampass_core::Secret;
use iampass_core::signing::ReturnLink;
use iampass_core::wire::{DoneAnswer, Reason, Returned};
use iampass_server_domain::credentials::SessionCredentials;
use iampass_server_metrics::LoginEvent;
use iampass_server_storage::{ReturnOutcome, link_secret};
use url::{Host, Url};

use crate::app::App;
use crate::authenticity::Verified;
use crate::path_segments::plain_id;
use crate::problem::{Refused, json};
use crate::request::Incoming;

/// The longest address to come back to, in bytes.
const LONGEST_ADDRESS: usize = 1_000;

/// The longest proof that is looked at, in bytes.
const LONGEST_PROOF: usize = 100;

/// The name of the proof in the address to come back to.
const PROOF: &str = "return";

/// The link that opens the phone's page with this question.
pub(super) fn open_url(base: &str, credentials: &SessionCredentials) -> Secret {
    let link = ReturnLink::new(credentials.request_id.as_str(), &link_secret(&credentials.request_secret));
    Secret::new(format!("{base}/phone#link={}", link.to_text()))
}

/// The application names the address in a signed request, so it can only lead a browser to where the application wants it. It is a web page that
/// nobody on the way can read.
pub(super) fn check_address(address: Option<&str>) -> Result<(), Refused> {
    if address.is_none_or(is_good) {
        return Ok(());
    }
    let message = "return_to is an https address, or http on a loopback address, of 1,000 bytes at most, as the URL standard writes it, without a fragment, a user name or a password";
    Err(Refused::unprocessable(Reason::InvalidParameter, message))
}

fn is_good(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback);
    let is_plain = url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    let is_written_so =
        address.len() <= LONGEST_ADDRESS && !address.contains(|c: char| c.is_control() || c.is_whitespace());
    // The phone's browser reads it by another parser, so there is one way to write it.
    let is_normal = url.as_str() == address || url.as_str().strip_suffix('/') == Some(address);
    is_safe && is_plain && is_written_so && is_normal
}

/// The address with the proof in it.
pub(super) fn address_with(return_to: &str, proof: &Secret) -> Secret {
    let separator = if return_to.contains('?') { '&' } else { '?' };
    Secret::new(format!("{return_to}{separator}{PROOF}={}", proof.expose()))
}

/// The browser of a login has come back with a proof.
pub(super) async fn take(app: &App, request: &Incoming, application: &str) -> Result<Response, Refused> {
    let Verified { who, spent } =
        app.authenticity.by_application_to_change(request.head(), &plain_id(application)).await?;
    let Returned { session_token, proof } = request.json()?;
    if proof.is_empty() || proof.expose().len() > LONGEST_PROOF {
        let message = "proof is what the service has put behind the address to come back to";
        return Err(Refused::unprocessable(Reason::InvalidParameter, message));
    }
    match app.database.take_return(who.key, session_token, proof, spent).await? {
        ReturnOutcome::Taken(_) => {
            app.metrics.logins.count(LoginEvent::Accepted);
            Ok(json(StatusCode::OK, &DoneAnswer::done()))
        }
        ReturnOutcome::WrongProof => {
            app.metrics.logins.count(LoginEvent::Failed);
            let message = "this is not the proof of the answer, so the login has failed: begin it anew";
            Err(Refused::unprocessable(Reason::WrongCode, message))
        }
        ReturnOutcome::NotAwaited => Err(Refused::new(
            StatusCode::CONFLICT,
            Reason::UnknownRequest,
            "no login of this session waits for a proof: it was brought already, or its time was up. Begin it anew",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_led_back_to_a_page_of_the_application_only() {
        for good in [
            "https://app.example/auth/login/returned",
            "https://app.example:8443/a?attempt=b",
            "http://127.0.0.1:3000/returned",
            "http://localhost/returned",
            "https://app.example",
        ] {
            assert!(is_good(good), "{good}");
        }
        for bad in [
            "",
            "/returned",
            "//app.example/returned",
            "http://app.example/returned",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://app.example/#a",
            "https://user@app.example/",
            "https://user:password@app.example/",
            "https://app.example/\nx",
            "https://app.example/ x",
            "ftp://app.example/",
            // A browser would read these otherwise.
            "https:app.example/x",
            "https:///app.example",
            "https://app.example\\@b.example/",
            "http://127.1/",
            "HTTPS://APP.example/",
            &format!("https://app.example/{}", "a".repeat(1_000)),
        ] {
            assert!(!is_good(bad), "{bad}");
        }
        let proof = Secret::new("p");
        assert_eq!(address_with("https://a.example/r", &proof).expose(), "https://a.example/r?return=p");
        assert_eq!(
            address_with("https://a.example/r?a=b", &proof).expose(),
            "https://a.example/r?a=b&return=p"
        );
    }
}
