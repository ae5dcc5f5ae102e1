//! Users in a TOML file, which is read again when it changes. Belongs here: reading it, and what holds while it cannot be read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use serde::Deserialize;

use super::user::{LONGEST_LOGIN, User, login_of};

/// How often the file is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// After so many looks at a file that cannot be read, the log says it once more.
const TOLD_AGAIN: u32 = 60;

/// The longest file that is read, in bytes.
const LONGEST: u64 = 16 * 1024 * 1024;

/// The file has no users that can be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UsersFileError {
    /// It cannot be read.
    #[error("the file of users {} cannot be read: {source}. Write it, or name another one by `file` in [users]", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no file of users.
    #[error("the file of users {} is wrong: {why}", path.display())]
    Wrong {
        /// Which.
        path: PathBuf,
        /// The fault, and what to write.
        why: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    users: Vec<WrittenUser>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenUser {
    login: String,
    name: Option<String>,
    #[serde(default)]
    groups: Vec<String>,
    email: Option<String>,
}

#[derive(Debug, Default)]
struct Known {
    text: Vec<u8>,
    /// Another text, which was read at the last look alone: it may be half written.
    seen_once: Option<Vec<u8>>,
    users: BTreeMap<String, User>,
    trouble: Option<String>,
}

/// The users of a file.
///
/// A file that cannot be read any more keeps those who were in it when it could: a slip of the pen does not lock all out. It is said in the log and
/// by the state of the gate, and it lasts until the file is right. A user who is missing in a file that can be read is out as soon as two looks in a row have
/// read the same, within two seconds: an editor that writes in place leaves a moment in which most users are missing.
#[derive(Debug)]
pub struct FileUsers {
    path: PathBuf,
    known: RwLock<Known>,
}

impl FileUsers {
    /// Reads the file.
    ///
    /// # Errors
    /// [`UsersFileError`]: at the start the file has to be right.
    pub fn open(path: impl Into<PathBuf>) -> Result<Arc<Self>, UsersFileError> {
        let path = path.into();
        let text = read(&path)?;
        let users = parse(&path, &text)?;
        Ok(Arc::new(Self { path, known: RwLock::new(Known { text, seen_once: None, users, trouble: None }) }))
    }

    /// The user of this login name, as [`login_of`] writes it.
    #[must_use]
    pub fn user(&self, login: &str) -> Option<User> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).users.get(login).cloned()
    }

    /// The number of users.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.read().unwrap_or_else(PoisonError::into_inner).users.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All users' groups.
    #[must_use]
    pub fn has_group(&self, group: &str) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.users.values().any(|user| user.groups.iter().any(|own| own == group))
    }

    /// A sentence about what is wrong with the file, while something is.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).trouble.clone()
    }

    /// Reads the file again, and says in the log what is new.
    pub fn reread(&self) {
        let read = read(&self.path);
        let unchanged = |known: &Known| {
            known.trouble.is_none()
                && known.seen_once.is_none()
                && read.as_ref().is_ok_and(|text| *text == known.text)
        };
        if unchanged(&self.known.read().unwrap_or_else(PoisonError::into_inner)) {
            return;
        }
        let users = read.and_then(|text| Ok((parse(&self.path, &text)?, text)));
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        match users {
            Ok((_, text)) if text == known.text && known.trouble.is_none() => known.seen_once = None,
            Ok((_, text)) if text != known.text && known.seen_once.as_ref() != Some(&text) => {
                known.seen_once = Some(text);
            }
            Ok((users, text)) => {
                tracing::info!(users = users.len(), "the file of users was read again");
                *known = Known { text, seen_once: None, users, trouble: None };
            }
            Err(error) => {
                known.seen_once = None;
                let trouble = error.to_string();
                if known.trouble.as_ref() != Some(&trouble) {
                    tracing::error!(%error, "{KEPT}");
                }
                known.trouble = Some(trouble);
            }
        }
    }

    /// Looks at the file every second, until the gate ends.
    pub async fn watch(self: Arc<Self>) {
        let mut looks = 0_u32;
        loop {
            tokio::time::sleep(LOOK).await;
            let users = Arc::clone(&self);
            let reading = tokio::task::spawn_blocking(move || users.reread());
            if reading.await.is_err() {
                tracing::error!("the file of users could not be looked at");
            }
            looks = looks.wrapping_add(1);
            if looks.is_multiple_of(TOLD_AGAIN)
                && let Some(trouble) = self.trouble()
            {
                tracing::error!(error = %trouble, "{KEPT}");
            }
        }
    }
}

const KEPT: &str =
    "the users are still those whom the file had when it could be read; who was taken out since is still in";

fn read(path: &Path) -> Result<Vec<u8>, UsersFileError> {
    let unreadable = |source| UsersFileError::Unreadable { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(unreadable)?.len() > LONGEST {
        return Err(UsersFileError::Wrong {
            path: path.to_owned(),
            why: "it is longer than 16 MiB".to_owned(),
        });
    }
    std::fs::read(path).map_err(unreadable)
}

fn parse(path: &Path, text: &[u8]) -> Result<BTreeMap<String, User>, UsersFileError> {
    let wrong = |why: String| UsersFileError::Wrong { path: path.to_owned(), why };
    let text = std::str::from_utf8(text).map_err(|_| wrong("it is no UTF-8 text".to_owned()))?;
    let written: Written = toml::from_str(text).map_err(|error| {
        wrong(format!(
            "{error}Write users like [[users]], login = \"anna\", name = \"Anna\", groups = [\"ops\"]"
        ))
    })?;
    let mut users = BTreeMap::new();
    for user in written.users {
        let user = checked(user).map_err(wrong)?;
        if let Some(before) = users.insert(user.login.clone(), user) {
            return Err(wrong(format!(
                "two users have the login name {:?}: take one of them out",
                before.login
            )));
        }
    }
    Ok(users)
}

fn checked(written: WrittenUser) -> Result<User, String> {
    let login = login_of(&written.login);
    if login.is_empty() || login.len() > LONGEST_LOGIN || login.chars().any(char::is_control) {
        return Err(format!("{:?} is no login name: it has 1 to {LONGEST_LOGIN} characters", written.login));
    }
    let display_name = written.name.unwrap_or_else(|| written.login.clone()).trim().to_owned();
    let groups: Vec<_> = written.groups.iter().map(|group| group.trim().to_owned()).collect();
    let texts = groups.iter().chain(&written.email).chain([&display_name]);
    for text in texts {
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err(format!("a name, group or address of {login:?} is empty or has a line in it"));
        }
    }
    Ok(User { login, display_name, groups, email: written.email })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "[[users]]\nlogin = 'Anna '\nname = 'Anna'\ngroups = ['ops']\n[[users]]\nlogin = 'bert'\nemail = 'b@x.example'\n";

    fn opened(text: &str) -> (tempfile::TempDir, Result<Arc<FileUsers>, UsersFileError>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.toml");
        std::fs::write(&path, text).unwrap();
        let users = FileUsers::open(path);
        (folder, users)
    }

    #[test]
    fn users_are_found_by_their_names_in_lower_case() {
        let (_folder, users) = opened(TWO);
        let users = users.unwrap();
        assert_eq!(users.user("anna").unwrap().groups, ["ops"]);
        assert_eq!(users.user("bert").unwrap().display_name, "bert");
        assert!(users.user("Anna").is_none() && users.user("").is_none());
        assert!(users.has_group("ops") && !users.has_group("anna"));
    }

    #[test]
    fn a_user_who_is_taken_out_is_out_when_two_looks_have_read_the_same() {
        let (folder, users) = opened(TWO);
        let users = users.unwrap();
        std::fs::write(folder.path().join("users.toml"), "[[users]]\nlogin = 'bert'\n").unwrap();
        users.reread();
        users.reread();
        assert!(users.user("anna").is_none() && users.user("bert").is_some() && users.trouble().is_none());
        std::fs::write(folder.path().join("users.toml"), "").unwrap();
        users.reread();
        users.reread();
        assert!(users.is_empty());
    }

    /// An editor empties the file before it writes it.
    #[test]
    fn a_file_that_is_half_written_at_one_look_takes_nobody_out() {
        let (folder, users) = opened(TWO);
        let users = users.unwrap();
        let path = folder.path().join("users.toml");
        for half in ["", "[[users]]\nlogin = 'bert'\n", ""] {
            std::fs::write(&path, half).unwrap();
            users.reread();
            assert!(users.user("anna").is_some() && users.trouble().is_none(), "{half:?}");
        }
        std::fs::write(&path, TWO).unwrap();
        users.reread();
        std::fs::write(&path, "").unwrap();
        users.reread();
        assert!(users.user("anna").is_some(), "two looks in a row");
    }

    #[test]
    fn a_file_that_is_wrong_keeps_those_who_were_in_it_and_adds_nobody() {
        let (folder, users) = opened(TWO);
        let users = users.unwrap();
        let path = folder.path().join("users.toml");
        std::fs::write(&path, "[[users]]\nlogin = 'eva'\n[[users\n").unwrap();
        users.reread();
        assert!(users.user("anna").is_some() && users.user("eva").is_none());
        assert!(users.trouble().unwrap().contains("users.toml is wrong"));
        std::fs::remove_file(&path).unwrap();
        users.reread();
        assert!(users.user("anna").is_some() && users.trouble().unwrap().contains("cannot be read"));
        // The same file as before the trouble is good again.
        std::fs::write(&path, TWO).unwrap();
        users.reread();
        assert!(users.trouble().is_none());
    }

    #[test]
    fn a_file_with_a_doubt_in_it_is_refused() {
        for text in [
            "[[users]]\nlogin = 'anna'\n[[users]]\nlogin = 'ANNA'\n",
            "[[users]]\nlogin = ' '\n",
            "[[users]]\nname = 'Anna'\n",
            "[[users]]\nlogin = 'anna'\ngroup = ['ops']\n",
            "[[users]]\nlogin = 'anna'\ngroups = ['']\n",
            "[[users]]\nlogin = 'anna'\nname = \"A\\nB\"\n",
            "[[user]]\nlogin = 'anna'\n",
            "users = 7",
        ] {
            assert!(opened(text).1.is_err(), "{text}");
        }
        assert!(FileUsers::open("/nowhere/users.toml").is_err());
    }
}
