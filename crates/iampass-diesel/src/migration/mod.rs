//! The tables come and go. Belongs here: what our migration is and is called. Doing it to a database is in `run`; what it is to
//! diesel's own tools, in `source` and `embedded`.

mod embedded;
pub(crate) mod run;
mod source;

#[cfg(feature = "mysql")]
pub use embedded::MYSQL;
#[cfg(feature = "postgres")]
pub use embedded::POSTGRES;
#[cfg(feature = "sqlite")]
pub use embedded::SQLITE;
pub use source::Migrations;

use iampass_sql::Schema;

/// What `migrate` or `revert` found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migrated {
    /// It was to be done, and is.
    Now,
    /// It had been done before; nothing was changed.
    Before,
}

/// The version that diesel makes of the folder's name `2026-11-24-000000_iampass`.
const VERSION: &str = "20261124000000";

/// The version of this schema's tables. One database may hold several, under other names; then each is a migration of its own.
fn version(schema: &Schema) -> String {
    let names = |schema: &Schema| [schema.tokens_table(), schema.sessions_table()];
    if names(schema) == names(&Schema::default()) {
        return VERSION.to_owned();
    }
    format!("{VERSION}-{:016x}", fingerprint(&names(schema)))
}

/// FNV-1a, which is the same on every machine and with every compiler.
fn fingerprint(texts: &[String]) -> u64 {
    let bytes = texts.iter().flat_map(|text| text.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Statements as one script.
fn script(statements: &[String]) -> String {
    statements.iter().map(|statement| format!("{statement};\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_set_of_tables_has_a_version_of_its_own() {
        let named = |tokens, sessions| Schema::default().with_names(tokens, sessions).unwrap();
        assert_eq!(version(&Schema::default()), VERSION);
        assert_eq!(version(&named("iampass_tokens", "iampass_sessions")), VERSION);
        let other = version(&named("a", "b"));
        assert_eq!(
            other, "20261124000000-ab40d7820d408076",
            "the version must not change from one release to the next"
        );
        assert_ne!(other, version(&named("a", "c")));
        assert!(other.len() <= 50, "diesel's table has no room for more");
    }
}
