//! The servers that all tests of a process share.
//!
//! Belongs here: which server it is. Does not belong here: how one is started.

use std::sync::OnceLock;

use crate::client::{Client, Product};
use crate::failure::{Failure, needed, skip};
use crate::mariadb::{self, PrivateMariadb};
use crate::postgres::{self, PrivatePostgres, Tls};
use crate::server::Server;

/// The environment's value, instead of a URL, that has a server started even if one answers.
const PRIVATE: &str = "private";

/// A PostgreSQL server: the one that `IAMPASS_TEST_POSTGRES_URL` names; or else one on 127.0.0.1:5432 that lets `postgres` or `root` in
/// without a password; or else one that is started for this process and ends with it. `IAMPASS_TEST_POSTGRES_URL=private` asks for
/// the last.
///
/// `None` when there is none: it has been said how to get one, and the test is to be skipped.
///
/// # Panics
/// When the one that is named does not answer; when one that could be started does not start; when there is none and
/// `CI=true`.
#[track_caller]
pub fn postgres() -> Option<Server> {
    static SERVER: OnceLock<Result<Option<Found<PrivatePostgres>>, Failure>> = OnceLock::new();
    let found = SERVER.get_or_init(|| {
        let candidates =
            ["postgres", "root"].map(|user| format!("postgres://{user}@127.0.0.1:5432/postgres"));
        if let Some(server) = answering("IAMPASS_TEST_POSTGRES_URL", Product::Postgres, &candidates)? {
            return Ok(Some(Found::There(server)));
        }
        Ok(PrivatePostgres::start_if_there(Tls::Off)?.map(Found::Started))
    });
    given(found, PrivatePostgres::server, postgres::HOW_TO_GET_ONE)
}

/// A MariaDB server: the one that `IAMPASS_TEST_MYSQL_URL` names; or else one on 127.0.0.1:3306 that lets `root` in without a password;
/// or else one that is started for this process and ends with it. `IAMPASS_TEST_MYSQL_URL=private` asks for the last.
///
/// `None` when there is none: it has been said how to get one, and the test is to be skipped.
///
/// # Panics
/// When the one that is named does not answer; when one that could be started does not start; when there is none and
/// `CI=true`.
///
/// ```
/// let Some(server) = iampass_test_databases::mariadb() else {
///     return Ok(());
/// };
/// assert_eq!(server.database().sql("SELECT 'here'")?, "here");
/// # Ok::<(), iampass_test_databases::Failure>(())
/// ```
#[track_caller]
pub fn mariadb() -> Option<Server> {
    static SERVER: OnceLock<Result<Option<Found<PrivateMariadb>>, Failure>> = OnceLock::new();
    let found = SERVER.get_or_init(|| {
        let candidates = ["mysql://root@127.0.0.1:3306".to_owned()];
        if let Some(server) = answering("IAMPASS_TEST_MYSQL_URL", Product::Mariadb, &candidates)? {
            return Ok(Some(Found::There(server)));
        }
        Ok(PrivateMariadb::start_if_there()?.map(Found::Started))
    });
    given(found, PrivateMariadb::server, mariadb::HOW_TO_GET_ONE)
}

/// Kept until the process ends; a server that was started then ends too.
enum Found<P> {
    There(Server),
    Started(P),
}

#[track_caller]
fn given<P>(
    found: &Result<Option<Found<P>>, Failure>,
    server: impl Fn(&P) -> &Server,
    how_to_get_one: &str,
) -> Option<Server> {
    match needed(found.as_ref().map_err(Clone::clone)) {
        Some(Found::There(server)) => Some(server.clone()),
        Some(Found::Started(private)) => Some(server(private).clone()),
        None => {
            skip(how_to_get_one);
            None
        }
    }
}

/// The server that the environment names, or the first of the candidates that lets a test make databases.
fn answering(variable: &str, product: Product, candidates: &[String]) -> Result<Option<Server>, Failure> {
    let named = std::env::var(variable).ok().filter(|url| !url.is_empty());
    if named.as_deref() == Some(PRIVATE) {
        return Ok(None);
    }
    let Some(client) = Client::of(product) else {
        return match named {
            Some(_) => {
                Err(format!("{variable} is set, but there is no client program (psql or mariadb) here"))
            }
            None => Ok(None),
        };
    };
    if let Some(url) = named {
        let server = Server::at(client, &url)?;
        server.sql("SELECT 1;").map_err(|failure| format!("the server of {variable}: {failure}"))?;
        return Ok(Some(server));
    }
    let may_make_databases = match product {
        Product::Postgres => {
            "SELECT 'yes' FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolcreatedb) \
             AND current_setting('server_version_num')::int >= 130000;"
        }
        Product::Mariadb => "SELECT 'yes' WHERE version() LIKE '%MariaDB%';",
    };
    let servers = candidates.iter().filter_map(|url| Server::at(client.clone(), url).ok());
    Ok(servers
        .filter(Server::listens)
        .find(|server| server.sql(may_make_databases).is_ok_and(|answer| answer == "yes")))
}
