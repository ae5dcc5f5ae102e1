//! The file in which an application travels from one service to another: a line of JSON each for the application, every user, and the end.
//!
//! Secrets in it are sealed under a key of the file's own; without one they are left out, and the application gets a new secret where it
//! arrives. Belongs here: the format. Does not belong here: reading and writing the stores.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use iampass_core::wire::DeviceKey as DevicePublicKey;
use iampass_core::{ApplicationId, Secret, UnixSeconds, UserToken};
use iampass_server_domain::push::token_in_row;
use iampass_server_domain::rules::{AllowedPhones, Approval, MOST_PHONES, Walkaway};
use iampass_server_domain::{random, rules};
use serde::{Deserialize, Serialize};

use super::{Moved, MovedDevice, MovedUser};
use crate::{ApplicationSettings, Sealed, Sealer, StorageError};

const FORMAT: &str = "iampass-application/1";

/// A line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    Application(ApplicationLine),
    User(UserLine),
    /// How many users there were: a file that was cut off has none.
    End {
        users: u64,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ApplicationLine {
    format: String,
    id: String,
    name: String,
    created_at: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    methods: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    duration_seconds: Option<u64>,
    /// Absent in files of before, which knew taps alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    approval: Option<String>,
    /// Absent where phones do not say whether they are near, and in files of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    walkaway: Option<String>,
    /// Absent where any phone may answer, and in files of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phones: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UserLine {
    id: String,
    created_at: u64,
    /// Absent where none has ended, and in files of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone_ended_at: Option<u64>,
    /// Absent likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unlocking_ended_at: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<DeviceLine>,
    /// The phones beside the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    more_devices: Vec<DeviceLine>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviceLine {
    id: String,
    secret: String,
    platform: String,
    notification_token: String,
    created_at: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<DevicePublicKey>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recovered_at: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_trial_since: Option<u64>,
}

/// Why a file cannot be taken in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTransfer {
    /// A line is not what it should be.
    #[error("line {line} of the file is not {expected}")]
    Line {
        /// Which, counted from one.
        line: usize,
        /// The text there in a good file.
        expected: &'static str,
    },
    /// The end is missing.
    #[error("the file was cut off: export it again")]
    CutOff,
    /// The file has secrets in it and no key was given, or not the right one.
    #[error(
        "the secrets in the file cannot be opened: name the file with their key by --key-file, the same as for the export"
    )]
    Secrets,
}

/// Writes lines.
pub struct Writing<'k> {
    key: Option<&'k Sealer>,
    users: u64,
}

impl<'k> Writing<'k> {
    /// Begins a file; with a key, secrets go along.
    pub fn new(key: Option<&'k Sealer>) -> Self {
        Self { key, users: 0 }
    }

    /// The application, without its users.
    pub fn application(&self, moved: &Moved) -> Result<String, StorageError> {
        let secret = self.seal(Sealed::Application, moved.id.as_str(), &moved.secret)?;
        let methods = moved
            .settings
            .methods
            .as_ref()
            .map(|methods| methods.iter().map(|method| method.as_str()).collect::<Vec<_>>().join(","));
        line(&Line::Application(ApplicationLine {
            format: FORMAT.to_owned(),
            id: moved.id.to_string(),
            name: moved.name.clone(),
            created_at: moved.created_at.0,
            secret,
            methods,
            duration_seconds: moved.settings.duration_seconds,
            approval: Some(moved.settings.approval.word().to_owned()),
            walkaway: match moved.settings.walkaway {
                Walkaway::Off => None,
                walkaway => Some(walkaway.word().to_owned()),
            },
            phones: match moved.settings.phones {
                AllowedPhones::Any => None,
                phones => Some(phones.word().to_owned()),
            },
        }))
    }

    /// The line of a user.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn user(&mut self, user: &MovedUser) -> Result<String, StorageError> {
        self.users += 1;
        let mut devices = Vec::with_capacity(user.devices.len());
        for device in &user.devices {
            devices.extend(self.device(device)?);
        }
        let mut devices = devices.into_iter();
        let (id, created_at) = (user.id.as_str().to_owned(), user.created_at.0);
        line(&Line::User(UserLine {
            id,
            created_at,
            phone_ended_at: user.phone_ended_at.map(|at| at.0),
            unlocking_ended_at: user.unlocking_ended_at.map(|at| at.0),
            device: devices.next(),
            more_devices: devices.collect(),
        }))
    }

    /// A phone. None without a key, where no secret travels.
    fn device(&self, device: &MovedDevice) -> Result<Option<DeviceLine>, StorageError> {
        let sealed = self.seal(Sealed::Device, &device.id, &device.secret)?;
        Ok(sealed.map(|secret| DeviceLine {
            id: device.id.clone(),
            secret,
            platform: device.platform.clone(),
            notification_token: device.notification_token.clone(),
            created_at: device.created_at.0,
            key: device.public_key,
            name: device.name.clone(),
            recovered_at: device.recovered_at.map(|at| at.0),
            on_trial_since: device.on_trial_since.map(|at| at.0),
        }))
    }

    /// The last line.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn end(&self) -> Result<String, StorageError> {
        line(&Line::End { users: self.users })
    }

    fn seal(&self, kind: Sealed, owner: &str, secret: &Secret) -> Result<Option<String>, StorageError> {
        let sealed = self.key.map(|key| key.seal(kind, owner, secret.expose().as_bytes())).transpose()?;
        Ok(sealed.map(|sealed| STANDARD.encode(sealed)))
    }
}

fn line(line: &Line) -> Result<String, StorageError> {
    serde_json::to_string(line).map_err(|_| StorageError::Corrupt { what: "row" })
}

/// The content of a file, and whether the application's secret is a new one.
#[derive(Debug)]
pub struct Arrived {
    /// The application, without its users.
    pub application: Moved,
    /// Its users with their phones.
    pub users: Vec<MovedUser>,
    /// Whether the secret was drawn here, since the file holds none.
    pub has_new_secret: bool,
}

/// Reads a whole file.
pub fn read(
    lines: impl Iterator<Item = std::io::Result<String>>,
    key: Option<&Sealer>,
) -> Result<Arrived, InvalidTransfer> {
    let mut arrived: Option<Arrived> = None;
    for (number, text) in (1..).zip(lines) {
        let bad = |expected| InvalidTransfer::Line { line: number, expected };
        let text = text.map_err(|_| bad("text"))?;
        let line = serde_json::from_str(&text).map_err(|_| bad("one of an exported application"))?;
        match (line, &mut arrived) {
            (Line::Application(line), None) => {
                let (application, has_new_secret) = application(line, key, bad)?;
                arrived = Some(Arrived { application, users: Vec::new(), has_new_secret });
            }
            (Line::User(line), Some(arrived)) => arrived.users.push(user(line, key, bad)?),
            (Line::End { users }, Some(arrived)) if users != arrived.users.len() as u64 => {
                return Err(InvalidTransfer::CutOff);
            }
            (Line::End { .. }, Some(_)) => return arrived.ok_or(InvalidTransfer::CutOff),
            _ => return Err(bad("the application, which comes first and once")),
        }
    }
    Err(InvalidTransfer::CutOff)
}

fn application(
    line: ApplicationLine,
    key: Option<&Sealer>,
    bad: impl Fn(&'static str) -> InvalidTransfer,
) -> Result<(Moved, bool), InvalidTransfer> {
    if line.format != FORMAT {
        return Err(bad("of a format that this version knows"));
    }
    let id = ApplicationId::new(line.id).map_err(|_| bad("an application with a good id"))?;
    let secret = match &line.secret {
        Some(sealed) => Some(open(key, Sealed::Application, id.as_str(), sealed)?),
        None => None,
    };
    let has_new_secret = secret.is_none();
    let secret = match secret {
        Some(secret) => secret,
        None => random::alphanumeric(32).map(Secret::new).map_err(|_| InvalidTransfer::Secrets)?,
    };
    let methods = line.methods.as_deref().map(rules::methods).transpose();
    let settings = ApplicationSettings {
        methods: methods.map_err(|_| bad("an application with methods that this version knows"))?,
        duration_seconds: line.duration_seconds,
        approval: match line.approval.as_deref() {
            None => Approval::Tap,
            Some(word) => Approval::from_word(word)
                .ok_or_else(|| bad("an application with an approval that this version knows"))?,
        },
        walkaway: match line.walkaway.as_deref() {
            None => Walkaway::Off,
            Some(word) => Walkaway::from_word(word)
                .ok_or_else(|| bad("an application with a walkaway that this version knows"))?,
        },
        phones: match line.phones.as_deref() {
            None => AllowedPhones::Any,
            Some(word) => AllowedPhones::from_word(word)
                .ok_or_else(|| bad("an application with allowed phones that this version knows"))?,
        },
    };
    let created_at = UnixSeconds(line.created_at);
    Ok((Moved { id, name: line.name, secret, created_at, settings }, has_new_secret))
}

fn user(
    line: UserLine,
    key: Option<&Sealer>,
    bad: impl Fn(&'static str) -> InvalidTransfer,
) -> Result<MovedUser, InvalidTransfer> {
    let id = UserToken::new(line.id).map_err(|_| bad("a user with a good id"))?;
    let mut devices = Vec::new();
    for device in line.device.into_iter().chain(line.more_devices) {
        devices.push(MovedDevice {
            secret: open(key, Sealed::Device, &device.id, &device.secret)?,
            id: device.id,
            platform: device.platform,
            notification_token: token_in_row(device.notification_token),
            created_at: UnixSeconds(device.created_at),
            public_key: device.key,
            name: device.name,
            recovered_at: device.recovered_at.map(UnixSeconds),
            on_trial_since: device.on_trial_since.map(UnixSeconds),
        });
    }
    let have_keys = devices.iter().all(|device| device.public_key.is_some());
    if devices.len() > MOST_PHONES || (devices.len() > 1 && !have_keys) {
        return Err(bad("a user with phones that can be beside each other"));
    }
    let (created_at, phone_ended_at) = (UnixSeconds(line.created_at), line.phone_ended_at.map(UnixSeconds));
    let unlocking_ended_at = line.unlocking_ended_at.map(UnixSeconds);
    Ok(MovedUser { id, created_at, phone_ended_at, unlocking_ended_at, devices })
}

fn open(key: Option<&Sealer>, kind: Sealed, owner: &str, sealed: &str) -> Result<Secret, InvalidTransfer> {
    let key = key.ok_or(InvalidTransfer::Secrets)?;
    let sealed = STANDARD.decode(sealed).map_err(|_| InvalidTransfer::Secrets)?;
    key.open(kind, owner, &sealed).map_err(|_| InvalidTransfer::Secrets)
}

impl std::fmt::Debug for Writing<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writing").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
