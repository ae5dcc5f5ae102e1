//! `iampass-server backup`, `restore` and `migrate`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use iampass_server_storage::{
    Database, Sharing, StorageError, beside, copy_file, dump_postgres, put_in_place, restore_postgres,
};

use super::data_arguments::DataArguments;
use super::output::print;
use super::progress;
use crate::{
    MasterKey, MasterKeySource, MasterKeys, Migrations, ServerError, ServiceConfig, StorageLocation,
};

#[derive(Args, Debug)]
pub(super) struct BackupArguments {
    #[command(flatten)]
    data: DataArguments,
    /// The file to make. It holds no master key: keep that one elsewhere.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

#[derive(Args, Debug)]
pub(super) struct RestoreArguments {
    #[command(flatten)]
    data: DataArguments,
    /// The backup.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// Keep the sessions of the backup open. Those that were logged out since it was made are open again then, and keys of the Admin
    /// API that were revoked since are good again.
    #[arg(long)]
    keep_sessions: bool,
}

/// Copies the data while services run on it.
pub(super) async fn backup(arguments: BackupArguments) -> Result<(), ServerError> {
    let BackupArguments { data, to } = arguments;
    let config = data.config()?;
    check_place(&to)?;
    let target = to.clone();
    match config.data {
        StorageLocation::Postgres(url) => blocking(move || dump_postgres(&url, &target)).await?,
        StorageLocation::File(path) => {
            let bar = progress::share("copied");
            blocking(move || {
                copy_file(&path, &target, &|left, of| {
                    bar.set_length(of);
                    bar.set_position(of.saturating_sub(left));
                })
            })
            .await?;
        }
        _ => return Err(ServerError::Settings("there is nothing to be kept of temporary data")),
    }
    print(&format!(
        "The backup is in {}. Its secrets open with the master key only, which is not in it.",
        to.display()
    ));
    Ok(())
}

/// Says what is in the way before anything is read. Making the file fails as well where something gets in the way later.
fn check_place(to: &Path) -> Result<(), ServerError> {
    let place = to.display();
    if to.symlink_metadata().is_ok() {
        return Err(ServerError::Refused(format!(
            "{place} exists already, and nothing was written: a backup never takes the place of a file. Name another file by --to, such as one with \
             the date in its name, or move this one away first"
        )));
    }
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => Err(ServerError::Refused(format!(
            "the folder {} of {place} is not there: make it first (install -d -m 700 {0})",
            folder.display()
        ))),
        _ => Ok(()),
    }
}

/// Puts a backup in the place of the data, while services run on it or not.
pub(super) async fn restore(arguments: RestoreArguments) -> Result<(), ServerError> {
    let RestoreArguments { data, from, keep_sessions } = arguments;
    let mut config = data.config()?;
    // An older backup becomes current with it.
    config.migrations = Migrations::AtStart;
    if !from.is_file() {
        return Err(ServerError::Settings("there is no such backup: check --from"));
    }
    match config.data.clone() {
        StorageLocation::Postgres(url) => {
            // Before anything is changed: whether the key is there, and the database, and nothing in it that is not known here.
            drop(Database::open(&config.storage(), Sharing::Beside).await?);
            let keys = config.master_key.clone();
            blocking(move || restore_postgres(&url, &keys, &from, keep_sessions)).await?;
            let database = Database::open(&config.storage(), Sharing::Beside).await?;
            database.forget_restored_nonces(None, config.signature_window).await?;
        }
        StorageLocation::File(path) => restore_file(config, &path, &from, keep_sessions).await?,
        _ => return Err(ServerError::Settings("a backup is restored to a --data file or a --database-url")),
    }
    // Requests of this second count as used. A service that is started now takes all that come.
    tokio::time::sleep(Duration::from_secs(1)).await;
    print(if keep_sessions {
        "The backup is in place, with its sessions. Phones that were lost since it was made are registered again: say so once more. Recovery codes that were used since, and keys of the Admin API that were revoked since, are good again. Events go to the endpoints of the backup."
    } else {
        "The backup is in place; its sessions, links and recovery codes have been ended. Phones that were lost since it was made are registered \
         again: say so once more. Users make new recovery codes on their phones. Keys of the Admin API have ended: make new ones. Endpoints of events are off: \
         their owners check them and switch them on. All else is as it was in the backup: rotate secrets that were rotated since, and disable what was disabled since, once more."
    });
    Ok(())
}

async fn restore_file(
    mut config: ServiceConfig,
    path: &Path,
    from: &Path,
    keep_sessions: bool,
) -> Result<(), ServerError> {
    let prepared = beside(path, ".restoring");
    if matches!(config.master_key, MasterKeySource::BesideData) {
        let key = beside(path, ".key");
        if !key.exists() {
            return Err(StorageError::MasterKeyMissing { path: key }.into());
        }
        config.master_key = MasterKeySource::Keys(MasterKeys::new(MasterKey::from_file(&key)?));
    }
    let copied = {
        let (from, to) = (from.to_owned(), prepared.clone());
        blocking(move || {
            // An earlier attempt may have left a file behind.
            let _ = std::fs::remove_file(&to);
            copy_file(&from, &to, &|_, _| {})
        })
    };
    copied.await?;
    // Opening it checks the key, and brings an older backup up to date.
    config.data = StorageLocation::File(prepared.clone());
    let database = Database::open(&config.storage(), Sharing::Beside).await?;
    if !keep_sessions {
        database.end_what_was_restored().await?;
    }
    database.withdraw_restored_events().await?;
    database.let_keys_go_on().await?;
    let old = path.exists().then_some(path);
    database.forget_restored_nonces(old, config.signature_window).await?;
    database.flush().await?;
    drop(database);
    let live = path.to_owned();
    blocking(move || put_in_place(&prepared, &live)).await?;
    // A service that runs on may have taken requests into the data before until now.
    config.data = StorageLocation::File(path.to_owned());
    let database = Database::open(&config.storage(), Sharing::Beside).await?;
    database.forget_restored_nonces(None, config.signature_window).await?;
    database.flush().await?;
    Ok(())
}

#[derive(Args, Debug)]
pub(super) struct MigrateArguments {
    #[command(flatten)]
    data: DataArguments,
}

/// Brings older data up to date, for services that are not to do it themselves.
pub(super) async fn migrate(arguments: MigrateArguments) -> Result<(), ServerError> {
    let mut config = arguments.data.config()?;
    config.migrations = Migrations::AtStart;
    drop(Database::open(&config.storage(), Sharing::Beside).await?);
    print("The data is of this version.");
    Ok(())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StorageError> + Send + 'static,
) -> Result<T, ServerError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(std::io::Error::other)?;
    Ok(done?)
}
