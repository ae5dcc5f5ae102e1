//! The page of the user who is signed in, and the same for a program: each browser with its name and address, this one first; ending and forgetting; and
//! no more than one's own.

use std::sync::atomic::Ordering;

use iampass_core::port::SharedKey;
use serde_json::{Value, json};

use crate::axum_site::Axum;
use crate::browser::{Browser, Page};
use crate::each_framework;
use crate::faulty::{Faulty, eventually};
use crate::registering::registered_bert;
use crate::setting::{Framework as _, SOON, Setting};

each_framework!(
    each_session_is_named_and_this_one_is_first,
    a_program_reads_the_same,
    from_where_a_session_was_begun_is_forgotten_when_it_ends,
    a_program_ends_one_or_all,
    a_program_forgets_browsers,
    what_is_another_s_is_neither_seen_nor_ended,
    without_a_session_there_is_nothing,
    no_other_site_changes_anything,
);

const ITEM: &str = "<li class=\"session\">";
const ACCOUNT: &str = "/auth/sessions";
const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";
const CHROME: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

/// Anna signs in with a browser that calls itself so.
async fn signed_in_with(setting: &Setting, user_agent: &'static str) -> Browser {
    let mut browser = setting.browser();
    browser.user_agent = Some(user_agent);
    let wait = browser.begin("anna").await;
    setting.anna.accept_next(SOON).await.unwrap();
    browser.complete(&wait).await;
    assert!(browser.is_in().await);
    browser
}

async fn read(browser: &mut Browser) -> Value {
    let page = browser.fetch(ACCOUNT).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(page.headers["content-type"], "application/json");
    assert_eq!(page.headers["cache-control"], "no-store");
    serde_json::from_str(&page.text).unwrap()
}

fn ids(account: &Value, list: &str) -> Vec<String> {
    let entries = account[list].as_array().unwrap();
    entries.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
}

/// The items of the lists on the page: those of sessions, and those of browsers.
fn items(page: &Page) -> (Vec<&str>, Vec<&str>) {
    let (sessions, browsers) = page.text.split_once("Browsers that know you").unwrap();
    (sessions.split(ITEM).skip(1).collect(), browsers.split(ITEM).skip(1).collect())
}

async fn each_session_is_named_and_this_one_is_first(setting: Setting) {
    let mut firefox = signed_in_with(&setting, FIREFOX).await;
    let mut chrome = signed_in_with(&setting, CHROME).await;
    for (browser, names) in [
        (&mut firefox, ["Firefox on Windows", "Chrome on Linux"]),
        (&mut chrome, ["Chrome on Linux", "Firefox on Windows"]),
    ] {
        let page = browser.get(ACCOUNT).await;
        let (sessions, browsers) = items(&page);
        assert_eq!((sessions.len(), browsers.len()), (2, 2), "{}", page.text);
        for list in [&sessions, &browsers] {
            for (item, name) in list.iter().zip(names) {
                assert!(item.contains(name), "{name}: {item}");
            }
            assert!(list[0].contains("This browser") && !list[1].contains("This browser"), "{}", page.text);
        }
        assert!(sessions.iter().all(|item| item.contains("From 127.0.0.1")), "{}", page.text);
        assert!(sessions.iter().all(|item| item.contains("Signed in just now")), "{}", page.text);
        assert!(page.text.contains("You have a phone that accepts your sign-ins."), "{}", page.text);
    }
}

async fn a_program_reads_the_same(setting: Setting) {
    let mut firefox = signed_in_with(&setting, FIREFOX).await;
    let _chrome = signed_in_with(&setting, CHROME).await;
    let account = read(&mut firefox).await;
    assert_eq!(account["name"], "Anna");
    assert_eq!((&account["has_phone"], &account["lost_phone"]), (&json!(true), &Value::Null));
    let [own, other] = &account["sessions"].as_array().unwrap()[..] else { panic!("{account}") };
    assert_eq!((&own["browser"], &own["system"]), (&json!("Firefox"), &json!("Windows")));
    assert_eq!((&other["browser"], &other["system"]), (&json!("Chrome"), &json!("Linux")));
    assert_eq!((&own["is_this_one"], &other["is_this_one"]), (&json!(true), &json!(false)));
    assert_eq!((&own["address"], &other["address"]), (&json!("127.0.0.1"), &json!("127.0.0.1")));
    assert!(own["started_at"].as_u64().unwrap() > 1_700_000_000);
    // The ids are those of the page, and none is what a session goes by.
    let page = firefox.get(ACCOUNT).await;
    for id in ids(&account, "sessions").iter().chain(&ids(&account, "browsers")) {
        assert!(page.text.contains(&format!("value=\"{id}\"")), "{id}: {}", page.text);
    }
    for session in setting.sessions.sessions_of(&anna_s_token(), 10).await.unwrap() {
        assert!(!account.to_string().contains(session.session.token().as_str()));
    }
}

async fn from_where_a_session_was_begun_is_forgotten_when_it_ends(setting: Setting) {
    let (mut firefox, mut chrome) =
        (signed_in_with(&setting, FIREFOX).await, signed_in_with(&setting, CHROME).await);
    let records = setting.sessions.sessions_of(&anna_s_token(), 10).await.unwrap();
    let notes: Vec<_> = records
        .iter()
        .map(|record| SharedKey::new("from", record.session.token().as_str().as_bytes()))
        .collect();
    let left = async || {
        let mut left = 0;
        for note in &notes {
            left += usize::from(setting.sessions.load_shared(note).await.unwrap().is_some());
        }
        left
    };
    assert_eq!(left().await, 2);
    for (browser, expected) in [(&mut firefox, 1), (&mut chrome, 0)] {
        browser.post("/auth/logout", &[]).await;
        eventually("from where it was begun is forgotten", async || left().await == expected).await;
    }
}

fn anna_s_token() -> iampass_core::UserToken {
    iampass_core::UserToken::new("token-of-anna").unwrap()
}

async fn a_program_ends_one_or_all(setting: Setting) {
    let (mut one, mut two) = (setting.logged_in().await, setting.logged_in().await);
    let mut three = setting.logged_in().await;
    let other = ids(&read(&mut two).await, "sessions")[0].clone();
    for ended in [1, 0] {
        let (page, told) = one.call("/auth/sessions/end", &[("id", &other)]).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert_eq!(told, json!({ "ended": ended, "is_signed_in": true }));
    }
    assert!(!two.is_in().await && one.is_in().await && three.is_in().await);
    // Its own: the cookie goes.
    let own = ids(&read(&mut one).await, "sessions")[0].clone();
    let (_, told) = one.call("/auth/sessions/end", &[("id", &own)]).await;
    assert_eq!(told, json!({ "ended": 1, "is_signed_in": false }));
    assert!(!one.cookies.contains_key("iampass-session") && !one.is_in().await);

    let mut four = setting.logged_in().await;
    let (_, told) = four.call("/auth/sessions/end-all", &[]).await;
    assert_eq!(told, json!({ "ended": 2, "is_signed_in": false }));
    assert!(!four.cookies.contains_key("iampass-session"));
    assert!(!three.is_in().await && !four.is_in().await);
    eventually("the service knows", async || setting.anna.active_sessions().await.unwrap().is_empty()).await;
}

async fn a_program_forgets_browsers(setting: Setting) {
    let (mut one, _two) = (setting.logged_in().await, setting.logged_in().await);
    let browsers = ids(&read(&mut one).await, "browsers");
    assert_eq!(browsers.len(), 2);
    for forgotten in [1, 0] {
        let (page, told) = one.call("/auth/browsers/forget", &[("id", &browsers[1])]).await;
        assert_eq!((page.status.as_u16(), told), (200, json!({ "forgotten": forgotten })));
    }
    assert_eq!(ids(&read(&mut one).await, "browsers"), browsers[..1]);
    let (_, told) = one.call("/auth/browsers/forget-all", &[]).await;
    assert_eq!(told, json!({ "forgotten": 1 }));
    assert!(ids(&read(&mut one).await, "browsers").is_empty() && one.is_in().await);
}

async fn what_is_another_s_is_neither_seen_nor_ended(setting: Setting) {
    let mut anna = setting.logged_in().await;
    let (mut bert, phone) = registered_bert(&setting).await;
    let (of_anna, of_bert) = (read(&mut anna).await, read(&mut bert).await);
    assert_eq!((&of_anna["name"], &of_bert["name"]), (&json!("Anna"), &json!("Bert")));
    let all = |account: &Value| [ids(account, "sessions"), ids(account, "browsers")].concat();
    for id in all(&of_bert) {
        assert!(!all(&of_anna).contains(&id));
        let tries: [&[(&str, &str)]; 3] =
            [&[("id", &id)], &[("id", "x"), ("id", &id)], &[("user", "2"), ("id", &id)]];
        for fields in tries {
            let (_, told) = anna.call("/auth/sessions/end", fields).await;
            assert_eq!(told, json!({ "ended": 0, "is_signed_in": true }), "{fields:?}");
            let (_, told) = anna.call("/auth/browsers/forget", fields).await;
            assert_eq!(told, json!({ "forgotten": 0 }), "{fields:?}");
        }
    }
    for path in ["/auth/sessions/end-all", "/auth/browsers/forget-all"] {
        let mut anna = setting.logged_in().await;
        let fields = [("user", "2"), ("name", "Bert"), ("login_name", "bert")];
        assert_eq!(anna.call(path, &fields).await.0.status, 200);
    }
    assert!(bert.is_in().await && read(&mut bert).await == of_bert);
    assert_eq!(phone.active_sessions().await.unwrap().len(), 1);
}

const CHANGES: [&str; 4] =
    ["/auth/sessions/end", "/auth/sessions/end-all", "/auth/browsers/forget", "/auth/browsers/forget-all"];

/// A stranger, a session that has ended, one that was changed or came with a second one, and that of another application.
async fn without_a_session_there_is_nothing(setting: Setting) {
    let mut anna = setting.logged_in().await;
    let mut ended = setting.logged_in().await;
    let before = ended.cookies.clone();
    ended.post("/auth/logout", &[]).await;
    ended.cookies = before;
    let with_cookie = |value: String| {
        let mut browser = setting.browser();
        browser.cookies.insert("iampass-session".to_owned(), value);
        browser
    };
    let good = anna.cookies["iampass-session"].clone();
    // One sign in the middle is another one, so that it can be decoded and its seal is tried.
    let is_plain = |at: &usize| good.as_bytes()[at - 2..=*at].iter().all(u8::is_ascii_alphanumeric);
    let at = (good.len() / 2..good.len()).find(is_plain).unwrap();
    let other = if good.as_bytes()[at] == b'A' { "B" } else { "A" };
    let changed = with_cookie(format!("{}{other}{}", &good[..at], &good[at + 1..]));
    let doubled = with_cookie(format!("{good}; iampass-session={good}"));
    let of_another_kind = with_cookie(anna.cookies["iampass-browser"].clone());
    // Another application of the same users, with keys of its own.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let _serving = Axum::serve(setting.builder(&origin).build().unwrap(), listener).await;
    let mut elsewhere = Browser::new(origin.clone(), origin);
    elsewhere.cookies = anna.cookies.clone();

    let id = ids(&read(&mut anna).await, "sessions")[0].clone();
    for mut browser in [setting.browser(), ended, changed, doubled, of_another_kind, elsewhere] {
        let page = browser.fetch(ACCOUNT).await;
        assert!(page.status == 401 && !page.text.contains("Anna"), "{}", page.text);
        let page = browser.get(ACCOUNT).await;
        assert!(page.status == 303 && page.location.unwrap().starts_with("/auth/login?"));
        for path in CHANGES {
            let (page, told) = browser.call(path, &[("id", &id)]).await;
            assert_eq!((page.status.as_u16(), &told["error"]), (401, &json!("not_logged_in")), "{path}");
        }
    }
    assert!(anna.is_in().await);
    assert_eq!(ids(&read(&mut anna).await, "browsers").len(), 2);
}

async fn no_other_site_changes_anything(setting: Setting) {
    let (mut anna, mut other) = (setting.logged_in().await, setting.logged_in().await);
    let id = ids(&read(&mut other).await, "sessions")[0].clone();
    for path in CHANGES {
        let own = anna.origin.clone();
        anna.origin = "https://other.example".to_owned();
        let (page, told) = anna.call(path, &[("id", &id)]).await;
        assert_eq!((page.status.as_u16(), told), (403, json!({ "error": "cross_site" })), "{path}");
        anna.origin = own;
        let request = anna.form(path, &[("id", &id)]).header("sec-fetch-site", "cross-site");
        let page = anna.take(request).await;
        assert!(page.status == 403 && page.text.contains("Nothing was done"), "{path}: {}", page.text);
    }
    assert!(anna.is_in().await && other.is_in().await);
    assert_eq!(ids(&read(&mut anna).await, "browsers").len(), 2);
}

/// However many pages are loaded, the service is asked once whether the user has a phone; where it does not say, so does the page.
#[tokio::test]
async fn the_service_is_asked_once_for_many_pages() {
    let faulty = Faulty::start().await;
    for hides in [true, false] {
        // A node keeps the answer for ten seconds.
        let node = faulty.node::<Axum>().await;
        let mut browser = node.browser();
        faulty.log_in(&mut browser).await;
        faulty.way.hides_phones.store(hides, Ordering::SeqCst);
        let before = faulty.way.asked_for_phones.load(Ordering::SeqCst);
        let loads = (0..8).map(|_| {
            let mut browser = browser.clone();
            async move { read(&mut browser).await }
        });
        let accounts = futures_util::future::join_all(loads).await;
        let known = if hides { Value::Null } else { json!(true) };
        assert!(accounts.iter().all(|account| account["has_phone"] == known), "{accounts:#?}");
        let page = browser.get(ACCOUNT).await.text;
        assert_eq!(page.contains("It is not known just now whether a phone"), hides, "{page}");
        let asked = faulty.way.asked_for_phones.load(Ordering::SeqCst) - before;
        // A call that got no answer is repeated by the client.
        assert!(if hides { asked >= 1 } else { asked == 1 }, "{asked}");
    }
}

/// A session of an earlier version, or one whose note is gone, is listed without a name, and ended as any other.
#[tokio::test]
async fn a_session_of_which_nothing_is_known_is_listed() {
    let setting = Setting::start::<Axum>().await;
    let (mut known, mut other) = (signed_in_with(&setting, FIREFOX).await, setting.logged_in().await);
    let token = setting.sessions.sessions_of(&anna_s_token(), 10).await.unwrap();
    let token = token.into_iter().max_by_key(|record| record.started_at).unwrap();
    let key = iampass_core::port::SharedKey::new("from", token.session.token().as_str().as_bytes());
    let note = setting.sessions.load_shared(&key).await.unwrap().unwrap();
    assert!(setting.sessions.delete_shared(&key, note.version).await.unwrap());
    let account = read(&mut known).await;
    let nameless = account["sessions"].as_array().unwrap().iter().find(|entry| entry["address"].is_null());
    let nameless = nameless.unwrap()["id"].as_str().unwrap();
    assert_eq!(known.call("/auth/sessions/end", &[("id", nameless)]).await.1["ended"], 1);
    assert!(known.is_in().await != other.is_in().await);
}
