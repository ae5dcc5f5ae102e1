//! Checks of sessions as records. Belongs here: create, load, list, delete, purge. Does not belong here: logouts.

use std::collections::BTreeSet;

use iampass_core::UnixSeconds;
use iampass_core::port::{SessionRecord, StoreErrorKind};

use super::at_once::{TASKS, at_once};
use super::checks::{CheckResult, OrSeen as _, PASSED, Seen, Verdict, ensure, ensure_conflict};
use super::session_fixture::{
    LEASE, LIFE, SUITE_SERVER, UnderTest, at, claim, claim_none, create, create_due, delete, ensure_gone,
    ensure_names, ensure_same, load, name, names_of, purge, queue, record, record_of, release, session,
    suite_server, user,
};
use super::texts::{long_texts, look_alikes as alike_texts, shown};
use super::under_test::HookOutcome;

pub(super) async fn unknown(store: UnderTest<'_>) -> CheckResult {
    let node = store.node(0);
    ensure_gone(&node, "a").await?;
    create(&node, &record("a", 0)?).await?;
    for other in ["b", "aa", "%", "_", "a%"] {
        ensure_gone(&node, other).await?;
    }
    PASSED
}

/// Sessions with all that a column could change.
fn difficult() -> Result<Vec<SessionRecord>, Seen> {
    let longest = "t".repeat(iampass_core::MAX_ID_BYTES);
    let path = |length: usize| format!("s?a={}", "%E8%AA%9E&b=+%20'".repeat(length / 16));
    let mut records = vec![record("plain", 0)?];
    let parts = [
        ("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "spaces at both ends ", "s/A?b=%2F", "l/a?B=%2f"),
        (longest.as_str(), "語\u{1f511}e\u{301}\u{e9}\u{1}\u{7f}\n", &path(1_000), &path(1_000)),
        ("long-secret", &"s".repeat(1_000), "same", "same"),
        ("short-secret", " ", "", "?"),
    ];
    for (token, secret, status, logout) in parts {
        let session = session(token, secret, status, logout)?;
        records.push(SessionRecord::new(session, user("u")?, at(1), at(2)));
    }
    // A field that one service offers and another does not.
    let with_stream = session("with-stream", "s", "status", "logout")?;
    let stream = format!("{SUITE_SERVER}/stream?a=%2F");
    let with_stream = with_stream.with_status_stream(Some(&stream), &suite_server()?);
    records.push(SessionRecord::new(with_stream, user("u")?, at(1), at(2)));
    for (number, text) in alike_texts().chain(long_texts(255)).enumerate() {
        records.push(record_of(&format!("user-{number}"), &text, 3)?);
    }
    // Times of the past, of the far future, and out of order; a logout due in each.
    let times =
        [(0, 0, 0), (1, 4_102_444_800, 2_147_483_648), (4_294_967_296, 253_402_300_799, 253_402_300_799)];
    for (number, (started, expires, due)) in times.into_iter().enumerate() {
        let mut record = record(&format!("time-{number}"), 0)?.with_logout_due(UnixSeconds(due));
        (record.started_at, record.expires_at) = (UnixSeconds(started), UnixSeconds(expires));
        records.push(record);
    }
    Ok(records)
}

pub(super) async fn come_back(store: UnderTest<'_>) -> CheckResult {
    let records = difficult()?;
    for record in &records {
        create(&store.node(0), record).await?;
    }
    for record in &records {
        ensure_same(record, &load(&store.node(1), record.session.token().as_str()).await?)?;
    }
    PASSED
}

pub(super) async fn look_alikes(store: UnderTest<'_>) -> CheckResult {
    let node = store.node(0);
    let ascii = alike_texts().filter(|text| text.chars().all(|character| character.is_ascii_graphic()));
    let texts: BTreeSet<_> = ascii.chain(["AbC", "aBc", "a%c", "a_c"].map(String::from)).collect();
    for (started, text) in (0..).zip(&texts) {
        ensure_gone(&node, text).await?;
        create(&node, &record(text, started)?).await?;
    }
    for (started, text) in (0..).zip(&texts) {
        ensure_same(&record(text, started)?, &load(&store.node(1), text).await?)?;
    }
    PASSED
}

pub(super) async fn create_twice(store: UnderTest<'_>) -> CheckResult {
    let first = record("a", 0)?;
    create(&store.node(0), &first).await?;
    for second in [&first, &record_of("a", "v", 5)?.with_logout_due(at(0))] {
        ensure_conflict("create of a session that is there", store.node(1).create(second).await)?;
        ensure_same(&first, &load(&store.node(0), "a").await?)?;
    }
    PASSED
}

pub(super) async fn create_at_once(store: UnderTest<'_>) -> CheckResult {
    let mut tasks = Vec::with_capacity(TASKS);
    for started in (0..).take(TASKS) {
        let (node, record) = (store.node(tasks.len() % 2), record("a", started)?);
        tasks.push(async move { (node.create(&record).await, record) });
    }
    let mut winner = None;
    for (result, record) in at_once(tasks).await? {
        match result {
            Err(error) if error.kind() == StoreErrorKind::Conflict => {}
            result => {
                result.or_seen("create, called by 50 tasks at once,")?;
                ensure(winner.replace(record).is_none(), "two tasks created the same session")?;
            }
        }
    }
    let winner = winner.ok_or("no task created the session")?;
    ensure_same(&winner, &load(&store.node(1), "a").await?)?;
    PASSED
}

pub(super) async fn deleted(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    for token in ["a", "b"] {
        create(&first, &record(token, 0)?).await?;
    }
    queue(&first, "a", 10).await?;
    for _ in 0..2 {
        delete(&first, "a").await?;
        ensure_gone(&second, "a").await?;
    }
    claim_none(&second, 1_000, "after the session was deleted").await?;
    ensure_names(&names_of(&second, "u", 10).await?, &["b"], "sessions_of after a deletion")?;
    create(&second, &record("a", 7)?).await?;
    ensure_same(&record("a", 7)?, &load(&first, "a").await?)?;
    PASSED
}

pub(super) async fn of_user(store: UnderTest<'_>) -> CheckResult {
    let node = store.node(0);
    for (token, owner, started) in
        [("a", "u", 1), ("b", "u", 3), ("c", "u", 2), ("d", "v", 4), ("z", "u", 0), ("0", "u", 9)]
    {
        create(&node, &record_of(token, owner, started)?).await?;
    }
    let expected = ["0", "b", "c", "a", "z"];
    for limit in [0, 1, 2, 5, 100] {
        let found = names_of(&store.node(1), "u", limit).await?;
        let expected: Vec<_> = expected.into_iter().take(limit).collect();
        ensure_names(&found, &expected, &format!("sessions_of with the limit {limit}"))?;
    }
    ensure_names(&names_of(&node, "w", 10).await?, &[], "sessions_of a user without sessions")?;
    let found = node.sessions_of(&user("v")?, 10).await.or_seen("sessions_of")?;
    let [found] = found.as_slice() else {
        return Err(format!("sessions_of gave {} sessions instead of one", found.len()));
    };
    ensure_same(&record_of("d", "v", 4)?, found)?;
    PASSED
}

pub(super) async fn of_user_without_due(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    for (token, started) in [("a", 1), ("b", 2), ("c", 3)] {
        create(&first, &record(token, started)?).await?;
    }
    create(&first, &record("d", 4)?.with_logout_due(at(5_000))).await?;
    ensure_names(&names_of(&second, "u", 2).await?, &["c", "b"], "sessions_of with the limit 2")?;
    queue(&first, "b", 5_000).await?;
    ensure_names(&names_of(&second, "u", 10).await?, &["c", "a"], "sessions_of after queue_logout")?;
    ensure(
        first.claim_session(&name("d")?).await.or_seen("claim_session")?.is_in_use(),
        "claim_session refused a session that is there",
    )?;
    ensure_names(&names_of(&second, "u", 10).await?, &["d", "c", "a"], "sessions_of after claim_session")?;
    queue(&first, "a", 0).await?;
    let jobs = claim(&first, 10).await?;
    ensure_names(&names_of(&second, "u", 10).await?, &["d", "c"], "sessions_of while a logout is claimed")?;
    for job in jobs {
        release(&first, &job.claim, 20).await?;
    }
    ensure_names(&names_of(&second, "u", 10).await?, &["d", "c"], "sessions_of after a release")?;
    PASSED
}

pub(super) async fn of_users_who_look_alike(store: UnderTest<'_>) -> CheckResult {
    let users: Vec<_> = alike_texts().chain(long_texts(255)).collect();
    for (number, owner) in users.iter().enumerate() {
        create(&store.node(0), &record_of(&format!("s{number}"), owner, 0)?).await?;
    }
    for (number, owner) in users.iter().enumerate() {
        let call = format!("sessions_of user {}", shown(owner));
        ensure_names(&names_of(&store.node(1), owner, 10).await?, &[&format!("s{number}")], &call)?;
    }
    PASSED
}

pub(super) async fn purge_only_expired(store: UnderTest<'_>) -> CheckResult {
    let node = store.node(0);
    create(&node, &record("plain", 0)?).await?;
    create_due(&node, "due", 5_000).await?;
    create_due(&node, "claimed", 10).await?;
    create(&node, &record("younger", 1)?).await?;
    create(&node, &record("young", 1_000)?.with_logout_due(at(2_000))).await?;
    claim(&node, 10).await?;
    let removed = purge(&store.node(1), LIFE, 10).await?;
    ensure(removed == 0, "purge_expired removed a session at its very end, when it may still be there")?;
    let removed = purge(&store.node(1), LIFE + 1, 10).await?;
    ensure(removed == 3, format!("purge_expired said {removed} where 3 had expired"))?;
    for token in ["plain", "due", "claimed"] {
        ensure_gone(&node, token).await?;
    }
    load(&node, "younger").await?;
    load(&node, "young").await?;
    let owed = claim(&node, 6_000).await?.len();
    ensure(owed == 1, format!("after the purge {owed} logouts are owed instead of one"))?;
    PASSED
}

pub(super) async fn purge_in_parts(store: UnderTest<'_>) -> CheckResult {
    let node = store.node(0);
    for number in 0..10 {
        create(&node, &record(&format!("old-{number}"), 0)?).await?;
    }
    create(&node, &record("young", 1_000)?).await?;
    for (limit, expected, left) in [(0, 0, 10), (3, 3, 7), (1, 1, 6), (4, 4, 2), (4, 2, 0), (4, 0, 0)] {
        let removed = purge(&node, LIFE + 1, limit).await?;
        ensure(
            removed == expected,
            format!("purge_expired with the limit {limit} said {removed} instead of {expected}"),
        )?;
        let mut there = 0;
        for number in 0..10 {
            there += usize::from(node.load(&name(format!("old-{number}"))?).await.or_seen("load")?.is_some());
        }
        ensure(
            there == left,
            format!("purge_expired left {there} of the expired sessions instead of {left}"),
        )?;
    }
    load(&node, "young").await?;
    PASSED
}

pub(super) async fn purge_at_once(store: UnderTest<'_>) -> CheckResult {
    for number in 0..TASKS {
        create(&store.node(0), &record(&format!("old-{number}"), 0)?).await?;
    }
    create(&store.node(0), &record("young", 1_000)?).await?;
    let tasks = (0..TASKS).map(|number| {
        let node = store.node(number % 2);
        async move { node.purge_expired(at(LIFE + 1), 2).await }
    });
    let mut removed = 0;
    for result in at_once(tasks.collect()).await? {
        let part = result.or_seen("purge_expired, called by 50 tasks at once,")?;
        ensure(part <= 2, format!("purge_expired with the limit 2 said {part}"))?;
        removed += part;
    }
    removed += purge(&store.node(0), LIFE + 1, 1_000).await?;
    ensure(removed == TASKS, format!("all in all {removed} were said to be removed of {TASKS}"))?;
    for number in 0..TASKS {
        ensure_gone(&store.node(1), &format!("old-{number}")).await?;
    }
    load(&store.node(1), "young").await?;
    PASSED
}

pub(super) async fn damaged(store: UnderTest<'_>) -> CheckResult {
    let node = store.node(0);
    for token in ["a", "b", "c"] {
        create(&node, &record(token, 0)?).await?;
    }
    match store.damage_session(&name("b")?).await.or_seen("damage_session")? {
        HookOutcome::Done => {}
        HookOutcome::Unsupported => {
            return Ok(Verdict::Skipped("the store has no way to damage a session (damage_session)"));
        }
    }
    match node.load(&name("b")?).await {
        Err(error) if error.kind() == StoreErrorKind::Unreadable => {}
        Err(error) => {
            return Err(format!("load of a damaged session gave {:?} instead of Unreadable", error.kind()));
        }
        Ok(_) => return Err("load of a damaged session went through instead of being Unreadable".into()),
    }
    load(&node, "a").await?;
    let others: BTreeSet<_> = names_of(&node, "u", 10).await?.into_iter().collect();
    ensure(
        others == BTreeSet::from(["a".to_owned(), "c".to_owned()]),
        format!("sessions_of gave {others:?} instead of the two that can be read"),
    )?;
    for token in ["a", "b", "c"] {
        queue(&node, token, 10).await?;
    }
    // It must not stand in the way of the others either, call after call.
    let (mut claimed, mut unreadable) = (BTreeSet::new(), 0);
    for _ in 0..4 {
        let batch =
            node.claim_logouts(at(10), LEASE, 1).await.or_seen("claim_logouts beside a damaged session")?;
        claimed.extend(batch.jobs.into_iter().map(|job| job.claim.token.to_string()));
        unreadable += batch.unreadable;
    }
    ensure(
        claimed == BTreeSet::from(["a".to_owned(), "c".to_owned()]),
        format!("claim_logouts gave {claimed:?} instead of the two that can be read"),
    )?;
    ensure(
        unreadable == 1,
        format!(
            "claim_logouts counted {unreadable} logouts that cannot be read instead of one, within a lease"
        ),
    )?;
    let again = node.claim_logouts(at(10 + 30), LEASE, 10).await.or_seen("claim_logouts")?;
    ensure(again.unreadable == 1, "claim_logouts does not count a damaged session again after its lease")?;
    let removed = purge(&node, LIFE + 1, 10).await?;
    ensure(removed == 3, format!("purge_expired said {removed} where 3 had expired, one of them damaged"))?;
    PASSED
}
