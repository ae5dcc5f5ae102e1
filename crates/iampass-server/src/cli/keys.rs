//! `iampass-server master-key` and `push-key`: making keys, and changing them while the service runs.

use std::path::PathBuf;

use clap::Subcommand;
use iampass_server_storage::{Database, Noted, Sharing};

use super::data_arguments::DataArguments;
use super::output::print;
use super::progress;
use crate::{MasterKey, ServerError, pushing};

#[derive(Subcommand, Debug)]
pub(super) enum MasterKeyCommand {
    /// Make a new key and print it, or write it to a file for its owner only.
    New {
        /// The file to make.
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Seal everything anew with --master-key-file, opening it with the previous keys; services may be running. Before, start all of them
    /// with the new key as a previous one, and when all know it, with the new key as the master key; after this, without the old one.
    Rotate {
        #[command(flatten)]
        data: DataArguments,
    },
}

#[derive(Subcommand, Debug)]
pub(super) enum PushKeyCommand {
    /// Make a new key, for which phones subscribe when their page is opened; services may be running. The earlier ones stay until no phone is
    /// subscribed for them.
    Rotate {
        #[command(flatten)]
        data: DataArguments,
    },
}

pub(super) async fn push_key(PushKeyCommand::Rotate { data }: PushKeyCommand) -> Result<(), ServerError> {
    let database = Database::open(&data.config()?.storage(), Sharing::Beside).await?;
    let public = pushing::rotate_keys(&database).await?;
    let noted = Noted {
        actor: "command line".to_owned(),
        application: None,
        action: "push-key.changed",
        subject: Some(public.clone()),
    };
    database.note(noted).await?;
    print(&format!("The new key is {public}. Services that run take it over within half a minute."));
    Ok(())
}

pub(super) async fn master_key(command: MasterKeyCommand) -> Result<(), ServerError> {
    match command {
        MasterKeyCommand::New { to: Some(path) } => {
            let key = MasterKey::make_file(&path)?;
            print(&format!(
                "The key {} is in {}. Keep a copy of it apart from the data.",
                key.id(),
                path.display()
            ));
        }
        MasterKeyCommand::New { to: None } => print(MasterKey::generate()?.to_text().expose()),
        MasterKeyCommand::Rotate { data } => {
            let database = Database::open(&data.config()?.storage(), Sharing::Beside).await?;
            let bar = progress::counting("secrets sealed anew");
            let resealed = database.reseal(&|done| bar.set_position(done)).await?;
            bar.finish_and_clear();
            let noted = Noted {
                actor: "command line".to_owned(),
                application: None,
                action: "master-key.changed",
                subject: Some(format!("{resealed} secrets")),
            };
            database.note(noted).await?;
            print(&format!(
                "{resealed} secrets were sealed anew: the previous keys are of no more use here."
            ));
        }
    }
    Ok(())
}
