//! The pages of one application, each at the width of a phone.

use iampass_core::client::Client;
use iampass_core::machine::{LoginEvent, LoginOptions, LoginOutcome};
use iampass_core::wire::SessionStatus;
use iampass_core::{RegistrationLink, Session, UserToken};
use iampass_system_tests::{DevServer, Scripts};
use iampass_testkit::VirtualPhone;

use crate::application_client;
use crate::visitor::Visitor;

/// Somebody who owns an application, at its pages.
struct Owner {
    visitor: Visitor,
    pages: String,
}

impl Owner {
    async fn open(&self, page: &str) {
        self.visitor.open(&format!("{}{page}", self.pages)).await;
    }
}

/// Logs in to an application that was added in the Console: it takes no login without a code.
pub(crate) async fn log_in(client: &Client, phone: &VirtualPhone) -> Session {
    let mut login = client.login(phone.user(), LoginOptions::default().shows_code(true)).unwrap();
    loop {
        match login.next().await {
            Some(LoginEvent::Started(started)) => {
                phone.accept_code(started.confirmation.unwrap().code.expose()).await.unwrap();
            }
            Some(LoginEvent::Finished(Ok(LoginOutcome::Granted(granted)))) => return granted.session,
            Some(LoginEvent::Finished(end)) => panic!("not logged in: {end:?}"),
            Some(_) => {}
            None => panic!("not logged in"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_sessions_secrets_and_the_end() {
    let service = DevServer::start(60).unwrap();
    let server = service.says("server").unwrap();
    let Some(visitor) = Visitor::new("erna", Scripts::On, server).await else { return };
    visitor.register("erna").await;
    let (id, secret) = visitor.add_application("Corner shop").await;
    let client = application_client(server, &id, &secret);
    let owner = Owner { visitor, pages: format!("/console/applications/{id}") };
    let phone = a_user_gets_a_phone(&owner).await;
    sessions_are_seen_and_ended(&owner, &client, &phone).await;
    the_secret_is_changed(&owner, server, &id, &secret).await;
    what_was_done_can_be_read(&owner).await;
    the_application_is_deleted(&owner, &client).await;
    owner.visitor.browser.close().await;
}

async fn a_user_gets_a_phone(owner: &Owner) -> VirtualPhone {
    let at = &owner.visitor;
    owner.open("/users").await;
    at.shows("h2", "No users yet").await;
    at.step("no users").await;
    at.fill("#users", "user-1\nuser-2\nother").await;
    at.click("form[action$='/users/add'] button").await;
    at.shows("[role=status]", "3").await;
    at.step("users").await;
    at.fill("#q", "user-").await;
    at.click("form.search button").await;
    at.browser
        .finds("two are found", "return document.querySelectorAll('tbody tr').length === 2;")
        .await
        .unwrap();
    at.click("tbody a").await;
    at.shows("h1", "user-1").await;
    at.step("a user without a phone").await;
    at.click("a[href$='/link']").await;
    at.step("is a registration link to be made").await;
    at.click("form[action$='/link'] button").await;
    at.shows("h1", "Registration link").await;
    at.step("registration link").await;
    let link = at.value("#registration_link").await;
    let phone = VirtualPhone::register(&RegistrationLink::parse(&link).unwrap()).await.unwrap();
    // The page goes on by itself.
    at.shows("h1", "user-1").await;
    at.shows("dl.facts", "Platform").await;
    at.step("a user with a phone").await;
    phone
}

async fn sessions_are_seen_and_ended(owner: &Owner, client: &Client, phone: &VirtualPhone) {
    let at = &owner.visitor;
    log_in(client, phone).await;
    at.shows(".live", "Log out everywhere").await;
    owner.open("/sessions").await;
    at.shows("table", "user-1").await;
    at.step("sessions").await;
    phone.log_out().await.unwrap();
    at.shows("h2", "Nobody is signed in").await;
    at.step("no sessions").await;

    let session = log_in(client, phone).await;
    at.click("td.actions a").await;
    at.shows("ul.ends", "").await;
    at.step("is the session to be ended").await;
    at.click("form a.button").await;
    at.shows("h1", "Sessions").await;
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Active);
    at.click("td.actions a").await;
    at.click("form button.danger").await;
    at.shows("h2", "Nobody is signed in").await;
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Closed);
}

async fn the_secret_is_changed(owner: &Owner, server: &str, id: &str, before: &str) {
    let at = &owner.visitor;
    owner.open("/settings").await;
    at.step("settings").await;
    at.click("a[href$='/settings/login']").await;
    at.step("settings of logins").await;
    owner.open("/settings").await;
    at.click("a[href$='/settings/rotate']").await;
    at.shows("h1", "Make a new secret?").await;
    at.step("is there to be a new secret").await;
    at.click("form button.primary").await;
    at.shows("h1", "Corner shop has a new secret").await;
    at.step("new secret").await;
    let (_, after) = at.credentials().await;
    assert_ne!(after, before);
    let is_good = async |secret: &str| {
        let user = UserToken::new("user-2").unwrap();
        application_client(server, id, secret).add_user(&user).await.is_ok()
    };
    assert!(is_good(before).await && is_good(&after).await, "both are good for a while");

    at.click("form input[type=checkbox]").await;
    at.click("form button.primary").await;
    at.click("a[href$='/settings/end-overlap']").await;
    at.shows("h1", "End the secret before now?").await;
    at.click("form button.danger").await;
    at.shows("h1", "Settings").await;
    assert!(!is_good(before).await && is_good(&after).await, "only the new one is good");
}

async fn what_was_done_can_be_read(owner: &Owner) {
    let at = &owner.visitor;
    owner.open("/log").await;
    at.shows("main", "erna").await;
    at.step("log").await;
    owner.open("/messages").await;
    at.shows("h2", "Not allowed").await;
    at.shows("main", "No messages yet").await;
    at.step("no messages").await;
    owner.open("/snippets").await;
    at.shows("main", "Python").await;
    at.shows("main", "This program cannot start a login for this application.").await;
    at.step("snippets").await;
}

async fn the_application_is_deleted(owner: &Owner, client: &Client) {
    let at = &owner.visitor;
    owner.open("/settings").await;
    at.click("a[href$='/settings/delete']").await;
    at.shows("h1", "Delete Corner shop for ever?").await;
    at.fill("#typed", "Corner").await;
    at.click("form button.danger").await;
    at.shows("[role=alert]", "Nothing was changed").await;
    at.step("not deleted yet").await;
    at.fill("#typed", "Corner shop").await;
    at.click("form button.danger").await;
    at.shows("h1", "Three steps to the first login").await;
    assert!(client.add_user(&UserToken::new("user-3").unwrap()).await.is_err());
}
