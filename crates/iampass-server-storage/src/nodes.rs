//! The nodes of a service, as their database sees them, and what that database is: for the Console's page about the service.
//!
//! Belongs here: what is asked of the database about itself. Does not belong here: whether a node may do its work ([`Database::condition`]).

use std::path::PathBuf;

use iampass_core::UnixSeconds;

use super::database::Database;
use super::values::Row;
use super::{StorageError, postgres, sqlite};

/// A node that hears of the others now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NodeSeen {
    /// The version of its program.
    pub version: String,
    /// The name of its machine.
    pub host: String,
    /// The number of its process there.
    pub process: u32,
    /// The address from which the database is reached. None where it is reached by a socket of its own machine, or where the role may not see it.
    pub address: Option<String>,
    /// The time, by the database's clock, since when the connection stands on which it hears. None where the role may not see it.
    pub since: Option<UnixSeconds>,
}

impl NodeSeen {
    /// Whether it is the node of this process.
    #[must_use]
    pub fn is_this_one(&self) -> bool {
        let this = postgres::NodeName::of_this_process();
        (self.process, &self.host, self.version.as_str()) == (this.process, &this.host, this.version)
    }

    /// Of a row with the name, the address and the time of a connection. None where the name is not of a node.
    fn read(row: &Row) -> Result<Option<Self>, StorageError> {
        let Some((version, host, process)) = postgres::NodeName::read(row.text(0)?) else { return Ok(None) };
        Ok(Some(Self {
            version,
            host,
            process,
            address: row.optional_text(1)?.map(str::to_owned),
            since: row.optional_seconds(2)?,
        }))
    }
}

/// The kind of database that the store is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreKind {
    /// One file, for one node.
    Sqlite {
        /// The path of the file, where it has one.
        path: Option<PathBuf>,
    },
    /// A server, for many nodes.
    Postgres {
        /// The server's version, in its own words.
        version: String,
    },
}

/// The store, as it describes itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreDescription {
    /// The kind of database.
    pub kind: StoreKind,
    /// The version of the tables that this program knows.
    pub known_schema: i64,
    /// The version of the tables that the store has. None where it has none.
    pub schema: Option<i64>,
}

/// The most nodes that are listed.
const MOST: i64 = 200;

impl Database {
    /// The store, as it describes itself.
    ///
    /// # Errors
    /// [`StorageError`] when the store does not answer.
    pub async fn description(&self) -> Result<StoreDescription, StorageError> {
        let (sql, known_schema) = match self.has_other_nodes() {
            false => ("SELECT user_version, sqlite_version() FROM pragma_user_version", sqlite::KNOWN_SCHEMA),
            true => (
                "SELECT max(version), current_setting('server_version') FROM schema_version",
                postgres::KNOWN_SCHEMA,
            ),
        };
        let row = self.read(move |tx| Box::pin(async move { tx.query_one(sql, &[]).await })).await?;
        let schema = row.as_ref().map(|row| row.optional_integer(0)).transpose()?.flatten();
        let version = row.as_ref().map(|row| row.text(1)).transpose()?.unwrap_or_default().to_owned();
        let kind = match self.has_other_nodes() {
            false => StoreKind::Sqlite { path: self.path().map(ToOwned::to_owned) },
            true => StoreKind::Postgres { version },
        };
        Ok(StoreDescription { kind, known_schema, schema })
    }

    /// The nodes that are connected to the same tables now, by machine and process. None where there can be one alone.
    ///
    /// A node is seen by the connection on which it hears of the others, so one that just lost it is left out for a moment. A role that may not see the
    /// connections of another role sees their names alone. Any role of the database can give its connections such a name, so this proves nothing.
    ///
    /// # Errors
    /// [`StorageError`] when the store does not answer.
    pub async fn nodes(&self) -> Result<Option<Vec<NodeSeen>>, StorageError> {
        if !self.has_other_nodes() {
            return Ok(None);
        }
        let rows = self
            .read(|tx| Box::pin(async move { tx.query(postgres::SEEN_NODES, &[MOST.into()]).await }))
            .await?;
        let mut nodes = Vec::new();
        for row in &rows {
            nodes.extend(NodeSeen::read(row)?);
        }
        nodes.sort_by(|one, other| (&one.host, one.process).cmp(&(&other.host, other.process)));
        Ok(Some(nodes))
    }
}
