//! `iampass-server application`: what the Console will do in a browser.

use iampass_server_storage::{Database, Sharing};

use super::arguments::{ApplicationCommand, DataArguments};
use super::{print, transfer};
use crate::ServerError;
use crate::service::add_application;

pub(super) async fn application(command: ApplicationCommand) -> Result<(), ServerError> {
    match command {
        ApplicationCommand::Add { data, name, json } => add(data, &name, json).await,
        ApplicationCommand::Export(export) => transfer::export(export).await,
        ApplicationCommand::Import(import) => transfer::import(import).await,
        ApplicationCommand::List { data } => list(data).await,
    }
}

async fn add(data: DataArguments, name: &str, json: bool) -> Result<(), ServerError> {
    let config = data.config()?;
    let database = Database::open(&config.storage(), Sharing::Beside).await?;
    let added = add_application(&database, name, None).await?;
    let (id, secret) = (added.id.as_str(), added.secret.expose());
    print(&if json {
        serde_json::json!({"application_id": id, "application_secret": secret, "application_name": name})
            .to_string()
    } else {
        format!(
            "{name} is added. The secret is shown this once; keep it where your application finds it:\n\n  \
             IAMPASS_APPLICATION_ID={id}\n  IAMPASS_APPLICATION_SECRET={secret}\n"
        )
    });
    Ok(())
}

async fn list(data: DataArguments) -> Result<(), ServerError> {
    if data.data.as_ref().is_some_and(|path| !path.exists()) {
        return Err(ServerError::Settings("there is no such data file: check --data"));
    }
    let config = data.config()?;
    let database = Database::open(&config.storage(), Sharing::Beside).await?;
    for application in database.applications().await? {
        print(&format!("{}\t{}", application.id, application.name));
    }
    Ok(())
}
