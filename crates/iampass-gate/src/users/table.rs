//! Users in a table of another program: one SELECT with one parameter, the login name.

use std::time::Duration;

use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbErr, QueryResult, Statement};

use super::user::{User, login_of};
use crate::once_a_minute::OnceAMinute;

/// The longest that the table is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// It is not known who the user is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The database's error.
    #[error("the table of users cannot be asked: {0}")]
    Database(#[from] DbErr),
    /// It takes too long.
    #[error("the table of users does not answer within {} s", PATIENCE.as_secs())]
    Slow,
    /// More than one user has the name.
    #[error("the SELECT of the users gives several rows for one login name: make it give one at most")]
    Several,
    /// It gives another user than was asked for.
    #[error(
        "the SELECT of the users gives a row whose login is not the one that was asked for: compare it with the parameter"
    )]
    Another,
}

/// The users of a table.
#[derive(Debug)]
pub struct TableUsers {
    connection: DatabaseConnection,
    select: String,
    others_logged: OnceAMinute<()>,
}

impl TableUsers {
    /// Users by this SELECT over this connection. Its one parameter is the login name in lower case. It gives the columns `login`, `name`, `groups`
    /// (with commas between them) and `email`; all but the first may be NULL.
    #[must_use]
    pub fn new(connection: DatabaseConnection, select: impl Into<String>) -> Self {
        Self { connection, select: select.into(), others_logged: OnceAMinute::default() }
    }

    /// The user of this login name, as [`login_of`] writes it.
    ///
    /// # Errors
    /// [`TableError`]: nobody is let in then.
    pub async fn user(&self, login: &str) -> Result<Option<User>, TableError> {
        let (own, others) = self.rows(login).await?;
        if others > 0 && self.others_logged.is_due(()) {
            tracing::warn!(
                "the SELECT of the users gives rows of other login names than the one that was asked for, and they are left out: \
                 its collation takes letters for equal, or it does not compare with the parameter"
            );
        }
        match &own[..] {
            [] => Ok(None),
            [row] => user_of(row, login).map(Some),
            _ => Err(TableError::Several),
        }
    }

    /// Asks for a name that nobody has.
    ///
    /// # Errors
    /// [`TableError`]; [`TableError::Another`] where somebody is given all the same.
    pub async fn check(&self) -> Result<(), TableError> {
        match self.rows("-").await? {
            (_, 0) => Ok(()),
            _ => Err(TableError::Another),
        }
    }

    /// The rows of this name, and how many there are of others. A collation finds more than the name: those are no answer, and no trouble that a
    /// stranger could see.
    async fn rows(&self, login: &str) -> Result<(Vec<QueryResult>, usize), TableError> {
        let backend = self.connection.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, &self.select, [login.into()]);
        let rows = tokio::time::timeout(PATIENCE, self.connection.query_all_raw(statement));
        let (mut own, mut others) = (Vec::new(), 0);
        for row in rows.await.map_err(|_| TableError::Slow)?? {
            if login_of(&row.try_get::<String>("", "login")?) == login {
                own.push(row);
            } else {
                others += 1;
            }
        }
        Ok((own, others))
    }
}

fn user_of(row: &QueryResult, login: &str) -> Result<User, TableError> {
    let text = |column| -> Result<Option<String>, TableError> {
        let text: Option<String> = row.try_get("", column)?;
        Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
    };
    let groups = text("groups")?.unwrap_or_default();
    let groups =
        groups.split(',').map(str::trim).filter(|group| !group.is_empty()).map(str::to_owned).collect();
    Ok(User {
        display_name: text("name")?.unwrap_or_else(|| login.to_owned()),
        groups,
        email: text("email")?,
        login: login.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectOptions, Database};

    use super::*;

    async fn table(select: &str) -> TableUsers {
        let mut options = ConnectOptions::new("sqlite::memory:");
        options.max_connections(1);
        let connection = Database::connect(options).await.unwrap();
        for statement in [
            "CREATE TABLE people (nick TEXT, name TEXT, roles TEXT, mail TEXT)",
            "INSERT INTO people VALUES ('Anna', 'Anna M', 'ops, dev', NULL), ('bert', NULL, NULL, 'b@x'), ('eva', '', '', ''), ('eva', '', '', '')",
        ] {
            connection.execute_unprepared(statement).await.unwrap();
        }
        TableUsers::new(connection, select)
    }

    const SELECT: &str =
        "SELECT nick AS login, name, roles AS \"groups\", mail AS email FROM people WHERE lower(nick) = ?";

    #[tokio::test]
    async fn a_row_is_a_user() {
        let users = table(SELECT).await;
        let anna = users.user("anna").await.unwrap().unwrap();
        assert_eq!((&*anna.login, &*anna.display_name), ("anna", "Anna M"));
        assert_eq!(anna.groups, ["ops", "dev"]);
        let bert = users.user("bert").await.unwrap().unwrap();
        assert_eq!((&*bert.display_name, bert.email.as_deref()), ("bert", Some("b@x")));
        assert_eq!(users.user("' OR 1=1 --").await.unwrap(), None);
    }

    /// Collations that ignore accents find a user for a name that is none, and two for one name.
    #[tokio::test]
    async fn a_name_that_the_database_takes_for_another_is_asked_for_alone() {
        let ignores = "SELECT nick AS login, name, roles AS \"groups\", mail AS email FROM people \
                       WHERE replace(lower(nick), 'ä', 'a') = replace(?, 'ä', 'a')";
        let users = table(ignores).await;
        assert_eq!(users.user("änna").await.unwrap(), None);
        assert_eq!(users.user("anna").await.unwrap().unwrap().groups, ["ops", "dev"]);
        users
            .connection
            .execute_unprepared("INSERT INTO people VALUES ('änna', 'Änna', '', '')")
            .await
            .unwrap();
        assert_eq!(users.user("anna").await.unwrap().unwrap().display_name, "Anna M");
        let other = users.user("änna").await.unwrap().unwrap();
        assert_eq!((&*other.display_name, other.groups.len()), ("Änna", 0));
        assert!(matches!(users.user("eva").await, Err(TableError::Several)));
    }

    #[tokio::test]
    async fn a_doubt_is_no_user() {
        assert!(matches!(table(SELECT).await.user("eva").await, Err(TableError::Several)));
        let any = table("SELECT nick AS login, name, roles AS \"groups\", mail AS email FROM people WHERE ? <> '' LIMIT 1").await;
        assert_eq!(any.user("bert").await.unwrap(), None);
        assert!(matches!(any.check().await, Err(TableError::Another)));
        assert!(table(SELECT).await.check().await.is_ok());
        assert!(matches!(table("SELECT nonsense").await.user("anna").await, Err(TableError::Database(_))));
    }
}
