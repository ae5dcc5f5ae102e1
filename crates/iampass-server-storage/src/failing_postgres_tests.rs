//! A PostgreSQL that freezes, refuses changes, has no room, or is another one than before.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use iampass_test_databases::{Database as TestDatabase, PrivatePostgres, Tls};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use url::Url;

use super::*;
use crate::{MasterKey, MasterKeySource, MasterKeys, StorageConfig, StorageLocation};

/// Passes connections on, until it is told to be silent: those that there are then stay open, and nothing comes through them ever again.
struct Forwarder {
    port: u16,
    /// Where new connections go. None: nowhere, they stay open and silent.
    to: watch::Sender<Option<String>>,
}

impl Forwarder {
    async fn to(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (to, target) = watch::channel(Some(authority(url)));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut target = target.clone();
                tokio::spawn(async move {
                    let to = target.borrow_and_update().clone();
                    let Some(to) = to else { return std::future::pending().await };
                    let mut server = TcpStream::connect(to).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut stream, &mut server) => {}
                        _ = target.changed() => std::future::pending::<()>().await,
                    }
                });
            }
        });
        Self { port, to }
    }

    fn url(&self, url: &str) -> String {
        at(url, &format!("127.0.0.1:{}", self.port))
    }

    fn freeze(&self) {
        self.to.send_replace(None);
    }

    fn lead_to(&self, url: &str) {
        self.to.send_replace(Some(authority(url)));
    }
}

fn authority(url: &str) -> String {
    let url = Url::parse(url).unwrap();
    format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5_432))
}

/// The same database by another way.
fn at(url: &str, hosts: &str) -> String {
    let url = Url::parse(url).unwrap();
    format!("postgres://{}@{hosts}{}", url.username(), url.path())
}

async fn open(url: &str) -> Result<Arc<Database>, StorageError> {
    let mut config = StorageConfig::new(StorageLocation::Postgres(url.parse().unwrap()));
    config.master_key = MasterKeySource::Keys(MasterKeys::new(MasterKey::from_bytes([3; 32])));
    Database::open(&config, Sharing::Alone).await.map(Arc::new)
}

async fn ask(database: &Database, sql: &'static str) -> Result<String, StorageError> {
    database
        .read(move |tx| {
            Box::pin(async move {
                let row = tx.query_one(sql, &[]).await?.ok_or(StorageError::Waits)?;
                Ok(row.text(0)?.to_owned())
            })
        })
        .await
}

/// A connection that is silent is waited for for 21 s. A call that takes less than this has waited for none.
const LESS_THAN_SILENCE: Duration = Duration::from_secs(15);

const SESSION: &str = "SELECT pg_backend_pid()::text";

fn postgres() -> Option<TestDatabase> {
    Some(iampass_test_databases::postgres()?.database())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_database_is_given_up_in_time_and_its_connections_are_never_used_again() {
    // One of its own: the shared one has not room enough for all that is opened here.
    let Some(process) = PrivatePostgres::start(Tls::Off) else { return };
    let server = process.database();
    let forwarder = Forwarder::to(server.url()).await;
    let database = open(&forwarder.url(server.url())).await.unwrap();
    // More connections than are used while it is frozen.
    join_all((0..16).map(|_| ask(&database, "SELECT pg_sleep(0.1)::text"))).await;
    forwarder.freeze();
    let began = Instant::now();
    let few = join_all((0..3).map(|_| database.takes_changes()));
    let many = join_all((0..1_000).map(|_| async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        ask(&database, SESSION).await
    }));
    let (few, many) = tokio::join!(few, many);
    // Each is given up after 21 s. One that took its turn after another one would take twice as long.
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
    assert!(few.iter().all(Result::is_err) && many.iter().all(Result::is_err));
    // The server is the same, and the connections from before stay silent.
    forwarder.lead_to(server.url());
    let began = Instant::now();
    while database.takes_changes().await.is_err() {}
    for _ in 0..40 {
        ask(&database, SESSION).await.unwrap();
    }
    assert!(began.elapsed() < LESS_THAN_SILENCE, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_server_in_the_place_of_a_frozen_one_is_used_at_once() {
    let (Some(first), Some(second)) = (PrivatePostgres::start(Tls::Off), PrivatePostgres::start(Tls::Off))
    else {
        return;
    };
    let [first, second] = [&first, &second].map(PrivatePostgres::database);
    // The same database by name, as if the one were the standby of the other.
    let name = Url::parse(first.url()).unwrap().path().trim_start_matches('/').to_owned();
    second.sql(&format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")).unwrap();
    drop(open(&at(first.url(), &authority(second.url()))).await.unwrap());
    let forwarder = Forwarder::to(first.url()).await;
    let database = open(&forwarder.url(first.url())).await.unwrap();
    join_all((0..16).map(|_| ask(&database, "SELECT pg_sleep(0.1)::text"))).await;
    forwarder.freeze();
    let stuck: Vec<_> = (0..40)
        .map(|_| {
            let database = Arc::clone(&database);
            tokio::spawn(async move { database.takes_changes().await })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(2)).await;
    forwarder.lead_to(second.url());
    let began = Instant::now();
    while database.takes_changes().await.is_err() {}
    assert!(began.elapsed() < LESS_THAN_SILENCE, "{:?}", began.elapsed());
    for stuck in stuck {
        let _ = stuck.await.unwrap();
    }
    assert!(began.elapsed() < LESS_THAN_SILENCE, "{:?}", began.elapsed());
}

#[tokio::test]
async fn the_connection_of_a_cancelled_operation_is_not_used_again() {
    let Some(server) = postgres() else { return };
    let database = open(server.url()).await.unwrap();
    let slow = ask(&database, "SELECT pg_sleep(15)::text");
    assert!(tokio::time::timeout(Duration::from_millis(300), slow).await.is_err());
    let running = || {
        server.sql("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(15)%' AND pid <> pg_backend_pid()").unwrap()
    };
    let began = Instant::now();
    while running() != "0" {
        assert!(began.elapsed() < Duration::from_secs(5), "it goes on at the server");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    ask(&database, SESSION).await.unwrap();
}

#[tokio::test]
async fn a_database_that_takes_no_changes_is_refused_and_left_alone_later() {
    let Some(server) = postgres() else { return };
    let read_only = |on: &str| {
        let name = Url::parse(server.url()).unwrap().path().trim_start_matches('/').to_owned();
        server
            .sql(&format!("SET default_transaction_read_only = off; ALTER DATABASE {name} SET default_transaction_read_only = {on}"))
            .unwrap();
    };
    let database = open(server.url()).await.unwrap();
    database.takes_changes().await.unwrap();
    read_only("on");
    let refused = open(server.url()).await.unwrap_err();
    assert!(matches!(refused, StorageError::ReadOnly), "{refused}");
    let refused = open(&format!("{}?target_session_attrs=any", server.url())).await.unwrap_err();
    assert!(refused.is_read_only(), "{refused}");
    let others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    server.sql(others).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let refused = database.takes_changes().await.unwrap_err();
    assert!(refused.is_read_only(), "{refused}");
    read_only("off");
    database.takes_changes().await.unwrap();
}

#[tokio::test]
async fn a_role_that_may_only_read_is_refused() {
    let Some(server) = postgres() else { return };
    drop(open(server.url()).await.unwrap());
    let role = format!("reader_{}", std::process::id());
    server
        .sql(&format!("CREATE ROLE {role} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"))
        .unwrap();
    let url = server
        .url()
        .replace(&format!("//{}", Url::parse(server.url()).unwrap().username()), &format!("//{role}"));
    let refused = open(&url).await.unwrap_err();
    server.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).unwrap();
    assert!(refused.is_read_only(), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_room_for_few_connections_they_are_shared() {
    let Some(server) = postgres() else { return };
    drop(open(server.url()).await.unwrap());
    let role = format!("few_{}", std::process::id());
    server
        .sql(&format!(
            "CREATE ROLE {role} LOGIN CONNECTION LIMIT 6; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}"
        ))
        .unwrap();
    let url = server
        .url()
        .replace(&format!("//{}", Url::parse(server.url()).unwrap().username()), &format!("//{role}"));
    let database = open(&url).await.unwrap();
    let asked = join_all((0..200).map(|_| ask(&database, "SELECT pg_sleep(0.01)::text"))).await;
    let failed: Vec<_> = asked.into_iter().filter_map(Result::err).map(|error| error.to_string()).collect();
    drop(database);
    server.sql(&format!("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '{role}'; DROP OWNED BY {role}; DROP ROLE {role}")).unwrap();
    assert_eq!(failed, [""; 0]);
}

#[tokio::test]
async fn a_silent_first_host_does_not_stop_the_second() {
    let Some(server) = postgres() else { return };
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hosts = format!("{},{}", silent.local_addr().unwrap(), authority(server.url()));
    let database = open(&format!("{}?connect_timeout=1", at(server.url(), &hosts))).await.unwrap();
    database.takes_changes().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_first_host_holds_up_one_connection_and_no_other() {
    let Some(server) = postgres() else { return };
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hosts = format!("{},{}", silent.local_addr().unwrap(), authority(server.url()));
    let began = Instant::now();
    let database = open(&format!("{}?connect_timeout=1", at(server.url(), &hosts))).await.unwrap();
    // There are connections for changes, for nonces and for notifications, and many more are made here.
    join_all((0..16).map(|_| ask(&database, "SELECT pg_sleep(0.1)::text"))).await;
    assert!(began.elapsed() < Duration::from_millis(2_500), "{:?}", began.elapsed());
}

/// The number of the lock is that of the migrations.
const LOCK_MIGRATIONS: &str = "SELECT pg_advisory_lock(7593470776162087680), pg_sleep(8)";

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_freezes_while_a_node_starts_is_given_up() {
    let Some(server) = postgres() else { return };
    let forwarder = Forwarder::to(server.url()).await;
    let url = forwarder.url(server.url());
    std::thread::scope(|threads| {
        let holder = threads.spawn(|| server.sql(LOCK_MIGRATIONS));
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                tokio::time::sleep(Duration::from_millis(500)).await;
                let starting = tokio::spawn(async move { open(&url).await.map(drop) });
                // A server that answers is waited for, however long it takes.
                tokio::time::sleep(Duration::from_secs(5)).await;
                assert!(!starting.is_finished(), "another node has the lock");
                forwarder.freeze();
                let ended = tokio::time::timeout(Duration::from_secs(40), starting).await;
                let refused = ended.expect("it hangs").unwrap().unwrap_err();
                assert!(matches!(refused, StorageError::Unreachable(_)), "{refused}");
            });
        });
        holder.join().unwrap().unwrap();
    });
    forwarder.lead_to(server.url());
    open(&forwarder.url(server.url())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_starts_waits_for_another_one_that_migrates() {
    let Some(server) = postgres() else { return };
    std::thread::scope(|threads| {
        let holder = threads.spawn(|| server.sql(LOCK_MIGRATIONS));
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                tokio::time::sleep(Duration::from_millis(500)).await;
                open(server.url()).await.unwrap();
            });
        });
        holder.join().unwrap().unwrap();
    });
}

/// The server says it in the middle of the commit, as one that is told to stop, or that finds a constraint violated.
#[tokio::test]
async fn a_commit_that_may_be_done_is_told_from_one_that_is_not() {
    let Some(server) = postgres() else { return };
    let database = open(server.url()).await.unwrap();
    server
        .sql(
            "CREATE TABLE late (code text);
             CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN RAISE EXCEPTION 'late' USING ERRCODE = NEW.code; END $$;
             CREATE CONSTRAINT TRIGGER late AFTER INSERT ON late DEFERRABLE INITIALLY DEFERRED
                 FOR EACH ROW EXECUTE FUNCTION late()",
        )
        .unwrap();
    for (sql, may_be_done) in
        [("INSERT INTO late VALUES ('57P01')", true), ("INSERT INTO late VALUES ('23514')", false)]
    {
        let change = database.write(move |tx| Box::pin(async move { tx.execute(sql, &[]).await }));
        match change.await.unwrap_err() {
            StorageError::MaybeCommitted(_) => assert!(may_be_done, "{sql}"),
            StorageError::NotCommitted(_) => assert!(!may_be_done, "{sql}"),
            error => panic!("{sql}: {error}"),
        }
    }
}

#[tokio::test]
async fn settings_of_the_url_hold() {
    let Some(server) = postgres() else { return };
    server.sql("CREATE SCHEMA iam").unwrap();
    let url = format!(
        "{}?options=-c%20search_path%3Diam,public%20-c%20work_mem%3D5MB&application_name=shop",
        server.url()
    );
    let database = open(&url).await.unwrap();
    assert_eq!(server.sql("SELECT count(*) FROM iam.schema_version").unwrap(), "1");
    assert_eq!(ask(&database, "SELECT current_setting('work_mem')").await.unwrap(), "5MB");
    assert_eq!(ask(&database, "SELECT current_setting('application_name')").await.unwrap(), "shop");
    assert_eq!(ask(&database, "SELECT current_setting('statement_timeout')").await.unwrap(), "20s");
    assert_eq!(
        ask(&database, "SELECT current_setting('transaction_isolation')").await.unwrap(),
        "read committed"
    );
}

#[tokio::test]
async fn a_database_in_another_encoding_is_refused() {
    let Some(server) = postgres() else { return };
    let name = format!("{}_latin", Url::parse(server.url()).unwrap().path().trim_start_matches('/'));
    server
        .sql(&format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
        ))
        .unwrap();
    let refused = open(&format!("{}_latin", server.url())).await.unwrap_err();
    server.sql(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
    assert!(matches!(&refused, StorageError::Encoding { encoding } if encoding == "LATIN1"), "{refused}");
}

#[tokio::test]
async fn an_error_is_told_with_its_causes() {
    let refused = open("postgres://u@127.0.0.1:1/d").await.unwrap_err().to_string();
    assert!(refused.contains("onnection refused"), "{refused}");
}

#[tokio::test]
async fn a_text_with_the_character_zero_is_refused_by_either_database() {
    super::test_store::on_both(async |store| {
        let asked = store.database.application("a\0b").await;
        assert!(!matches!(asked, Err(StorageError::Postgres(_))), "{asked:?}");
        let work = store.database.write(move |tx| {
            Box::pin(async move { tx.execute("UPDATE users SET display_name = ?1", &["a\0".into()]).await })
        });
        assert!(matches!(work.await, Err(StorageError::ZeroCharacter)));
    })
    .await;
}
