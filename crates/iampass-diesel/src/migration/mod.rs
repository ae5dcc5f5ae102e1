//! The tables come and go. Belongs here: what our migrations are and are called. Doing them to a database is in `run`; what they are to
//! diesel's own tools, in `source` and `embedded`.
//!
//! There is one for each [`Version`] of the tables. None of them ever changes: a change of the tables is a new one.

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

use iampass_sql::{Schema, Version};

/// The outcome of `migrate` or `revert`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migrated {
    /// It was to be done, and is.
    Now,
    /// It had been done before; nothing was changed.
    Before,
}

/// The name of a migration, and the tables that it makes.
struct Known {
    /// The number that diesel reads from the first part of the folder's name.
    number: &'static str,
    name: &'static str,
    tables: fn(&Schema) -> Vec<String>,
}

fn known(version: Version) -> Known {
    match version {
        Version::Tables => Known {
            number: "20261124000000",
            name: "iampass",
            tables: |schema| vec![schema.tokens_table(), schema.sessions_table()],
        },
        // The last one that `iampass-sql` has; a later one gets a line of its own.
        _ => Known {
            number: "20261128000000",
            name: "iampass_shared",
            tables: |schema| vec![schema.shared_table()],
        },
    }
}

/// The version under which diesel notes a migration of this schema. One database may hold several, under other names; then each has a
/// migration of its own.
fn noted_as(version: Version, schema: &Schema) -> String {
    let Known { number, tables, .. } = known(version);
    if tables(schema) == tables(&Schema::default()) {
        return number.to_owned();
    }
    format!("{number}-{:016x}", fingerprint(&tables(schema)))
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
        let [first, shared] = Version::ALL;
        assert_eq!(noted_as(first, &Schema::default()), "20261124000000");
        assert_eq!(noted_as(first, &named("iampass_tokens", "iampass_sessions")), "20261124000000");
        assert_eq!(noted_as(shared, &Schema::default()), "20261128000000");
        let other = named("a", "b");
        for (version, noted) in
            [(first, "20261124000000-ab40d7820d408076"), (shared, "20261128000000-55ccaa15e01cbf79")]
        {
            assert_eq!(
                noted_as(version, &other),
                noted,
                "the version must not change from one release to the next"
            );
            assert_ne!(noted_as(version, &other), noted_as(version, &named("a", "c")));
            assert!(noted.len() <= 50, "diesel's table has no room for more");
        }
        let numbers: std::collections::BTreeSet<_> = Version::ALL.map(|version| known(version).number).into();
        assert_eq!(numbers.len(), Version::ALL.len(), "each version has a number of its own");
        let renamed = Schema::default().with_shared_name("c").unwrap();
        assert_eq!(noted_as(first, &renamed), "20261124000000", "its tables are the default ones");
        assert_ne!(noted_as(shared, &renamed), "20261128000000");
    }
}
