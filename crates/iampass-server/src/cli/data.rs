//! From the arguments that name data to a configuration that opens it.

use super::arguments::DataArguments;
use crate::{Data, MASTER_KEY_VARIABLE, MasterKey, MasterKeySource, MasterKeys, ServerError, ServiceConfig};

impl DataArguments {
    /// The defaults, over this data.
    pub(super) fn config(&self) -> Result<ServiceConfig, ServerError> {
        let data = match (&self.data, &self.database_url) {
            (_, Some(url)) => Data::Postgres(url.clone()),
            (Some(path), None) => Data::File(path.clone()),
            (None, None) => return Err(ServerError::Settings("name a --data file or a --database-url")),
        };
        let mut config = ServiceConfig::new(data);
        config.master_key = self.master_key()?;
        Ok(config)
    }

    fn master_key(&self) -> Result<MasterKeySource, ServerError> {
        let current = match (&self.master_key_file, std::env::var(MASTER_KEY_VARIABLE)) {
            (Some(path), _) => MasterKey::from_file(path)?,
            (None, Ok(text)) => MasterKey::parse(&text)?,
            (None, Err(_)) => return Ok(MasterKeySource::BesideData),
        };
        let mut keys = MasterKeys::new(current);
        for path in &self.previous_master_key_file {
            keys = keys.with_previous(MasterKey::from_file(path)?);
        }
        Ok(MasterKeySource::Keys(keys))
    }
}
