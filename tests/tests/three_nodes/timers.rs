//! Changes that time makes by itself are written down by one node, once.

use std::time::{Duration, Instant};

use crate::caller::{NODES, Three};

const USERS: usize = 12;
const QUESTIONS: usize = 5;

#[test]
fn a_deadline_is_settled_by_one_node_once() {
    let Some(three) = Three::start(1) else { return };
    // The database itself counts how often the state of each session is written.
    three
        .database
        .sql(
            "CREATE TABLE written (session bigint, state text);
             CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN INSERT INTO written VALUES (NEW.key, NEW.state); RETURN NEW; END $$;
             CREATE TRIGGER note AFTER UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION note();",
        )
        .unwrap();
    for user in 0..USERS {
        let user = format!("user-{user}");
        let _phone = three.user_with_phone(&user);
        for question in 0..QUESTIONS {
            // The service takes five at a time; one that has timed out makes room.
            three.start_login(question % NODES, &user);
        }
    }
    let sessions = USERS * QUESTIONS;
    let deadline = Instant::now() + Duration::from_secs(60);
    let settled = "SELECT count(*) FROM sessions WHERE state = 'timeout'";
    while three.database.sql(settled).unwrap() != sessions.to_string() {
        assert!(
            Instant::now() < deadline,
            "{}",
            three.database.sql("SELECT state, count(*) FROM sessions GROUP BY 1").unwrap()
        );
        std::thread::sleep(Duration::from_millis(200));
    }
    // The other nodes have had their turns as well.
    std::thread::sleep(Duration::from_secs(3));
    let written =
        three.database.sql("SELECT count(*), count(DISTINCT session), min(state), max(state) FROM written");
    assert_eq!(written.unwrap(), format!("{sessions}\t{sessions}\ttimeout\ttimeout"));
}
