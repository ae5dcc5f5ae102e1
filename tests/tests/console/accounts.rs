//! From nothing to a login by the credentials that the Console shows.

use iampass_core::UserToken;
use iampass_system_tests::{DevServer, Scripts};
use iampass_testkit::VirtualPhone;

use crate::application_client;
use crate::applications::log_in;
use crate::visitor::Visitor;

#[tokio::test(flavor = "multi_thread")]
async fn from_nothing_to_a_login_in_an_application() {
    let service = DevServer::start(60).unwrap();
    let server = service.says("server").unwrap();
    let Some(anna) = Visitor::new("anna", Scripts::On, server).await else { return };
    let Some(carl) = Visitor::new("carl", Scripts::On, server).await else { return };

    anna.open("/console").await;
    anna.step("welcome").await;
    anna.click("a[href$='/register']").await;
    anna.fill("#name", "x").await;
    anna.click("form button.primary").await;
    anna.shows("[role=alert]", "Use at least 3 characters").await;
    anna.step("a name that is too short").await;
    anna.fill("#name", "Anna").await;
    anna.click("form button.primary").await;
    let phone = anna.enrol_and_sign_in("anna").await;
    anna.shows("h1", "Three steps to the first login").await;
    anna.step("no application yet").await;

    anna.click("a.primary").await;
    anna.fill("#name", "Corner shop").await;
    anna.click("form button.primary").await;
    anna.shows("h1", "Corner shop is added").await;
    anna.step("credentials").await;
    let (id, secret) = anna.credentials().await;
    // Not closed without a word that the secret is kept.
    anna.click("form button.primary").await;
    anna.shows("h1", "Corner shop is added").await;
    anna.click("form input[type=checkbox]").await;
    anna.click("form button.primary").await;
    anna.shows("h1", "Corner shop").await;
    anna.shows("#application_id", &id).await;
    anna.step("overview").await;
    anna.browser.go_back().await.unwrap();
    anna.open(&format!("/console/applications/{id}")).await;
    anna.browser
        .finds(
            "the secret is not on the page",
            &format!("return !document.documentElement.innerHTML.includes('{secret}');"),
        )
        .await
        .unwrap();

    a_login_by(server, &id, &secret).await;
    anna.open(&format!("/console/applications/{id}")).await;
    anna.browser
        .finds(
            "the user is counted",
            "return document.querySelector('dl.facts').innerText.includes('Users\\n1');",
        )
        .await
        .unwrap();

    anna.click("button.fold").await;
    anna.step("navigation").await;
    anna.click("#navigation a[href$='/members']").await;
    anna.browser
        .finds("nobody but Anna", "return document.querySelectorAll('tbody tr').length === 1;")
        .await
        .unwrap();
    anna.step("members").await;
    anna.click("a[href$='/members/add']").await;
    anna.step("a new member").await;
    anna.click("main a[href$='/members/invite']").await;
    anna.step("a new invitation").await;
    anna.click("form[action$='/invite'] button").await;
    anna.shows("h1", "The invitation is ready").await;
    let invitation = anna.value("#invitation_link").await;
    anna.step("invitation").await;

    carl.browser.open(&invitation).await.unwrap();
    carl.shows("h1", "Join Corner shop").await;
    carl.step("invited").await;
    carl.fill("#name", "carl").await;
    carl.click("form button[type=submit]").await;
    carl.enrol_and_sign_in("carl").await;
    carl.shows("h1", "Corner shop").await;
    carl.shows("dl.facts", "Read-only").await;
    carl.open(&format!("/console/applications/{id}/members")).await;
    carl.shows("table", "anna").await;
    assert!(
        !carl.browser.has("a[href$='/members/add']").await.unwrap(),
        "who only reads is offered nothing to change"
    );
    let refused = "
        const done = arguments[arguments.length - 1];
        const body = new URLSearchParams({ name: 'carl', role: 'owner' });
        fetch(location.pathname + '/add', { method: 'POST', body }).then((answer) => done(answer.status));";
    assert_eq!(carl.browser.run(refused, Vec::new()).await.unwrap(), 403);
    let complaints = carl.browser.complaints().await.unwrap();
    assert!(complaints.is_empty(), "{complaints:#?}");

    phone.walk_away().await.unwrap();
    anna.open("/console/account").await;
    anna.browser
        .finds("Anna is away", "return document.title.startsWith('You seem to be away');")
        .await
        .unwrap();
    phone.come_back().await.unwrap();
    anna.shows("h1", "Your account").await;
    anna.click("button.fold").await;
    anna.click("form.who button").await;
    anna.shows("h1", "IAMPASS Console").await;
    anna.open("/console/account").await;
    anna.shows("h1", "Sign in to IAMPASS Console").await;
    anna.browser.close().await;
    carl.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_an_account_adds_an_application_all_the_same() {
    let service = DevServer::start(60).unwrap();
    let Some(visitor) = Visitor::new("no scripts", Scripts::Off, service.says("server").unwrap()).await
    else {
        return;
    };
    visitor.register("dora").await;
    let (_, secret) = visitor.add_application("Corner shop").await;
    assert_eq!(secret.len(), 32);
    visitor.click("button.fold").await;
    visitor.click("#navigation a[href$='/members']").await;
    visitor.shows("h1", "Members").await;
    visitor.browser.close().await;
}

/// Logs a user in to the application of these credentials.
async fn a_login_by(server: &str, id: &str, secret: &str) {
    let client = application_client(server, id, secret);
    let user = UserToken::new("the-first-user").unwrap();
    client.add_user(&user).await.unwrap();
    let phone = VirtualPhone::register(&client.registration_link(&user, None).await.unwrap()).await.unwrap();
    log_in(&client, &phone).await;
}
