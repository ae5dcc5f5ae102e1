//! `iampass-server application`: what the Console will do in a browser.

use iampass_server_domain::rules::{Approval, Walkaway};
use iampass_server_storage::{ApplicationChange, Database, Sharing};

use super::arguments::ApplicationCommand;
use super::data_arguments::DataArguments;
use super::output::print;
use super::transfer;
use crate::ServerError;
use crate::service::{add_application, configure};

pub(super) async fn application(command: ApplicationCommand) -> Result<(), ServerError> {
    match command {
        ApplicationCommand::Add { data, name, approval, json } => {
            add(data, &name, approval.into(), json).await
        }
        ApplicationCommand::Approval { data, id, approval } => set_approval(data, &id, approval.into()).await,
        ApplicationCommand::Walkaway { data, id, walkaway } => set_walkaway(data, &id, walkaway.into()).await,
        ApplicationCommand::Export(export) => transfer::export(export).await,
        ApplicationCommand::Import(import) => transfer::import(import).await,
        ApplicationCommand::List { data } => list(data).await,
    }
}

async fn add(data: DataArguments, name: &str, approval: Approval, json: bool) -> Result<(), ServerError> {
    let config = data.config()?;
    let database = Database::open(&config.storage(), Sharing::Beside).await?;
    let added = add_application(&database, name, approval, None).await?;
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

async fn set_approval(data: DataArguments, id: &str, approval: Approval) -> Result<(), ServerError> {
    let name = change(data, id, ApplicationChange::Approve(approval)).await?;
    print(&format!("{name}: the approval is {} from the next login on", approval.word()));
    Ok(())
}

async fn set_walkaway(data: DataArguments, id: &str, walkaway: Walkaway) -> Result<(), ServerError> {
    let name = change(data, id, ApplicationChange::Walkaway(walkaway)).await?;
    print(&match walkaway {
        Walkaway::On => {
            format!("{name}: a session follows its phone's word that it is near, once the phone has said so")
        }
        _ => format!(
            "{name}: phones do not say whether they are near; sessions that are away stay so until their user is back"
        ),
    });
    Ok(())
}

/// Makes a change of settings; the name of the application.
async fn change(data: DataArguments, id: &str, change: ApplicationChange) -> Result<String, ServerError> {
    let config = data.config()?;
    let database = Database::open(&config.storage(), Sharing::Beside).await?;
    configure(&database, id, change).await
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
