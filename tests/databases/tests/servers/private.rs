//! Servers that a test stops and starts.

use iampass_test_databases::{Database, PrivateMariadb, PrivatePostgres, Tls, mariadb, postgres};

const MAKE: &str = "CREATE TABLE words (word varchar(20)); INSERT INTO words VALUES ('kept');";
const ADD: &str = "INSERT INTO words VALUES ('new');";
const COUNT: &str = "SELECT count(*) FROM words;";

/// It has not forgotten anything, and is at the same place, however often it went down.
fn outages(database: &Database, mut stop: impl FnMut(), mut start_again: impl FnMut()) {
    stop();
    assert!(database.sql(COUNT).is_err(), "it is down");
    start_again();
    assert_eq!(database.sql(COUNT).unwrap(), "1");
    database.sql(ADD).unwrap();
    stop();
    stop();
    start_again();
    assert_eq!(database.sql(COUNT).unwrap(), "2");
}

#[test]
fn postgres_comes_back_with_its_data() {
    let Some(mut private) = PrivatePostgres::start(Tls::Off) else { return };
    assert_eq!(private.certificate_authority(), None);
    let database = private.database();
    database.sql(MAKE).unwrap();
    let private = std::cell::RefCell::new(&mut private);
    outages(&database, || private.borrow_mut().stop(), || private.borrow_mut().start_again());
}

#[test]
fn mariadb_comes_back_with_its_data() {
    let Some(mut private) = PrivateMariadb::start() else { return };
    let database = private.database();
    database.sql(MAKE).unwrap();
    let private = std::cell::RefCell::new(&mut private);
    outages(&database, || private.borrow_mut().stop(), || private.borrow_mut().start_again());
}

/// Stopping one's own does not take it away from others.
#[test]
fn a_private_server_is_nobody_elses() {
    let (Some(shared), Some(mut private)) = (postgres(), PrivatePostgres::start(Tls::Off)) else { return };
    let (Some(shared_mariadb), Some(mut private_mariadb)) = (mariadb(), PrivateMariadb::start()) else {
        return;
    };
    private.stop();
    private_mariadb.stop();
    assert_eq!(shared.database().sql("SELECT 1;").unwrap(), "1");
    assert_eq!(shared_mariadb.database().sql("SELECT 1;").unwrap(), "1");
}

#[test]
#[should_panic(expected = "it has not been stopped")]
fn what_runs_is_not_started_again() {
    let Some(mut private) = PrivatePostgres::start(Tls::Off) else { panic!("it has not been stopped") };
    private.start_again();
}

/// Each has a port and a folder of its own.
#[test]
fn several_at_once() {
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let Some(private) = PrivatePostgres::start(Tls::Off) else { return };
                private.database().sql(MAKE).unwrap();
                let Some(private) = PrivateMariadb::start() else { return };
                private.database().sql(MAKE).unwrap();
            });
        }
    });
}
