//! Names of tables and columns. They end up in SQL, where no value can be bound for them, so they are checked when they are made.

use crate::Dialect;

/// The longest name that PostgreSQL keeps whole.
const LONGEST: usize = 63;
/// Room for what is added to a table's name to name its indexes.
const LONGEST_TABLE: usize = LONGEST - 16;

/// A name cannot be one of a table or column here. It never repeats the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidName {
    /// Nothing is no name.
    #[error("a table or column has an empty name")]
    Empty,
    /// It is longer than databases keep.
    #[error("a name of a table or column has more than 47 characters")]
    TooLong,
    /// Only ASCII letters, digits and underscores are allowed, and one dot between a schema and a table.
    #[error("a name of a table or column has other characters than ASCII letters, digits and underscores")]
    Character,
}

/// A checked name, of a schema perhaps and of a table or column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    schema: Option<String>,
    name: String,
}

impl Name {
    /// Of a column.
    pub(crate) fn plain(name: &str) -> Result<Self, InvalidName> {
        check(name)?;
        Ok(Self::known(name))
    }

    /// Of a table, with its schema perhaps.
    pub(crate) fn qualified(name: &str) -> Result<Self, InvalidName> {
        match name.split_once('.') {
            Some((schema, name)) => {
                check(schema)?;
                Ok(Self { schema: Some(schema.to_owned()), ..Self::plain(name)? })
            }
            None => Self::plain(name),
        }
    }

    /// One that is written in this crate.
    pub(crate) fn known(name: &str) -> Self {
        Self { schema: None, name: name.to_owned() }
    }

    /// As it was given, without quotes.
    pub(crate) fn given(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{schema}.{}", self.name),
            None => self.name.clone(),
        }
    }

    /// As it stands in a statement.
    pub(crate) fn quoted(&self, dialect: Dialect) -> String {
        let name = dialect.quote(&self.name);
        match &self.schema {
            Some(schema) => format!("{}.{name}", dialect.quote(schema)),
            None => name,
        }
    }

    /// The name of something that belongs to this table: an index, a trigger. In SQLite it stands in the table's schema.
    pub(crate) fn derived(&self, dialect: Dialect, suffix: &str) -> String {
        let name = Self { schema: None, name: format!("{}_{suffix}", self.name) };
        match dialect {
            Dialect::Sqlite => Self { schema: self.schema.clone(), ..name }.quoted(dialect),
            _ => name.quoted(dialect),
        }
    }

    /// The name of the table of shared entries that belongs to this table of sessions. It is at most seven letters longer, for which
    /// there is room.
    pub(crate) fn shared(&self) -> Self {
        let stem = self.name.strip_suffix("_sessions").filter(|stem| !stem.is_empty());
        let name = format!("{}_shared", stem.unwrap_or(&self.name));
        Self { schema: self.schema.clone(), name }
    }

    /// Without the schema: as SQLite wants a table named within its own schema.
    pub(crate) fn local(&self, dialect: Dialect) -> String {
        dialect.quote(&self.name)
    }
}

fn check(name: &str) -> Result<(), InvalidName> {
    if name.is_empty() {
        return Err(InvalidName::Empty);
    }
    if name.len() > LONGEST_TABLE {
        return Err(InvalidName::TooLong);
    }
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        Ok(())
    } else {
        Err(InvalidName::Character)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_could_be_more_than_a_name_is_refused() {
        for bad in ["a b", "a\"b", "a`b", "a;b", "a'b", "ü", "a.b.c", "$1", "a-b"] {
            assert_eq!(Name::qualified(bad).err(), Some(InvalidName::Character), "{bad}");
        }
        for empty in ["", ".a", "a."] {
            assert_eq!(Name::qualified(empty).err(), Some(InvalidName::Empty), "{empty}");
        }
        assert_eq!(Name::plain("a.b").err(), Some(InvalidName::Character), "a column has no schema");
        assert_eq!(Name::plain(&"x".repeat(48)).err(), Some(InvalidName::TooLong));
    }

    #[test]
    fn the_shared_table_is_called_after_the_sessions() {
        for (sessions, shared) in [
            ("iampass_sessions", "iampass_shared"),
            ("app.login_sessions", "app.login_shared"),
            ("sessions", "sessions_shared"),
            ("_sessions", "_sessions_shared"),
            ("visits", "visits_shared"),
        ] {
            assert_eq!(Name::qualified(sessions).unwrap().shared().given(), shared);
        }
        let longest = Name::plain(&"x".repeat(LONGEST_TABLE)).unwrap().shared();
        let index = longest.derived(Dialect::Postgres, "expiry");
        assert!(index.len() <= LONGEST + 2, "PostgreSQL would cut {index}");
    }

    #[test]
    fn names_are_quoted_as_each_dialect_wants_it() {
        let name = Name::qualified("app.users").unwrap();
        assert_eq!(name.given(), "app.users");
        assert_eq!(name.quoted(Dialect::Postgres), "\"app\".\"users\"");
        assert_eq!(name.quoted(Dialect::MySql), "`app`.`users`");
        assert_eq!(name.derived(Dialect::Postgres, "due"), "\"users_due\"");
        assert_eq!(name.derived(Dialect::Sqlite, "due"), "\"app\".\"users_due\"");
    }
}
