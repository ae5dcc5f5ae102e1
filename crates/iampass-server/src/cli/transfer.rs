//! `iampass-server application export` and `import`.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use iampass_server_storage::{Database, Moved, Noted, Sealer, Sharing, Writing, read_export};

use super::data_arguments::DataArguments;
use super::output::print;
use super::progress;
use crate::{MasterKey, MasterKeys, ServerError};

/// Users that are read at a time.
const AT_ONCE: u32 = 1_000;

#[derive(Args, Debug)]
pub(super) struct ExportArguments {
    #[command(flatten)]
    data: DataArguments,
    /// The application's id.
    #[arg(long, value_name = "ID")]
    id: String,
    /// The file to make.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// The file with the key for the secrets (`iampass-server master-key new --to FILE` makes one). Without it no secret and no phone goes along.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct ImportArguments {
    #[command(flatten)]
    data: DataArguments,
    /// The exported file.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// The file with the key that it was exported with.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

pub(super) async fn export(arguments: ExportArguments) -> Result<(), ServerError> {
    let ExportArguments { data, id, to, key_file } = arguments;
    let key = sealer(key_file.as_deref())?;
    let database = Database::open(&data.config()?.storage(), Sharing::Beside).await?;
    let Some(found) = database.application(&id).await? else {
        return Err(ServerError::Settings(
            "there is no application with this id: `iampass-server application list` lists them",
        ));
    };
    // Before, so that no file leaves without an entry.
    let noted = Noted {
        actor: "command line".to_owned(),
        application: Some(found.id.to_string()),
        action: "application.exported",
        subject: Some(if key.is_some() { "with secrets" } else { "without secrets" }.to_owned()),
    };
    database.note(noted).await?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&to).map_err(|source| ServerError::File { path: to.clone(), source })?;
    let mut file = BufWriter::new(file);
    let mut writing = Writing::new(key.as_ref());
    let application = Moved {
        id: found.id,
        name: found.name,
        secret: found.secret,
        created_at: found.created_at,
        settings: found.settings,
    };
    writeln!(file, "{}", writing.application(&application)?)?;
    let bar = progress::counting("users");
    let mut after = 0;
    loop {
        let users = database.users_to_move(found.key, after, AT_ONCE).await?;
        let Some((last, _)) = users.last() else { break };
        after = *last;
        for (_, user) in &users {
            writeln!(file, "{}", writing.user(user)?)?;
        }
        bar.inc(users.len() as u64);
    }
    writeln!(file, "{}", writing.end()?)?;
    file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    let users = bar.position();
    bar.finish_and_clear();
    print(&match key {
        Some(_) => format!(
            "{} is in {} with {users} users, their phones and all secrets, sealed.",
            application.name,
            to.display()
        ),
        None => format!(
            "{} is in {} with {users} users, without secrets and phones: users need new links where it arrives.",
            application.name,
            to.display()
        ),
    });
    Ok(())
}

pub(super) async fn import(arguments: ImportArguments) -> Result<(), ServerError> {
    let ImportArguments { data, from, key_file } = arguments;
    let key = sealer(key_file.as_deref())?;
    let file = File::open(&from).map_err(|source| ServerError::File { path: from.clone(), source })?;
    let arrived = read_export(BufReader::new(file).lines(), key.as_ref())?;
    let database = Database::open(&data.config()?.storage(), Sharing::Beside).await?;
    let (id, secret) = (arrived.application.id.to_string(), arrived.application.secret.clone());
    let users = arrived.users.len();
    let noted = Noted {
        actor: "command line".to_owned(),
        application: Some(id.clone()),
        action: "application.imported",
        subject: None,
    };
    if !database.take_in(arrived.application, arrived.users, noted).await? {
        return Err(ServerError::ApplicationExists { id });
    }
    print(&if arrived.has_new_secret {
        format!(
            "It is taken in with {users} users. It has a new secret, which is shown this once:\n\n  \
             IAMPASS_APPLICATION_ID={id}\n  IAMPASS_APPLICATION_SECRET={}\n",
            secret.expose()
        )
    } else {
        format!("It is taken in with {users} users, their phones and its secret, under the id {id}.")
    });
    Ok(())
}

fn sealer(key_file: Option<&Path>) -> Result<Option<Sealer>, ServerError> {
    let key = key_file.map(MasterKey::from_file).transpose()?;
    Ok(key.map(|key| Sealer::new(&MasterKeys::new(key))).transpose()?)
}
