//! The statements by which several calls that only read are answered ([`super::port::StatementForMany`]): how sessions are, and what waits for phones.

use super::port::{Asks, CallId, StatementForMany};
use super::sessions::session_columns;
use super::{Row, StorageError};

/// How a session is.
pub(super) const A_SESSION: Asks = Asks { what: SESSION, for_many };
/// The questions that wait for a phone.
pub(super) const WHAT_WAITS: Asks = Asks { what: WAITING, for_many };

const SESSION: i64 = 0;
const WAITING: i64 = 1;

/// How many columns a session has.
const OF_SESSION: usize = 10;
/// How many columns the questions of a phone have.
const OF_QUESTIONS: usize = 17;

/// The statement for calls that ask for these things.
fn for_many(calls: &[i64]) -> StatementForMany {
    let is_all = |what| calls.iter().all(|one| *one == what);
    let ([silent, telling], values, read): (_, _, fn(Row) -> _) = match (is_all(SESSION), is_all(WAITING)) {
        (true, _) => (SESSIONS, 5, |row| part(row, 0, OF_SESSION, OF_SESSION)),
        (_, true) => (QUESTIONS, 5, |row| part(row, 0, OF_QUESTIONS, OF_QUESTIONS)),
        _ => (BOTH, 6, read_both),
    };
    StatementForMany { silent, telling, values, read }
}

fn read_both(row: Row) -> Result<Option<(CallId, Row)>, StorageError> {
    let last = OF_SESSION + OF_QUESTIONS;
    match row.optional_integer(last + 2)? {
        Some(SESSION) => part(row, 0, OF_SESSION, last),
        _ => part(row, OF_SESSION, OF_QUESTIONS, last),
    }
}

/// So many columns of a row from the first on, and the call, whose id and nonce stand at `call`.
fn part(
    mut row: Row,
    first: usize,
    columns: usize,
    call: usize,
) -> Result<Option<(CallId, Row)>, StorageError> {
    let Some(id) = row.optional_text(call)? else { return Ok(None) };
    let call = (id.to_owned(), row.integer(call + 1)?.cast_unsigned());
    row.0.truncate(first + columns);
    Ok(Some((call, Row(row.0.split_off(first)))))
}

/// The parts that all statements begin with: the nonces of those calls whose signer is as it is remembered, and the notifications.
macro_rules! spending {
    ($told:literal, $columns:literal, $kinds:literal, $signers:literal) => {
        concat!(
            "WITH asked AS (SELECT * FROM unnest(CAST(?1 AS TEXT[]), CAST(?2 AS BIGINT[]), CAST(?3 AS BIGINT[]), CAST(?4 AS BYTEA[])",
            $kinds,
            ") WITH ORDINALITY AS call (id, nonce, timestamp, secret",
            $columns,
            ", place)),
             spent AS (INSERT INTO nonces (id, nonce, timestamp)
                 SELECT call.id, call.nonce, call.timestamp FROM asked call WHERE ",
            $signers,
            " ORDER BY call.place ON CONFLICT (id, nonce) DO NOTHING RETURNING id, nonce),
             told AS (SELECT count(",
            $told,
            ") AS all_told FROM unnest(CAST(?5 AS TEXT[])) AS text) "
        )
    };
}

/// The columns of the questions of a phone: those of [`crate::questions::FETCHED`].
macro_rules! question_columns {
    () => {
        "s.request_id, s.request_secret, s.methods, s.asked_at, s.state, s.due_at, s.code_tag, s.known_browser, s.browser, s.address, s.device_key, s.key,
         (SELECT max(e.key) FROM phone_events e WHERE e.user_key = d.user_key), u.id, a.id, a.name, a.walkaway"
    };
}

/// The tables of the phone of a call, called `p`, and of its questions.
macro_rules! of_phone {
    () => {
        "JOIN devices d ON d.id = p.id JOIN users u ON u.key = d.user_key JOIN applications a ON a.key = u.application_key
             LEFT JOIN sessions s ON s.user_key = d.user_key AND s.ended_at IS NULL
                 AND (s.device_key = d.key OR s.device_key IS NULL) AND s.activated_at IS NULL AND s.on_phone = 1"
    };
}

/// The statements that tell nothing, and those that send notifications. Those are apart: where the server takes no notification, reads go on.
macro_rules! both_ways {
    ($statement:ident) => {
        [$statement!("text"), $statement!("pg_notify('iampass_wake', text)")]
    };
}

/// How sessions are: their columns, then the id and the nonce of the call. There is a row without an id where no call has another one.
macro_rules! of_sessions {
    ($told:literal) => {
        concat!(
            spending!($told, "", "", "EXISTS (SELECT 1 FROM sessions s WHERE s.token = call.id AND s.secret = call.secret)"),
            "SELECT ",
            session_columns!(),
            ", p.id, p.nonce FROM told LEFT JOIN (spent p JOIN sessions s ON s.token = p.id) ON told.all_told >= 0"
        )
    };
}
const SESSIONS: [&str; 2] = both_ways!(of_sessions);

/// The same for what waits for phones.
macro_rules! of_questions {
    ($told:literal) => {
        concat!(
            spending!(
                $told,
                "",
                "",
                "EXISTS (SELECT 1 FROM devices d WHERE d.id = call.id AND d.secret = call.secret)"
            ),
            "SELECT ",
            question_columns!(),
            ", p.id, p.nonce FROM told LEFT JOIN (spent p ",
            of_phone!(),
            ") ON told.all_told >= 0 ORDER BY p.id, p.nonce, s.key"
        )
    };
}
const QUESTIONS: [&str; 2] = both_ways!(of_questions);

/// The same for calls of both kinds: the columns of a session, those of questions, the id, the nonce and the kind of the call.
macro_rules! of_both {
    ($told:literal) => {
        concat!(
            spending!(
                $told,
                ", what",
                ", CAST(?6 AS BIGINT[])",
                "(call.what = 0 AND EXISTS (SELECT 1 FROM sessions s WHERE s.token = call.id AND s.secret = call.secret))
                 OR (call.what = 1 AND EXISTS (SELECT 1 FROM devices d WHERE d.id = call.id AND d.secret = call.secret))"
            ),
            "SELECT ",
            session_columns!(),
            ", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, p.id, p.nonce, c.what
             FROM spent p JOIN asked c ON c.id = p.id AND c.nonce = p.nonce AND c.what = 0 JOIN sessions s ON s.token = p.id
             UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, ",
            question_columns!(),
            ", p.id, p.nonce, c.what FROM spent p JOIN asked c ON c.id = p.id AND c.nonce = p.nonce AND c.what = 1 ",
            of_phone!(),
            " UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                               NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, all_told FROM told
             ORDER BY 28, 29, 22"
        )
    };
}
const BOTH: [&str; 2] = both_ways!(of_both);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statement_is_that_of_what_is_asked_for() {
        for (calls, [silent, telling], values) in [
            (&[SESSION][..], SESSIONS, 5),
            (&[WAITING, WAITING], QUESTIONS, 5),
            (&[WAITING, SESSION], BOTH, 6),
            (&[SESSION, SESSION, WAITING], BOTH, 6),
        ] {
            let statement = for_many(calls);
            assert_eq!((statement.silent, statement.telling, statement.values), (silent, telling, values));
        }
    }
}
