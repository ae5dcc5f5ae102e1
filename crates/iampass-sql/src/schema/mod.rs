//! The tables: what they are called, and whose users they refer to. Belongs here: that description. Its SQL is in [`tables`],
//! and what a user's key is in a column in [`user_key`].

mod name;
mod tables;
mod user_key;

pub use name::InvalidName;
pub use tables::Version;
pub use user_key::{KeyType, TextKeys};

pub(crate) use name::Name;

/// The application's own users table: what a token's foreign key refers to.
///
/// ```
/// use iampass_sql::{KeyType, UsersTable};
///
/// let users = UsersTable::new("accounts", "uuid", KeyType::Uuid)?;
/// # Ok::<(), iampass_sql::InvalidName>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsersTable {
    pub(crate) table: Name,
    pub(crate) key: Name,
    pub(crate) key_type: KeyType,
}

impl UsersTable {
    /// The table `table` (`app.users` where it is in a schema of its own), whose primary or unique key is the column `key`.
    ///
    /// # Errors
    /// [`InvalidName`] when a name has other characters than ASCII letters, digits and underscores.
    pub fn new(table: &str, key: &str, key_type: KeyType) -> Result<Self, InvalidName> {
        Ok(Self { table: Name::qualified(table)?, key: Name::plain(key)?, key_type })
    }
}

/// The tables `users` and its key `id`, a 64-bit number: what most have.
impl Default for UsersTable {
    fn default() -> Self {
        Self { table: Name::known("users"), key: Name::known("id"), key_type: KeyType::I64 }
    }
}

/// The tables of the stores.
///
/// ```
/// use iampass_sql::{Dialect, KeyType, Schema, UsersTable};
///
/// let schema = Schema::new(UsersTable::new("people", "id", KeyType::I32)?);
/// let statements = schema.up(Dialect::Postgres);
/// assert!(statements[0].contains("REFERENCES \"people\" (\"id\") ON DELETE CASCADE"));
/// # Ok::<(), iampass_sql::InvalidName>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    pub(crate) users: UsersTable,
    pub(crate) tokens: Name,
    pub(crate) sessions: Name,
    pub(crate) shared: Name,
}

impl Schema {
    /// The tables `iampass_tokens`, `iampass_sessions` and `iampass_shared` beside this users table.
    #[must_use]
    pub fn new(users: UsersTable) -> Self {
        let sessions = Name::known("iampass_sessions");
        Self { users, tokens: Name::known("iampass_tokens"), shared: sessions.shared(), sessions }
    }

    /// Calls the tables something else, where the names are taken or in a schema of their own.
    ///
    /// The table of the shared entries is called after that of the sessions: `login_shared` beside `login_sessions`, and
    /// `visits_shared` beside `visits`. [`Schema::with_shared_name`] gives it another name.
    ///
    /// ```
    /// # use iampass_sql::Schema;
    /// let schema = Schema::default().with_names("app.login_tokens", "app.login_sessions")?;
    /// assert_eq!(schema.shared_table(), "app.login_shared");
    /// # Ok::<(), iampass_sql::InvalidName>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidName`] when a name has other characters than ASCII letters, digits and underscores.
    pub fn with_names(mut self, tokens: &str, sessions: &str) -> Result<Self, InvalidName> {
        self.tokens = Name::qualified(tokens)?;
        self.sessions = Name::qualified(sessions)?;
        self.shared = self.sessions.shared();
        Ok(self)
    }

    /// Calls the table of the shared entries something else. To be called after [`Schema::with_names`], which sets that name too.
    ///
    /// # Errors
    /// [`InvalidName`] when a name has other characters than ASCII letters, digits and underscores.
    pub fn with_shared_name(mut self, shared: &str) -> Result<Self, InvalidName> {
        self.shared = Name::qualified(shared)?;
        Ok(self)
    }

    /// The name of the table of tokens.
    #[must_use]
    pub fn tokens_table(&self) -> String {
        self.tokens.given()
    }

    /// The name of the table of sessions.
    #[must_use]
    pub fn sessions_table(&self) -> String {
        self.sessions.given()
    }

    /// The name of the table of shared entries.
    #[must_use]
    pub fn shared_table(&self) -> String {
        self.shared.given()
    }
}

impl Default for Schema {
    fn default() -> Self {
        Self::new(UsersTable::default())
    }
}
