//! Logins counted by the hour, on both databases.

use std::collections::BTreeMap;
use std::sync::Arc;

use iampass_core::UnixSeconds;

use super::counting_turns::Counting;
use super::*;
use crate::ApplicationKey;
use crate::test_store::{Store, on_both};

#[tokio::test]
async fn logins_are_counted_by_their_hour_and_by_what_became_of_them() {
    on_both(async |store| {
        let (shop, other) = (store.application("APP").await, store.application("OTHER").await);
        store.add(shop, &["ann"]).await;
        let ann = store.user(shop, "ann").await;
        store.sessions(shop, Some(ann), 1, 8).await;
        store.add(other, &["zoe"]).await;
        let zoe = store.user(other, "zoe").await;
        store.sessions(other, Some(zoe), 9, 9).await;
        store.sessions(shop, Some(ann), 10, 10).await;
        for (number, change) in [
            (1, "activated_at = 5"),
            (2, "activated_at = 6, ended_at = 20, state = 'closed', ended_by = 'over'"),
            (3, "activated_at = NULL, ended_at = 13, state = 'cancelled', ended_by = 'denied'"),
            (4, "activated_at = NULL, ended_at = 64, state = 'timeout', ended_by = 'not-answered'"),
            (5, "activated_at = NULL, ended_at = 64, state = 'cancelled', ended_by = 'phone-gone'"),
            (6, "asked_at = 7206, activated_at = NULL, state = 'pending'"),
            (7, "asked_at = 7207, activated_at = 7209"),
            // A login page that was only looked at.
            (8, "activated_at = NULL, nameless = 1, user_key = NULL, ended_at = 64, state = 'timeout'"),
            // Of before the version that tells a denial from a withdrawal.
            (10, "activated_at = NULL, ended_at = 13, state = 'cancelled', ended_by = NULL"),
        ] {
            store.run(format!("UPDATE sessions SET {change} WHERE token = 't{number}'"), vec![]).await;
        }
        let now = UnixSeconds(3 * HOUR);
        let counted = store.database.login_hours(shop, UnixSeconds(0), now).await.unwrap().unwrap();
        assert_eq!(counted.counted_since, UnixSeconds(0));
        let hours: Vec<_> = counted
            .hours
            .iter()
            .map(|(at, hour)| (at.0, hour.counts, hour.not_told, hour.answers.clone()))
            .collect();
        let counts = |accepted, denied, unanswered| LoginCounts { accepted, denied, unanswered };
        assert_eq!(
            hours,
            [(0, counts(2, 1, 3), 1, [(4, 2), (10, 1)].into()), (7_200, counts(1, 0, 0), 0, [(2, 1)].into())]
        );

        // The hour in which one waits is counted anew, the other is kept.
        store
            .run(
                "UPDATE sessions SET activated_at = 7210, state = 'active' WHERE token = 't6'".into(),
                vec![],
            )
            .await;
        store
            .run("DELETE FROM sessions WHERE token IN ('t1', 't2', 't3', 't4', 't5', 't10')".into(), vec![])
            .await;
        let later = UnixSeconds(now.0 + 5);
        let counted = store.database.login_hours(shop, UnixSeconds(0), later).await.unwrap().unwrap();
        let counted: Vec<_> = counted.hours.values().map(|hour| hour.counts).collect();
        assert_eq!(counted, [counts(2, 1, 3), counts(2, 0, 0)]);
    })
    .await;
}

#[tokio::test]
async fn what_is_too_much_at_once_is_counted_a_part_at_a_time() {
    on_both(async |store| {
        let shop = store.application("APP").await;
        let user = "INSERT INTO users (application_key, id, created_at)
                    WITH RECURSIVE n(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
                    SELECT CAST(?1 AS BIGINT), 'user-' || i, 0 FROM n";
        store.run(user.to_owned(), vec![shop.0]).await;
        super::history_tests::month(store, shop).await;
        let now = UnixSeconds(30 * 24 * HOUR);
        let (mut since, mut look) = (now, 0);
        while since > UnixSeconds(0) {
            look += 1;
            let counted = store.database.login_hours(shop, UnixSeconds(0), now).await.unwrap().unwrap();
            assert!(counted.counted_since < since, "{look}");
            since = counted.counted_since;
            let first = counted.hours.keys().next().unwrap();
            assert!(*first >= since);
            let sum: u64 = counted.hours.values().map(|hour| hour.counts.accepted + hour.counts.denied + hour.counts.unanswered).sum();
            let there = store.count(&format!("sessions WHERE asked_at >= {}", since.0)).await;
            assert_eq!(i64::try_from(sum).unwrap(), there, "{look}");
        }
        assert_eq!(look, 2, "all is counted, but not at once");
    })
    .await;
}

/// Inserts logins of an hour that nobody has answered, with these numbers.
async fn unanswered(store: &Store, shop: ApplicationKey, (from, to): (i64, i64), hour: u64, nameless: u8) {
    let secret = if store.is_postgres { "'\\x00'" } else { "x'00'" };
    let insert = format!(
        "WITH RECURSIVE n(i) AS (SELECT CAST({from} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {to})
         INSERT INTO sessions (token, secret, request_id, request_secret, application_key, methods, duration_seconds, state, asked_at,
                               ended_at, ended_by, nameless)
         SELECT 'h' || i, {secret}, 'h' || i, {secret}, CAST(?1 AS BIGINT), '', 3600, 'timeout', {begins} + i % 3600, {begins} + 3700,
                'not-answered', {nameless} FROM n",
        begins = hour * HOUR
    );
    store.run(insert, vec![shop.0]).await;
}

/// The first hour that is counted, the hours that have too many, and the sum of the others.
async fn seen(store: &Store, shop: ApplicationKey, now: UnixSeconds) -> (u64, Vec<u64>, u64) {
    let counted = store.database.login_hours(shop, UnixSeconds(0), now).await.unwrap().unwrap();
    let full = counted.hours.iter().filter(|(_, hour)| hour.is_too_much).map(|(at, _)| at.0 / HOUR).collect();
    let sum = counted.hours.values().map(|hour| hour.counts.unanswered).sum();
    (counted.counted_since.0 / HOUR, full, sum)
}

/// An application that makes more logins than that holds up no other one, and those of other hours are counted.
#[tokio::test]
async fn an_hour_with_too_many_is_told_and_those_before_it_are_counted() {
    on_both(async |store| {
        let shop = store.application("APP").await;
        unanswered(store, shop, (1, 10), 0, 0).await;
        unanswered(store, shop, (11, 120_010), 1, 0).await;
        let now = UnixSeconds(2 * HOUR - 10);
        assert_eq!(seen(store, shop, now).await, (0, vec![], 120_010), "as many as can be");
        unanswered(store, shop, (120_011, 120_011), 1, 0).await;
        assert_eq!(
            seen(store, shop, now).await,
            (0, vec![], 120_010),
            "the current hour is kept for some seconds"
        );
        assert_eq!(seen(store, shop, UnixSeconds(now.0 + 5)).await, (0, vec![1], 10));
        // So it is when it is over, while the next hour may still change, and at a look after that.
        for later in [UnixSeconds(2 * HOUR + 1), UnixSeconds(3 * HOUR), UnixSeconds(3 * HOUR)] {
            assert_eq!(seen(store, shop, later).await, (0, vec![1], 10));
        }
    })
    .await;
}

/// In the first minutes of an hour the hour before may still change: it is counted again, but not at each look.
#[tokio::test]
async fn an_hour_that_is_just_over_is_kept_for_some_seconds() {
    on_both(async |store| {
        let shop = store.application("APP").await;
        unanswered(store, shop, (1, 10), 0, 0).await;
        let at = |seconds| UnixSeconds(HOUR + seconds);
        assert_eq!(seen(store, shop, at(1)).await, (0, vec![], 10));
        unanswered(store, shop, (11, 12), 0, 0).await;
        for seconds in [1, 5] {
            assert_eq!(seen(store, shop, at(seconds)).await, (0, vec![], 10), "{seconds}");
        }
        assert_eq!(seen(store, shop, at(6)).await, (0, vec![], 12));
        // A clock that is set back is told no count of the future.
        unanswered(store, shop, (13, 13), 0, 0).await;
        assert_eq!(seen(store, shop, at(3)).await, (0, vec![], 13));
    })
    .await;
}

/// Each look meets some, and the next one goes on behind them.
#[tokio::test]
async fn many_hours_with_too_many_are_looked_at_over_several_calls() {
    on_both(async |store| {
        let shop = store.application("APP").await;
        for hour in 0..4_u64 {
            let first = i64::try_from(hour).unwrap() * 120_001;
            unanswered(store, shop, (first, first + 120_000), hour, 0).await;
        }
        let now = UnixSeconds(10 * HOUR);
        assert_eq!(seen(store, shop, now).await, (4, vec![], 0));
        assert_eq!(seen(store, shop, now).await, (2, vec![2, 3], 0));
        assert_eq!(seen(store, shop, now).await, (0, vec![0, 1, 2, 3], 0));
    })
    .await;
}

/// Those who open login pages make no hour too much.
#[tokio::test]
async fn pages_that_were_only_looked_at_are_none_of_too_many() {
    on_both(async |store| {
        let shop = store.application("APP").await;
        unanswered(store, shop, (1, 10), 0, 0).await;
        unanswered(store, shop, (11, 120_111), 1, 1).await;
        unanswered(store, shop, (120_112, 120_113), 1, 0).await;
        for expected in [(1, vec![], 2), (0, vec![], 12)] {
            assert_eq!(seen(store, shop, UnixSeconds(3 * HOUR)).await, expected);
        }
    })
    .await;
}

#[tokio::test]
async fn an_application_that_is_being_counted_holds_up_no_other() {
    on_both(async |store| {
        let (shop, other) = (store.application("APP").await, store.application("OTHER").await);
        unanswered(store, other, (1, 10), 0, 0).await;
        let now = UnixSeconds(2 * HOUR);
        let turns = &store.database.login_hours.turns;
        let Counting::Own(turn) = turns.take((shop, 0)).await else { panic!("somebody counts") };
        assert_eq!(seen(store, other, now).await, (0, vec![], 10));
        assert_eq!(store.database.login_hours(shop, UnixSeconds(0), now).await.unwrap(), None);
        // Those who wait get what the one who counts tells.
        let waiting = store.database.login_hours(shop, UnixSeconds(0), now);
        let told = Arc::new(LoginHours { hours: BTreeMap::new(), counted_since: UnixSeconds(7) });
        let tell = async {
            tokio::task::yield_now().await;
            turn.tell(Arc::clone(&told));
        };
        let (found, ()) = tokio::join!(waiting, tell);
        assert_eq!(found.unwrap(), Some(told));
    })
    .await;
}
