//! The file of settings that every command reads, and the environment.

use std::path::PathBuf;

use iampass_gate::settings::{SettingError, Settings};

use super::failure::Failure;

/// The variables that may be in a file of their own, which the variable `…_FILE` names: credentials of systemd and secrets of containers are files.
const IN_FILES: [&str; 5] = [
    "IAMPASS_APPLICATION_SECRET",
    "IAMPASS_COOKIE_KEYS",
    "IAMPASS_SEALING_KEYS",
    "IAMPASS_GATE_STATE",
    "IAMPASS_GATE_USERS_URL",
];

/// The file of settings.
#[derive(Debug, clap::Args)]
pub(super) struct ConfigFile {
    /// The file of settings.
    #[arg(long, env = "IAMPASS_GATE_CONFIG", default_value = "iampass-gate.toml", value_name = "FILE")]
    pub(super) config: PathBuf,
}

impl ConfigFile {
    /// Reads it, with the environment.
    pub(super) fn read(&self) -> Result<Settings, Failure> {
        let unreadable: Vec<_> = IN_FILES.iter().filter_map(|name| problem_of(name)).collect();
        if !unreadable.is_empty() {
            return Err(Failure::Settings(unreadable));
        }
        Settings::read(&self.config, environment).map_err(Failure::Settings)
    }
}

/// A variable of the environment, or the content of the file that it names. One that cannot be read is told by [`ConfigFile::read`].
pub(super) fn environment(name: &str) -> Option<String> {
    match file_of(name) {
        Some((_, file)) => std::fs::read_to_string(file).ok().map(|text| text.trim().to_owned()),
        None => std::env::var(name).ok(),
    }
}

/// The variable that names the file of this one, and the file, where it may have one.
fn file_of(name: &str) -> Option<(String, PathBuf)> {
    let variable = IN_FILES.contains(&name).then(|| format!("{name}_FILE"))?;
    let file = std::env::var_os(&variable).filter(|file| !file.is_empty())?;
    Some((variable, file.into()))
}

/// Why a variable is not taken from its file.
fn problem_of(name: &str) -> Option<SettingError> {
    let (setting, file) = file_of(name)?;
    let why = match std::fs::read_to_string(&file) {
        _ if std::env::var_os(name).is_some_and(|text| !text.is_empty()) => {
            format!("{name} is set as well: take one of them out")
        }
        Ok(text) if text.trim().is_empty() => format!("{} is empty", file.display()),
        Ok(_) => return None,
        Err(error) => format!("{}: {error}", file.display()),
    };
    Some(SettingError { setting, why })
}
