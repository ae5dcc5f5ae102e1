//! A PostgreSQL that is spoken to by TLS only.

use std::process::{Command, Output};

use iampass_test_databases::{PrivatePostgres, Tls};

const IN_USE: &str = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

fn psql(url: &str, parameters: &str) -> Output {
    let url = format!("{url}?{parameters}");
    Command::new("psql").args([&url, "--no-psqlrc", "-w", "-Atc", IN_USE]).output().unwrap()
}

#[test]
fn only_by_tls() {
    let Some(mut private) = PrivatePostgres::start(Tls::On) else { return };
    let database = private.database();
    let authority = private.certificate_authority().unwrap().to_owned();
    assert!(std::fs::read_to_string(&authority).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    assert_eq!(database.sql(IN_USE).unwrap(), "t");
    assert!(database.url().contains("@localhost:"), "{}", database.url());

    let refused = psql(database.url(), "sslmode=disable");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success());
    assert!(said.contains("no encryption"), "{said}");

    let verified = format!("sslmode=verify-full&sslrootcert={}", authority.display());
    let answer = psql(database.url(), &verified);
    assert_eq!(String::from_utf8_lossy(&answer.stdout), "t\n", "{answer:?}");

    // Another authority's word is not enough.
    let Some(other) = PrivatePostgres::start(Tls::On) else { return };
    let wrong =
        format!("sslmode=verify-full&sslrootcert={}", other.certificate_authority().unwrap().display());
    let refused = psql(database.url(), &wrong);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("certificate verify failed"), "{said}");

    // After an outage it is no laxer.
    private.stop();
    private.start_again();
    assert!(!psql(database.url(), "sslmode=disable").status.success());
    assert_eq!(database.sql(IN_USE).unwrap(), "t");
}
