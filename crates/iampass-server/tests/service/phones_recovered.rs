//! Recovery codes: each lets one phone in, once, and for a day that phone changes nothing about the others.

use serde_json::{Value, json};

use crate::phone_key::Keyed;
use crate::phones::{happened, ids};
use crate::rig::{Answer, Rig};

impl Rig {
    pub(crate) async fn recovery_codes(&self, keyed: &Keyed) -> Vec<String> {
        let change = keyed.change(self, json!({"change": "make_recovery_codes"}));
        let made = self.by(keyed, &keyed.phone.urls["recovery_codes"], change).await.ok(200);
        made["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().into()).collect()
    }

    pub(crate) async fn recover(&self, keyed: &Keyed, waiting: &Value, code: &str) -> Answer {
        let change = keyed.change(self, json!({"change": "recover", "recovery_code": code}));
        self.by(keyed, &waiting["recover_url"], change).await
    }

    /// The application brings a code that its user has typed.
    pub(crate) async fn recovery_link(&self, user: &str, code: &str) -> Answer {
        let url = self.url(&format!("/management/recovery_link/{}/{user}", self.app.id));
        self.post(&self.app, &url, json!({"recovery_code": code, "display_name": "Ann"})).await
    }
}

#[tokio::test]
async fn the_application_exchanges_a_code_for_a_link_once() {
    let rig = Rig::start().await;
    let first = rig.keyed("u").await;
    let codes = rig.recovery_codes(&first).await;
    let other = rig.keyed("other").await;
    let of_other = rig.recovery_codes(&other).await;
    for wrong in ["", "x", &of_other[0]] {
        assert_eq!(rig.recovery_link("u", wrong).await.status, 422, "{wrong}");
    }
    rig.recovery_link("u", &of_other[0]).await.is(422, "WRONG_RECOVERY_CODE");
    rig.recovery_link("nobody", &codes[0]).await.is(404, "UNKNOWN_USER");
    let url = rig.url(&format!("/management/recovery_link/{}/u", rig.app.id));
    for body in [json!({}), json!({"recovery_code": null}), json!({"recovery_code": [codes[0]]})] {
        rig.post(&rig.app, &url, body).await.is(422, "INVALID_BODY");
    }

    let typed = codes[0].replace('-', " ").to_lowercase();
    let made = rig.recovery_link("u", &typed).await.ok(200);
    rig.recovery_link("u", &codes[0]).await.is(422, "WRONG_RECOVERY_CODE");
    assert_eq!(rig.phones(&first).await["recovery_codes_left"], 9, "it is used up before the link is opened");
    let action = "SELECT action FROM audit ORDER BY key DESC LIMIT 1";
    assert_eq!(rig.store.column(action), ["phone.recovery-code-used"]);

    let (second, waiting) = rig.waiting_by(made["register_url"].as_str().unwrap()).await;
    assert_eq!(waiting, Value::Null, "it need not be confirmed");
    let phones = rig.phones(&first).await;
    assert_eq!(ids(&phones), [first.phone.pair.id.clone(), second.phone.pair.id.clone()]);
    assert_eq!(happened(&phones)[..2], ["recovered", "waits"]);
    assert_eq!(rig.store.column(action), ["phone.recovered"]);
    // A thief's phone takes nothing from the user in the first day, and any other phone removes it.
    let remove = |phone: &Keyed| json!({"change": "remove_phone", "phone_id": phone.phone.pair.id});
    rig.change_phones(&second, remove(&first)).await.is(403, "PHONE_TOO_NEW");
    rig.change_phones(&first, remove(&second)).await.ok(200);
    // The link was good once, too.
    let link = made["register_url"].as_str().unwrap();
    rig.register_with(link, first.key.jwk()).await.is(404, "LINK_NOT_VALID");
}

/// A phone that is removed by its user takes a link with it that was made by a code: perhaps its thief had read the codes.
#[tokio::test]
async fn a_link_by_a_code_ends_with_a_phone_and_after_an_hour() {
    let rig = Rig::start().await;
    let (first, second) = rig.two("u").await;
    let codes = rig.recovery_codes(&first).await;
    let link = |answer: Value| answer["register_url"].as_str().unwrap().to_owned();
    let late = link(rig.recovery_link("u", &codes[0]).await.ok(200));
    rig.clock.advance(3_601);
    rig.register_with(&late, first.key.jwk()).await.is(404, "LINK_NOT_VALID");
    let codes = rig.recovery_codes(&first).await;
    let stopped = link(rig.recovery_link("u", &codes[1]).await.ok(200));
    let remove = json!({"change": "remove_phone", "phone_id": second.phone.pair.id});
    rig.change_phones(&first, remove).await.ok(200);
    rig.register_with(&stopped, second.key.jwk()).await.is(404, "LINK_NOT_VALID");
}

/// A user with as many phones as can be, or with one without a key: the code is as good as before.
#[tokio::test]
async fn a_code_is_not_used_up_where_no_phone_can_be_added() {
    let rig = Rig::start().await;
    let first = rig.keyed("u").await;
    let codes = rig.recovery_codes(&first).await;
    for _ in 1..5 {
        let (next, waiting) = rig.waiting("u").await;
        rig.confirm(&first, &next, &waiting["code"]).await.ok(200);
    }
    rig.recovery_link("u", &codes[0]).await.is(409, "TOO_MANY_PHONES");
    let last = ids(&rig.phones(&first).await).pop().unwrap();
    rig.change_phones(&first, json!({"change": "remove_phone", "phone_id": last})).await.ok(200);
    rig.recovery_link("u", &codes[0]).await.ok(200);
}

#[tokio::test]
async fn a_recovery_code_lets_one_phone_in_once() {
    let rig = Rig::start().await;
    let first = rig.keyed("u").await;
    let codes = rig.recovery_codes(&first).await;
    assert_eq!(codes.len(), 10);
    let stored = rig.store.column("SELECT CAST(length(code_sha256) AS TEXT) FROM recovery_codes");
    assert_eq!(stored, vec!["32"; 10]);
    let (second, waiting) = rig.waiting("u").await;
    // Typed in another way.
    let typed = codes[0].replace('-', " ").to_lowercase();
    assert_eq!(rig.recover(&second, &waiting, &typed).await.ok(200), json!({"state": "confirmed"}));
    let phones = rig.phones(&first).await;
    assert_eq!(ids(&phones).len(), 2);
    assert_eq!(phones["recovery_codes_left"], 9);
    assert_eq!(happened(&phones)[..3], ["recovered", "waits", "codes_made"]);
    let (third, waiting) = rig.waiting("u").await;
    rig.recover(&third, &waiting, &codes[0]).await.is(422, "WRONG_RECOVERY_CODE");
    // Newer ones take the place of those before.
    rig.recovery_codes(&first).await;
    rig.recover(&third, &waiting, &codes[1]).await.is(422, "WRONG_RECOVERY_CODE");
    assert_eq!(ids(&rig.phones(&first).await).len(), 2);
}

/// A stolen recovery code, and a link that was got by a stolen cookie.
#[tokio::test]
async fn a_recovered_phone_changes_nothing_for_a_day_and_can_be_removed() {
    let rig = Rig::start().await;
    let first = rig.keyed("u").await;
    let codes = rig.recovery_codes(&first).await;
    rig.clock.advance(1);
    let (thief, waiting) = rig.waiting("u").await;
    rig.recover(&thief, &waiting, &codes[0]).await.ok(200);
    let owner = &first.phone.pair.id;
    let (third, third_waiting) = rig.waiting("u").await;
    for members in [
        json!({"change": "remove_phone", "phone_id": owner}),
        json!({"change": "name_phone", "phone_id": owner, "name": "mine"}),
        json!({"change": "deny_phone", "phone_id": third.phone.pair.id}),
        json!({"change": "confirm_phone", "phone_id": third.phone.pair.id, "code": third_waiting["code"]}),
    ] {
        rig.change_phones(&thief, members).await.is(403, "PHONE_TOO_NEW");
    }
    for (change, url) in [("add_phone", "phones_link"), ("make_recovery_codes", "recovery_codes")] {
        let change = thief.change(&rig, json!({"change": change}));
        rig.by(&thief, &thief.phone.urls[url], change).await.is(403, "PHONE_TOO_NEW");
    }
    assert_eq!(ids(&rig.phones(&first).await).len(), 2);
    // It may name itself, and the others see until when it is held.
    let own = json!({"change": "name_phone", "phone_id": thief.phone.pair.id, "name": "mine"});
    let phones = rig.change_phones(&thief, own).await.ok(200);
    assert_eq!(phones["phones"][1]["paused_until"], rig.now().0 + 86_400);
    let remove = json!({"change": "remove_phone", "phone_id": thief.phone.pair.id});
    let phones = rig.change_phones(&first, remove).await.ok(200);
    assert_eq!(ids(&phones), std::slice::from_ref(owner));
    // Its holder has the paper with the other codes.
    assert_eq!(phones["recovery_codes_left"], 0);
    let (again, waiting) = rig.waiting("u").await;
    rig.recover(&again, &waiting, &codes[1]).await.is(422, "WRONG_RECOVERY_CODE");

    let codes = rig.recovery_codes(&first).await;
    // After the day it is a phone as any other.
    let (found, waiting) = rig.waiting("u").await;
    rig.recover(&found, &waiting, &codes[1]).await.ok(200);
    rig.clock.advance(86_399);
    let remove = json!({"change": "remove_phone", "phone_id": owner});
    rig.change_phones(&found, remove.clone()).await.is(403, "PHONE_TOO_NEW");
    rig.clock.advance(1);
    rig.change_phones(&found, remove).await.ok(200);
}

/// A clock that was ahead has written when the phone was let in. It gives no right, and takes none for longer than a day.
#[tokio::test]
async fn a_clock_that_was_ahead_holds_a_phone_back_for_a_day_from_when_it_first_did() {
    let rig = Rig::start().await;
    let first = rig.keyed("u").await;
    let codes = rig.recovery_codes(&first).await;
    let (found, waiting) = rig.waiting("u").await;
    rig.recover(&found, &waiting, &codes[0]).await.ok(200);
    rig.store
        .change("UPDATE devices SET recovered_at = recovered_at + 864000 WHERE recovered_at IS NOT NULL");
    let remove = json!({"change": "remove_phone", "phone_id": first.phone.pair.id});
    rig.change_phones(&found, remove.clone()).await.is(403, "PHONE_TOO_NEW");
    rig.clock.advance(86_399);
    rig.change_phones(&found, remove.clone()).await.is(403, "PHONE_TOO_NEW");
    rig.clock.advance(1);
    rig.change_phones(&found, remove).await.ok(200);
}

/// The holder of a removed phone has made codes, and lets another one wait.
#[tokio::test]
async fn a_removed_phone_leaves_no_way_back() {
    let rig = Rig::start().await;
    let first = rig.keyed("u").await;
    let (thief, waiting) = rig.waiting("u").await;
    rig.clock.advance(1);
    rig.confirm(&first, &thief, &waiting["code"]).await.ok(200);
    let codes = rig.recovery_codes(&thief).await;
    let (another, waiting) = rig.waiting("u").await;
    let remove = json!({"change": "remove_phone", "phone_id": thief.phone.pair.id});
    let phones = rig.change_phones(&first, remove).await.ok(200);
    assert_eq!((&phones["recovery_codes_left"], &phones["waiting"]), (&json!(0), &Value::Null));
    assert!(rig.recover(&another, &waiting, &codes[0]).await.status >= 400);
    // Nor by a link that the owner makes later.
    let (another, waiting) = rig.waiting("u").await;
    rig.recover(&another, &waiting, &codes[1]).await.is(422, "WRONG_RECOVERY_CODE");
    assert_eq!(ids(&rig.phones(&first).await), std::slice::from_ref(&first.phone.pair.id));
}

/// The codes of the phone that stays are as good as before, whenever the other was added.
#[tokio::test]
async fn codes_end_with_the_phone_that_made_them_and_with_no_other() {
    let rig = Rig::start().await;
    let (first, second) = rig.two("u").await;
    let codes = rig.recovery_codes(&first).await;
    let remove = |keyed: &Keyed| json!({"change": "remove_phone", "phone_id": keyed.phone.pair.id});
    rig.change_phones(&first, remove(&second)).await.ok(200);
    let (third, waiting) = rig.waiting("u").await;
    rig.recover(&third, &waiting, &codes[0]).await.ok(200);

    // The clock of the node that made them is behind that of the node that added the phone.
    let first = rig.keyed("v").await;
    let (thief, waiting) = rig.waiting("v").await;
    rig.confirm(&first, &thief, &waiting["code"]).await.ok(200);
    rig.clock.set_back(2);
    let codes = rig.recovery_codes(&thief).await;
    rig.clock.advance(2);
    rig.change_phones(&first, remove(&thief)).await.ok(200);
    let (another, waiting) = rig.waiting("v").await;
    rig.recover(&another, &waiting, &codes[0]).await.is(422, "WRONG_RECOVERY_CODE");
}

#[tokio::test]
async fn the_third_wrong_code_ends_the_waiting_and_a_slip_is_not_counted() {
    let rig = Rig::start().await;
    let first = rig.keyed("u").await;
    let codes = rig.recovery_codes(&first).await;
    let other = rig.keyed("other").await;
    let of_other = rig.recovery_codes(&other).await;
    let (second, waiting) = rig.waiting("u").await;
    for slip in ["", "x", "0000-0000", &codes[0][1..], &format!("{}0", codes[0])] {
        let status = rig.recover(&second, &waiting, slip).await.status;
        assert_eq!(status, 422, "{slip}");
    }
    // The secret that the phone shares with the service is not enough, nor another change.
    rig.by(&second, &waiting["recover_url"], json!({"recovery_code": codes[0]}))
        .await
        .is(422, "SIGNED_ANSWER_REQUIRED");
    let another = second.change(&rig, json!({"change": "unregister"}));
    rig.by(&second, &waiting["recover_url"], another).await.is(401, "BAD_SIGNATURE");
    for code in &of_other[..3] {
        rig.recover(&second, &waiting, code).await.is(422, "WRONG_RECOVERY_CODE");
    }
    rig.recover(&second, &waiting, &codes[0]).await.is(401, "UNKNOWN_DEVICE");
    // Phones that wait do not keep the user from using a code.
    let (third, waiting) = rig.waiting("u").await;
    rig.recover(&third, &waiting, &codes[0]).await.ok(200);
}

#[tokio::test]
async fn codes_end_with_the_phones_that_the_application_takes_away() {
    let rig = Rig::start().await;
    let first = rig.keyed("u").await;
    rig.recovery_codes(&first).await;
    rig.waiting("u").await;
    let url = rig.url(&format!("/management/lost_user_mobile_device/{}/u", rig.app.id));
    rig.get(&rig.app, &url).await.ok(200);
    for table in ["devices", "waiting_phones", "recovery_codes"] {
        assert_eq!(
            rig.store.column(&format!("SELECT CAST(count(*) AS TEXT) FROM {table}")),
            ["0"],
            "{table}"
        );
    }
}

/// Where somebody has to wait before a lost phone is replaced, a phone that is used meanwhile is not lost.
#[tokio::test]
async fn a_phone_that_was_used_since_is_not_taken_for_lost() {
    let rig = Rig::start().await;
    rig.add_users(&["nobody"]).await;
    let first = rig.keyed("u").await;
    let lost = |user: &str, asked_at: &str| {
        rig.url(&format!("/management/lost_user_mobile_device/{}/{user}?asked_at={asked_at}", rig.app.id))
    };
    for bad in ["", "x", "-1", "1.5", "99999999999999999999"] {
        rig.get(&rig.app, &lost("u", bad)).await.is(422, "INVALID_PARAMETER");
    }
    // It was registered after that.
    rig.get(&rig.app, &lost("u", "1")).await.is(409, "PHONE_IN_USE");
    let asked_at = (rig.now().0 + 5).to_string();
    rig.recovery_codes(&first).await;
    // Without a phone there is none to lose.
    rig.get(&rig.app, &lost("nobody", &asked_at)).await.is(409, "PHONE_IN_USE");
    rig.get(&rig.app, &lost("x", &asked_at)).await.is(404, "UNKNOWN_USER");
    assert_eq!(rig.store.column("SELECT CAST(count(*) AS TEXT) FROM devices"), ["1"]);
    rig.get(&rig.app, &lost("u", &asked_at)).await.ok(200);
    assert_eq!(rig.store.column("SELECT CAST(count(*) AS TEXT) FROM devices"), ["0"]);
    // Once more after a lost answer, and not when somebody else has said so.
    rig.get(&rig.app, &lost("u", &asked_at)).await.ok(200);
    rig.get(&rig.app, &lost("u", "1")).await.is(409, "PHONE_IN_USE");
    rig.get(&rig.app, &rig.url(&format!("/management/device_registration_link/{}/u", rig.app.id)))
        .await
        .ok(200);
    rig.get(&rig.app, &lost("u", &asked_at)).await.is(409, "PHONE_IN_USE");
}

/// A link that a code was exchanged for ends with the codes.
#[tokio::test]
async fn new_codes_end_the_link_of_an_old_one() {
    let rig = Rig::start().await;
    let first = rig.keyed("u").await;
    let codes = rig.recovery_codes(&first).await;
    rig.recovery_link("u", &codes[0]).await.ok(200);
    rig.recovery_codes(&first).await;
    assert_eq!(rig.store.column("SELECT CAST(count(*) AS TEXT) FROM links"), ["0"]);
}

/// A phone that names itself again and again hides nothing.
#[tokio::test]
async fn names_push_no_other_news_out() {
    let rig = Rig::start().await;
    let first = rig.keyed("u").await;
    let own = rig.phones(&first).await["phones"][0]["phone_id"].clone();
    for number in 0..25 {
        let name = format!("n{number}");
        rig.change_phones(&first, json!({"change": "name_phone", "phone_id": own, "name": name}))
            .await
            .ok(200);
    }
    let news = rig.phones(&first).await["events"].clone();
    let news: Vec<_> = news.as_array().unwrap().iter().map(|news| news["event"].clone()).collect();
    assert_eq!(news.iter().filter(|event| **event == "named").count(), 1, "{news:?}");
    assert!(news.len() > 1, "{news:?}");
}

/// A stolen code lets a phone in that changes nothing for a day. It must not burn the owner's other ways in by leaving.
#[tokio::test]
async fn a_recovered_phone_ends_no_other_way_in_by_leaving() {
    for by_change in [true, false] {
        let rig = Rig::start().await;
        let first = rig.keyed("u").await;
        let codes = rig.recovery_codes(&first).await;
        let (thief, waiting) = rig.waiting("u").await;
        rig.recover(&thief, &waiting, &codes[0]).await.ok(200);
        let (next, waiting) = rig.waiting("u").await;
        if by_change {
            let own = json!({"change": "remove_phone", "phone_id": thief.phone.pair.id});
            rig.change_phones(&thief, own).await.ok(200);
        } else {
            let change = thief.change(&rig, json!({"change": "unregister"}));
            rig.by(&thief, &thief.phone.urls["device_unregister"], change).await.ok(200);
        }
        let phones = rig.phones(&first).await;
        assert_eq!((ids(&phones).len(), &phones["recovery_codes_left"]), (1, &json!(9)));
        rig.recover(&next, &waiting, &codes[1]).await.ok(200);
    }
}

/// A phone that brings a code, or says that it is near, is in use.
#[tokio::test]
async fn a_phone_that_brings_a_code_is_not_taken_for_lost() {
    let rig = Rig::start().await;
    let first = rig.keyed("u").await;
    let asked_at = rig.now().0;
    rig.clock.advance(2);
    let wrong = first.brought(&rig, json!({"code": "000000"}));
    let url = first.phone.urls["bring_request"].clone();
    assert!(rig.by(&first, &url, json!({"brought": wrong})).await.status >= 400);
    let lost = format!("/management/lost_user_mobile_device/{}/u?asked_at={asked_at}", rig.app.id);
    rig.get(&rig.app, &rig.url(&lost)).await.is(409, "PHONE_IN_USE");
}
