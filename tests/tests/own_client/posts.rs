//! Each POST of each client says how long its content is, above all where there is none: some proxies answer 411 otherwise.
//!
//! The service's own description says which POSTs there are. One that is described and not called here fails the test, and so does one that is
//! called and not described. POSTs of the Admin API are not called here: the one client of them is the program `iampass-server`, which sends content
//! with each of them, and by the same transport. The test makes sure that all of them take content.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::Uri;
use http::uri::Authority;
use iampass_core::client::{Client, LogoutReceipt, Nameless, System};
use iampass_core::machine::{Granted, LoginOptions, LoginOutcome};
use iampass_core::port::{
    HttpRequest, HttpResponse, HttpTransport, MemoryTokenStore, StreamedResponse, TokenStore, TransportError,
    UserKey,
};
use iampass_core::wire::{AuthenticationMethod, RegistrationMail, RegistrationSms};
use iampass_core::{RegistrationLink, Secret, UserToken};
use iampass_reqwest::ReqwestTransport;
use iampass_testkit::{ForgedUnlock, ForgingAuthenticator, TestService, VirtualPhone};
use serde_json::Value;

use crate::proxy::{Proxy, Streams};
use crate::rig::SOON;

/// The POSTs that no client of this workspace makes: phones do not send training data.
const OF_NO_CLIENT: [&str; 1] = ["/device/{id}/training_data"];

/// The clients' own transport, whose connections all lead to a proxy.
struct ByProxy {
    inner: ReqwestTransport,
    proxy: Authority,
}

impl ByProxy {
    fn led(&self, request: HttpRequest) -> HttpRequest {
        let (mut parts, body) = request.into_parts();
        let mut uri = parts.uri.into_parts();
        uri.authority = Some(self.proxy.clone());
        parts.uri = Uri::from_parts(uri).unwrap();
        HttpRequest::from_parts(parts, body)
    }
}

#[async_trait]
impl HttpTransport for ByProxy {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.inner.send(self.led(request)).await
    }

    async fn open(&self, request: HttpRequest) -> Result<StreamedResponse, TransportError> {
        self.inner.open(self.led(request)).await
    }
}

/// An application and its phones behind the proxy.
struct Posting {
    service: TestService,
    proxy: Proxy,
    transport: Arc<dyn HttpTransport>,
    client: Client,
    user: UserToken,
}

impl Posting {
    async fn start() -> Self {
        let service = TestService::builder().at_localhost().walkaway().start().await.unwrap();
        let behind = service.server_url().replace("localhost", "127.0.0.1");
        let proxy = Proxy::before(&behind, Streams::Passed).await;
        let authority = proxy.url().strip_prefix("http://").unwrap().parse().unwrap();
        let transport: Arc<dyn HttpTransport> =
            Arc::new(ByProxy { inner: ReqwestTransport::new().unwrap(), proxy: authority });
        let user = UserToken::new("ann@example.org").unwrap();
        let tokens = Arc::new(MemoryTokenStore::new(9));
        tokens.assign(&UserKey::from(1), &user).await.unwrap();
        let builder = service.client_builder().shared_transport(transport.clone()).token_store(tokens);
        Self { client: builder.build().unwrap(), service, proxy, transport, user }
    }

    /// The POSTs that the service describes, but for those of the Admin API.
    async fn described(&self) -> BTreeSet<String> {
        let request = http::Request::get(format!("{}/openapi.json", self.service.server_url()));
        let answer = self.transport.send(request.body(Vec::new()).unwrap()).await.unwrap();
        let document: Value = serde_json::from_slice(answer.body()).unwrap();
        let calls = document["paths"].as_object().unwrap().iter();
        let posts = calls.filter(|(_, methods)| methods.get("post").is_some());
        let (of_administrators, others): (Vec<_>, Vec<_>) =
            posts.partition(|(path, _)| path.starts_with("/admin/v1/"));
        for (path, methods) in of_administrators {
            assert!(methods["post"]["requestBody"].is_object(), "{path}");
        }
        others.into_iter().map(|(path, _)| path.clone()).collect()
    }

    async fn opened(&self, link: &RegistrationLink) -> VirtualPhone {
        VirtualPhone::register_over(self.transport.clone(), Arc::new(System::new()), link).await.unwrap()
    }

    async fn log_in(&self, phone: &VirtualPhone) -> Granted {
        let login = self.client.login(&self.user, LoginOptions::default()).unwrap();
        let (outcome, accepted) = tokio::join!(login.outcome(), phone.accept_next(SOON));
        accepted.unwrap();
        granted(outcome.unwrap())
    }

    /// The calls of an application besides logins.
    async fn manage(&self) -> VirtualPhone {
        self.client.add_user(&self.user).await.unwrap();
        // Neither can be sent here; the calls are made all the same.
        let sms = RegistrationSms { phone_number: "+15550100".into(), display_name: None, message: None };
        self.client.send_registration_sms(&self.user, &sms).await.unwrap_err();
        let email = "ann@example.org".into();
        let mail = RegistrationMail { email, display_name: None, message: None };
        self.client.send_registration_mail(&self.user, &mail).await.unwrap_err();
        let link = self.client.registration_link(&self.user, None).await.unwrap();
        self.opened(&link).await
    }

    /// Logins by name, by a scanned code, and with a phone that is unlocked.
    async fn log_in_each_way(&self, phone: &VirtualPhone) {
        let granted_by_name = self.log_in(phone).await;
        assert_eq!(phone.walk_away().await.unwrap(), 1);
        assert_eq!(phone.come_back().await.unwrap(), 1);
        phone.say_near(Duration::from_secs(60)).await.unwrap().unwrap();
        assert_eq!(self.client.logout(&granted_by_name.session).await.unwrap(), LogoutReceipt::Confirmed);

        let started = self.client.start_nameless(&LoginOptions::default()).await.unwrap();
        let Nameless::Started { session, qr, .. } = started else { panic!("{started:?}") };
        // The code of a second that is to come is taken, as clocks differ.
        let shown = qr.scan_url(Duration::from_secs(5));
        let request = phone.bring_scan(shown.expose()).await.unwrap();
        phone.accept_with_scan(&request, shown.expose()).await.unwrap();
        // No browser has left by a link. The call is made all the same.
        self.client.returned(session.token(), &Secret::new("proof")).await.unwrap_err();

        let authenticator = ForgingAuthenticator::new(self.service.server_url()).unwrap();
        let unlock = ForgedUnlock::new(authenticator);
        let methods = [AuthenticationMethod::Acceptance, AuthenticationMethod::Device];
        let login = self.client.login(&self.user, LoginOptions::default().methods(methods)).unwrap();
        let unlocked = async {
            let request = phone.next_request(SOON).await.unwrap().unwrap();
            phone.accept_unlocked(&request, &unlock, None).await
        };
        let (outcome, unlocked) = tokio::join!(login.outcome(), unlocked);
        unlocked.unwrap();
        granted(outcome.unwrap());
        assert!(phone.log_out().await.unwrap() >= 1);
    }

    /// A second phone, recovery codes, and the end.
    async fn change_phones(&self, phone: &VirtualPhone) {
        let link = phone.account().add_phone().await.unwrap();
        let second = self.opened(&RegistrationLink::parse(link.register_url.expose()).unwrap()).await;
        let codes = phone.account().make_recovery_codes().await.unwrap().recovery_codes;
        second.account().recover(&codes[0]).await.unwrap();
        phone.account().name_phone(&second.record().device.device_id, "Second").await.unwrap();
        self.client.recovery_link(&self.user, &codes[1], None).await.unwrap();
        phone.configure("*elsewhere").await.unwrap();
        phone.unregister().await.unwrap();
        self.client.delete_users(std::slice::from_ref(&self.user)).await.unwrap();
    }
}

fn granted(outcome: LoginOutcome) -> Granted {
    match outcome {
        LoginOutcome::Granted(granted) => granted,
        other => panic!("{other:?}"),
    }
}

/// Whether a path is one of a pattern with `{names}`.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.split('/'), path.split('/'));
    pattern.clone().count() == path.clone().count()
        && pattern.zip(path).all(|(expected, is)| expected.starts_with('{') || expected == is)
}

#[tokio::test]
async fn each_post_of_each_client_names_its_length() {
    let posting = Posting::start().await;
    let described = posting.described().await;
    let phone = posting.manage().await;
    posting.log_in_each_way(&phone).await;
    posting.change_phones(&phone).await;

    let (mut called, mut unknown, mut without) = (BTreeSet::new(), Vec::new(), Vec::new());
    for head in posting.proxy.heads() {
        let mut words = head.split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let lengths = head.lines().filter(|line| line.to_ascii_lowercase().starts_with("content-length:"));
        if method == "POST" {
            let path = target.split('?').next().unwrap();
            match described.iter().find(|pattern| fits(pattern, path)) {
                Some(pattern) => drop(called.insert(pattern.as_str())),
                None => unknown.push(target.to_owned()),
            }
            if lengths.count() != 1 {
                without.push(target.to_owned());
            }
        } else {
            assert_eq!(lengths.count(), 0, "{head}");
        }
    }
    assert!(without.is_empty(), "no content-length: {without:#?}");
    assert!(unknown.is_empty(), "not described: {unknown:#?}");
    let left: Vec<_> = described.iter().map(String::as_str).filter(|post| !called.contains(post)).collect();
    assert_eq!(left, OF_NO_CLIENT, "described, and not called");
}
