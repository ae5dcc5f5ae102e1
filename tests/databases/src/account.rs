//! The account that a database server runs as.
//!
//! Belongs here: who the server is, and what belongs to it. Does not belong here: how it is started.
//!
//! Database servers refuse to run as root. A test that does runs them as the account that their package made, or as nobody.

use std::path::Path;
use std::process::Command;

use crate::failure::Failure;

#[derive(Clone, Debug)]
pub(crate) enum Account {
    /// The one that the test runs as.
    Own,
    /// Another one. Only root can do that.
    Other { user: u32, group: u32 },
}

impl Account {
    /// The first of these that exists, for root. Everybody else runs servers as themselves.
    pub(crate) fn for_server(names: &[&str]) -> Result<Self, Failure> {
        if id(&["-u"]) != Some(0) {
            return Ok(Self::Own);
        }
        names
            .iter()
            .find_map(|name| Some(Self::Other { user: id(&["-u", name])?, group: id(&["-g", name])? }))
            .ok_or_else(|| format!("servers do not run as root, and there is no account named {names:?}"))
    }

    /// Has the program run as this account, in a folder that every account can be in, and speak English, which is what its messages
    /// are searched for.
    pub(crate) fn runs<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.current_dir("/").env("LC_ALL", "C");
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt as _;
            // Not in the group of the terminal: Ctrl-C is for the test, and the server is stopped in good order after it.
            command.process_group(0);
            if let Self::Other { user, group } = *self {
                command.uid(user).gid(group);
            }
        }
        command
    }

    /// Gives the file or folder to this account.
    pub(crate) fn owns(&self, path: &Path) -> Result<(), Failure> {
        match *self {
            Self::Own => Ok(()),
            #[cfg(unix)]
            Self::Other { user, group } => std::os::unix::fs::chown(path, Some(user), Some(group))
                .map_err(|error| format!("{}: {error}", path.display())),
            #[cfg(not(unix))]
            Self::Other { .. } => Err(format!("{} cannot be given away here", path.display())),
        }
    }
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
