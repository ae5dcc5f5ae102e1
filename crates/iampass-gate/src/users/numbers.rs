//! The number that each user has at the gate. Belongs here: the table of them, in the gate's own database.
//!
//! Sessions and phones go by the number. A login name may be given to another person one day: after [`UserNumbers::forget`] that person gets a
//! number of their own, and has nothing of the one before.

use iampass_sea_orm::{InvalidName, KeyType, Schema, UsersTable};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, Statement, Value};

/// The name of the table.
pub const USERS_TABLE: &str = "iampass_gate_users";

/// The numbers of users.
#[derive(Debug, Clone)]
pub struct UserNumbers {
    connection: DatabaseConnection,
}

impl UserNumbers {
    /// Those of this database. Makes the table if there is none.
    ///
    /// # Errors
    /// The database's error.
    pub async fn open(connection: DatabaseConnection) -> Result<Self, DbErr> {
        let statement = match connection.get_database_backend() {
            DbBackend::Postgres => {
                "CREATE TABLE IF NOT EXISTS iampass_gate_users \
                 (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, login TEXT NOT NULL UNIQUE)"
            }
            DbBackend::MySql => {
                "CREATE TABLE IF NOT EXISTS iampass_gate_users \
                 (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, login VARBINARY(200) NOT NULL UNIQUE)"
            }
            // Without AUTOINCREMENT the highest number is given again.
            _ => {
                "CREATE TABLE IF NOT EXISTS iampass_gate_users \
                 (id INTEGER PRIMARY KEY AUTOINCREMENT, login TEXT NOT NULL UNIQUE)"
            }
        };
        // Of several gates that start at once, PostgreSQL lets one make it, and the others fail.
        if connection.execute_unprepared(statement).await.is_err() {
            connection.execute_unprepared(statement).await?;
        }
        Ok(Self { connection })
    }

    /// The tables of the login's stores, which refer to the numbers.
    ///
    /// # Errors
    /// None, since the names are good.
    pub fn schema() -> Result<Schema, InvalidName> {
        Ok(Schema::new(UsersTable::new(USERS_TABLE, "id", KeyType::I64)?))
    }

    /// The number of this login name, if it has one.
    ///
    /// # Errors
    /// The database's error.
    pub async fn number(&self, login: &str) -> Result<Option<i64>, DbErr> {
        let rows = self.ask("SELECT id FROM iampass_gate_users WHERE login = ?", self.text(login)).await?;
        rows.first().map(|row| row.try_get("", "id")).transpose()
    }

    /// The number of this login name. It gets one if it has none.
    ///
    /// # Errors
    /// The database's error.
    pub async fn give(&self, login: &str) -> Result<i64, DbErr> {
        let insert = match self.connection.get_database_backend() {
            DbBackend::MySql => "INSERT IGNORE INTO iampass_gate_users (login) VALUES (?)",
            _ => "INSERT INTO iampass_gate_users (login) VALUES (?) ON CONFLICT DO NOTHING",
        };
        self.connection.execute_raw(self.statement(insert, self.text(login))).await?;
        let number = self.number(login).await?;
        number.ok_or_else(|| DbErr::RecordNotFound("the number that was just given".to_owned()))
    }

    /// The login name that has this number.
    ///
    /// # Errors
    /// The database's error.
    pub async fn login(&self, number: i64) -> Result<Option<String>, DbErr> {
        let rows = self.ask("SELECT login FROM iampass_gate_users WHERE id = ?", number.into()).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        if self.connection.get_database_backend() == DbBackend::MySql {
            let bytes: Vec<u8> = row.try_get("", "login")?;
            return Ok(String::from_utf8(bytes).ok());
        }
        row.try_get("", "login").map(Some)
    }

    /// Takes the number away, and with it the phones' token. The name gets another one when it logs in again.
    ///
    /// # Errors
    /// The database's error.
    pub async fn forget(&self, login: &str) -> Result<(), DbErr> {
        let delete = self.statement("DELETE FROM iampass_gate_users WHERE login = ?", self.text(login));
        self.connection.execute_raw(delete).await.map(drop)
    }

    async fn ask(&self, sql: &str, value: Value) -> Result<Vec<sea_orm::QueryResult>, DbErr> {
        self.connection.query_all_raw(self.statement(sql, value)).await
    }

    /// As bytes where the column has bytes: MySQL compares texts by rules of its own.
    fn text(&self, login: &str) -> Value {
        match self.connection.get_database_backend() {
            DbBackend::MySql => login.as_bytes().to_vec().into(),
            _ => login.into(),
        }
    }

    fn statement(&self, sql: &str, value: Value) -> Statement {
        let backend = self.connection.get_database_backend();
        let sql = if backend == DbBackend::Postgres { sql.replace('?', "$1") } else { sql.to_owned() };
        Statement::from_sql_and_values(backend, sql, [value])
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectOptions, Database};

    use super::*;

    #[tokio::test]
    async fn a_number_is_never_given_to_another_name() {
        let mut options = ConnectOptions::new("sqlite::memory:");
        options.max_connections(1);
        let numbers = UserNumbers::open(Database::connect(options).await.unwrap()).await.unwrap();
        assert_eq!(numbers.number("anna").await.unwrap(), None);
        let anna = numbers.give("anna").await.unwrap();
        assert_eq!(numbers.give("anna").await.unwrap(), anna);
        assert_eq!(numbers.login(anna).await.unwrap().as_deref(), Some("anna"));
        numbers.forget("anna").await.unwrap();
        assert_eq!(numbers.login(anna).await.unwrap(), None);
        assert_ne!(numbers.give("bert").await.unwrap(), anna);
        assert_ne!(numbers.give("anna").await.unwrap(), anna);
    }
}
