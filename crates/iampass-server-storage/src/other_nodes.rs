//! The news of other nodes, and those of this one for them. Does not belong here: how they are sent ([`super::postgres`]), and who waits for them
//! ([`super::signals`]).

use super::signals::News;
use super::{Database, UserKey};
#[cfg(test)]
use super::{StorageError, Tx};

impl Database {
    /// Tells other nodes that something has happened to a user.
    #[cfg(test)]
    pub(crate) async fn announce(&self, user: UserKey) -> Result<(), StorageError> {
        let told = move |tx: &mut Tx<'_>| tx.raised().user(user);
        self.write(move |tx| {
            told(tx);
            Box::pin(async { Ok(()) })
        })
        .await
    }

    /// Calls `wake` for what happens on other nodes, for as long as it is awaited; with `None` when some of it may have been missed. Those who have changed
    /// are forgotten.
    pub(crate) async fn hear(&self, wake: &(dyn Fn(Option<UserKey>) + Sync)) {
        let Some(postgres) = self.postgres() else { return std::future::pending().await };
        let tell = |news: &[Option<News>]| {
            self.remembering(|remembered| remembered.forget_those_in(news));
            for one in news {
                match one {
                    Some(News::User(user)) => wake(Some(*user)),
                    Some(News::Phones(_) | News::Application(_)) => {}
                    None => wake(None),
                }
            }
        };
        postgres.hear(&tell).await;
    }

    /// Wakes those here who wait for what happens on other nodes, for as long as it is awaited.
    pub async fn hear_other_nodes(&self) {
        self.hear(&|user| self.signals().heard(user)).await;
    }
}
