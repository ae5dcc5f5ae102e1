//! Token stores with deliberate defects. Does not belong here: what the suite says of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use iampass_core::UserToken;
use iampass_core::port::{BoxError, MemoryTokenStore, StoreError, StoreErrorKind, TokenStore, UserKey};
use iampass_testkit::store_suite::{HookOutcome, StoreUnderTest};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum TokenDefect {
    None,
    AssignOverwrites,
    AssignInTwoSteps,
    AssignRefusesTaken,
    TakenTokenMoves,
    TakenTokenIsGiven,
    ConflictIsOther,
    TrimsTokens,
    FoldsTokens,
    ComposesTokens,
    CutsTokens,
    TrimsKeys,
    FoldsKeys,
    CutsKeys,
    ReadsKeysAsNumbers,
    RotateKeepsTheOld,
    RotateNeedsAToken,
    RotateIsInsertOnly,
    RemoveDoesNothing,
    RemoveRemovesAll,
    RemoveTwiceFails,
    RemoveLeavesTheToken,
    NodesShareNothing,
    FailsWhenBusy,
    NoCascade,
    CascadeTakesAll,
    GuessesUsers,
}

struct DefectiveTokens {
    inner: MemoryTokenStore,
    defect: TokenDefect,
    /// The entries that a defect remembers.
    old: Mutex<BTreeMap<UserToken, UserKey>>,
    known: Mutex<Vec<UserKey>>,
    busy: AtomicU32,
}

impl DefectiveTokens {
    pub(crate) fn new(defect: TokenDefect) -> Arc<Self> {
        let inner = MemoryTokenStore::new(1_000);
        Arc::new(Self {
            inner,
            defect,
            old: Mutex::default(),
            known: Mutex::default(),
            busy: AtomicU32::new(0),
        })
    }

    fn token(&self, token: &UserToken) -> UserToken {
        let text = token.as_str();
        let text = match self.defect {
            TokenDefect::TrimsTokens if !text.trim_end_matches(' ').is_empty() => {
                text.trim_end_matches(' ').to_owned()
            }
            TokenDefect::FoldsTokens => text.to_lowercase(),
            TokenDefect::ComposesTokens => text.replace("e\u{301}", "\u{e9}"),
            TokenDefect::CutsTokens => text.chars().take(254).collect(),
            _ => text.to_owned(),
        };
        UserToken::new(text).unwrap_or_else(|_| token.clone())
    }

    fn key(&self, key: &UserKey) -> UserKey {
        let text = key.as_str();
        UserKey::new(match self.defect {
            TokenDefect::TrimsKeys => text.trim_end_matches(' ').to_owned(),
            TokenDefect::FoldsKeys => text.to_lowercase(),
            TokenDefect::CutsKeys => text.chars().take(255).collect(),
            TokenDefect::ReadsKeysAsNumbers => match text.parse::<i64>() {
                Ok(number) => number.to_string(),
                Err(_) => text.to_owned(),
            },
            _ => text.to_owned(),
        })
    }

    fn know(&self, user: &UserKey) {
        self.known.lock().unwrap().push(user.clone());
    }
}

#[async_trait]
impl TokenStore for DefectiveTokens {
    async fn token_for(&self, user: &UserKey) -> Result<Option<UserToken>, StoreError> {
        self.inner.token_for(&self.key(user)).await
    }

    async fn user_for(&self, token: &UserToken) -> Result<Option<UserKey>, StoreError> {
        if let Some(user) = self.old.lock().unwrap().get(token) {
            return Ok(Some(user.clone()));
        }
        let found = self.inner.user_for(&self.token(token)).await?;
        if found.is_none() && self.defect == TokenDefect::GuessesUsers {
            return Ok(self.known.lock().unwrap().last().cloned().or_else(|| Some(UserKey::from(1_u32))));
        }
        Ok(found)
    }

    async fn assign(&self, user: &UserKey, candidate: &UserToken) -> Result<UserToken, StoreError> {
        let (key, token) = (self.key(user), self.token(candidate));
        self.know(&key);
        let owner = self.inner.user_for(&token).await?;
        match self.defect {
            TokenDefect::AssignOverwrites => {
                self.inner.rotate(&key, &token).await?;
                return Ok(token);
            }
            TokenDefect::AssignInTwoSteps => {
                if let Some(token) = self.inner.token_for(&key).await? {
                    return Ok(token);
                }
                tokio::task::yield_now().await;
                self.inner.rotate(&key, &token).await?;
                return Ok(token);
            }
            TokenDefect::AssignRefusesTaken if owner.as_ref().is_some_and(|owner| *owner != key) => {
                return Err(StoreError::new(StoreErrorKind::Conflict));
            }
            TokenDefect::TakenTokenMoves => {
                if let Some(owner) = owner
                    && self.inner.token_for(&key).await?.is_none()
                {
                    self.inner.remove(&owner).await?;
                }
            }
            TokenDefect::TakenTokenIsGiven if owner.is_some() => return Ok(token),
            TokenDefect::FailsWhenBusy => {
                self.busy.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                if self.busy.fetch_sub(1, Ordering::SeqCst) > 10 {
                    return Err(StoreError::new(StoreErrorKind::Unavailable));
                }
            }
            _ => {}
        }
        let assigned = self.inner.assign(&key, &token).await;
        match (assigned, self.defect) {
            (Err(_), TokenDefect::ConflictIsOther) => Err(StoreError::new(StoreErrorKind::Other)),
            (assigned, _) => assigned,
        }
    }

    async fn rotate(&self, user: &UserKey, replacement: &UserToken) -> Result<(), StoreError> {
        let (key, token) = (self.key(user), self.token(replacement));
        let old = self.inner.token_for(&key).await?;
        match (self.defect, old) {
            (TokenDefect::RotateKeepsTheOld, Some(old)) => {
                self.old.lock().unwrap().insert(old, key.clone());
            }
            (TokenDefect::RotateNeedsAToken, None) => return Ok(()),
            (TokenDefect::RotateIsInsertOnly, Some(old)) if old == token => {
                return Err(StoreError::new(StoreErrorKind::Conflict));
            }
            (TokenDefect::TakenTokenMoves, _) => {
                if let Some(owner) = self.inner.user_for(&token).await? {
                    self.inner.remove(&owner).await?;
                }
            }
            _ => {}
        }
        self.inner.rotate(&key, &token).await
    }

    async fn remove(&self, user: &UserKey) -> Result<(), StoreError> {
        let key = self.key(user);
        let token = self.inner.token_for(&key).await?;
        match (self.defect, token) {
            (TokenDefect::RemoveDoesNothing, _) => return Ok(()),
            (TokenDefect::RemoveTwiceFails, None) => return Err(StoreError::new(StoreErrorKind::Other)),
            (TokenDefect::RemoveLeavesTheToken, Some(token)) => {
                self.old.lock().unwrap().insert(token, key.clone());
            }
            (TokenDefect::RemoveRemovesAll, _) => {
                let known = self.known.lock().unwrap().clone();
                for user in known {
                    self.inner.remove(&user).await?;
                }
            }
            _ => {}
        }
        self.inner.remove(&key).await
    }
}

/// As a store over a database is tested: two nodes, and users who can be deleted.
pub(crate) struct Tables([Arc<DefectiveTokens>; 2]);

impl Tables {
    pub(crate) fn new(defect: TokenDefect) -> Self {
        let first = DefectiveTokens::new(defect);
        let second = match defect {
            TokenDefect::NodesShareNothing => DefectiveTokens::new(defect),
            _ => first.clone(),
        };
        Self([first, second])
    }
}

#[async_trait]
impl StoreUnderTest<dyn TokenStore> for Tables {
    fn node(&self, number: usize) -> Arc<dyn TokenStore> {
        self.0[number].clone()
    }

    async fn delete_user(&self, user: &UserKey) -> Result<HookOutcome, BoxError> {
        let [store, _] = &self.0;
        match store.defect {
            TokenDefect::NoCascade => {}
            TokenDefect::CascadeTakesAll => {
                let known = store.known.lock().unwrap().clone();
                for user in known {
                    store.inner.remove(&user).await?;
                }
            }
            _ => store.inner.remove(user).await?,
        }
        Ok(HookOutcome::Done)
    }
}
