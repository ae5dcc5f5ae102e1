//! `iampass-server master-key`: making one, and changing it while the service runs.

use std::path::PathBuf;

use clap::Subcommand;
use iampass_server_storage::{Database, Noted, Sharing};

use super::arguments::DataArguments;
use super::{print, progress};
use crate::{MasterKey, ServerError};

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
