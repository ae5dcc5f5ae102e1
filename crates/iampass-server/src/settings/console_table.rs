//! [`ConsoleTable`]: the settings of the Console.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

use super::units::span;
use crate::{AccountLimits, ConsoleSettings, KeepSignedIn, LostAccountPhone, Registration};

/// The settings of the Console. Each is explained in `assets/settings/iampass-server.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ConsoleTable {
    pub(crate) enabled: bool,
    #[serde(deserialize_with = "registration")]
    pub(crate) registration: Registration,
    #[serde(deserialize_with = "lost_phone")]
    pub(crate) lost_phone: LostAccountPhone,
    pub(crate) applications_per_account: Option<u64>,
    pub(crate) users_per_application: Option<u64>,
    #[serde(deserialize_with = "span")]
    pub(crate) session: Duration,
    pub(crate) keep_signed_in: KeepWord,
    #[serde(deserialize_with = "span")]
    pub(crate) session_not_kept: Duration,
}

/// Whether a browser that is closed stays signed in to the Console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeepWord {
    /// As long as its session.
    #[default]
    Always,
    /// If the user chooses it.
    Offered,
    /// Unless the user takes the choice away.
    OnByDefault,
}

impl Default for ConsoleTable {
    fn default() -> Self {
        Self {
            enabled: true,
            registration: Registration::default(),
            lost_phone: LostAccountPhone::default(),
            applications_per_account: None,
            users_per_application: None,
            session: ConsoleSettings::default().session,
            keep_signed_in: KeepWord::default(),
            session_not_kept: Duration::from_secs(3_600),
        }
    }
}

impl ConsoleTable {
    /// How the Console is run; None where it is off.
    pub(super) fn settings(&self) -> Option<ConsoleSettings> {
        let Self {
            enabled,
            registration,
            lost_phone,
            // They count on nodes without a Console, too.
            applications_per_account: _,
            users_per_application: _,
            session,
            keep_signed_in,
            session_not_kept,
        } = self;
        enabled.then_some(ConsoleSettings {
            registration: *registration,
            lost_phone: *lost_phone,
            session: *session,
            keep_signed_in: match keep_signed_in {
                KeepWord::Always => KeepSignedIn::Always,
                KeepWord::Offered => KeepSignedIn::Offered(*session_not_kept),
                KeepWord::OnByDefault => KeepSignedIn::OnByDefault(*session_not_kept),
            },
        })
    }

    /// How much an account may take up.
    pub(super) fn account_limits(&self) -> AccountLimits {
        AccountLimits::set(self.applications_per_account, self.users_per_application, self.registration)
    }
}

fn lost_phone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<LostAccountPhone, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "self_service" => Ok(LostAccountPhone::SelfService),
        "by_link" => Ok(LostAccountPhone::ByLink),
        _ => Err(de::Error::custom("it is \"self_service\" or \"by_link\"")),
    }
}

fn registration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Registration, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "invited" => Ok(Registration::Invited),
        "open" => Ok(Registration::Open),
        _ => Err(de::Error::custom("it is \"invited\" or \"open\"")),
    }
}
