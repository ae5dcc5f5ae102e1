//! The data that an application needs to reach a service.

use serde_json::Value;

use crate::programs::Failure;

/// Where a service is, and an application's credentials there.
#[derive(Clone, Debug)]
pub struct Account {
    /// The service's base URL.
    pub server: String,
    /// The application's id.
    pub application_id: String,
    /// The application's secret. These are tests: it opens nothing that outlives them.
    pub application_secret: String,
}

impl Account {
    /// Reads the credentials from what a program has said.
    pub(crate) fn read(server: &str, says: &Value) -> Result<Self, Failure> {
        let field = |name: &str| {
            let found = says.get(name).and_then(Value::as_str);
            found.map(str::to_owned).ok_or_else(|| format!("iampass-server did not say its {name}"))
        };
        Ok(Self {
            server: server.to_owned(),
            application_id: field("application_id")?,
            application_secret: field("application_secret")?,
        })
    }
}
