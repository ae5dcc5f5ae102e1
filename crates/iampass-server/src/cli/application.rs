//! `iampass-server application`: what the Console will do in a browser.

use iampass_core::Secret;
use iampass_core::wire::{AdminApplications, AdminCredentials, AdminNewApplication};
use iampass_server_domain::rules::{AllowedPhones, Approval, Walkaway};
use iampass_server_storage::{ApplicationChange, Database, Sharing};

use super::arguments::ApplicationCommand;
use super::data_arguments::DataArguments;
use super::events::events;
use super::output::print;
use super::remote::{AdminClient, encoded};
use super::transfer;
use crate::ServerError;
use crate::relying_party::UnlockCheck;
use crate::service::{add_application, configure};

pub(super) async fn application(command: ApplicationCommand) -> Result<(), ServerError> {
    match command {
        ApplicationCommand::Add { data, remote, name, approval, json } => {
            let (id, secret) = match remote.instead_of(&data)? {
                Some(client) => add_at(&client, &name, approval.into()).await?,
                None => add(data, &name, approval.into()).await?,
            };
            print(&added(&id, &secret, &name, json));
            Ok(())
        }
        ApplicationCommand::Approval { data, id, approval } => set_approval(data, &id, approval.into()).await,
        ApplicationCommand::Phones { data, id, phones } => allow_phones(data, &id, phones.into()).await,
        ApplicationCommand::Walkaway { data, id, walkaway } => set_walkaway(data, &id, walkaway.into()).await,
        ApplicationCommand::Events(command) => events(command).await,
        ApplicationCommand::Export(export) => transfer::export(export).await,
        ApplicationCommand::Import(import) => transfer::import(import).await,
        ApplicationCommand::List { data, remote } => match remote.instead_of(&data)? {
            Some(client) => list_at(&client).await,
            None => list(data).await,
        },
    }
}

async fn add(data: DataArguments, name: &str, approval: Approval) -> Result<(String, Secret), ServerError> {
    let config = data.config()?;
    let database = Database::open(&config.storage(), Sharing::Beside).await?;
    let added = add_application(&database, name, approval, None).await?;
    Ok((added.id.to_string(), added.secret))
}

/// The same by a running service.
async fn add_at(
    client: &AdminClient,
    name: &str,
    approval: Approval,
) -> Result<(String, Secret), ServerError> {
    let wanted = AdminNewApplication { name: name.to_owned(), approval: Some(approval.word().to_owned()) };
    let added: AdminCredentials = client.post("add_application", &wanted).await?;
    Ok((added.application_id, added.application_secret))
}

fn added(id: &str, secret: &Secret, name: &str, json: bool) -> String {
    let secret = secret.expose();
    if json {
        serde_json::json!({"application_id": id, "application_secret": secret, "application_name": name})
            .to_string()
    } else {
        format!(
            "{name} is added. The secret is shown this once; keep it where your application finds it:\n\n  \
             IAMPASS_APPLICATION_ID={id}\n  IAMPASS_APPLICATION_SECRET={secret}\n"
        )
    }
}

async fn set_approval(data: DataArguments, id: &str, approval: Approval) -> Result<(), ServerError> {
    let name = change(data, id, ApplicationChange::Approve(approval)).await?;
    print(&format!("{name}: the approval is {} from the next login on", approval.word()));
    Ok(())
}

async fn allow_phones(data: DataArguments, id: &str, phones: AllowedPhones) -> Result<(), ServerError> {
    let config = data.config()?;
    let unlock = UnlockCheck::new(config.public_url.as_ref(), config.unverified_methods);
    // As in the Console: nobody could sign in otherwise.
    if phones == AllowedPhones::Unlocked && !unlock.can_be_asked_for() {
        return Err(ServerError::Settings(
            "with these settings the service cannot verify that a phone was unlocked, so nobody could sign in: name the settings of the service with --config, \
             or its URL with --set public_url=https://…",
        ));
    }
    let name = change(data, id, ApplicationChange::AllowPhones(phones)).await?;
    print(&match phones {
        AllowedPhones::Any => format!("{name}: any phone of a user may answer"),
        AllowedPhones::WithKey => format!(
            "{name}: only phones with a key of their own may answer, from the next answer on; others are registered anew by a new link"
        ),
        _ => format!(
            "{name}: only phones with a key of their own that are unlocked for the login may answer, from the next answer on; logins that were begun before have to be begun anew"
        ),
    });
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

/// The same of a running service.
async fn list_at(client: &AdminClient) -> Result<(), ServerError> {
    let mut after = String::new();
    loop {
        let page: AdminApplications =
            client.get(&format!("applications?limit=200&after={}", encoded(&after))).await?;
        for application in &page.applications {
            print(&format!("{}\t{}", application.application_id, application.name));
        }
        match page.next {
            Some(next) => after = next,
            None => return Ok(()),
        }
    }
}
