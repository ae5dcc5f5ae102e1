//! The port to the application's own users. Belongs here: the trait. The application defines its users.

use async_trait::async_trait;
use iampass_core::UnixSeconds;
use iampass_core::port::{BoxError, UserKey};

/// A notice for the user by another way than this browser, such as e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// A person in a signed-in browser asked to replace the phone. It can be stopped until this time.
    PhoneReplacementAsked {
        /// When the phone can be replaced, if it is not stopped.
        ready_at: UnixSeconds,
    },
    /// The replacement was stopped: by a login that the phone accepted, or by the user.
    PhoneReplacementStopped,
    /// The phone was disabled, and a link for another one was shown.
    PhoneReplaced,
    /// A recovery code was used up for a link that adds a phone. If it was not the user, any of the user's phones can remove the new one, and new recovery
    /// codes make the others worthless.
    RecoveryCodeUsed,
    /// The same may have happened: somebody has typed a text as the user's recovery code, and the answer of the service was lost. The user's phones say
    /// whether a code was used. If it was not the user, it is as with [`Notice::RecoveryCodeUsed`].
    RecoveryCodePerhapsUsed,
    /// A person in a browser whose login a phone has just approved was shown a link that adds a phone. The new phone waits until one of the user's
    /// phones confirms it.
    PhoneAddingBegun,
}

/// The application's users, as far as a login needs them.
///
/// A key must never be given to another user, not even after its user was deleted: sessions and the right to register a phone go by
/// it for a while. In SQLite that takes `INTEGER PRIMARY KEY AUTOINCREMENT`; without `AUTOINCREMENT` the highest number is given
/// again.
///
/// ```
/// use iampass_core::port::{BoxError, UserKey};
/// use iampass_web::UserDirectory;
///
/// #[derive(Clone)]
/// struct User {
///     id: i64,
///     name: String,
/// }
///
/// struct Users; // A real one has a database pool.
///
/// #[async_trait::async_trait]
/// impl UserDirectory for Users {
///     type User = User;
///
///     async fn find(&self, login_name: &str) -> Result<Option<UserKey>, BoxError> {
///         Ok((login_name == "anna").then(|| UserKey::from(1_i64)))
///     }
///
///     async fn load(&self, key: &UserKey) -> Result<Option<User>, BoxError> {
///         Ok((key.as_str() == "1").then(|| User { id: 1, name: "Anna".to_owned() }))
///     }
///
///     fn display_name(&self, user: &User) -> String {
///         user.name.clone()
///     }
/// }
/// ```
#[async_trait]
pub trait UserDirectory: Send + Sync + 'static {
    /// The user as handlers receive it.
    type User: Clone + Send + Sync + 'static;

    /// The key of the user with this login name, or `None`. It should take as long in either case.
    ///
    /// # Errors
    /// Any error; the login is refused then.
    async fn find(&self, login_name: &str) -> Result<Option<UserKey>, BoxError>;

    /// The user of this key. Called for each request with a session, so that deleting or changing a user takes effect at once; `None`
    /// refuses access.
    ///
    /// # Errors
    /// Any error; access is refused then.
    async fn load(&self, key: &UserKey) -> Result<Option<Self::User>, BoxError>;

    /// The user's name on the pages and on the phone.
    fn display_name(&self, user: &Self::User) -> String;

    /// Tells the user something, by e-mail for example. By default it does nothing; an application that lets users replace a lost phone
    /// ([`crate::LostPhone`]) is to implement it, together with [`UserDirectory::can_notify`]. It is awaited, so what takes long belongs into
    /// a task. Each notice is in the log too, with the target `iampass::audit`.
    async fn notify(&self, user: &UserKey, notice: &Notice) {
        let _ = (user, notice);
    }

    /// Whether [`UserDirectory::notify`] reaches users. By default `false`, since that does nothing by default. An application that lets users
    /// replace a lost phone gets a warning in its log at the start where this is `false`: the owner of the phone would not hear of a replacement
    /// that somebody else has asked for.
    fn can_notify(&self) -> bool {
        false
    }

    /// Called before all sessions of the user end, by *Log out everywhere* or by the replacement of a lost phone. An application that lets a
    /// session make something that outlives it (an invitation, an access token, a link) ends that here: a thief of the session may
    /// have made it. By default it does nothing. It may be called again after an error.
    ///
    /// # Errors
    /// Whatever went wrong; the page says then that it is to be tried again, and no session is ended.
    async fn before_all_sessions_end(&self, user: &UserKey) -> Result<(), BoxError> {
        let _ = user;
        Ok(())
    }
}
