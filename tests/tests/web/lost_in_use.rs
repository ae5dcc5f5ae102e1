//! A replacement after a wait, asked for by somebody with a copy of the user's session. It comes to nothing once the user's phone does anything, and
//! once the user does anything about sessions or browsers.

use std::sync::atomic::Ordering;
use std::time::Duration;

use iampass_core::port::UserKey;
use iampass_testkit::VirtualPhone;
use iampass_web::{LoginWebBuilder, LostPhone, Notice};

use crate::axum_site::Axum;
use crate::browser::Browser;
use crate::faulty::{Faulty, Node, eventually};
use crate::registering::link_on;
use crate::setting::{SOON, Setting, User};

const WAIT: Duration = Duration::from_secs(4);

/// Times are compared in whole seconds.
const A_SECOND_LATER: Duration = Duration::from_millis(1_100);

fn after_wait(builder: LoginWebBuilder<User>) -> LoginWebBuilder<User> {
    builder.lost_phone([LostPhone::RecoveryCode, LostPhone::AfterWait(WAIT)])
}

/// Somebody who has asked for a replacement, a second ago.
async fn asked(setting: &Setting) -> Browser {
    let mut thief = setting.logged_in().await;
    assert!(thief.is_in().await);
    thief.post("/auth/lost-phone", &[]).await;
    assert!(thief.get("/auth/lost-phone").await.text.contains("Come back to this page then"));
    tokio::time::sleep(A_SECOND_LATER).await;
    thief
}

/// The time has come, and there is no link.
async fn comes_to_nothing(setting: &Setting, thief: &mut Browser, act: &str) {
    tokio::time::sleep(WAIT).await;
    let page = thief.post("/auth/lost-phone", &[]).await;
    assert_ne!(page.location.as_deref(), Some("/auth/enrol"), "{act}");
    assert_eq!(thief.get("/auth/enrol").await.status, 403, "{act}");
    assert!(setting.anna.pending().await.is_ok(), "{act}: the phone is registered still");
}

#[derive(Clone, Copy, Debug)]
enum Act {
    EndsItsSessions,
    WalksAway,
    Denies,
    NamesItself,
    AddsAPhone,
    MakesRecoveryCodes,
}

async fn act(setting: &Setting, act: Act) {
    let account = setting.anna.account();
    match act {
        Act::EndsItsSessions => assert!(setting.anna.log_out().await.unwrap() > 0),
        Act::WalksAway => assert!(setting.anna.walk_away().await.unwrap() > 0),
        Act::Denies => {
            setting.browser().begin("anna").await;
            setting.anna.deny_next(SOON).await.unwrap();
        }
        Act::NamesItself => {
            let own = account.phones().await.unwrap().phones[0].phone_id.clone();
            account.name_phone(&own, "Mine").await.unwrap();
        }
        Act::AddsAPhone => drop(account.add_phone().await.unwrap()),
        Act::MakesRecoveryCodes => drop(account.make_recovery_codes().await.unwrap()),
    }
}

#[tokio::test]
async fn a_phone_that_does_anything_is_not_lost() {
    use Act::{AddsAPhone, Denies, EndsItsSessions, MakesRecoveryCodes, NamesItself, WalksAway};
    let tries = [EndsItsSessions, WalksAway, Denies, NamesItself, AddsAPhone, MakesRecoveryCodes];
    let tries = tries.map(|tried| async move {
        let setting = Setting::with::<Axum>(1, after_wait).await;
        let mut thief = asked(&setting).await;
        act(&setting, tried).await;
        comes_to_nothing(&setting, &mut thief, &format!("{tried:?}")).await;
        let notices = setting.users.notices();
        assert!(
            notices.iter().any(|(_, notice)| *notice == Notice::PhoneReplacementStopped),
            "{tried:?}: {notices:?}"
        );
    });
    futures_util::future::join_all(tries).await;
}

/// The page says why, and what to do.
#[tokio::test]
async fn the_page_says_that_the_phone_is_in_use() {
    let setting = Setting::with::<Axum>(1, after_wait).await;
    let mut user = asked(&setting).await;
    act(&setting, Act::MakesRecoveryCodes).await;
    tokio::time::sleep(WAIT).await;
    let page = user.post("/auth/lost-phone", &[]).await;
    assert_eq!(page.status, 409, "{}", page.text);
    assert!(page.text.contains("was used after its replacement was asked for"), "{}", page.text);
}

/// Of a phone that the user has removed, the session that asked is gone as well; its cookie is not.
#[tokio::test]
async fn a_phone_that_is_removed_leaves_no_replacement() {
    let setting = Setting::with::<Axum>(1, after_wait).await;
    let codes = setting.anna.account().make_recovery_codes().await.unwrap().recovery_codes;
    let mut thief = setting.browser();
    let code = [("login_name", "anna"), ("recovery_code", codes[0].expose())];
    assert_eq!(thief.post("/auth/lost-phone/code", &code).await.location.as_deref(), Some("/auth/enrol"));
    let link = link_on(&thief.get("/auth/enrol").await).unwrap();
    let stranger = setting.service.register_phone(&link).await.unwrap();
    let wait = thief.begin("anna").await;
    stranger.accept_next(SOON).await.unwrap();
    thief.complete(&wait).await;
    thief.post("/auth/lost-phone", &[]).await;
    tokio::time::sleep(A_SECOND_LATER).await;
    let phones = setting.anna.account().phones().await.unwrap().phones;
    for phone in phones.iter().filter(|phone| !phone.is_this) {
        setting.anna.account().remove_phone(&phone.phone_id).await.unwrap();
    }
    comes_to_nothing(&setting, &mut thief, "removed").await;
}

/// The operator has helped: the user has another phone, and the one that was lost is gone.
#[tokio::test]
async fn a_phone_that_was_registered_since_is_not_replaced() {
    let setting = Setting::with::<Axum>(1, after_wait).await;
    let mut thief = asked(&setting).await;
    let client = setting.service.client().unwrap();
    let token = setting.tokens.token_for(&UserKey::from(1)).await.unwrap().unwrap();
    let link = client.lost_device(&token).await.unwrap();
    let new: VirtualPhone = setting.service.register_phone(&link).await.unwrap();
    tokio::time::sleep(WAIT).await;
    let page = thief.post("/auth/lost-phone", &[]).await;
    assert_ne!(page.location.as_deref(), Some("/auth/enrol"));
    assert!(new.pending().await.is_ok(), "it is registered still");
}

/// Any of one's sessions, or a browser, that the user ends or forgets.
#[tokio::test]
async fn a_user_who_ends_a_session_or_forgets_a_browser_ends_the_replacement() {
    let acts = [
        "/auth/sessions/end",
        "/auth/browsers/forget",
        "/auth/browsers/forget-all",
        "/auth/sessions/end-all",
    ];
    let tries = acts.map(|path| async move {
        let setting = Setting::with::<Axum>(1, after_wait).await;
        let mut owner = setting.logged_in().await;
        let mut thief = asked(&setting).await;
        owner.post(path, &[("id", "any")]).await;
        comes_to_nothing(&setting, &mut thief, path).await;
    });
    futures_util::future::join_all(tries).await;
}

/// New codes are made by somebody who fears that one is in other hands. A link that it was exchanged for is no better than the code.
#[tokio::test]
async fn new_recovery_codes_end_the_link_of_an_old_one() {
    let setting = Setting::with::<Axum>(1, after_wait).await;
    let codes = setting.anna.account().make_recovery_codes().await.unwrap().recovery_codes;
    let mut thief = setting.browser();
    let code = [("login_name", "anna"), ("recovery_code", codes[0].expose())];
    assert_eq!(thief.post("/auth/lost-phone/code", &code).await.location.as_deref(), Some("/auth/enrol"));
    let link = link_on(&thief.get("/auth/enrol").await).unwrap();
    setting.anna.account().make_recovery_codes().await.unwrap();
    setting.service.register_phone(&link).await.unwrap_err();
    assert_eq!(setting.anna.account().phones().await.unwrap().phones.len(), 1);
}

/// The user, who has asked for a replacement, and another browser of the same user. Its time has come.
async fn ready(faulty: &Faulty) -> (Node, Browser, Browser) {
    let node = faulty.node_with::<Axum>(|client| client, after_wait).await;
    let (mut asking, mut other) = (node.browser(), node.browser());
    faulty.log_in(&mut asking).await;
    faulty.log_in(&mut other).await;
    asking.post("/auth/lost-phone", &[]).await;
    faulty.clock.has_slept(WAIT);
    (node, asking, other)
}

/// It is stopped while it is carried out, whether the service hears of it after that or not.
#[tokio::test]
async fn a_replacement_that_is_stopped_under_way_gives_nobody_its_link() {
    for answer_is_lost in [false, true] {
        let faulty = Faulty::start().await;
        let (_node, mut thief, mut owner) = ready(&faulty).await;
        faulty.way.holds_lost_phones.store(true, Ordering::SeqCst);
        faulty.way.loses_lost_phones.store(answer_is_lost, Ordering::SeqCst);
        let carried_out = tokio::spawn(async move {
            let page = thief.post("/auth/lost-phone", &[]).await;
            assert_ne!(page.location.as_deref(), Some("/auth/enrol"), "{answer_is_lost}");
            thief
        });
        eventually("it is under way", async || faulty.way.lost_phones.load(Ordering::SeqCst) > 0).await;
        assert_eq!(owner.post("/auth/lost-phone/stop", &[]).await.status, 303);
        faulty.way.holds_lost_phones.store(false, Ordering::SeqCst);
        let mut thief = carried_out.await.unwrap();
        faulty.way.loses_lost_phones.store(false, Ordering::SeqCst);
        for _ in 0..2 {
            let page = thief.post("/auth/lost-phone", &[]).await;
            assert_ne!(page.location.as_deref(), Some("/auth/enrol"), "{answer_is_lost}");
            assert_eq!(thief.get("/auth/enrol").await.status, 403, "{answer_is_lost}");
        }
    }
}

/// The phone is gone, and nobody has heard of the link. Asking once more makes another one.
#[tokio::test]
async fn a_replacement_whose_answer_is_lost_is_done_once_more() {
    let faulty = Faulty::start().await;
    let (_node, mut user, _) = ready(&faulty).await;
    faulty.way.loses_lost_phones.store(true, Ordering::SeqCst);
    assert_eq!(user.post("/auth/lost-phone", &[]).await.status, 503);
    assert!(faulty.anna.pending().await.is_err(), "the phone is gone");
    faulty.way.loses_lost_phones.store(false, Ordering::SeqCst);
    let page = user.post("/auth/lost-phone", &[]).await;
    assert_eq!(page.location.as_deref(), Some("/auth/enrol"), "{}", page.text);
    let link = link_on(&user.get("/auth/enrol").await).unwrap();
    faulty.service.register_phone(&link).await.unwrap();
}
