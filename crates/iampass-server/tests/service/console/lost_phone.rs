//! An account that gets another phone by itself, where the operator has chosen so: with a recovery code, or with another of its phones.

use iampass_server::{ConsoleSettings, LostAccountPhone, Registration};
use serde_json::json;

use super::visitor::Visitor;
use crate::phone_key::{Key, Keyed};
use crate::rig::{Pair, Phone, Rig, questions};

async fn self_service() -> Rig {
    Rig::with(|config| {
        let mut console = ConsoleSettings::new(Registration::Open);
        console.lost_phone = LostAccountPhone::SelfService;
        config.console = Some(console);
    })
    .await
}

/// The Console's own application, which its phones sign for.
fn console(rig: &Rig) -> String {
    rig.store.column("SELECT id FROM applications WHERE hidden = 1").remove(0)
}

async fn registered(rig: &Rig, link: &str) -> Keyed {
    let key = Key::new();
    let record = rig.register_with(link, key.jwk()).await.ok(200);
    let pair = Pair::new(&record["device"]["device_id"], &record["device"]["device_secret"]);
    Keyed { key, phone: Phone { pair, urls: record["service"]["service_urls"].clone(), record } }
}

/// Begins to register an account: its browser, and the link for its phone.
async fn begun<'r>(rig: &'r Rig, name: &str) -> (Visitor<'r>, String) {
    let mut visitor = Visitor::new(rig);
    assert_eq!(visitor.post("/console/register", &[("name", name)]).await.status, 303);
    let link = visitor.registration_link().await.unwrap();
    (visitor, link)
}

async fn codes(rig: &Rig, keyed: &Keyed) -> Vec<String> {
    let change = keyed.change(rig, json!({"change": "make_recovery_codes", "aud": console(rig)}));
    let made = rig.by(keyed, &keyed.phone.urls["recovery_codes"], change).await.ok(200);
    made["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().into()).collect()
}

/// Signs in with the code that the page shows.
async fn sign_in(visitor: &mut Visitor<'_>, name: &str, keyed: &Keyed) {
    let (rig, console) = (visitor.rig, console(visitor.rig));
    let place = visitor.begin(name).await;
    let code = visitor.code_at(&place).await;
    let brought = keyed.signed(rig, "iampass-bring+jwt", json!({"code": code, "aud": console}));
    let brought = rig.bring(&keyed.phone, json!({"brought": brought})).await.ok(200);
    let question = questions(&brought).pop().unwrap();
    let claims = keyed.claims_with(rig, &question, json!({"accepted": true, "code": code, "aud": console}));
    rig.answer(&question, json!({"answer": keyed.key.answer(&claims)})).await.ok(200);
    let answer = visitor.wait(&place).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/console")), "{answer:?}");
    assert!(visitor.is_in().await);
}

/// The link that the page shows after a code was used; None where the page says that it was wrong.
async fn link_by(visitor: &mut Visitor<'_>, name: &str, code: &str) -> Option<String> {
    let fields = [("login_name", name), ("recovery_code", code)];
    let answer = visitor.post("/console/auth/lost-phone/code", &fields).await;
    if answer.status != 303 {
        assert_eq!(answer.status, 422, "{answer:?}");
        return None;
    }
    Some(visitor.registration_link().await.unwrap())
}

#[tokio::test]
async fn a_recovery_code_adds_a_phone_that_makes_no_lasting_change_for_a_day() {
    let rig = self_service().await;
    let (mut anna, link) = begun(&rig, "anna").await;
    let first = registered(&rig, &link).await;
    let codes = codes(&rig, &first).await;
    sign_in(&mut anna, "anna", &first).await;
    let (shop, _) = anna.add_application("Anna's shop").await;

    let mut elsewhere = Visitor::new(&rig);
    assert!(elsewhere.get("/console/auth/login").await.body.contains("/console/auth/lost-phone"));
    assert!(elsewhere.get("/console/auth/lost-phone").await.body.contains("Recovery code"));
    assert_eq!(link_by(&mut elsewhere, "anna", "not-a-code").await, None);
    assert_eq!(link_by(&mut elsewhere, "nobody", &codes[0]).await, None);
    let link = link_by(&mut elsewhere, "anna", &codes[0]).await.unwrap();
    assert_eq!(link_by(&mut Visitor::new(&rig), "anna", &codes[0]).await, None, "each is good once");
    let second = registered(&rig, &link).await;
    sign_in(&mut elsewhere, "anna", &second).await;
    assert!(anna.is_in().await, "a phone was added, and none replaced");

    let rotate = format!("/console/applications/{shop}/settings/rotate");
    let refused = elsewhere.post(&rotate, &[("overlap", "day")]).await;
    assert_eq!(refused.status, 403, "{refused:?}");
    assert!(refused.body.contains("less than a day ago"), "{refused:?}");
    assert_eq!(elsewhere.get(&format!("/console/applications/{shop}")).await.status, 200);
    // Nor does it make one whose secret would outlast it, or switch one on that was switched off for a reason.
    assert_eq!(elsewhere.post("/console/applications/new", &[("name", "Another")]).await.status, 403);
    let switch = async |elsewhere: &mut Visitor<'_>, way: &str| {
        let page = format!("/console/applications/{shop}/settings/{way}");
        elsewhere.post(&page, &[("sure", "yes"), ("typed", "Anna's shop")]).await.status
    };
    assert_eq!(switch(&mut elsewhere, "disable").await, 303);
    assert_eq!(switch(&mut elsewhere, "enable").await, 403);
    assert_eq!(switch(&mut anna, "enable").await, 403, "the account is what has a new phone");
    let said = rig.store.column("SELECT action FROM audit WHERE subject = 'anna' ORDER BY key");
    for action in ["account.phone-recovery-code-used", "account.phone-recovered"] {
        assert!(said.iter().any(|one| one == action), "{action}: {said:?}");
    }
    rig.clock.advance(24 * 3_600);
    sign_in(&mut elsewhere, "anna", &second).await;
    assert_eq!(switch(&mut elsewhere, "enable").await, 303);
    assert_eq!(elsewhere.post(&rotate, &[("overlap", "day")]).await.status, 201);
}

/// A name is held for fifteen minutes for the person who has begun to register, and for ever once that person has signed in.
#[tokio::test]
async fn a_code_that_is_tried_for_an_account_does_not_keep_its_name() {
    let rig = self_service().await;
    let (_, link) = begun(&rig, "held").await;
    let arrived = || rig.store.column("SELECT name FROM accounts WHERE arrived_at IS NOT NULL").len();
    assert_eq!(link_by(&mut Visitor::new(&rig), "held", "not-a-code").await, None);
    assert_eq!(arrived(), 0);
    // It signs in.
    let keyed = registered(&rig, &link).await;
    sign_in(&mut Visitor::new(&rig), "held", &keyed).await;
    assert_eq!(arrived(), 1);
}

#[tokio::test]
async fn it_is_off_unless_the_operator_has_chosen_it() {
    let rig = super::visitor::open_house().await;
    let (_, link) = begun(&rig, "anna").await;
    let first = registered(&rig, &link).await;
    let codes = codes(&rig, &first).await;
    let mut elsewhere = Visitor::new(&rig);
    let fields = [("login_name", "anna"), ("recovery_code", codes[0].as_str())];
    let refused = elsewhere.post("/console/auth/lost-phone/code", &fields).await;
    assert!((400..500).contains(&refused.status), "{refused:?}");
    assert_eq!(elsewhere.registration_link().await, None);
    assert!(!elsewhere.get("/console/auth/lost-phone").await.body.contains("recovery_code"));
}
