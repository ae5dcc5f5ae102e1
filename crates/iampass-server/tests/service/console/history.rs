//! The history of logins in the Console: each outcome as it comes about, the search, whose it is, and files.

use iampass_server::{ConsoleSettings, RateLimits, Registration};
use serde_json::json;

use super::shop::{key_of, log, member, open_sessions, owner, page_of, place};
use super::visitor::{Visitor, open_house};
use crate::confirmation::other_than;
use crate::rig::Rig;

/// The lines of the history as JSON, the latest first.
async fn lines(visitor: &mut Visitor<'_>, rig: &Rig, query: &str) -> Vec<serde_json::Value> {
    let file = visitor.get(&place(rig, &format!("/history/file?format=json-lines&{query}"))).await;
    assert_eq!(file.status, 200, "{file:?}");
    file.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The outcome and the ending of the latest login.
async fn latest(visitor: &mut Visitor<'_>, rig: &Rig) -> (String, Option<String>) {
    let line = lines(visitor, rig, "").await.remove(0);
    let text = |name: &str| line[name].as_str().map(str::to_owned);
    (text("outcome").unwrap(), text("ended_by"))
}

fn told(outcome: &str, ending: &str) -> (String, Option<String>) {
    (outcome.to_owned(), Some(ending.to_owned()).filter(|ending| !ending.is_empty()))
}

#[tokio::test]
async fn each_way_in_which_a_login_goes_is_told() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    let empty = owner.get(&place(&rig, "/history")).await.body;
    assert!(empty.contains("Nobody has signed in yet"), "{empty}");
    let phone = rig.phone("ann").await;
    // One after another: each later than those before.
    rig.clock.advance(1);
    let session = rig.active_session(&phone, "ann", "").await;
    assert_eq!(latest(&mut owner, &rig).await, told("accepted", ""));
    rig.call(&session.pair, "POST", &session.logout_url, None).await;
    assert_eq!(latest(&mut owner, &rig).await, told("accepted", "by-application"));

    rig.clock.advance(1);
    rig.active_session(&phone, "ann", "").await;
    let url = rig.active_sessions(&phone).await[0]["logout_url"].as_str().unwrap().to_owned();
    rig.call(&phone.pair, "POST", &url, None).await.ok(200);
    assert_eq!(latest(&mut owner, &rig).await, told("accepted", "by-phone"));

    rig.clock.advance(1);
    rig.active_session(&phone, "ann", "").await;
    let end = place(&rig, &format!("/sessions/{}/end", open_sessions(&rig)[0]));
    assert_eq!(owner.post(&end, &[("sure", "yes")]).await.status, 303);
    assert_eq!(latest(&mut owner, &rig).await, told("accepted", "in-console"));

    rig.clock.advance(1);
    rig.active_session(&phone, "ann", "").await;
    let everywhere = format!("{}/log-out", page_of(&rig, "ann"));
    assert_eq!(owner.post(&everywhere, &[("sure", "yes")]).await.status, 303);
    assert_eq!(latest(&mut owner, &rig).await, told("accepted", "in-console"));

    rig.clock.advance(1);
    rig.active_session(&phone, "ann", "?duration_seconds=30").await;
    rig.clock.advance(31);
    assert_eq!(latest(&mut owner, &rig).await, told("accepted", "over"));
    rig.service.run_due_tasks().await.unwrap();
    assert_eq!(latest(&mut owner, &rig).await, told("accepted", "over"));

    rig.clock.advance(1);
    let waits = rig.session("ann", "").await;
    assert_eq!(latest(&mut owner, &rig).await, told("waiting", ""));
    rig.call(&waits.pair, "POST", &waits.logout_url, None).await;
    assert_eq!(latest(&mut owner, &rig).await, told("withdrawn", "by-application"));

    rig.clock.advance(1);
    rig.session("ann", "").await;
    rig.clock.advance(61);
    assert_eq!(latest(&mut owner, &rig).await, told("not-answered", "not-answered"));
    rig.service.run_due_tasks().await.unwrap();
    assert_eq!(latest(&mut owner, &rig).await, told("not-answered", "not-answered"));

    let shown = rig.shown("ann", true).await;
    let question = rig.questions(&phone).await.pop().unwrap();
    for _ in 0..3 {
        let wrong = json!({"accepted": true, "code": other_than(&shown.code)});
        rig.answer(&question, wrong).await;
    }
    assert_eq!(latest(&mut owner, &rig).await, told("wrong-code", "proof-missing"));

    rig.clock.advance(120);
    rig.session("ann", "").await;
    rig.clock.advance(7);
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.answer(&question, json!({"accepted": false})).await.ok(200);
    assert_eq!(latest(&mut owner, &rig).await, told("denied", "denied"));
    let line = lines(&mut owner, &rig, "").await.remove(0);
    assert_eq!((&line["answered_after_seconds"], &line["platform"]), (&json!("7"), &json!("web")));
    assert_eq!((&line["user"], &line["lasted_seconds"]), (&json!("ann"), &json!(null)));

    rig.clock.advance(1);
    rig.session("ann", "").await;
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.answer(&question, json!({"accepted": false, "report": true})).await.ok(200);
    assert_eq!(latest(&mut owner, &rig).await, told("reported", "denied"));
    let page = owner.get(&place(&rig, "/history")).await.body;
    for words in [
        "denied: “not me”",
        "no answer",
        "wrong code",
        "ended in the Console",
        "ended on the phone",
        "7 seconds",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[tokio::test]
async fn what_ends_with_a_phone_an_application_or_a_user_is_told() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    for (user, ending, phone) in
        [("ann", "phone-gone", "a phone that is gone"), ("bob", "user-deleted", "deleted")]
    {
        let of_user = rig.phone(user).await;
        rig.clock.advance(1);
        rig.active_session(&of_user, user, "").await;
        let page = page_of(&rig, user);
        let (path, fields) = match user {
            "ann" => ("remove-phone", [("sure", "yes")]),
            _ => ("delete", [("typed", "bob")]),
        };
        assert_eq!(owner.post(&format!("{page}/{path}"), &fields).await.status, 303);
        assert_eq!(latest(&mut owner, &rig).await, told("accepted", ending));
        assert!(owner.get(&place(&rig, "/history")).await.body.contains(phone));
    }
    assert_eq!(lines(&mut owner, &rig, "").await[0]["user"], json!(null));
    // A phone that is removed while it is asked.
    let phone = rig.phone("carl").await;
    rig.clock.advance(1);
    rig.session("carl", "").await;
    let unregister = phone.urls["device_unregister"].as_str().unwrap().to_owned();
    rig.call(&phone.pair, "POST", &unregister, None).await.ok(200);
    assert_eq!(latest(&mut owner, &rig).await, told("withdrawn", "phone-gone"));

    let phone = rig.phone("dora").await;
    rig.clock.advance(1);
    rig.active_session(&phone, "dora", "").await;
    let disabled = owner.post(&place(&rig, "/settings/disable"), &[("typed", "Shop")]).await;
    assert_eq!(disabled.status, 303, "{disabled:?}");
    assert_eq!(latest(&mut owner, &rig).await, told("accepted", "disabled"));
}

#[tokio::test]
async fn a_question_that_gives_way_to_another_is_told_apart_from_one_that_nobody_answers() {
    let rig = Rig::with(|config| {
        config.console = Some(ConsoleSettings::new(Registration::Open));
        config.rates = RateLimits::off();
    })
    .await;
    let mut owner = owner(&rig).await;
    rig.phone("ann").await;
    // As many questions that ring nowhere as one user may have, and one more.
    for _ in 0..=200 {
        rig.shown("ann", false).await;
    }
    let superseded = lines(&mut owner, &rig, "outcome=superseded").await;
    assert_eq!(superseded.len(), 1, "{superseded:?}");
    assert_eq!(
        (&superseded[0]["ended_by"], &superseded[0]["answered_after_seconds"]),
        (&json!("superseded"), &json!(null))
    );
    assert_eq!(lines(&mut owner, &rig, "outcome=waiting").await.len(), 200);
}

#[tokio::test]
async fn the_history_is_searched_a_page_after_the_other() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    for user in ["ann", "anna", "bob"] {
        let phone = rig.phone(user).await;
        rig.active_session(&phone, user, "").await;
    }
    rig.store.change("UPDATE sessions SET address = '192.0.2.7', browser = 'Firefox' WHERE user_key = (SELECT key FROM users WHERE id = 'bob')");
    let users = async |owner: &mut Visitor<'_>, query: &str| {
        let lines = lines(owner, &rig, query).await;
        let mut users: Vec<_> = lines.iter().map(|line| line["user"].as_str().unwrap().to_owned()).collect();
        users.sort();
        users.join(" ")
    };
    assert_eq!(users(&mut owner, "").await, "ann anna bob");
    assert_eq!(users(&mut owner, "user=ann").await, "ann");
    assert_eq!(users(&mut owner, "user=ann&begins=yes").await, "ann anna");
    assert_eq!(users(&mut owner, "address=192.0.2.7").await, "bob");
    assert_eq!(users(&mut owner, "outcome=accepted&user=bob").await, "bob");
    // A word that is none, and a day that is none, are left out.
    assert_eq!(users(&mut owner, "outcome=x&ended=x&from=x&before=x").await, "ann anna bob");
    for nothing in [
        "user=an",
        "user=none",
        "outcome=denied",
        "ended=over",
        "to=2001-01-01",
        "from=2100-01-01",
        "address=192.0.2.70",
    ] {
        assert_eq!(users(&mut owner, nothing).await, "", "{nothing}");
        let page = owner.get(&place(&rig, &format!("/history?{nothing}"))).await.body;
        assert!(page.contains("No login matches."), "{nothing}");
    }
    // An address is one however it is written, and a part of one is none.
    assert_eq!(users(&mut owner, "address=%3A%3Affff%3A192.0.2.7").await, "bob");
    for path in ["/history?address=192.0.2", "/history/file?format=csv&address=192.0.2"] {
        let page = owner.get(&place(&rig, path)).await;
        assert_eq!(page.status, 422, "{page:?}");
        assert!(
            page.body.contains("That is no address") && page.body.contains("value=\"192.0.2\""),
            "{page:?}"
        );
    }
    for odd in
        ["user=%00", "user=%00&begins=yes", "before=9.9", "before=99999999999999999999.1", "before=1.x"]
    {
        let page = owner.get(&place(&rig, &format!("/history?{odd}"))).await;
        assert!(page.status < 500, "{odd}: {page:?}");
    }
    let page = owner.get(&page_of(&rig, "anna")).await.body;
    assert!(page.contains(&format!("{}?user=anna", place(&rig, "/history"))), "{page}");
    let page = owner.get(&place(&rig, "/history?user=bob")).await.body;
    assert!(
        page.contains("<bdi>Firefox</bdi> <bdi>192.0.2.7</bdi>") && page.contains("new browser"),
        "{page}"
    );
    assert!(page.contains("still signed in") && page.contains("30 days"), "{page}");

    // More than a page, all of one second.
    let rows = "INSERT INTO sessions (token, secret, request_id, request_secret, application_key, user_key, methods, duration_seconds, state, asked_at,
                    ended_at, ended_by)
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
                SELECT 't' || i, secret, 'q' || i, secret, application_key, user_key, '', 60, 'timeout', 1000, 1060, 'superseded'
                FROM n, sessions WHERE user_key = (SELECT key FROM users WHERE id = 'ann')";
    rig.store.change(rows);
    let (mut page, mut seen) = (place(&rig, "/history?outcome=superseded"), 0);
    for _ in 0..10 {
        let body = owner.get(&page).await.body;
        seen += body.matches("a newer question took its place</span></span>").count();
        let Some(next) = body.split("rel=\"next\"").next().filter(|_| body.contains("rel=\"next\"")) else {
            break;
        };
        page = next.rsplit("href=\"").next().unwrap().split('"').next().unwrap().replace("&#38;", "&");
    }
    assert_eq!(seen, 120);
}

#[tokio::test]
async fn a_stranger_and_a_removed_member_see_no_history() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    let phone = rig.phone("ann").await;
    rig.active_session(&phone, "ann", "").await;
    let mut rita = member(&rig, &mut owner, "rita", "read-only").await;
    let mut stranger = Visitor::registered(&rig, "stranger").await;
    let (elsewhere, _) = stranger.add_application("Elsewhere").await;
    let pages = ["/history", "/history?user=ann", "/history/file?format=csv"].map(|page| place(&rig, page));
    for page in &pages {
        assert!(rita.get(page).await.body.contains("ann"), "{page}");
        let refused = stranger.get(page).await;
        assert_eq!(refused.status, 404);
        assert!(!refused.body.contains(">ann<"), "{refused:?}");
    }
    // Another application's history has none of it, whatever is asked for.
    let ann = key_of(&rig, "ann");
    for query in ["", "?user=ann", "?user=ann&begins=yes", "?user=a&begins=yes"] {
        let page = stranger.get(&format!("/console/applications/{elsewhere}/history{query}")).await;
        assert_eq!(page.status, 200);
        assert!(!page.body.contains(&format!("/users/{ann}")) && !page.body.contains("<bdi>ann"), "{page:?}");
    }
    let account = rig.store.column("SELECT CAST(key AS TEXT) FROM accounts WHERE name = 'rita'").remove(0);
    let removed = owner.post(&place(&rig, &format!("/members/{account}/remove")), &[("typed", "rita")]).await;
    assert_eq!(removed.status, 303);
    for page in &pages {
        assert_eq!(rita.get(page).await.status, 404, "{page}");
    }
}

#[tokio::test]
async fn a_file_of_the_history_is_noted_and_computes_nothing_in_a_spreadsheet() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    let phone = rig.phone("ann").await;
    rig.active_session(&phone, "ann", "").await;
    rig.store.change("UPDATE sessions SET browser = '=HYPERLINK(\"x\")', address = '+1' WHERE user_key = (SELECT key FROM users WHERE id = 'ann')");
    rig.store.change("UPDATE users SET id = '@ann' WHERE id = 'ann'");
    let file = owner.get(&place(&rig, "/history/file")).await;
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"history.csv\""));
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
    let mut lines = file.body.lines();
    assert!(lines.next().unwrap().starts_with("asked_at,user,outcome,ended_by,browser,address,"));
    let line = lines.next().unwrap();
    assert!(
        line.contains("\"'@ann\",\"accepted\",\"\",\"'=HYPERLINK(\"\"x\"\")\",\"'+1\",\"no\","),
        "{line}"
    );
    assert_eq!(lines.next(), None);
    assert_eq!(owner.get(&place(&rig, "/history/file?format=xml")).await.status, 404);
    assert_eq!(log(&rig)[0], "history.exported");
    let page = owner.get(&place(&rig, "/log")).await.body;
    assert!(page.contains("Exported the sign-in history"), "{page}");
}

/// A member who searches for something rare does not keep the database busy with all there is.
#[tokio::test]
async fn a_file_of_the_history_looks_through_so_many_logins_and_says_so_in_the_log() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    let phone = rig.phone("ann").await;
    rig.active_session(&phone, "ann", "").await;
    // Those that ended long ago would be deleted meanwhile.
    let ended = rig.now().0;
    let rows = |from: u32, to: u32, address: &str, asked_at: u32| {
        rig.store.change(&format!(
            "INSERT INTO sessions (token, secret, request_id, request_secret, application_key, user_key, methods, duration_seconds, state, asked_at,
                 ended_at, ended_by, address)
             WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to})
             SELECT 't' || i, secret, 'q' || i, secret, application_key, user_key, '', 60, 'timeout', {asked_at}, {ended}, 'not-answered', '{address}'
             FROM n, (SELECT * FROM sessions WHERE user_key = (SELECT key FROM users WHERE id = 'ann') LIMIT 1) AS one"
        ));
    };
    let noted = || {
        rig.store
            .column("SELECT subject FROM audit WHERE action = 'history.exported' ORDER BY key DESC")
            .remove(0)
    };
    rows(1, 1, "192.0.2.1", 1_000);
    rows(2, 199_000, "192.0.2.2", 2_000);
    assert_eq!(lines(&mut owner, &rig, "address=192.0.2.1").await.len(), 1);
    assert_eq!(noted(), "1 entries");
    rows(199_001, 201_000, "192.0.2.2", 2_000);
    assert_eq!(lines(&mut owner, &rig, "address=192.0.2.1").await.len(), 0);
    assert_eq!(noted(), "0 entries among 200000 logins, and there are older ones");
    // It is found by its day.
    assert_eq!(lines(&mut owner, &rig, "address=192.0.2.1&to=1970-01-01").await.len(), 0);
    rig.store.change("UPDATE sessions SET asked_at = 100000 WHERE address = '192.0.2.2'");
    assert_eq!(lines(&mut owner, &rig, "address=192.0.2.1&to=1970-01-01").await.len(), 1);
    let page = owner.get(&place(&rig, "/history")).await.body;
    assert!(page.contains("among the latest 200,000 logins"), "{page}");
}
