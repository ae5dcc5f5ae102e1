//! How long somebody stays signed in, and the choice that is left to the user.

use std::time::Duration;

use iampass_core::machine::DEFAULT_SESSION_DURATION;
use iampass_web::KeepSignedIn;

use super::{Problems, Written};

/// How long a session lasts at most that is not kept, unless it is set.
const NOT_KEPT: Duration = Duration::from_secs(3_600);

/// Reads both from the settings.
pub(super) fn read(written: &Written, problems: &mut Problems) -> (Option<Duration>, KeepSignedIn) {
    let session = written.session_minutes.map(minutes);
    if session.is_some_and(|lasts| lasts.is_zero()) {
        problems.add("session_minutes", "a session lasts a minute at least");
        return (None, KeepSignedIn::Always);
    }
    let keep = keep_of(written.keep_signed_in.as_deref(), written.session_not_kept_minutes, session);
    (session, problems.take("keep_signed_in", keep).unwrap_or_default())
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes.saturating_mul(60))
}

/// The choice that is left to the user. A session that is not kept lasts no longer than one that is.
fn keep_of(
    word: Option<&str>,
    not_kept: Option<u64>,
    session: Option<Duration>,
) -> Result<KeepSignedIn, &'static str> {
    let longest = session.unwrap_or(DEFAULT_SESSION_DURATION);
    let lasts = not_kept.map_or(longest.min(NOT_KEPT), minutes);
    let keep = match word {
        None | Some("always") => KeepSignedIn::Always,
        Some("offered") => KeepSignedIn::Offered(lasts),
        Some("on_by_default") => KeepSignedIn::OnByDefault(lasts),
        Some(_) => return Err("it is \"always\", \"offered\" or \"on_by_default\""),
    };
    match (keep, not_kept) {
        (KeepSignedIn::Always, Some(_)) => Err(
            "nothing is left to choose with \"always\": take out `session_not_kept_minutes`, or write \"offered\"",
        ),
        (KeepSignedIn::Always, None) => Ok(keep),
        _ if lasts.is_zero() || lasts > longest => {
            Err("`session_not_kept_minutes` is 1 to `session_minutes` (60 where that is not set)")
        }
        _ => Ok(keep),
    }
}
