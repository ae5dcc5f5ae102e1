//! How long pages and the attempts behind them wait for one another.

use std::time::Duration;

/// How long after one attempt's page has nothing to accept any more the next question for that user is put at the earliest, whichever browser asks.
pub(crate) const AFTER_CLOSING: Duration = Duration::from_secs(3);

/// The same where the attempt was displaced by another browser that the user has not signed in in before. A user who has read *Check your phone*
/// does not look at the page again for some seconds, and takes the next request on the phone for the own one.
pub(crate) const AFTER_DISPLACING: Duration = Duration::from_secs(15);

/// How long is waited for a browser that does not come for such a page. Pages ask every two seconds; a script that hears nothing for longer
/// takes the text away by itself.
pub(crate) const UNSEEN: Duration = Duration::from_secs(10);

/// How far the clocks of two nodes may be apart.
pub(crate) const CLOCKS_APART: Duration = Duration::from_secs(30);

/// How long after the answer the browser has to come and take up its login. After that the session is logged out.
pub(crate) const GRACE: Duration = Duration::from_secs(30);

/// How often an attempt is looked up while its question is not put yet.
pub(crate) const LOOK_SOON: Duration = Duration::from_millis(100);

/// A duration in whole seconds, rounded up, as pages and headers say it.
pub(crate) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
