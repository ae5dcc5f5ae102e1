//! [`AtHand`]: sessions that were read a moment ago. Applications ask how a session is with each request of their own, and most of what that
//! costs is going to the file.
//!
//! Cache entries are invalidated before the caller is answered, so that an entry is never older than an answer. The writer's connection
//! tells which rows a transaction has changed; their entries are removed after its commit and before its answer. Changes of another
//! process, which is a command beside the service, show in a counter of the file that the writer reads with each commit. While its last
//! look is too long ago, the cache gives out nothing.
//!
//! Belongs here: the sessions that may be given out without reading the file. Does not belong here: their use.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use iampass_core::Secret;
use moka::sync::Cache;
use rusqlite::Connection;

use crate::StorageError;
use crate::locked::locked;
use crate::session_view::SessionView;

/// Sessions at hand, at most.
const MOST: u64 = 20_000;
/// How long one stays there, however often it is asked for: its secret lies there in clear.
const KEPT: Duration = Duration::from_secs(60);
/// How old the writer's last look for changes of others may be.
const LOOKED_WITHIN: Duration = Duration::from_millis(250);
/// Rows that fall into one place are struck off together.
const PLACES: usize = 4_096;

/// Sessions that were read, and up to which commit they are known to be as they were.
pub(crate) struct AtHand {
    sessions: Cache<String, Arc<Kept>>,
    /// Commits after which what they had changed was struck off.
    commits: AtomicU64,
    /// The last of them that changed a row of each place.
    changed: Box<[AtomicU64]>,
    /// The last of them at which everything was struck off.
    all_changed: AtomicU64,
    started: Instant,
    /// When the writer looked last, in milliseconds since then.
    looked: AtomicU64,
    /// The file's counter at that look; only the writer uses it.
    version: AtomicI64,
    /// Rows that the writer is changing.
    changing: Arc<Mutex<Vec<i64>>>,
}

struct Kept {
    session: (Secret, SessionView),
    read_at: Moment,
}

/// How many commits were struck off when a read began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment(u64);

impl AtHand {
    /// Nothing. `writer` is asked what it changes from now on.
    pub(super) fn of(writer: &Connection) -> Result<Arc<Self>, StorageError> {
        let changing = Arc::<Mutex<Vec<i64>>>::default();
        let noted = Arc::clone(&changing);
        writer.update_hook(Some(move |_action, _database: &str, table: &str, row| {
            if table == "sessions" {
                locked(&noted).push(row);
            }
        }))?;
        Ok(Arc::new(Self {
            sessions: Cache::builder().max_capacity(MOST).time_to_live(KEPT).build(),
            commits: AtomicU64::new(0),
            changed: (0..PLACES).map(|_| AtomicU64::new(0)).collect(),
            all_changed: AtomicU64::new(0),
            started: Instant::now(),
            looked: AtomicU64::new(0),
            version: AtomicI64::new(version(writer)?),
            changing,
        }))
    }

    /// The session of this token, where it is at hand and nothing has changed it.
    pub(crate) fn session(&self, token: &str) -> Option<(Secret, SessionView)> {
        let now = self.milliseconds();
        if now.saturating_sub(self.looked.load(Ordering::Acquire)) > LOOKED_WITHIN.as_millis() as u64 {
            return None;
        }
        let kept = self.sessions.get(token)?;
        let changed = self.place(kept.session.1.key.0)?.load(Ordering::Acquire);
        let changed = changed.max(self.all_changed.load(Ordering::Acquire));
        (changed <= kept.read_at.0).then(|| kept.session.clone())
    }

    /// To be asked before a session is read that is to be [kept](Self::keep).
    pub(crate) fn before_a_read(&self) -> Moment {
        Moment(self.commits.load(Ordering::Acquire))
    }

    /// Keeps what was read.
    pub(crate) fn keep(&self, token: &str, session: &(Secret, SessionView), read_at: Moment) {
        self.sessions.insert(token.to_owned(), Arc::new(Kept { session: session.clone(), read_at }));
    }

    /// Strikes off what the writer has changed, and everything if others have changed something. The writer calls it after each commit, before
    /// it answers.
    pub(super) fn committed(&self, writer: &Connection) {
        let this = self.commits.load(Ordering::Relaxed) + 1;
        for key in std::mem::take(&mut *locked(&self.changing)) {
            if let Some(place) = self.place(key) {
                place.store(this, Ordering::Release);
            }
        }
        // Before the look, so that it is not taken for younger than it is.
        let now = self.milliseconds();
        let found = version(writer);
        if found.as_ref().ok() != Some(&self.version.load(Ordering::Relaxed)) {
            self.all_changed.store(this, Ordering::Release);
        }
        self.commits.store(this, Ordering::Release);
        match found {
            Ok(found) => {
                self.version.store(found, Ordering::Relaxed);
                self.looked.store(now, Ordering::Release);
            }
            Err(error) => tracing::warn!(%error, "changes by other processes cannot be detected"),
        }
    }

    fn place(&self, key: i64) -> Option<&AtomicU64> {
        self.changed.get(key.cast_unsigned() as usize % PLACES)
    }

    fn milliseconds(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// It differs from the one before if others than this connection have committed something.
fn version(connection: &Connection) -> Result<i64, StorageError> {
    Ok(connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?)
}

impl std::fmt::Debug for AtHand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AtHand").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use iampass_server_domain::rules::{Proven, State, Timeline};

    use super::*;
    use crate::{ApplicationKey, CountedTo, SessionKey};

    const TOKEN: &str = "a-token";

    struct Rig {
        writer: Connection,
        at_hand: Arc<AtHand>,
        directory: tempfile::TempDir,
    }

    /// A session of a user, which is at hand.
    fn rig() -> Rig {
        let directory = tempfile::tempdir().unwrap();
        let mut writer = Connection::open(directory.path().join("data")).unwrap();
        writer.pragma_update(None, "journal_mode", "WAL").unwrap();
        writer.pragma_update(None, "foreign_keys", "ON").unwrap();
        super::super::schema::migrate(&mut writer, &super::super::schema::test_sealer()).unwrap();
        writer
            .execute_batch(
                "INSERT INTO applications (key, id, name, created_at, secret) VALUES (1, 'a', 'n', 0, x'00');
                 INSERT INTO users (key, application_key, id, created_at) VALUES (7, 1, 'u', 0);
                 INSERT INTO sessions (key, token, secret, request_id, request_secret, application_key, user_key, methods,
                     duration_seconds, state, asked_at) VALUES (3, 'a-token', x'00', 'q', x'00', 1, 7, '', 60, 'active', 0);",
            )
            .unwrap();
        let at_hand = AtHand::of(&writer).unwrap();
        let rig = Rig { writer, at_hand, directory };
        rig.keep(rig.at_hand.before_a_read());
        assert!(rig.is_at_hand());
        rig
    }

    impl Rig {
        fn keep(&self, moment: Moment) {
            let timeline = Timeline { state: State::Active, due_at: None, near_until: None };
            let view = SessionView {
                key: SessionKey(3),
                application: ApplicationKey(1),
                counted_to: CountedTo::Application(ApplicationKey(1)),
                user: None,
                timeline,
                proven: Proven::default(),
                end_reason: None,
                nameless: false,
            };
            self.at_hand.keep(TOKEN, &(Secret::new("secret"), view), moment);
        }

        fn is_at_hand(&self) -> bool {
            self.at_hand.session(TOKEN).is_some()
        }

        fn change(&self, sql: &str) {
            self.writer.execute_batch(sql).unwrap();
            self.at_hand.committed(&self.writer);
        }
    }

    #[test]
    fn what_the_writer_changed_is_struck_off_whatever_way_it_was_changed() {
        for change in [
            "UPDATE sessions SET state = 'closed' WHERE token = 'a-token'",
            "DELETE FROM sessions",
            "DELETE FROM sessions WHERE key = 3",
            // By what it refers to.
            "DELETE FROM users WHERE key = 7",
            "BEGIN; UPDATE sessions SET state = 'closed'; INSERT INTO users (application_key, id, created_at) VALUES (1, 'v', 0); COMMIT",
        ] {
            let rig = rig();
            rig.change("INSERT INTO users (application_key, id, created_at) VALUES (1, 'w', 0)");
            assert!(rig.is_at_hand(), "another change is none of this one's");
            rig.change(change);
            assert!(!rig.is_at_hand(), "{change}");
            // Read anew, it is at hand again.
            rig.keep(rig.at_hand.before_a_read());
            assert!(rig.is_at_hand());
        }
    }

    #[test]
    fn what_was_read_before_a_change_and_comes_after_it_is_not_given_out() {
        let rig = rig();
        let moment = rig.at_hand.before_a_read();
        rig.change("UPDATE sessions SET state = 'closed'");
        rig.keep(moment);
        assert!(!rig.is_at_hand());
    }

    #[test]
    fn what_others_changed_is_noticed_with_the_next_commit() {
        let rig = rig();
        let other = Connection::open(rig.directory.path().join("data")).unwrap();
        other.execute_batch("UPDATE sessions SET state = 'closed'").unwrap();
        rig.at_hand.committed(&rig.writer);
        assert!(!rig.is_at_hand());
    }

    #[test]
    fn nothing_is_at_hand_while_nobody_looks_for_changes_of_others() {
        let rig = rig();
        std::thread::sleep(LOOKED_WITHIN + Duration::from_millis(20));
        assert!(!rig.is_at_hand());
        rig.at_hand.committed(&rig.writer);
        assert!(rig.is_at_hand());
    }
}
