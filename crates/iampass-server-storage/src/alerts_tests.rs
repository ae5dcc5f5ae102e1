//! Alerts in the store: each is told once until it is over, and then that it is over.

use std::time::Duration;

use iampass_server_domain::alert::{Alert, AlertKind, AlertThresholds};

use super::test_store::{Store, noted, on_both};
use super::*;

const LEASE: Duration = Duration::from_secs(60);
const UNSEEN: Duration = Duration::from_secs(300);

fn disk(subject: &str) -> Alert {
    Alert::new(AlertKind::Disk, Some(subject.to_owned()), Some(95))
}

async fn see(store: &Store, alerts: &[Alert]) {
    store.database.keep_alerts(alerts.to_vec(), UNSEEN).await.unwrap();
}

async fn next(store: &Store) -> Option<LeasedAlert> {
    store.database.lease_alert(20, LEASE).await.unwrap()
}

async fn pass(store: &Store) {
    store.run("UPDATE alerts SET seen_at = 1 WHERE cleared_at IS NULL".to_owned(), vec![]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_told_once_until_it_is_over_and_then_that_it_is_over() {
    on_both(async |store| {
        see(store, &[disk("a")]).await;
        see(store, &[disk("a"), disk("a")]).await;
        let raised = next(store).await.unwrap();
        assert_eq!((raised.word, &raised.alert), (AlertWord::Raised, &disk("a")));
        assert!(next(store).await.is_none(), "it is with one node");
        store.database.alert_told(&raised).await.unwrap();
        see(store, &[disk("a")]).await;
        assert!(next(store).await.is_none());
        pass(store).await;
        see(store, &[]).await;
        let cleared = next(store).await.unwrap();
        assert_eq!((cleared.word, &cleared.id), (AlertWord::Cleared, &raised.id));
        store.database.alert_told(&cleared).await.unwrap();
        assert!(next(store).await.is_none());
        // Once more it is another one.
        see(store, &[disk("a")]).await;
        let again = next(store).await.unwrap();
        assert_eq!(again.word, AlertWord::Raised);
        assert_ne!(again.id, raised.id);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_nobody_was_told_of_is_over_without_a_word() {
    on_both(async |store| {
        see(store, &[disk("a")]).await;
        pass(store).await;
        see(store, &[]).await;
        assert!(next(store).await.is_none());
        let kept = store.database.kept_alerts(10).await.unwrap();
        assert!(kept.len() == 1 && kept[0].cleared_at.is_some() && !kept[0].is_told);
        // One whose word was on its way is told that it is over.
        see(store, &[disk("b")]).await;
        let raised = next(store).await.unwrap();
        pass(store).await;
        see(store, &[]).await;
        store.database.alert_told(&raised).await.unwrap();
        assert_eq!(next(store).await.unwrap().word, AlertWord::Cleared);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_so_many_words_an_hour_and_no_more() {
    on_both(async |store| {
        see(store, &["a", "b", "c", "d"].map(disk)).await;
        for _ in 0..3 {
            let leased = store.database.lease_alert(3, LEASE).await.unwrap().unwrap();
            store.database.alert_told(&leased).await.unwrap();
        }
        assert!(store.database.lease_alert(3, LEASE).await.unwrap().is_none());
        store.run("UPDATE alerts SET told_at = 1 WHERE told_at IS NOT NULL".to_owned(), vec![]).await;
        assert!(store.database.lease_alert(3, LEASE).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_finds_denials_reports_failures_and_endpoints_that_are_gone() {
    on_both(async |store| {
        let by = AlertThresholds::default();
        let find = async |by| store.database.find_alerts(by).await.unwrap();
        assert_eq!(find(by).await, []);
        let shop = store.application("SHOP").await;
        store.add(shop, &["ann", "bob"]).await;
        let (ann, bob) = (store.user(shop, "ann").await, store.user(shop, "bob").await);
        for (user, denied, last_at) in [(ann, 5, 8_999_999_999_i64), (bob, 4, 8_999_999_999), (bob, 9, 1)] {
            let sql =
                "INSERT INTO denials (user_key, known_browser, denied, last_at, in_a_row) VALUES (?1, ?2, ?3, ?4, 9)";
            store.run(sql.to_owned(), vec![user.0, i64::from(denied == 9), denied, last_at]).await;
        }
        let denials = Alert::new(AlertKind::Denials, Some("SHOP/ann".to_owned()), Some(5));
        assert_eq!(find(by).await, std::slice::from_ref(&denials));
        store
            .database
            .note(Noted { application: Some("SHOP".to_owned()), ..noted("login.reported") })
            .await
            .unwrap();
        let reports = Alert::new(AlertKind::Reports, Some("SHOP".to_owned()), Some(1));
        assert_eq!(find(by).await, [denials, reports]);
        assert_eq!(find(AlertThresholds { reports: 2, denials_in_a_row: 6, ..by }).await, []);
        assert_eq!(find(AlertThresholds { reports: 0, denials_in_a_row: 0, ..by }).await, []);
        let only = AlertThresholds { reports: 0, denials_in_a_row: 0, ..by };
        let sql =
            "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 10)
                   INSERT INTO pushes (service, kind, state, attempts, queued_at, expires_at, ended_at)
                   SELECT 'web', 'test', 'refused', 1, 1, 1, 8999999999 FROM n";
        store.run(sql.to_owned(), vec![]).await;
        assert_eq!(find(only).await, [Alert::new(AlertKind::Pushes, None, Some(10))]);
        assert_eq!(find(AlertThresholds { failed_sends: 11, ..only }).await, []);
        let secret = if store.is_postgres { "'\\x00'" } else { "x'00'" };
        let sql = format!(
            "INSERT INTO event_endpoints (application_key, id, url, kinds, secret, made_at, off_at, off_by)
             VALUES (?1, 'e', 'https://a.example/', 1, {secret}, 1, 1, 'endpoint')"
        );
        store.run(sql, vec![shop.0]).await;
        let gone = Alert::new(AlertKind::Endpoint, Some("SHOP".to_owned()), None);
        assert_eq!(find(AlertThresholds { failed_sends: 0, ..only }).await, [gone]);
    })
    .await;
}

fn reports(application: &str) -> Alert {
    Alert::new(AlertKind::Reports, Some(application.to_owned()), Some(1))
}

/// The subjects of the words that are sent until no more are, with so many an hour.
async fn told(store: &Store, most: u64) -> Vec<String> {
    let mut subjects = Vec::new();
    while let Some(leased) = store.database.lease_alert(most, LEASE).await.unwrap() {
        store.database.alert_told(&leased).await.unwrap();
        subjects.push(leased.alert.subject.unwrap());
    }
    subjects
}

#[tokio::test(flavor = "multi_thread")]
async fn words_about_the_service_come_first_and_some_are_kept_for_it() {
    on_both(async |store| {
        see(store, &["A", "B", "C", "D", "E", "F", "G", "H"].map(reports)).await;
        assert_eq!(told(store, 8).await, ["A", "B", "C", "D", "E", "F"]);
        see(store, &["node"].map(disk)).await;
        assert_eq!(told(store, 8).await, ["node"]);
        // An hour later those that waited have their turn, behind those about the service.
        store.run("UPDATE alerts SET told_at = 1 WHERE told_at IS NOT NULL".to_owned(), vec![]).await;
        see(store, &["other"].map(disk)).await;
        assert_eq!(told(store, 8).await, ["other", "G", "H"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_application_does_not_silence_the_others() {
    on_both(async |store| {
        let denials = |user: &str| Alert::new(AlertKind::Denials, Some(format!("A/{user}")), Some(5));
        see(store, &["u1", "u2", "u3", "u4", "u5"].map(denials)).await;
        see(store, &["B"].map(reports)).await;
        assert_eq!(told(store, 20).await, ["A/u1", "A/u2", "A/u3", "B"]);
    })
    .await;
}

/// Their application is hidden, and has no page to which an alert could lead.
#[tokio::test(flavor = "multi_thread")]
async fn accounts_of_the_console_are_named_by_themselves() {
    on_both(async |store| {
        let boss = store.account("boss", true).await;
        store.signed_in(boss).await;
        let sql = "INSERT INTO denials (user_key, known_browser, in_a_row, last_at, denied) SELECT key, 0, 9, 8999999999, 9 FROM users";
        store.run(sql.to_owned(), vec![]).await;
        let reported = Noted {
            application: None,
            subject: Some("boss".to_owned()),
            ..noted("account.login-reported")
        };
        store.database.note(reported).await.unwrap();
        let by = AlertThresholds::default();
        let find = async |by| store.database.find_alerts(by).await.unwrap();
        let of = |kind, figure| Alert::new(kind, Some("boss".to_owned()), Some(figure));
        let (denials, reports) = (of(AlertKind::AccountDenials, 9), of(AlertKind::AccountReports, 1));
        assert_eq!(find(by).await, [denials.clone(), reports.clone()]);
        assert_eq!(find(AlertThresholds { reports: 2, ..by }).await, [denials]);
        assert_eq!(find(AlertThresholds { denials_in_a_row: 10, ..by }).await, [reports]);
        assert_eq!(find(AlertThresholds { denials_in_a_row: 0, reports: 0, ..by }).await, []);
        // However many accounts there are, they have the words of one application.
        let of = |name: &str| Alert::new(AlertKind::AccountReports, Some(name.to_owned()), Some(1));
        see(store, &["a", "b", "c", "d"].map(of)).await;
        assert_eq!(told(store, 20).await, ["a", "b", "c"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn denials_of_one_application_do_not_take_the_places_of_others() {
    on_both(async |store| {
        let (shop, other) = (store.application("A").await, store.application("B").await);
        let users: Vec<String> = (10..70).map(|number| format!("u{number}")).collect();
        store.add(shop, &users.iter().map(String::as_str).collect::<Vec<_>>()).await;
        store.add(other, &["eve"]).await;
        let sql = "INSERT INTO denials (user_key, known_browser, in_a_row, last_at, denied) SELECT key, 0, 9, 8999999999, 9 FROM users";
        store.run(sql.to_owned(), vec![]).await;
        let found = store.database.find_alerts(AlertThresholds::default()).await.unwrap();
        let subjects: Vec<_> = found.iter().filter_map(|alert| alert.subject.as_deref()).collect();
        assert_eq!(subjects, ["A/u10", "B/eve", "A/u11", "A/u12", "A/u13", "A/u14"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_of_a_later_version_is_left_to_it_and_stops_nothing() {
    for kind in AlertKind::ALL {
        assert!(alerts::NEXT.contains(&format!("'{}'", kind.word())), "{kind:?}");
    }
    on_both(async |store| {
        see(store, &[disk("a"), disk("b")]).await;
        store.run("UPDATE alerts SET kind = 'moon' WHERE subject = 'a'".to_owned(), vec![]).await;
        assert_eq!(told(store, 20).await, ["b"]);
        let kept = store.database.kept_alerts(10).await.unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!(store.count("alerts WHERE kind = 'moon' AND waits = 1").await, 1);
    })
    .await;
}
