//! The users whom the gate knows. Belongs here: the directory that the login asks. Does not belong here: where users are written down
//! (`file`, `table`), and their numbers (`numbers`).

mod file;
mod numbers;
mod table;
mod user;

use std::sync::Arc;

use iampass_core::port::{BoxError, UserKey};
use iampass_web::UserDirectory;

pub use file::{FileUsers, UsersFileError};
pub use numbers::{USERS_TABLE, UserNumbers};
pub use table::{TableError, TableUsers};
pub use user::{LONGEST_LOGIN, User, login_of};

/// Where users are written down.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Source {
    /// In a file.
    File(Arc<FileUsers>),
    /// In a table.
    Table(Arc<TableUsers>),
}

impl Source {
    /// The user of this login name.
    ///
    /// # Errors
    /// The table's; it is not known then whether there is one.
    pub async fn user(&self, login: &str) -> Result<Option<User>, TableError> {
        match self {
            Self::File(file) => Ok(file.user(login)),
            Self::Table(table) => table.user(login).await,
        }
    }

    /// A sentence about what is wrong with it, if something is.
    pub async fn trouble(&self) -> Option<String> {
        match self {
            Self::File(file) => file.trouble(),
            Self::Table(table) => table.check().await.err().map(|error| error.to_string()),
        }
    }
}

/// The users for the login: those who are written down, each with a number of the gate's own, which no other user gets.
#[derive(Debug, Clone)]
pub struct GateUsers {
    source: Source,
    numbers: UserNumbers,
}

impl GateUsers {
    /// These users.
    #[must_use]
    pub fn new(source: Source, numbers: UserNumbers) -> Self {
        Self { source, numbers }
    }

    /// Where they are written down.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Their numbers.
    #[must_use]
    pub fn numbers(&self) -> &UserNumbers {
        &self.numbers
    }
}

#[async_trait::async_trait]
impl UserDirectory for GateUsers {
    type User = User;

    async fn find(&self, login_name: &str) -> Result<Option<UserKey>, BoxError> {
        let login = login_of(login_name);
        if login.is_empty() || login.len() > LONGEST_LOGIN {
            return Ok(None);
        }
        // Both are asked whether or not there is a user: it is to take as long. A user without a number yet is the exception: it is given now, by a write and
        // a read more, once.
        let number = self.numbers.number(&login).await?;
        match self.source.user(&login).await? {
            None => Ok(None),
            Some(_) => match number {
                Some(number) => Ok(Some(UserKey::from(number))),
                None => Ok(Some(UserKey::from(self.numbers.give(&login).await?))),
            },
        }
    }

    async fn load(&self, key: &UserKey) -> Result<Option<User>, BoxError> {
        let Some(login) = self.numbers.login(key.as_str().parse()?).await? else { return Ok(None) };
        Ok(self.source.user(&login).await?)
    }

    fn display_name(&self, user: &User) -> String {
        user.display_name.clone()
    }
}
