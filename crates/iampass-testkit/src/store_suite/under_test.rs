//! The hooks that a store offers to the suite. Belongs here: hooks. Does not belong here: the ports themselves.

use std::sync::Arc;

use async_trait::async_trait;
use iampass_core::SessionToken;
use iampass_core::port::{BoxError, SessionStore, SharedState, TokenStore, UserKey};

/// The kind of user keys in a token table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyKind {
    /// Any text without NUL of up to this many bytes of UTF-8.
    Text {
        /// The length of the longest.
        longest: usize,
    },
    /// Numbers, UUIDs or the like. [`StoreUnderTest::user_key`] makes them; the checks of texts are skipped.
    Other,
}

/// Whether a hook could do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookOutcome {
    /// It is done.
    Done,
    /// This store has no means to do it: the check is skipped.
    Unsupported,
}

/// A store with nothing in it yet, and what a test may do around it. `Port` is `dyn TokenStore`, `dyn SessionStore` or
/// `dyn SharedState`.
///
/// An `Arc` of any store is one, with no hooks. A store over a database implements it on a type of its test:
///
/// ```
/// use iampass_core::port::{BoxError, MemoryTokenStore, TokenStore, UserKey};
/// use iampass_testkit::store_suite::{HookOutcome, StoreUnderTest, token_store_suite};
/// use std::sync::Arc;
///
/// // A real one holds two pools, and its hooks run an INSERT and a DELETE on the application's users table.
/// struct Tables(Arc<MemoryTokenStore>);
///
/// #[async_trait::async_trait]
/// impl StoreUnderTest<dyn TokenStore> for Tables {
///     fn node(&self, _number: usize) -> Arc<dyn TokenStore> {
///         self.0.clone()
///     }
///
///     async fn delete_user(&self, user: &UserKey) -> Result<HookOutcome, BoxError> {
///         self.0.remove(user).await?;
///         Ok(HookOutcome::Done)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let report = token_store_suite(|| async { Tables(Arc::new(MemoryTokenStore::new(1_000))) }).await;
/// assert!(report.skipped().is_empty());
/// report.assert_passed();
/// # }
/// ```
#[async_trait]
pub trait StoreUnderTest<Port: ?Sized>: Send + Sync {
    /// The store as node `number` has it; all of them share what is stored. The suite uses the nodes 0 and 1. A second node is
    /// best a second pool; the same store twice will do for one that lives in a single process.
    fn node(&self, number: usize) -> Arc<Port>;

    /// The `number`th user's key, for token tables: the number in decimal unless said otherwise. It must be in the one spelling that
    /// [`TokenStore::user_for`] gives back.
    fn user_key(&self, number: u32) -> UserKey {
        UserKey::from(number)
    }

    /// The kind of keys in the token table: texts of up to 255 bytes unless overridden.
    fn key_kind(&self) -> KeyKind {
        KeyKind::Text { longest: 255 }
    }

    /// Adds a user to the application's own table, before the suite gives it a token. There is nothing to do for a store
    /// without a foreign key.
    ///
    /// # Errors
    /// Whatever went wrong; the check fails with it.
    async fn add_user(&self, _user: &UserKey) -> Result<(), BoxError> {
        Ok(())
    }

    /// Deletes a user from the application's own table, which must take the user's token along.
    ///
    /// # Errors
    /// Whatever went wrong; the check fails with it.
    async fn delete_user(&self, _user: &UserKey) -> Result<HookOutcome, BoxError> {
        Ok(HookOutcome::Unsupported)
    }

    /// Damages the stored session so that it cannot be read any more: a changed byte of the sealed secret, say.
    ///
    /// # Errors
    /// Whatever went wrong; the check fails with it.
    async fn damage_session(&self, _session: &SessionToken) -> Result<HookOutcome, BoxError> {
        Ok(HookOutcome::Unsupported)
    }
}

impl<S: TokenStore + 'static> StoreUnderTest<dyn TokenStore> for Arc<S> {
    fn node(&self, _number: usize) -> Arc<dyn TokenStore> {
        self.clone()
    }
}

impl StoreUnderTest<dyn TokenStore> for Arc<dyn TokenStore> {
    fn node(&self, _number: usize) -> Arc<dyn TokenStore> {
        self.clone()
    }
}

impl<S: SessionStore + 'static> StoreUnderTest<dyn SessionStore> for Arc<S> {
    fn node(&self, _number: usize) -> Arc<dyn SessionStore> {
        self.clone()
    }
}

impl StoreUnderTest<dyn SessionStore> for Arc<dyn SessionStore> {
    fn node(&self, _number: usize) -> Arc<dyn SessionStore> {
        self.clone()
    }
}

impl<S: SharedState + 'static> StoreUnderTest<dyn SharedState> for Arc<S> {
    fn node(&self, _number: usize) -> Arc<dyn SharedState> {
        self.clone()
    }
}

impl StoreUnderTest<dyn SharedState> for Arc<dyn SharedState> {
    fn node(&self, _number: usize) -> Arc<dyn SharedState> {
        self.clone()
    }
}

/// A session store as the shared state that it also is.
pub(super) struct AsSharedState<Store>(pub(super) Store);

impl<Store: StoreUnderTest<dyn SessionStore>> StoreUnderTest<dyn SharedState> for AsSharedState<Store> {
    fn node(&self, number: usize) -> Arc<dyn SharedState> {
        self.0.node(number)
    }
}
