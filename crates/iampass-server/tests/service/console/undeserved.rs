//! Trying to get in without deserving it.

use iampass_server::ConsoleLink;
use serde_json::json;

use super::visitor::{SESSION, Visitor, open_house};
use crate::rig::Rig;

#[tokio::test]
async fn links_that_are_used_expired_or_forged_let_nobody_in() {
    let rig = Rig::start().await;
    let link = rig.service.console_link(ConsoleLink::NewAdministrator(None)).await.unwrap();
    let mut visitor = Visitor::new(&rig);
    assert_eq!(visitor.get(&link).await.status, 200);
    assert_eq!(visitor.post(&link, &[("name", "admin")]).await.status, 303);

    let expired = rig.service.console_link(ConsoleLink::NewAdministrator(Some("late"))).await.unwrap();
    rig.clock.advance(15 * 60);
    let forged = format!("{}0", &link[..link.len() - 1]);
    let forged = if forged == link { format!("{}1", &link[..link.len() - 1]) } else { forged };
    let digest = rig.store.column("SELECT name FROM accounts");
    for void in [
        link.as_str(),
        &expired,
        &forged,
        "/console/link/x",
        "/console/link/%00",
        "/console/join/x",
        &expired.replace("link", "join"),
    ] {
        let mut stranger = Visitor::new(&rig);
        for answer in [stranger.get(void).await, stranger.post(void, &[("name", "mallory")]).await] {
            assert_eq!(answer.status, 410, "{void}: {answer:?}");
            assert!(answer.body.contains("This link is not valid"), "{void}");
        }
        assert!(stranger.cookies.is_empty(), "{void}");
        assert_eq!(stranger.registration_link().await, None, "{void}");
    }
    assert_eq!(rig.store.column("SELECT name FROM accounts"), digest, "nobody was added");
}

#[tokio::test]
async fn a_link_is_used_by_one_of_many_at_once() {
    let rig = Rig::start().await;
    let link = rig.service.console_link(ConsoleLink::NewAdministrator(None)).await.unwrap();
    let tries = (0..8).map(|number| {
        let (rig, link) = (&rig, &link);
        async move {
            let mut visitor = Visitor::new(rig);
            visitor.post(link, &[("name", &format!("admin-{number}"))]).await.status
        }
    });
    let mut statuses = futures_util::future::join_all(tries).await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 303);
    assert!(statuses[1..].iter().all(|status| *status == 410), "{statuses:?}");
    assert_eq!(rig.store.column("SELECT name FROM accounts").len(), 1);
}

#[tokio::test]
async fn a_login_that_is_not_accepted_lets_nobody_in() {
    let rig = open_house().await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    let mut thief = Visitor::new(&rig);
    let place = thief.begin("anna").await;
    for _ in 0..3 {
        rig.clock.advance(1);
        assert_eq!(thief.get(&place).await.status, 200);
        assert!(!thief.is_in().await);
    }
    // The cookie of a browser that waits is no session.
    let pending = thief.cookies.get("iampass-console-login").expect("it waits").clone();
    let mut other = Visitor::new(&rig);
    other.cookies.insert(SESSION.to_owned(), pending);
    assert!(!other.is_in().await);

    // Her phone is asked nothing: the thief's browser is none that she has signed in from.
    assert!(rig.questions(anna.phone.as_ref().unwrap()).await.is_empty());
    rig.clock.advance(61);
    assert_ne!(thief.wait(&place).await.header("location"), Some("/console"));
    assert!(!thief.is_in().await && anna.is_in().await);

    // Accepted, but in another browser than the one that began.
    let place = thief.begin("anna").await;
    let code = thief.code_at(&place).await;
    anna.accept_code(&code).await;
    let mut other = Visitor::new(&rig);
    for _ in 0..3 {
        rig.clock.advance(1);
        other.get(&place).await;
        assert!(!other.is_in().await);
    }
}

/// Case t20: however often somebody begins for a name, nothing rings. A copy of the cookie of a browser that the account knows rings until the first
/// denial.
#[tokio::test]
async fn a_phone_whose_owner_denies_is_rung_no_more() {
    let rig = open_house().await;
    let anna = Visitor::registered(&rig, "anna").await;
    let phone = anna.phone.as_ref().unwrap();
    for _ in 0..12 {
        let mut stranger = Visitor::new(&rig);
        let place = stranger.begin("anna").await;
        stranger.code_at(&place).await;
        assert!(rig.questions(phone).await.is_empty());
    }
    let mut rung = 0;
    let mut thief = Visitor::new(&rig);
    let known = "iampass-console-browser";
    thief.cookies.insert(known.to_owned(), anna.cookies[known].clone());
    for _ in 0..12 {
        let place = thief.begin("anna").await;
        let Some(question) = thief.rings_at(&place, phone).await else { continue };
        rung += 1;
        rig.answer(&question, json!({"accepted": false})).await.ok(200);
        // The page says so when the Console has heard of it.
        thief.wait_for(&place, "was denied on the phone").await;
    }
    assert_eq!(rung, 1, "after the denial it is a browser like any other");
}

#[tokio::test]
async fn a_session_of_another_application_is_none_of_the_consoles() {
    let rig = open_house().await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    let session = anna.cookies[SESSION].clone();

    // Another Console: the same name of the cookie, sealed with other keys.
    let elsewhere = open_house().await;
    let mut there = Visitor::registered(&elsewhere, "anna").await;
    let foreign = there.cookies[SESSION].clone();
    let mut thief = Visitor::new(&rig);
    thief.cookies.insert(SESSION.to_owned(), foreign);
    assert!(!thief.is_in().await);
    there.cookies.insert(SESSION.to_owned(), session.clone());
    assert!(!there.is_in().await);

    // A session that the service itself has said is active, of an application's user.
    let phone = rig.phone("anna").await;
    let other = rig.active_session(&phone, "anna", "").await;
    for value in [other.pair.id.clone(), other.pair.secret.expose().to_owned(), format!("{session}x")] {
        let mut thief = Visitor::new(&rig);
        thief.cookies.insert(SESSION.to_owned(), value);
        assert!(!thief.is_in().await);
    }
    let mut thief = Visitor::new(&rig);
    thief.cookies.insert("iampass-session".to_owned(), session.clone());
    assert!(!thief.is_in().await, "under another application's name it is none");
    assert!(anna.is_in().await);
}

#[tokio::test]
async fn a_session_of_one_account_is_none_of_another() {
    let rig = open_house().await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    let (application, _) = anna.add_application("Anna's shop").await;
    let mut bert = Visitor::registered(&rig, "bert").await;
    assert!(!bert.get("/console").await.body.contains("Anna"));
    for path in ["", "/members", "/leave"] {
        let answer = bert.get(&format!("/console/applications/{application}{path}")).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains("Anna"));
    }
    let nowhere = bert.get("/console/applications/NOSUCHAPPLICATION").await;
    let hidden = bert.get(&format!("/console/applications/{application}")).await;
    // A page leads to itself in other languages.
    let nowhere = nowhere.body.replace("NOSUCHAPPLICATION", &application);
    assert_eq!(nowhere, hidden.body, "what is not theirs looks like what is not there");
}

#[tokio::test]
async fn what_other_sites_send_changes_nothing() {
    let rig = open_house().await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    let evil = "http://evil.example";
    for from in [
        vec![("sec-fetch-site", "cross-site"), ("origin", evil)],
        vec![("origin", evil)],
        vec![("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:1")],
        vec![("sec-fetch-site", "none")],
        vec![("origin", "null")],
        vec![],
    ] {
        for path in ["/console/applications/new", "/console/register"] {
            let answer = anna.send("POST", path, &from, Some(&[("name", "made-by-evil")])).await;
            assert_eq!(answer.status, 403, "{path} {from:?}");
        }
        let answer = anna.send("POST", "/console/auth/logout", &from, Some(&[])).await;
        assert_eq!(answer.status, 403, "{from:?}");
    }
    assert!(anna.is_in().await);
    assert!(rig.store.column("SELECT name FROM accounts WHERE name = 'made-by-evil'").is_empty());
    assert!(rig.store.column("SELECT name FROM applications WHERE name = 'made-by-evil'").is_empty());
}

#[tokio::test]
async fn the_console_is_shown_at_its_own_names_only() {
    let rig = open_house().await;
    let port = rig.address.port();
    let at = async |host: &str| {
        let request = format!("GET /console HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        rig.raw(request.as_bytes()).await.unwrap().status
    };
    for own in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("LocalHost:{port}")] {
        assert_eq!(at(&own).await, 200, "{own}");
    }
    for foreign in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        "127.0.0.1:1".to_owned(),
        format!("10.0.0.1:{port}"),
    ] {
        assert_eq!(at(&foreign).await, 421, "{foreign}");
    }
}

#[tokio::test]
async fn an_account_that_is_disabled_is_out_at_once() {
    let rig = open_house().await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    rig.store.change("UPDATE accounts SET disabled_at = 1 WHERE name = 'anna'");
    assert!(!anna.is_in().await);
    let place = anna.begin("anna").await;
    assert!(rig.questions(anna.phone.as_ref().unwrap()).await.is_empty(), "and her phone is not asked");
    rig.clock.advance(61);
    assert_ne!(anna.wait(&place).await.header("location"), Some("/console"));
}

/// Its secret would be known to whoever made it.
#[tokio::test]
async fn an_application_that_took_the_consoles_id_is_not_taken_for_it() {
    let rig = Rig::start().await;
    assert_eq!(Visitor::new(&rig).get("/console").await.status, 200);
    // As if it had been added like any other.
    rig.store.change("UPDATE applications SET hidden = 0 WHERE id = 'console'");
    let rig = rig.restart().await;
    assert_eq!(Visitor::new(&rig).get("/console").await.status, 503);
}

#[tokio::test]
async fn the_consoles_own_application_is_nobodys() {
    let rig = Rig::start().await;
    let mut admin = Visitor::administrator(&rig, "admin").await;
    for path in ["", "/members", "/leave"] {
        assert_eq!(admin.get(&format!("/console/applications/console{path}")).await.status, 404);
    }
    let add = [("name", "admin"), ("role", "owner")];
    assert_eq!(admin.post("/console/applications/console/members/add", &add).await.status, 404);
    let credentials = (
        iampass_core::ApplicationId::new("console").unwrap(),
        iampass_core::Secret::new("known to somebody"),
    );
    assert!(rig.service.add_application("Mine", Some(credentials)).await.is_err());
}
