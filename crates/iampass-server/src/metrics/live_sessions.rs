//! [`LiveSessions`]: how many there are, asked of the store only now and then.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use iampass_server_storage::Database;

/// Counting hundreds of thousands takes a while.
const GOOD_FOR: Duration = Duration::from_secs(10);
/// How long the store may take.
const LONGEST: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(crate) struct LiveSessions {
    last: Mutex<Option<(Instant, u64)>>,
}

impl LiveSessions {
    /// None when the store does not say.
    pub(crate) async fn count(&self, database: &Database) -> Option<u64> {
        let mut last = self.last.lock().await;
        if let Some((at, count)) = *last
            && at.elapsed() < GOOD_FOR
        {
            return Some(count);
        }
        let count = timeout(LONGEST, database.count_live_sessions()).await.ok()?.ok()?;
        *last = Some((Instant::now(), count));
        Some(count)
    }
}
