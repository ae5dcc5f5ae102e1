//! The table of entries that all nodes share. It is a part of [`SessionTable`], so that an application has one store.

use async_trait::async_trait;
use iampass_core::UnixMillis;
use iampass_core::port::{SharedEntry, SharedKey, SharedState, SharedVersion, StoreError, StoreErrorKind};

use crate::SessionTable;
use crate::database::{Database, Row, Value};
use crate::retry::{self, Changed};
use crate::session_table::purge_in_batches;
use crate::statements::id_value;

impl<D: Database> SessionTable<D> {
    fn shared_key(&self, key: &SharedKey) -> Value {
        id_value(self.database.dialect(), key.as_str())
    }

    async fn stored_version(&self, key: &SharedKey) -> Result<Option<SharedVersion>, StoreError> {
        let key = vec![self.shared_key(key)];
        let rows = retry::query(&self.database, &self.shared.version, key).await?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        match row.first() {
            Some(Value::Integer(number)) => Ok(Some(SharedVersion::from_number(*number))),
            _ => Err(StoreError::new(StoreErrorKind::Unreadable)),
        }
    }
}

#[async_trait]
impl<D: Database> SharedState for SessionTable<D> {
    async fn load_shared(&self, key: &SharedKey) -> Result<Option<SharedEntry>, StoreError> {
        let rows = retry::query(&self.database, &self.shared.load, vec![self.shared_key(key)]).await?;
        let read = |row| entry(row).ok_or_else(|| StoreError::new(StoreErrorKind::Unreadable));
        rows.into_iter().next().map(read).transpose()
    }

    async fn swap_shared(
        &self,
        key: &SharedKey,
        expected: Option<SharedVersion>,
        entry: &SharedEntry,
    ) -> Result<bool, StoreError> {
        let written = [
            Value::Integer(entry.version.number()),
            Value::Bytes(entry.value.clone()),
            Value::Integer(column(entry.expires_at)),
        ];
        let stored_key = self.shared_key(key);
        let changed = match expected {
            None => {
                let values = std::iter::once(stored_key).chain(written).collect();
                retry::change_once(&self.database, &self.shared.insert, values).await?
            }
            Some(expected) => {
                let values = written.into_iter().chain([stored_key, Value::Integer(expected.number())]);
                retry::change_once(&self.database, &self.shared.swap, values.collect()).await?
            }
        };
        match changed {
            Changed::One => Ok(true),
            Changed::None => Ok(false),
            Changed::NoneAfterBreak(_) if self.stored_version(key).await? == Some(entry.version) => Ok(true),
            // It may have been done, and been replaced since.
            Changed::NoneAfterBreak(error) => Err(error.into()),
        }
    }

    async fn delete_shared(&self, key: &SharedKey, expected: SharedVersion) -> Result<bool, StoreError> {
        let values = vec![self.shared_key(key), Value::Integer(expected.number())];
        match retry::change_once(&self.database, &self.shared.delete, values).await? {
            Changed::One => Ok(true),
            Changed::None => Ok(false),
            Changed::NoneAfterBreak(error) => Err(error.into()),
        }
    }

    async fn purge_shared(&self, now: UnixMillis, limit: usize) -> Result<usize, StoreError> {
        let now = Value::Integer(column(now));
        Ok(purge_in_batches(&self.database, &self.shared.purge, &now, limit).await?)
    }
}

fn entry(row: Row) -> Option<SharedEntry> {
    let [Value::Integer(version), Value::Bytes(value), Value::Integer(expires_at)] =
        <[Value; 3]>::try_from(row).ok()?
    else {
        return None;
    };
    let expires_at = UnixMillis(u64::try_from(expires_at).unwrap_or(0));
    Some(SharedEntry::new(SharedVersion::from_number(version), value, expires_at))
}

/// Columns are signed. A time past their end counts as never.
fn column(time: UnixMillis) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}
