//! The service's data about itself: sealed values by name.

use super::{Database, Sealed, StorageError};

impl Database {
    /// The value of a setting; where there is none yet, `drawn` becomes it, on all nodes the same.
    pub async fn setting_or(&self, name: &'static str, drawn: String) -> Result<String, StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                let sealed = tx.seal(Sealed::Setting, name, &drawn)?;
                tx.execute(
                    "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
                    &[name.into(), (&sealed).into()],
                )
                .await?;
                let found =
                    tx.query_one("SELECT value FROM settings WHERE name = ?1", &[name.into()]).await?;
                let found = found.ok_or(StorageError::Corrupt { what: "setting" })?;
                Ok(tx.open(Sealed::Setting, name, found.bytes(0)?)?.expose().to_owned())
            })
        })
        .await
    }

    /// The value of a setting. None when there is none yet.
    pub async fn setting(&self, name: &'static str) -> Result<Option<String>, StorageError> {
        self.read(move |tx| {
            Box::pin(async move {
                let sql = "SELECT value FROM settings WHERE name = ?1";
                let Some(found) = tx.query_one(sql, &[name.into()]).await? else { return Ok(None) };
                Ok(Some(tx.open(Sealed::Setting, name, found.bytes(0)?)?.expose().to_owned()))
            })
        })
        .await
    }

    /// Puts a value in place of another one; false when the setting has yet another value.
    pub async fn replace_setting(
        &self,
        name: &'static str,
        before: String,
        after: String,
    ) -> Result<bool, StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                let sql = "SELECT value FROM settings WHERE name = ?1 /*lock*/";
                let Some(found) = tx.query_one(sql, &[name.into()]).await? else { return Ok(false) };
                if tx.open(Sealed::Setting, name, found.bytes(0)?)?.expose() != before {
                    return Ok(false);
                }
                let sealed = tx.seal(Sealed::Setting, name, &after)?;
                let values = [name.into(), (&sealed).into()];
                tx.execute("UPDATE settings SET value = ?2 WHERE name = ?1", &values).await?;
                Ok(true)
            })
        })
        .await
    }
}
