//! `iampass-schema`: prints the SQL of the stores' tables, for those who run their migrations by other means.

use clap::{Parser, ValueEnum};
use iampass::sql::{Dialect, InvalidName, KeyType, Schema, TextKeys, UsersTable};

/// Prints the SQL that makes the tables of IAMPASS, or takes them away.
///
/// Running it twice does no harm. The users table has to be there first, since the tokens refer to it.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Which database it is for; MariaDB is `mysql`.
    database: Database,
    /// The application's users table, `schema.table` where it is in a schema.
    #[arg(long, value_name = "TABLE", default_value = "users")]
    users: String,
    /// The key column of the users table.
    #[arg(long, value_name = "COLUMN", default_value = "id")]
    key: String,
    /// The type of that column.
    #[arg(long, value_name = "TYPE", value_enum, default_value_t = Type::I64)]
    key_type: Type,
    /// How many characters a text key has at most; MySQL needs to know.
    #[arg(long, value_name = "CHARACTERS", default_value_t = 255)]
    key_length: u16,
    /// The collation of a text key in MySQL, if it is not the default of the database.
    #[arg(long, value_name = "COLLATION")]
    key_collation: Option<String>,
    /// The name of the table of tokens.
    #[arg(long, value_name = "TABLE", default_value = "iampass_tokens")]
    tokens: String,
    /// The name of the table of sessions.
    #[arg(long, value_name = "TABLE", default_value = "iampass_sessions")]
    sessions: String,
    /// The name of the table of entries that all nodes share; derived from that of the sessions unless set.
    #[arg(long, value_name = "TABLE")]
    shared: Option<String>,
    /// Prints what takes the tables away again, with all that is in them.
    #[arg(long)]
    down: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
    Mysql,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Type {
    /// INTEGER, INT.
    I32,
    /// BIGINT.
    I64,
    /// INT UNSIGNED.
    U32,
    /// BIGINT UNSIGNED.
    U64,
    /// uuid, BINARY(16), a BLOB of 16 bytes.
    Uuid,
    /// TEXT, VARCHAR.
    Text,
}

impl Arguments {
    fn script(&self) -> Result<String, InvalidName> {
        let schema = Schema::new(UsersTable::new(&self.users, &self.key, self.key_type()?)?)
            .with_names(&self.tokens, &self.sessions)?;
        let schema = match &self.shared {
            Some(shared) => schema.with_shared_name(shared)?,
            None => schema,
        };
        let dialect = match self.database {
            Database::Sqlite => Dialect::Sqlite,
            Database::Postgres => Dialect::Postgres,
            Database::Mysql => Dialect::MySql,
        };
        Ok(if self.down { schema.down_script(dialect) } else { schema.up_script(dialect) })
    }

    fn key_type(&self) -> Result<KeyType, InvalidName> {
        Ok(match self.key_type {
            Type::I32 => KeyType::I32,
            Type::I64 => KeyType::I64,
            Type::U32 => KeyType::U32,
            Type::U64 => KeyType::U64,
            Type::Uuid => KeyType::Uuid,
            Type::Text => {
                let keys = TextKeys::new(self.key_length);
                KeyType::Text(match &self.key_collation {
                    Some(collation) => keys.with_collation(collation)?,
                    None => keys,
                })
            }
        })
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    print!("{}", Arguments::parse().script()?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(arguments: &[&str]) -> String {
        let arguments = ["iampass-schema"].iter().chain(arguments);
        Arguments::try_parse_from(arguments).unwrap().script().unwrap()
    }

    #[test]
    fn what_is_said_is_in_the_script() {
        let script = script(&[
            "mysql",
            "--users",
            "app.people",
            "--key",
            "name",
            "--key-type",
            "text",
            "--key-length",
            "40",
            "--key-collation",
            "utf8mb4_bin",
            "--tokens",
            "t",
            "--sessions",
            "s",
        ]);
        for part in [
            "CREATE TABLE IF NOT EXISTS `t`",
            "CREATE TABLE IF NOT EXISTS `s`",
            "CREATE TABLE IF NOT EXISTS `s_shared`",
            "VARCHAR(40) COLLATE `utf8mb4_bin`",
            "REFERENCES `app`.`people` (`name`) ON DELETE CASCADE",
        ] {
            assert!(script.contains(part), "{part} is not in\n{script}");
        }
    }

    #[test]
    fn down_takes_away() {
        let script = script(&["sqlite", "--down"]);
        assert_eq!(script.matches("DROP").count(), 4, "{script}");
        assert!(!script.contains("CREATE"));
    }

    #[test]
    fn the_shared_table_can_have_a_name_of_its_own() {
        let script = script(&["postgres", "--shared", "app.common"]);
        assert!(script.contains("CREATE TABLE IF NOT EXISTS \"app\".\"common\""), "{script}");
        assert!(!script.contains("iampass_shared"), "{script}");
    }

    #[test]
    fn the_defaults_are_those_of_the_library() {
        assert_eq!(script(&["postgres"]), Schema::default().up_script(Dialect::Postgres));
    }
}
