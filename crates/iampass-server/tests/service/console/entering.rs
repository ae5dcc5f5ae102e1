//! Getting in: registering, links from the command line, signing in and out.

use iampass_server::{ConsoleLink, ConsoleSettings, Registration};

use super::visitor::{SESSION, Visitor, open_house};
use crate::rig::Rig;

#[tokio::test]
async fn an_account_registers_a_phone_signs_in_and_out() {
    let rig = open_house().await;
    let mut visitor = Visitor::new(&rig);
    let answer = visitor.get("/console").await;
    assert!(answer.body.contains("Create an account"), "{answer:?}");
    let answer = visitor.get("/console/account").await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), Some("/console/auth/login?next=%2Fconsole%2Faccount"));

    let mut anna = Visitor::registered(&rig, "Anna.Lee").await;
    let page = anna.get("/console/account").await.body;
    assert!(page.contains("anna.lee") && !page.contains("You see all applications"), "{page}");
    assert!(anna.get("/console").await.body.contains("Three steps to the first login"));

    let kept = anna.cookies[SESSION].clone();
    assert_eq!(anna.post("/console/auth/logout", &[]).await.status, 303);
    assert!(!anna.is_in().await);
    anna.cookies.insert(SESSION.to_owned(), kept);
    assert!(!anna.is_in().await, "a session that was left is over, whoever kept its cookie");
}

#[tokio::test]
async fn names_are_taken_in_one_spelling_and_held_until_a_phone_could_be_registered() {
    let rig = open_house().await;
    let mut first = Visitor::new(&rig);
    for bad in ["", "ab", "two words", "-x-", "ünter", "a\u{200b}nna"] {
        let answer = first.post("/console/register", &[("name", bad)]).await;
        assert_eq!(answer.status, 422, "{bad:?}");
        assert!(
            answer.body.contains("No account was made") && answer.body.contains("aria-invalid"),
            "{bad:?}"
        );
    }
    assert_eq!(first.post("/console/register", &[("name", "anna")]).await.status, 303);
    let mut second = Visitor::new(&rig);
    let taken = second.post("/console/register", &[("name", " ANNA ")]).await;
    assert_eq!(taken.status, 409);
    assert!(taken.body.contains("This name is taken"));

    rig.clock.advance(15 * 60);
    assert_eq!(second.post("/console/register", &[("name", "Anna")]).await.status, 303);
    second.enrol().await;
    second.sign_in("anna").await;
    // The first one's ticket has expired, and led to another account anyway.
    assert_eq!(first.registration_link().await, None);
    rig.clock.advance(15 * 60);
    let mut third = Visitor::new(&rig);
    assert_eq!(third.post("/console/register", &[("name", "anna")]).await.status, 409, "somebody came");
}

#[tokio::test]
async fn a_name_whose_phone_is_registered_is_never_given_to_somebody_else() {
    let rig = open_house().await;
    let mut anna = Visitor::new(&rig);
    anna.post("/console/register", &[("name", "anna")]).await;
    anna.enrol().await;
    rig.clock.advance(3_600);
    let mut other = Visitor::new(&rig);
    assert_eq!(other.post("/console/register", &[("name", "anna")]).await.status, 409);
    anna.sign_in("anna").await;
}

#[tokio::test]
async fn without_open_registration_accounts_are_made_by_invitation() {
    let rig = Rig::start().await;
    let mut visitor = Visitor::new(&rig);
    assert!(!visitor.get("/console").await.body.contains("Create an account"));
    for answer in
        [visitor.get("/console/register").await, visitor.post("/console/register", &[("name", "anna")]).await]
    {
        assert_eq!(answer.status, 403);
        assert!(answer.body.contains("By invitation"), "{answer:?}");
    }
    assert!(rig.store.column("SELECT name FROM accounts").is_empty());
}

#[tokio::test]
async fn a_console_that_is_switched_off_is_not_there() {
    let rig = Rig::with(|config| config.console = None).await;
    for path in ["/console", "/console/register", "/console/auth/login", "/console/assets/x"] {
        rig.send("GET", path, &[], None).await.is(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn from_one_address_come_only_so_many_accounts() {
    let rig = open_house().await;
    let mut visitor = Visitor::new(&rig);
    for number in 0..10 {
        assert_eq!(
            visitor.post("/console/register", &[("name", &format!("name-{number}"))]).await.status,
            303
        );
    }
    assert_eq!(visitor.post("/console/register", &[("name", "one-more")]).await.status, 429);
    rig.clock.advance(60);
    assert_eq!(visitor.post("/console/register", &[("name", "one-more")]).await.status, 303);
}

#[tokio::test]
async fn the_first_administrator_comes_by_a_link_and_sees_all_applications() {
    let rig = Rig::start().await;
    let mut admin = Visitor::administrator(&rig, "Admin").await;
    let page = admin.get("/console").await.body;
    assert!(page.contains("Shop") && page.contains("Administrator"), "{page}");
    assert!(
        !page.contains("IAMPASS Console</a>\u{20}") && !page.contains(">console<"),
        "its own is not listed"
    );
    assert!(admin.get("/console/account").await.body.contains("You see all applications"));
    assert_eq!(
        rig.store.column("SELECT action FROM audit ORDER BY key"),
        [
            "link.made",
            "account.administrator-created",
            "link.used",
            "account.phone-registered",
            "account.signed-in"
        ]
    );
}

#[tokio::test]
async fn a_link_replaces_a_lost_phone_and_ends_its_sessions() {
    let rig = Rig::start().await;
    let mut admin = Visitor::administrator(&rig, "admin").await;
    let old_phone = admin.phone.clone().unwrap();

    let link = rig.service.console_link(ConsoleLink::Account(None)).await.unwrap();
    let mut newcomer = Visitor::new(&rig);
    let page = newcomer.get(&link).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("replaces the phone of <b dir=\"auto\">admin</b>"), "{page:?}");
    assert!(admin.is_in().await, "looking at a link changes nothing");
    assert_eq!(newcomer.post(&link, &[]).await.status, 303);

    let url = old_phone.urls["pending_requests"].as_str().unwrap();
    assert_eq!(rig.get(&old_phone.pair, url).await.status, 401, "the old phone is gone");
    rig.clock.advance(11);
    assert!(!admin.is_in().await, "and so is its session");
    newcomer.enrol().await;
    newcomer.sign_in("admin").await;
    assert!(newcomer.get("/console/account").await.body.contains("You see all applications"));
}

#[tokio::test]
async fn the_command_says_whose_link_it_is() {
    let rig = Rig::with(|config| config.console = Some(ConsoleSettings::new(Registration::Invited))).await;
    let mut first = Visitor::administrator(&rig, "first").await;
    let link = rig.service.console_link(ConsoleLink::NewAdministrator(Some("Second"))).await.unwrap();
    let mut second = Visitor::new(&rig);
    assert!(second.get(&link).await.body.contains("<b dir=\"auto\">second</b>"));
    second.post(&link, &[("name", "something-else")]).await;
    second.enrol().await;
    second.sign_in("second").await;
    assert!(first.is_in().await);
    let refused = async |link| rig.service.console_link(link).await.unwrap_err().to_string();
    let error = refused(ConsoleLink::Account(None)).await;
    assert!(error.contains("--name"), "{error}");
    assert!(rig.service.console_link(ConsoleLink::Account(Some("no good name"))).await.is_err());
    // A name that nobody has, or that somebody has, is no slip that makes something else.
    let links = || rig.store.column("SELECT purpose FROM console_links");
    let before = links();
    let error = refused(ConsoleLink::Account(Some("secnod"))).await;
    assert!(error.contains("--new-administrator"), "{error}");
    let error = refused(ConsoleLink::NewAdministrator(Some("second"))).await;
    assert!(error.contains("choose another one"), "{error}");
    assert_eq!(links(), before);
}
