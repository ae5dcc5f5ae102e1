//! Each POST of each client says how long its content is, above all where there is none: some proxies answer 411 otherwise.

use std::collections::BTreeSet;

use iampass_core::client::LogoutReceipt;
use iampass_core::machine::{Granted, LoginOptions, LoginOutcome};
use iampass_core::wire::{RegistrationMail, RegistrationSms};
use iampass_testkit::VirtualPhone;

use crate::proxy::{Proxy, Streams};
use crate::rig::{Rig, SOON};

/// The last segments of all calls that are made with POST.
const POSTS: [&str; 13] = [
    "add_users/",
    "delete_users/",
    "send_registration_sms/",
    "send_registration_mail/",
    "authenticate_user/",
    "/authentication/session/*/logout",
    "/r/",
    "/configuration",
    "/unregister",
    "/walkaway",
    "/return",
    "/device/*/sessions/*/logout",
    "/start",
];

fn is_of(target: &str, post: &str) -> bool {
    let mut rest = target;
    post.split('*').all(|part| rest.find(part).map(|at| rest = &rest[at + part.len()..]).is_some())
}

#[tokio::test]
async fn each_post_of_each_client_names_its_length() {
    let rig = Rig::start().await;
    let proxy = Proxy::before(rig.service.server_url(), Streams::Passed).await;
    let client = rig.service.client_builder().server(proxy.url()).build().unwrap();
    let user = rig.user("ann@example.org").await;
    client.add_user(&user).await.unwrap();
    // Neither can be sent here; the calls are made all the same.
    let sms = RegistrationSms { phone_number: "+15550100".into(), display_name: None, message: None };
    client.send_registration_sms(&user, &sms).await.unwrap_err();
    let mail = RegistrationMail { email: "ann@example.org".into(), display_name: None, message: None };
    client.send_registration_mail(&user, &mail).await.unwrap_err();

    // Phones use the addresses that they are given: those of the proxy.
    let link = client.registration_link(&user, None).await.unwrap();
    let phone = VirtualPhone::register(&link).await.unwrap();
    phone.configure("*elsewhere").await.unwrap();
    let log_in = async || -> Granted {
        let login = client.login(&user, LoginOptions::default()).unwrap();
        let (outcome, accepted) = tokio::join!(login.outcome(), phone.accept_next(SOON));
        accepted.unwrap();
        match outcome.unwrap() {
            LoginOutcome::Granted(granted) => granted,
            other => panic!("{other:?}"),
        }
    };
    let granted = log_in().await;
    assert_eq!(phone.walk_away().await.unwrap(), 1);
    assert_eq!(phone.come_back().await.unwrap(), 1);
    assert_eq!(client.logout(&granted.session).await.unwrap(), LogoutReceipt::Confirmed);
    log_in().await;
    assert_eq!(phone.log_out().await.unwrap(), 1);
    phone.unregister().await.unwrap();
    client.delete_users(std::slice::from_ref(&user)).await.unwrap();

    let (mut missing, mut without): (BTreeSet<_>, Vec<_>) = (POSTS.into(), Vec::new());
    for head in proxy.heads() {
        let mut words = head.split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let lengths = head.lines().filter(|line| line.to_ascii_lowercase().starts_with("content-length:"));
        if method == "POST" {
            missing.retain(|post| !is_of(target, post));
            if lengths.count() != 1 {
                without.push(target.to_owned());
            }
        } else {
            assert_eq!(lengths.count(), 0, "{head}");
        }
    }
    assert!(without.is_empty(), "no content-length: {without:#?}");
    assert!(missing.is_empty(), "not called: {missing:?}");
}
