//! The gate over PostgreSQL and MariaDB, with users in a table of another program.

use iampass_test_databases::Database;

use crate::setting::Setting;

const PEOPLE: [&str; 2] = [
    "CREATE TABLE people (nick varchar(50) NOT NULL, full_name varchar(50), roles varchar(50))",
    "INSERT INTO people VALUES ('Anna', 'Anna M', 'dev, ops'), ('bert', NULL, NULL)",
];

#[tokio::test(flavor = "multi_thread")]
async fn users_are_in_a_table_of_postgres() {
    let Some(server) = iampass_test_databases::postgres() else { return };
    let select = "SELECT nick AS login, full_name AS name, roles AS groups, NULL::text AS email \
                  FROM people WHERE lower(nick) = $1";
    users_are_in_a_table(&server.database(), select).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_in_a_table_of_mariadb() {
    let Some(server) = iampass_test_databases::mariadb() else { return };
    let select = "SELECT nick AS login, full_name AS name, roles AS `groups`, NULLIF('', '') AS email \
                  FROM people WHERE lower(nick) = ?";
    users_are_in_a_table(&server.database(), select).await;
}

/// A stranger learns nothing of names, and nobody is kept out by a name that is like theirs.
#[tokio::test(flavor = "multi_thread")]
async fn names_that_a_collation_takes_for_equal_are_told_apart() {
    let Some(server) = iampass_test_databases::mariadb() else { return };
    let database = server.database();
    let people = "CREATE TABLE people (nick varchar(50) NOT NULL, roles varchar(50)) \
                  CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci";
    for statement in [people, "INSERT INTO people VALUES ('anna', 'ops')"] {
        database.sql(statement).unwrap();
    }
    let select = "SELECT nick AS login, nick AS name, roles AS `groups`, NULLIF('', '') AS email \
                  FROM people WHERE lower(nick) = ?";
    let setting = Setting::over_database(database.url(), select).await;
    let begun = async |name: &str| {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("login_name", name), ("return_to", "/")])
            .finish();
        setting.at_gate().post("/_iampass/login", &body).await
    };
    assert_eq!(database.sql("SELECT count(*) FROM people WHERE nick = 'änna'").unwrap().trim(), "1");
    for name in ["änna", "nobody"] {
        let page = begun(name).await;
        assert_eq!(page.status, 303, "{name}: {page:?}");
    }
    database.sql("INSERT INTO people VALUES ('änna', 'dev')").unwrap();
    let mut anna = setting.at_gate();
    anna.sign_in("anna", &setting.phone, "/").await;
    let host = setting.host();
    let asked = [("X-Forwarded-Method", "GET"), ("X-Forwarded-Host", &*host), ("X-Forwarded-Uri", "/")];
    let page = anna.get_with("/_iampass/check", &asked).await;
    assert_eq!((page.status, page.header("remote-groups")), (200, Some("ops")), "{page:?}");
}

async fn users_are_in_a_table(database: &Database, select: &str) {
    for statement in PEOPLE {
        database.sql(statement).unwrap();
    }
    let setting = Setting::over_database(database.url(), select).await;
    let mut anna = setting.at_gate();
    anna.sign_in("ANNA", &setting.phone, "/").await;
    let host = setting.host();
    let asked = |address: &'static str| {
        [("X-Forwarded-Method", "GET"), ("X-Forwarded-Host", &*host), ("X-Forwarded-Uri", address)]
    };
    let page = anna.get_with("/_iampass/check", &asked("/admin")).await;
    assert_eq!((page.status, page.header("remote-user")), (200, Some("anna")), "{page:?}");
    assert_eq!((page.header("remote-name"), page.header("remote-groups")), (Some("Anna M"), Some("dev,ops")));
    // Changes hold at once.
    database.sql("UPDATE people SET roles = 'dev' WHERE nick = 'Anna'").unwrap();
    assert_eq!(anna.get_with("/_iampass/check", &asked("/admin")).await.status, 403);
    // A table that cannot be asked lets nobody in.
    database.sql("ALTER TABLE people RENAME TO others").unwrap();
    let page = anna.get_with("/_iampass/check", &asked("/")).await;
    assert!(page.status == 503 && page.header("remote-user").is_none(), "{page:?}");
    assert!(!setting.command().arg("health").status().unwrap().success());
    database.sql("ALTER TABLE others RENAME TO people").unwrap();
    assert_eq!(anna.get_with("/_iampass/check", &asked("/")).await.status, 200);
    database.sql("DELETE FROM people WHERE nick = 'Anna'").unwrap();
    let page = anna.get_with("/_iampass/check", &asked("/")).await;
    assert!(page.status == 303 && page.header("remote-user").is_none(), "{page:?}");
}
