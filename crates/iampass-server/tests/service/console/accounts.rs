//! Accounts in the hands of administrators, another phone for the own account, and what a session alone does not get.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use iampass_server::{ConsoleSettings, Registration};
use tokio::net::{TcpListener, TcpStream};

use super::shop::{member, owner, place, went_to};
use super::visitor::{Visitor, open_house};
use crate::rig::{Rig, path_of};
use crate::store::Store;

fn key(rig: &Rig, name: &str) -> String {
    rig.store.column(&format!("SELECT CAST(key AS TEXT) FROM accounts WHERE name = '{name}'")).remove(0)
}

fn page_of(rig: &Rig, name: &str) -> String {
    format!("/console/accounts/{}", key(rig, name))
}

/// The log of the service as a whole.
fn log(rig: &Rig) -> Vec<String> {
    rig.store.column(
        "SELECT actor || ' ' || action || ' ' || coalesce(subject, '-') FROM audit
         WHERE application_id IS NULL AND action <> 'account.signed-in' ORDER BY key",
    )
}

/// One address, behind which are two nodes where the data can have two.
struct Nodes {
    target: Arc<Mutex<SocketAddr>>,
    first: SocketAddr,
    second: Option<Rig>,
}

impl Nodes {
    /// The first node, seen at the address of both.
    async fn start() -> (Rig, Self) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen_at = |config: &mut iampass_server::ServiceConfig| {
            config.public_url = Some(format!("http://{address}").parse().unwrap());
            config.console = Some(ConsoleSettings::new(Registration::Open));
        };
        let mut rig = Rig::with(seen_at).await;
        let second = match rig.store {
            Store::File(_) => None,
            Store::Postgres(_) => {
                let (clock, app) = (Arc::clone(&rig.clock), Some(rig.app.clone()));
                Some(Rig::at(clock, rig.store.clone(), app, seen_at).await)
            }
        };
        let target = Arc::new(Mutex::new(rig.address));
        let nodes = Self { target: Arc::clone(&target), first: rig.address, second };
        rig.address = address;
        tokio::spawn(async move {
            loop {
                let (mut browser, _) = listener.accept().await.unwrap();
                let target = *target.lock().unwrap();
                tokio::spawn(async move {
                    let mut node = TcpStream::connect(target).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut browser, &mut node).await;
                });
            }
        });
        (rig, nodes)
    }

    /// Whether the visitor is in, by each node.
    async fn let_in(&self, visitor: &mut Visitor<'_>) -> BTreeSet<bool> {
        let mut answers = BTreeSet::new();
        for node in self.second.iter().map(|node| node.address).chain([self.first]) {
            *self.target.lock().unwrap() = node;
            answers.insert(visitor.is_in().await);
        }
        answers
    }
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once_everywhere_and_can_do_nothing() {
    let (rig, nodes) = Nodes::start().await;
    let mut olga = owner(&rig).await;
    let mut mallory = member(&rig, &mut olga, "mallory", "owner").await;
    let invitation = mallory.invite(&rig.app.id, "owner").await;
    let own = page_of(&rig, "mallory");
    let listed = olga.get("/console/accounts?q=mal").await;
    assert!(listed.body.contains(&own) && !listed.body.contains(&page_of(&rig, "olga")), "{listed:?}");
    let page = olga.get(&own).await;
    assert!(page.body.contains("Open sessions</dt><dd>1") && page.body.contains("Shop"), "{page:?}");
    assert_eq!(nodes.let_in(&mut mallory).await, BTreeSet::from([true]));

    let disable = format!("{own}/disable");
    assert!(olga.get(&disable).await.body.contains("1 session ends at once"));
    assert_eq!(olga.post(&disable, &[("typed", "malory")]).await.status, 422);
    assert!(mallory.is_in().await);
    went_to(&olga.post(&disable, &[("typed", "mallory")]).await, &format!("{own}?done=disabled"));
    assert_eq!(nodes.let_in(&mut mallory).await, BTreeSet::from([false]), "without waiting for anything");
    assert_eq!(mallory.get(&place(&rig, "/members")).await.status, 303);
    let session = "SELECT s.state FROM sessions s JOIN users u ON u.key = s.user_key JOIN console_tokens t ON t.token = u.id
                   JOIN accounts a ON a.key = t.user_id WHERE a.name = 'mallory' AND s.activated_at IS NOT NULL";
    assert_eq!(rig.store.column(session), ["closed"], "the service itself has ended it");
    // The phone is asked nothing, and the invitation is gone.
    mallory.begin("mallory").await;
    assert!(rig.questions(mallory.phone.as_ref().unwrap()).await.is_empty());
    let mut accomplice = Visitor::registered(&rig, "accomplice").await;
    assert_eq!(accomplice.get(&invitation).await.status, 410);
    assert_eq!(accomplice.post(&invitation, &[]).await.status, 410);
    let page = olga.get(&own).await;
    assert!(page.body.contains("This account is disabled") && page.body.contains("/enable"), "{page:?}");

    // Enabled again, it signs in by its phone as before; what ended stays so.
    let enable = format!("{own}/enable");
    assert_eq!(olga.post(&enable, &[]).await.status, 422);
    went_to(&olga.post(&enable, &[("sure", "yes")]).await, &format!("{own}?done=enabled"));
    assert!(!mallory.is_in().await);
    assert_eq!(accomplice.post(&invitation, &[]).await.status, 410);
    rig.clock.advance(61);
    mallory.sign_in("mallory").await;
    let said = log(&rig);
    for line in ["olga account.disabled mallory", "olga account.enabled mallory"] {
        assert!(said.iter().any(|entry| entry == line), "{line}: {said:?}");
    }
}

#[tokio::test]
async fn a_browser_that_may_register_a_phone_may_not_for_a_disabled_account() {
    let rig = open_house().await;
    let mut olga = owner(&rig).await;
    let mut eve = Visitor::new(&rig);
    assert_eq!(eve.post("/console/register", &[("name", "eve-eve")]).await.status, 303);
    let link = eve.registration_link().await.unwrap();
    let disabled = olga.post(&format!("{}/disable", page_of(&rig, "eve-eve")), &[("typed", "eve-eve")]).await;
    assert_eq!(disabled.status, 303);
    let body = r#"{"notification_token": "*x", "platform": "web"}"#;
    assert!(rig.send("POST", path_of(&link), &[], Some(body)).await.status >= 400);
    rig.clock.advance(1);
    if let Some(again) = eve.registration_link().await {
        assert!(rig.send("POST", path_of(&again), &[], Some(body)).await.status >= 400, "nor by a new one");
    }
    assert!(rig.store.column("SELECT d.id FROM devices d JOIN users u ON u.key = d.user_key JOIN console_tokens t ON t.token = u.id JOIN accounts a ON a.key = t.user_id WHERE a.name = 'eve-eve'").is_empty());
}

#[tokio::test]
async fn an_administrator_is_demoted_and_an_account_deleted() {
    let rig = open_house().await;
    let mut olga = owner(&rig).await;
    let link = rig
        .service
        .console_link(iampass_server::ConsoleLink::NewAdministrator(Some("boss-2")))
        .await
        .unwrap();
    let mut second = Visitor::new(&rig);
    assert_eq!(second.post(&link, &[]).await.status, 303);
    second.enrol().await;
    second.sign_in("boss-2").await;
    let invitation = second.invite(&rig.app.id, "owner").await;

    let own = page_of(&rig, "boss-2");
    went_to(
        &olga.post(&format!("{own}/demote"), &[("typed", "boss-2")]).await,
        &format!("{own}?done=demoted"),
    );
    assert_eq!(second.get("/console/accounts").await.status, 404, "from the next page on");
    assert_eq!(second.get(&place(&rig, "/members")).await.status, 404);
    assert!(second.is_in().await);
    let mut stranger = Visitor::registered(&rig, "stranger").await;
    assert_eq!(stranger.post(&invitation, &[]).await.status, 410);

    // The last one stays one, whoever asks, and by whatever way.
    let olgas = page_of(&rig, "olga");
    for change in ["disable", "demote", "delete"] {
        let refused = olga.post(&format!("{olgas}/{change}"), &[("typed", "olga")]).await;
        assert!([409, 422].contains(&refused.status), "{change}: {refused:?}");
        assert!(!refused.body.contains("This is not the name"), "{refused:?}");
    }
    assert!(olga.get("/console/accounts").await.status == 200);

    // An account that is the last owner stays until another one is named.
    let mut erna = Visitor::registered(&rig, "erna").await;
    erna.add_application("Erna's").await;
    let ernas = page_of(&rig, "erna");
    assert!(olga.get(&format!("{ernas}/delete")).await.body.contains("Erna&#39;s"));
    let refused = olga.post(&format!("{ernas}/delete"), &[("typed", "erna")]).await;
    assert!(refused.status == 422 && refused.body.contains("Name another owner"), "{refused:?}");
    assert!(erna.is_in().await);
    let twos = page_of(&rig, "boss-2");
    went_to(
        &olga.post(&format!("{twos}/delete"), &[("typed", "boss-2")]).await,
        "/console/accounts?done=deleted",
    );
    assert!(!second.is_in().await);
    assert_eq!(olga.get(&twos).await.status, 404);
    for left in [
        "SELECT name FROM accounts WHERE name = 'boss-2'",
        "SELECT CAST(user_id AS TEXT) FROM console_tokens WHERE user_id NOT IN (SELECT key FROM accounts)",
        "SELECT token FROM console_sessions WHERE user_token NOT IN (SELECT token FROM console_tokens)",
        "SELECT id FROM users WHERE application_key = (SELECT key FROM applications WHERE id = 'console')
         AND id NOT IN (SELECT token FROM console_tokens)",
    ] {
        assert_eq!(rig.store.column(left), Vec::<String>::new(), "{left}");
    }
    let phone = second.phone.as_ref().unwrap();
    let pending = phone.urls["pending_requests"].as_str().unwrap();
    assert_eq!(rig.get(&phone.pair, pending).await.status, 401, "its phone is registered no longer");
    let said = log(&rig);
    for line in ["olga account.demoted boss-2", "olga account.deleted boss-2"] {
        assert!(said.iter().any(|entry| entry == line), "{line}: {said:?}");
    }
}

#[tokio::test]
async fn an_account_is_logged_out_everywhere_and_signs_in_again_by_its_phone() {
    let (rig, nodes) = Nodes::start().await;
    let mut olga = owner(&rig).await;
    let mut mallory = member(&rig, &mut olga, "mallory", "owner").await;
    let invitation = mallory.invite(&rig.app.id, "owner").await;
    let (own, log_out) = (page_of(&rig, "mallory"), format!("{}/log-out", page_of(&rig, "mallory")));
    assert!(olga.get(&own).await.body.contains(&log_out));
    assert!(olga.get(&log_out).await.body.contains("1 session ends at once"));
    assert_eq!(mallory.get(&log_out).await.status, 404, "it is no administrator");
    assert_eq!(olga.post(&log_out, &[]).await.status, 422);
    assert_eq!(nodes.let_in(&mut mallory).await, BTreeSet::from([true]));
    went_to(&olga.post(&log_out, &[("sure", "yes")]).await, &format!("{own}?done=logged-out"));
    // A change asks the service now; a page may be of what it said within the freshness bound. The clock of the test stands.
    rig.clock.advance(1);
    let end = format!("{}/sessions/1/end", place(&rig, ""));
    assert_eq!(mallory.post(&end, &[]).await.status, 303, "it is led to the login");
    rig.clock.advance(11);
    assert_eq!(nodes.let_in(&mut mallory).await, BTreeSet::from([false]));
    assert_eq!(Visitor::registered(&rig, "accomplice").await.get(&invitation).await.status, 410);
    assert!(olga.get(&own).await.body.contains(&log_out), "it ends links and keys as well");
    assert!(log(&rig).iter().any(|entry| entry == "olga account.logged-out mallory"));
    rig.clock.advance(61);
    // The browser is not known any more: one of them may be a stranger's.
    mallory.begin("mallory").await;
    assert!(rig.questions(mallory.phone.as_ref().unwrap()).await.is_empty());
    mallory.sign_in("mallory").await;
    assert_eq!(nodes.let_in(&mut mallory).await, BTreeSet::from([true]));
    let last_administrator = format!("{}/log-out", page_of(&rig, "olga"));
    assert_eq!(olga.post(&last_administrator, &[("sure", "yes")]).await.status, 303);
    rig.clock.advance(11);
    assert!(!olga.is_in().await);
}

#[tokio::test]
async fn accounts_are_not_there_for_anybody_but_administrators() {
    let rig = open_house().await;
    let _olga = owner(&rig).await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    let olgas = page_of(&rig, "olga");
    for page in ["", "/link", "/disable", "/enable", "/demote", "/delete"] {
        let path = format!("{olgas}{page}");
        assert_eq!(anna.get(&path).await.status, 404, "{path}");
        if !page.is_empty() {
            let fields = [("typed", "olga"), ("sure", "yes")];
            assert_eq!(anna.post(&path, &fields).await.status, 404, "{path}");
            assert_eq!(Visitor::new(&rig).post(&path, &fields).await.status, 303, "{path}");
        }
    }
    assert_eq!(anna.get("/console/accounts").await.status, 404);
    assert!(!anna.get("/console/account").await.body.contains("/console/accounts"));
    assert_eq!(anna.get("/console/accounts/x").await.status, 404);
    for odd in ["?q=%00", "?q=%27", "?after=%00&q=%C3%A9", "?after=zzz", "?q=ANNA"] {
        let mut olga = Visitor { rig: &rig, cookies: _olga.cookies.clone(), phone: None };
        assert_eq!(olga.get(&format!("/console/accounts{odd}")).await.status, 200, "{odd}");
    }
    for odd in ["x", "-1", "0", "99999999999999999999", "%00"] {
        let mut olga = Visitor { rig: &rig, cookies: _olga.cookies.clone(), phone: None };
        for page in ["", "/disable", "/link"] {
            let status = olga.get(&format!("/console/accounts/{odd}{page}")).await.status;
            assert!((400..500).contains(&status), "{odd}{page}: {status}");
        }
    }
}

#[tokio::test]
async fn a_link_by_an_administrator_replaces_a_lost_phone() {
    let rig = open_house().await;
    let mut olga = owner(&rig).await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    let make = format!("{}/link", page_of(&rig, "anna"));
    assert_eq!(olga.post(&make, &[]).await.status, 422);
    let shown = olga.post(&make, &[("typed", "anna")]).await;
    assert_eq!((shown.status, shown.header("cache-control")), (201, Some("no-store")), "{shown:?}");
    let link = shown.body.split('"').find(|text| text.contains("/console/link/")).unwrap();
    let link = path_of(link).to_owned();
    assert!(anna.is_in().await);
    let mut elsewhere = Visitor::new(&rig);
    assert!(elsewhere.get(&link).await.body.contains("replaces the phone of <b dir=\"auto\">anna</b>"));
    assert_eq!(elsewhere.post(&link, &[]).await.status, 303);
    rig.clock.advance(11);
    assert!(!anna.is_in().await);
    elsewhere.enrol().await;
    elsewhere.sign_in("anna").await;
    let known = elsewhere.get("/console/auth/sessions").await.body.matches("/auth/browsers/forget\"").count();
    assert_eq!(known, 1, "a browser that could have the old phone asked cannot have the new one asked");
    let said = log(&rig);
    let expected = [
        "olga link.made anna",
        "olga link.used anna",
        "olga account.phone-removed anna",
        "anna account.phone-registered anna",
    ];
    assert_eq!(said[said.len() - 4..], expected, "{said:?}");
}

#[tokio::test]
async fn another_phone_takes_the_phone_of_today_and_a_session_alone_takes_nothing() {
    let rig = open_house().await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    let old = anna.phone.clone().unwrap();
    // The login itself offered this to a session alone.
    for fields in [&[][..], &[("sure", "yes")]] {
        let refused = anna.post("/console/auth/lost-phone", fields).await;
        assert!((400..500).contains(&refused.status), "{refused:?}");
    }
    for path in ["/console/auth/login", "/console/account", "/console/auth/sessions"] {
        let page = anna.get(path).await;
        assert!(!page.body.contains("action=\"/console/auth/lost-phone\""), "{path}");
    }
    assert!(!anna.get("/console/account").await.body.contains("/lost-phone"));
    let page = anna.get("/console/auth/lost-phone").await;
    assert!(page.status == 200 && page.body.contains("an administrator"), "{page:?}");
    assert!(anna.is_in().await);

    // With the phone at hand.
    assert!(anna.get("/console/account").await.body.contains("/console/account/phone"));
    assert!(anna.get("/console/account/phone").await.body.contains("Register another phone?"));
    let shown = anna.post("/console/account/phone", &[("sure", "yes")]).await;
    assert_eq!((shown.status, shown.header("cache-control")), (201, Some("no-store")), "{shown:?}");
    let link = shown.body.split('"').find(|text| text.contains("/r/")).unwrap().to_owned();
    let pending = old.urls["pending_requests"].as_str().unwrap();
    assert_eq!(rig.get(&old.pair, pending).await.status, 200, "the phone of today is good until then");
    assert!(anna.is_in().await);
    anna.phone = Some(rig.register(&link).await);
    assert_eq!(rig.get(&old.pair, pending).await.status, 401);
    rig.clock.advance(11);
    assert!(!anna.is_in().await, "the sessions of the old phone have ended");
    anna.sign_in("anna").await;
    let said = log(&rig);
    let expected = ["anna account.phone-link-made anna", "anna account.phone-replaced anna"];
    assert_eq!(said[said.len() - 2..], expected, "{said:?}");

    // A link that was made before the account was disabled is good for nothing afterwards.
    let shown = anna.post("/console/account/phone", &[("sure", "yes")]).await;
    let link = shown.body.split('"').find(|text| text.contains("/r/")).unwrap().to_owned();
    rig.store.change("UPDATE accounts SET disabled_at = 1 WHERE name = 'anna'");
    let body = r#"{"notification_token": "*x", "platform": "web"}"#;
    assert!(rig.send("POST", path_of(&link), &[], Some(body)).await.status >= 400);
}

/// The link replaces all phones of an account. A phone that a recovery code has let in may not do that yet, whichever page makes the link: another
/// administrator's account would make one for the own.
#[tokio::test]
async fn a_phone_that_a_code_let_in_makes_no_link_for_an_account() {
    let rig = open_house().await;
    let mut olga = owner(&rig).await;
    let make = format!("{}/link", page_of(&rig, "olga"));
    let now = rig.now().0;
    rig.store.column(&format!("UPDATE devices SET recovered_at = {now} RETURNING id"));
    assert_eq!(olga.post(&make, &[("typed", "olga")]).await.status, 403);
    let _other = Visitor::registered(&rig, "other").await;
    let of_other = format!("{}/link", page_of(&rig, "other"));
    assert_eq!(olga.post(&of_other, &[("typed", "other")]).await.status, 403);
    rig.store.column("UPDATE devices SET recovered_at = NULL RETURNING id");
    assert_eq!(olga.post(&of_other, &[("typed", "other")]).await.status, 201);
    assert_eq!(olga.post(&make, &[("typed", "olga")]).await.status, 201);
}

/// An application gives its users any ids, also one that an account of the Console has there.
#[tokio::test]
async fn a_user_of_another_application_by_the_id_of_an_account_is_no_account() {
    let rig = open_house().await;
    let _olga = owner(&rig).await;
    let id = rig.store.column("SELECT token FROM console_tokens").remove(0);
    let said = || rig.store.column("SELECT action FROM audit WHERE action LIKE 'account.phone%'").len();
    let before = said();
    rig.phone(&id).await;
    assert_eq!(said(), before);
    assert_eq!(rig.store.column("SELECT subject FROM audit WHERE action = 'phone.registered'"), [id]);
}

/// A name that was never used is given away after a while, and not while an administrator holds the account back.
#[tokio::test]
async fn the_name_of_a_disabled_account_is_not_given_away() {
    let rig = open_house().await;
    let mut admin = Visitor::administrator(&rig, "boss-1").await;
    assert_eq!(Visitor::new(&rig).post("/console/register", &[("name", "vera")]).await.status, 303);
    let own = page_of(&rig, "vera");
    let disabled = admin.post(&format!("{own}/disable"), &[("typed", "vera")]).await;
    assert_eq!(disabled.status, 303, "{disabled:?}");
    rig.clock.advance(3_600);
    assert_eq!(Visitor::new(&rig).post("/console/register", &[("name", "vera")]).await.status, 409);
    assert_eq!(page_of(&rig, "vera"), own, "it is the same account");
    rig.store.column("UPDATE accounts SET disabled_at = NULL RETURNING name");
    assert_eq!(Visitor::new(&rig).post("/console/register", &[("name", "vera")]).await.status, 303);
}
