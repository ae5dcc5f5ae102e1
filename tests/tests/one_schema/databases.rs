//! Where the tables are made.

use iampass_sql::Dialect;
use iampass_test_databases::{Database, mariadb, postgres};
use rusqlite::Connection;
use tempfile::TempDir;

pub(crate) enum Place {
    Sqlite(TempDir),
    Server(Dialect, Box<Database>),
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    pub(crate) fn postgres() -> Option<Self> {
        Some(Self::Server(Dialect::Postgres, Box::new(postgres()?.database())))
    }

    pub(crate) fn mariadb() -> Option<Self> {
        Some(Self::Server(Dialect::MySql, Box::new(mariadb()?.database())))
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Server(dialect, _) => *dialect,
        }
    }

    fn file(folder: &TempDir) -> String {
        folder.path().join("application.db").display().to_string()
    }

    /// As diesel wants it.
    pub(crate) fn path_or_url(&self) -> String {
        match self {
            Self::Sqlite(folder) => Self::file(folder),
            Self::Server(_, database) => database.url().to_owned(),
        }
    }

    /// As sea-orm wants it.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}?mode=rwc", Self::file(folder)),
            Self::Server(_, database) => database.url().to_owned(),
        }
    }

    /// Runs a script by none of our crates.
    pub(crate) fn run(&self, script: &str) -> String {
        match self {
            Self::Sqlite(folder) => {
                Connection::open(Self::file(folder)).unwrap().execute_batch(script).unwrap();
                String::new()
            }
            Self::Server(_, database) => database.sql(script).unwrap(),
        }
    }

    /// The database's description of the tables whose names begin so, without the beginning.
    pub(crate) fn described(&self, tables: &str) -> String {
        let described = match self {
            Self::Sqlite(folder) => {
                let connection = Connection::open(Self::file(folder)).unwrap();
                let mut statement = connection
                    .prepare("SELECT type, name, sql FROM sqlite_master WHERE name LIKE ? OR tbl_name LIKE ? ORDER BY name")
                    .unwrap();
                let like = format!("{tables}%");
                let rows = statement.query_map([&like, &like], |row| {
                    let sql: Option<String> = row.get(2)?;
                    Ok(format!("{} {} {}", row.get::<_, String>(0)?, row.get::<_, String>(1)?, sql.unwrap_or_default()))
                });
                rows.unwrap().map(Result::unwrap).collect::<Vec<_>>().join("\n")
            }
            Self::Server(Dialect::Postgres, database) => database
                .sql(&format!(
                    "SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default \
                     FROM information_schema.columns WHERE table_name LIKE '{tables}%' ORDER BY 1, ordinal_position; \
                     SELECT indexdef FROM pg_indexes WHERE tablename LIKE '{tables}%' ORDER BY 1; \
                     SELECT pg_get_constraintdef(oid) FROM pg_constraint \
                     WHERE conrelid::regclass::text LIKE '{tables}%' ORDER BY 1"
                ))
                .unwrap(),
            Self::Server(_, database) => database
                .sql(&format!(
                    "SHOW CREATE TABLE {tables}_tokens; SHOW CREATE TABLE {tables}_sessions; \
                     SHOW CREATE TABLE {tables}_shared"
                ))
                .unwrap(),
        };
        described.replace(tables, "")
    }
}
