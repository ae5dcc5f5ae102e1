//! The history of logins on both databases: what a row tells, the search, the pages, and by which index they are found among many.

use std::sync::Arc;

use iampass_core::UnixSeconds;
use iampass_server_domain::rules::{Ending, Event, Outcome};

use super::history::{OF_APPLICATION, OF_USER};
use super::login_hours::{COUNTED, FARTHEST, FARTHEST_LOGIN};
use super::*;
use crate::test_store::{Store, noted, on_both};
use crate::{ApplicationChange, ApplicationKey, SpentNonce, timeline_rows};

/// As many sessions as the history must stay quick with, in the shape of a month.
const MANY: i64 = 200_000;

fn none(store: &Store) -> SpentNonce {
    SpentNonce::none(Arc::clone(&store.database))
}

/// Lets an event happen to a session.
async fn happens(store: &Store, session: crate::SessionKey, event: Event) {
    let done = store.database.write(move |tx| {
        Box::pin(async move { timeline_rows::apply(tx, session, event).await.map(|found| found.is_some()) })
    });
    assert!(done.await.unwrap());
}

async fn told(store: &Store, search: HistorySearch) -> Vec<(Outcome, Option<Ending>)> {
    let page = store.database.search_history(search, 50).await.unwrap();
    page.entries.iter().map(|entry| (entry.outcome, entry.ending)).collect()
}

#[tokio::test]
async fn a_row_says_why_its_session_ended() {
    on_both(async |store| {
        let shop = store.application("APP").await;
        store.add(shop, &["ann", "bob"]).await;
        let (ann, bob) = (store.user(shop, "ann").await, store.user(shop, "bob").await);
        store.sessions(shop, Some(ann), 1, 9).await;
        store
            .run(
                "UPDATE sessions SET state = 'pending', activated_at = NULL WHERE asked_at <= 4".into(),
                vec![],
            )
            .await;
        let keys = store.database.sessions_of(shop, None, 20).await.unwrap();
        let key = |number: u64| keys.iter().find(|found| found.asked_at.0 == number).unwrap().key;
        for (number, event) in
            [(1, Event::Denied), (2, Event::ProofMissing), (3, Event::Superseded), (4, Event::LoggedOut)]
        {
            happens(store, key(number), event).await;
        }
        store.database.log_out(key(5), none(store)).await.unwrap();
        store.database.end_session(shop, key(6), Actor::Command, noted("ended")).await.unwrap();
        happens(store, key(7), Event::PhoneGone).await;
        // Its time is up; the second one while its phone is away.
        store.run("UPDATE sessions SET due_at = 1000 WHERE asked_at >= 8".into(), vec![]).await;
        store.run("UPDATE sessions SET state = 'walkaway' WHERE asked_at = 9".into(), vec![]).await;
        let expected = [
            (Outcome::Accepted, Some(Ending::OverWhileAway)),
            (Outcome::Accepted, Some(Ending::Over)),
            (Outcome::Accepted, Some(Ending::PhoneGone)),
            (Outcome::Accepted, Some(Ending::InConsole)),
            (Outcome::Accepted, Some(Ending::ByApplication)),
            (Outcome::Withdrawn, Some(Ending::ByApplication)),
            (Outcome::Superseded, Some(Ending::Superseded)),
            (Outcome::Failed, Some(Ending::ProofMissing)),
            (Outcome::Denied, Some(Ending::Denied)),
        ];
        // Before the deadlines are written down, and after.
        assert_eq!(told(store, HistorySearch::all(shop)).await, expected);
        while store.database.settle_due().await.unwrap().1 {}
        assert_eq!(told(store, HistorySearch::all(shop)).await, expected);
        assert_eq!(store.count("sessions WHERE ended_by = 'over-while-away'").await, 1);

        let outcome = HistorySearch { outcome: Some(Outcome::Denied), ..HistorySearch::all(shop) };
        assert_eq!(told(store, outcome).await.len(), 1);
        let ending = HistorySearch { ending: Some(Ending::ByApplication), ..HistorySearch::all(shop) };
        assert_eq!(told(store, ending).await.len(), 2);

        store.sessions(shop, Some(bob), 10, 10).await;
        let change = ApplicationChange::Disable;
        store.database.change_application(shop, change, Actor::Command, noted("off")).await.unwrap();
        let of_bob = HistorySearch { user: Some(AskedUser::Named("bob".into())), ..HistorySearch::all(shop) };
        assert_eq!(told(store, of_bob).await, [(Outcome::Accepted, Some(Ending::Disabled))]);
        // A row of before says nothing, and nothing is said of it.
        store.run("UPDATE sessions SET ended_by = NULL WHERE asked_at IN (1, 10)".into(), vec![]).await;
        let all = told(store, HistorySearch::all(shop)).await;
        assert_eq!((all[0], all[9]), ((Outcome::Accepted, None), (Outcome::Cancelled, None)));
    })
    .await;
}

#[tokio::test]
async fn a_deleted_user_leaves_a_row_without_a_name() {
    on_both(async |store| {
        let shop = store.application("APP").await;
        store.add(shop, &["ann"]).await;
        let ann = store.user(shop, "ann").await;
        store.sessions(shop, Some(ann), 1, 1).await;
        let change =
            store.database.change_user(shop, ann, UserChange::Delete, Actor::Command, noted("deleted"));
        assert!(change.await.unwrap());
        let page = store.database.search_history(HistorySearch::all(shop), 5).await.unwrap();
        let entry = &page.entries[0];
        assert_eq!((entry.user, entry.user_id.as_str(), entry.ending), (None, "", Some(Ending::UserDeleted)));
        assert_eq!(entry.phone, HistoryPhone::Gone);
    })
    .await;
}

/// All pages of a search, one after the other.
async fn all_pages(store: &Store, search: HistorySearch, most: usize) -> Vec<HistoryPlace> {
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let search = HistorySearch { before, ..search.clone() };
        let page = store.database.search_history(search, most).await.unwrap();
        assert!(page.entries.len() <= most);
        found.extend(page.entries.iter().map(|entry| HistoryPlace { at: entry.asked_at, key: entry.key }));
        before = page.next;
        if before.is_none() {
            return found;
        }
    }
}

#[tokio::test]
async fn pages_follow_each_other_over_equal_seconds_and_no_row_is_lost() {
    on_both(async |store| {
        let (shop, other) = (store.application("APP").await, store.application("OTHER").await);
        store.add(shop, &["ann", "anna", "bob"]).await;
        let (ann, anna) = (store.user(shop, "ann").await, store.user(shop, "anna").await);
        store.sessions(shop, Some(ann), 1, 30).await;
        store.sessions(shop, Some(anna), 31, 40).await;
        store.add(other, &["zoe"]).await;
        let zoe = store.user(other, "zoe").await;
        store.sessions(other, Some(zoe), 41, 41).await;
        // Seven of a second.
        store.run("UPDATE sessions SET asked_at = 1000 + asked_at / 7".into(), vec![]).await;
        store.run("UPDATE sessions SET address = '192.0.2.7' WHERE asked_at = 1001".into(), vec![]).await;
        let all = HistorySearch::all(shop);
        for most in [1, 3, 7, 50] {
            let found = all_pages(store, all.clone(), most).await;
            assert_eq!(found.len(), 40, "{most}");
            assert!(found.windows(2).all(|two| two[0] > two[1]), "{most}: {found:?}");
        }
        let user = |user| HistorySearch { user: Some(user), ..all.clone() };
        let count = async |search| all_pages(store, search, 4).await.len();
        assert_eq!(count(user(AskedUser::Named("ann".into()))).await, 30);
        assert_eq!(count(user(AskedUser::Beginning("ann".into()))).await, 40);
        assert_eq!(count(user(AskedUser::Beginning("anna".into()))).await, 10);
        assert_eq!(count(user(AskedUser::Beginning("b".into()))).await, 0);
        assert_eq!(count(user(AskedUser::Named("nobody".into()))).await, 0);
        // A user of another application is none of this one's.
        let elsewhere =
            HistorySearch { user: Some(AskedUser::Named("ann".into())), ..HistorySearch::all(other) };
        assert_eq!(count(elsewhere).await, 0);
        let at = |from, until| HistorySearch {
            from: Some(UnixSeconds(from)),
            until: Some(UnixSeconds(until)),
            ..all.clone()
        };
        assert_eq!(count(at(1_001, 1_002)).await, 7);
        assert_eq!(count(at(0, 1_000)).await, 0);
        for (asked, found) in
            [("192.0.2.7", 7), ("::ffff:192.0.2.7", 7), ("::ffff:c000:207", 7), ("192.0.2.70", 0)]
        {
            let address = read_address(asked);
            assert!(address.is_some(), "{asked}");
            assert_eq!(count(HistorySearch { address, ..all.clone() }).await, found, "{asked}");
        }
        // The application may have written it in another way.
        store
            .run("UPDATE sessions SET address = '2001:DB8:0:0::1' WHERE asked_at = 1001".into(), vec![])
            .await;
        let address = read_address("2001:db8::1");
        assert_eq!(count(HistorySearch { address, ..all.clone() }).await, 7);
    })
    .await;
}

/// Sessions of a month, of which many are of one user.
pub(super) async fn month(store: &Store, shop: ApplicationKey) {
    let secret = if store.is_postgres { "'\\x00'" } else { "x'00'" };
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
         INSERT INTO sessions (token, secret, request_id, request_secret, application_key, user_key, methods, duration_seconds,
                               state, asked_at, activated_at, ended_at, ended_by)
         SELECT 'm' || i, {secret}, 'm' || i, {secret}, CAST(?1 AS BIGINT),
                (SELECT min(key) FROM users) + CASE WHEN i % 5 = 0 THEN 0 ELSE i % 1000 END, '', 3600,
                CASE WHEN i % 10 = 0 THEN 'cancelled' WHEN i % 10 = 1 THEN 'timeout' ELSE 'closed' END, i * 2592000 / ?2,
                CASE WHEN i % 10 > 1 THEN i * 2592000 / ?2 + i % 20 END, i * 2592000 / ?2 + 30,
                CASE WHEN i % 10 = 0 THEN 'denied' WHEN i % 10 = 1 THEN 'not-answered' ELSE 'by-application' END FROM n"
    );
    store.run(sql, vec![shop.0, MANY]).await;
}

#[tokio::test]
async fn a_search_looks_through_a_bounded_number_of_rows_by_an_index() {
    on_both(async |store| {
        let shop = store.application("APP").await;
        let users = "WITH RECURSIVE n(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
                     INSERT INTO users (application_key, id, created_at) SELECT CAST(?1 AS BIGINT), 'user-' || i, 0 FROM n";
        store.run(users.to_owned(), vec![shop.0, 1_000]).await;
        month(store, shop).await;
        if store.is_postgres {
            for table in ["users", "sessions", "devices"] {
                store.run(format!("ANALYZE {table}"), vec![]).await;
            }
        }
        let user = store.user(shop, "user-0").await;
        let page = || vec![0.into(), i64::MAX.into(), i64::MAX.into(), 51.into()];
        let of = |owner: crate::Value<'static>| [vec![owner], page()].concat();
        for (sql, values, index) in [
            (OF_APPLICATION, of(shop.into()), "sessions_asked"),
            (OF_USER, of(user.into()), "sessions_of_user"),
            (FARTHEST, vec![shop.into(), 0.into(), 86_400.into(), 50.into()], "sessions_asked"),
            (FARTHEST_LOGIN, vec![shop.into(), 0.into(), 86_400.into(), 50.into()], "sessions_asked"),
            (COUNTED, vec![shop.into(), 0.into(), 86_400.into()], "sessions_asked"),
        ] {
            let plan = store.plan(sql, values).await;
            let by_hand = plan.contains("Seq Scan on sessions") || plan.contains("SCAN s");
            let sorts = sql != COUNTED && (plan.contains("Sort") || plan.contains("TEMP B-TREE"));
            assert!(plan.contains(index) && !by_hand && !sorts, "{sql}\n{plan}");
        }

        // Nothing is found, and the search stops and says where it goes on.
        let search = HistorySearch { address: read_address("192.0.2.1"), ..HistorySearch::all(shop) };
        let page = store.database.search_history(search.clone(), 50).await.unwrap();
        assert!(page.entries.is_empty());
        assert_eq!(page.looked_through, 5_000);
        let last = page.next.unwrap();
        let looked = format!("sessions WHERE asked_at > {0} OR (asked_at = {0} AND key >= {1})", last.at.0, last.key.0);
        assert_eq!(store.count(&looked).await, 5_000);
        let page = store.database.search_history(HistorySearch { before: page.next, ..search }, 50).await.unwrap();
        assert!(page.next.unwrap() < last);
    })
    .await;
}
