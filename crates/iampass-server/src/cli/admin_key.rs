//! `iampass-server admin-key`: the keys of the Admin API, on the machine itself.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use iampass_core::wire::AdminKeyAnswer;
use iampass_server_console::{
    MadeKey, NewKey, keys_for_command, make_key_for_command, revoke_key_for_command, written_time,
};
use iampass_server_storage::{Database, Sharing};

use super::data_arguments::DataArguments;
use super::output::print;
use super::remote::RemoteArguments;
use crate::ServerError;

#[derive(Subcommand, Debug)]
pub(super) enum AdminKeyCommand {
    /// Make a key and print it, or write it to a file for its owner only; a service may be running on the same data. It stands for the operator, and not
    /// for an account: it may do to each application what its scopes name. It ends when it expires, is revoked, or a backup is restored.
    Make(MakeArguments),
    /// List the keys: id, state, name, scopes, application, maker, and when each was made, ends and was last used.
    List {
        #[command(flatten)]
        data: DataArguments,
    },
    /// Revoke a key, and end the registration links that were made by it.
    Revoke {
        #[command(flatten)]
        data: DataArguments,
        /// The key's id.
        #[arg(value_name = "KEY_ID")]
        id: String,
    },
    /// Ask a running service what a key may do, and until when.
    Check {
        #[command(flatten)]
        remote: RemoteArguments,
    },
}

#[derive(Args, Debug)]
pub(super) struct MakeArguments {
    #[command(flatten)]
    data: DataArguments,
    /// The purpose of the key.
    #[arg(long, value_name = "NAME")]
    name: String,
    /// A scope, such as users:read; more than once for more.
    #[arg(long, value_name = "SCOPE", required = true)]
    scope: Vec<String>,
    /// The only application that it may be used for. Without it: all.
    #[arg(long, value_name = "APPLICATION_ID")]
    application: Option<String>,
    /// How many days it is good, 366 at most.
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    days: u64,
    /// The file to make.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

pub(super) async fn admin_key(command: AdminKeyCommand) -> Result<(), ServerError> {
    match command {
        AdminKeyCommand::Make(arguments) => make(arguments).await,
        AdminKeyCommand::List { data } => {
            let config = data.config()?;
            let database = Database::open(&config.storage(), Sharing::Beside).await?;
            print(&keys_for_command(&database, config.clock.now().wall).await?);
            Ok(())
        }
        AdminKeyCommand::Revoke { data, id } => {
            let database = Database::open(&data.config()?.storage(), Sharing::Beside).await?;
            revoke_key_for_command(&database, &id).await?;
            print(&format!("The key {id} is revoked."));
            Ok(())
        }
        AdminKeyCommand::Check { remote } => {
            let key: AdminKeyAnswer = remote.client()?.get("key").await?;
            let of = key
                .application_id
                .map_or_else(|| "all applications".to_owned(), |id| format!("the application {id}"));
            let by = key.account.unwrap_or_else(|| "a command on the machine of the service".to_owned());
            print(&format!(
                "{} ({}) is good for {of} until {}. Scopes: {}. Made by {by}.",
                key.key_id,
                key.name,
                written_time(key.expires_at),
                key.scopes.join(" ")
            ));
            Ok(())
        }
    }
}

async fn make(arguments: MakeArguments) -> Result<(), ServerError> {
    let MakeArguments { data, name, scope, application, days, to } = arguments;
    let database = Database::open(&data.config()?.storage(), Sharing::Beside).await?;
    let asked = NewKey { name: &name, scopes: &scope, application: application.as_deref(), days };
    // Where the file cannot be made, no key is made.
    let file = to.as_deref().map(new_file).transpose()?;
    let made = match make_key_for_command(&database, asked).await {
        Ok(made) => made,
        Err(error) => {
            if let Some(path) = &to {
                let _ = std::fs::remove_file(path);
            }
            return Err(error.into());
        }
    };
    let MadeKey { id, secret } = made;
    let lines = format!("IAMPASS_ADMIN_KEY_ID={id}\nIAMPASS_ADMIN_KEY_SECRET={}\n", secret.expose());
    match (file, to) {
        (Some(mut file), Some(path)) => {
            let written = file.write_all(lines.as_bytes()).and_then(|()| file.sync_all());
            keep_if_written(&database, &id, &path, written).await?;
            print(&format!("The key {id} is in {} for {days} days.", path.display()));
        }
        _ => print(&format!(
            "The key is good for {days} days. The secret is shown this once; keep it in a file that your program alone can read:\n\n{lines}"
        )),
    }
    Ok(())
}

/// A key that could not be written down is revoked, and what is there of its file is removed.
async fn keep_if_written(
    database: &Database,
    id: &str,
    path: &Path,
    written: std::io::Result<()>,
) -> Result<(), ServerError> {
    let Err(source) = written else { return Ok(()) };
    let _ = std::fs::remove_file(path);
    match revoke_key_for_command(database, id).await {
        Ok(()) => Err(ServerError::File { path: path.to_owned(), source }),
        Err(error) => Err(ServerError::Refused(format!(
            "the key {id} could not be written to {} ({source}), and could not be revoked ({error}): revoke it by `iampass-server admin-key revoke {id}`",
            path.display()
        ))),
    }
}

fn new_file(path: &Path) -> Result<std::fs::File, ServerError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|source| ServerError::File { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ServiceConfig;

    #[tokio::test]
    async fn a_key_that_could_not_be_written_down_is_good_no_more_and_leaves_no_file() {
        let database = Database::open(&ServiceConfig::temporary().storage(), Sharing::Alone).await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        let make = async || {
            let scopes = ["users:read".to_owned()];
            let asked = NewKey { name: "A", scopes: &scopes, application: None, days: 1 };
            std::fs::write(&path, "IAMPASS_ADMIN_KEY_ID=KE").unwrap();
            make_key_for_command(&database, asked).await.unwrap().id
        };
        let is_revoked = async |id: &str| database.admin_key(id).await.unwrap().unwrap().revoked_at.is_some();

        let id = make().await;
        let full = Err(std::io::ErrorKind::StorageFull.into());
        let error = keep_if_written(&database, &id, &path, full).await.unwrap_err();
        assert!(matches!(error, ServerError::File { .. }), "{error}");
        assert!(!path.exists() && is_revoked(&id).await);

        let id = make().await;
        keep_if_written(&database, &id, &path, Ok(())).await.unwrap();
        assert!(path.exists() && !is_revoked(&id).await);
    }
}
