//! The rows of `[console]`, as those of all other settings are in [`super::every_setting_rows`].

use std::time::Duration;

use super::every_setting_row::{Place, Row, row};
use crate::{KeepSignedIn, ServiceConfig};

/// With it off, nothing of it is seen.
const NOT_WITHOUT: &[&str] = &["console.enabled"];

pub(super) const CONSOLE_ROWS: &[Row] = &[
    row("console.enabled", "false", Place::Config(|config| config.console.is_some().to_string()), "false"),
    Row {
        // With it change the limits that are not set.
        not_with: &["console.enabled", "console.applications_per_account", "console.users_per_application"],
        ..row(
            "console.registration",
            "\"open\"",
            Place::Config(|config| format!("{:?}", config.console.map(|console| console.registration))),
            "Open",
        )
    },
    Row {
        not_with: NOT_WITHOUT,
        ..row(
            "console.lost_phone",
            "\"self_service\"",
            Place::Config(|config| format!("{:?}", config.console.map(|console| console.lost_phone))),
            "SelfService",
        )
    },
    row(
        "console.applications_per_account",
        "7",
        Place::Config(|config| format!("{:?}", config.account_limits.applications)),
        "Some(7)",
    ),
    row(
        "console.users_per_application",
        "70",
        Place::Config(|config| format!("{:?}", config.account_limits.users)),
        "Some(70)",
    ),
    Row {
        not_with: NOT_WITHOUT,
        ..row(
            "console.session",
            "\"9h\"",
            Place::Config(|config| format!("{:?}", config.console.map(|console| console.session))),
            "32400s",
        )
    },
    Row {
        not_with: NOT_WITHOUT,
        ..row("console.keep_signed_in", "\"on_by_default\"", Place::Config(keep), "on by default")
    },
    Row {
        beside: &[("console.keep_signed_in", "\"offered\"")],
        not_with: NOT_WITHOUT,
        ..row("console.session_not_kept", "\"7m\"", Place::Config(not_kept), "420s")
    },
];

/// The choice alone.
fn keep(config: &ServiceConfig) -> String {
    let keep = config.console.map(|console| console.keep_signed_in);
    match keep {
        Some(KeepSignedIn::OnByDefault(_)) => "on by default".to_owned(),
        Some(KeepSignedIn::Offered(_)) => "offered".to_owned(),
        keep => format!("{keep:?}"),
    }
}

/// The duration alone. Without a choice it is seen nowhere, and stands for its default.
fn not_kept(config: &ServiceConfig) -> String {
    let keep = config.console.map(|console| console.keep_signed_in);
    match keep {
        Some(KeepSignedIn::OnByDefault(lasts) | KeepSignedIn::Offered(lasts)) => format!("{lasts:?}"),
        _ => format!("{:?}", Duration::from_secs(3_600)),
    }
}
