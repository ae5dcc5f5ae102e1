//! Signals: a change says in its transaction what it affects, and those who wait for that are woken after its commit.
//!
//! A signal before the commit would be lost: its receiver reads the store again, and finds it as it was. Belongs here: collecting and sending
//! signals. Does not belong here: what has happened; the receivers read the store.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use iampass_core::UnixSeconds;
use tokio::sync::{Notify, watch};

use super::wakeups::Wakeups;
use super::{ApplicationKey, UserKey};

/// The events that tasks of a node wait for.
#[derive(Debug)]
pub struct Signals {
    users: Wakeups,
    /// The next deadline that is known; any is earlier while none is known.
    next_deadline: AtomicU64,
    earlier_deadline: Notify,
    deliveries: Notify,
    pushes: Notify,
    events: Notify,
    /// Whether there is an endpoint that events go to, as far as this node has seen.
    events_are_wanted: AtomicBool,
    to_free: Notify,
}

impl Signals {
    pub(crate) fn new() -> Self {
        Self {
            users: Wakeups::default(),
            next_deadline: AtomicU64::new(u64::MAX),
            earlier_deadline: Notify::new(),
            deliveries: Notify::new(),
            pushes: Notify::new(),
            events: Notify::new(),
            events_are_wanted: AtomicBool::new(false),
            to_free: Notify::new(),
        }
    }

    /// Begins to listen for what happens to a user. Listen first and read the store after, so that nothing is missed in between.
    pub fn listen(&self, user: UserKey) -> watch::Receiver<()> {
        self.users.listen(user)
    }

    /// Begins to listen for what happens to any user. A listener waits a little before its next look: it may be many at once.
    pub fn listen_to_all(&self) -> watch::Receiver<()> {
        self.users.listen_to_all()
    }

    /// The next deadline that is known, for [`Signals::earlier_deadline`]. With `None`, every new one counts as earlier.
    pub fn expect_deadline(&self, next: Option<UnixSeconds>) {
        self.next_deadline.store(next.map_or(u64::MAX, |next| next.0), Ordering::SeqCst);
    }

    /// Returns when a deadline has come up that is earlier than the expected one.
    pub async fn earlier_deadline(&self) {
        self.earlier_deadline.notified().await;
    }

    /// Returns when there may be a message to be sent.
    pub async fn deliveries(&self) {
        self.deliveries.notified().await;
    }

    /// There may be a message to be sent.
    pub fn wake_deliveries(&self) {
        self.deliveries.notify_one();
    }

    /// Returns when there may be a push to be sent.
    pub async fn pushes(&self) {
        self.pushes.notified().await;
    }

    /// Returns when there may be an event to be sent.
    pub async fn events(&self) {
        self.events.notified().await;
    }

    /// There may be an event to be sent.
    pub fn wake_events(&self) {
        self.events.notify_one();
    }

    /// Whether any endpoint takes events: where none does, nobody is woken for one.
    pub(crate) fn events_are_wanted(&self, are_wanted: bool) {
        self.events_are_wanted.store(are_wanted, Ordering::Relaxed);
    }

    /// Returns when there is something to be freed that need not stay until the next look.
    pub async fn to_free(&self) {
        self.to_free.notified().await;
    }

    /// Forgets users for whom nobody waits any more.
    pub(crate) fn sweep(&self) {
        self.users.sweep();
    }

    /// Another node has told of a user; with `None`, some of what it told may have been missed.
    pub(crate) fn heard(&self, user: Option<UserKey>) {
        match user {
            Some(user) => self.users.wake(user),
            None => self.users.wake_all(),
        }
    }

    /// Sends what a committed change has raised; the users among it, each once.
    pub(crate) fn send(&self, raised: &Raised) -> Vec<UserKey> {
        let Affected { mut users, signers: _, due_at, deliveries, pushes, events, endpoints, to_free } =
            std::mem::take(&mut *raised.affected());
        users.sort_unstable();
        users.dedup();
        users.iter().for_each(|&user| self.users.wake(user));
        if due_at.is_some_and(|due_at| due_at.0 < self.next_deadline.load(Ordering::SeqCst)) {
            self.earlier_deadline.notify_one();
        }
        if deliveries {
            self.deliveries.notify_one();
        }
        if pushes {
            self.pushes.notify_one();
        }
        if endpoints || (events && self.events_are_wanted.load(Ordering::Relaxed)) {
            self.events.notify_one();
        }
        if to_free {
            self.to_free.notify_one();
        }
        users
    }
}

/// The news that other nodes are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum News {
    /// Something has happened to this user.
    User(UserKey),
    /// This user, or a phone of this user, is not as it was.
    Phones(UserKey),
    /// This application is not as it was.
    Application(ApplicationKey),
}

/// The list of what one change affects, as far as it has come.
#[derive(Debug, Default)]
pub(crate) struct Raised(Mutex<Affected>);

#[derive(Debug, Default)]
struct Affected {
    users: Vec<UserKey>,
    /// Those who sign from now on in another way, or not at all.
    signers: Vec<News>,
    /// The earliest deadline that the change has set.
    due_at: Option<UnixSeconds>,
    deliveries: bool,
    pushes: bool,
    events: bool,
    endpoints: bool,
    to_free: bool,
}

impl Raised {
    /// Something happens to this user.
    pub(crate) fn user(&self, user: UserKey) {
        self.affected().users.push(user);
    }

    /// This user is added or removed, or a phone of this user is: nodes forget what they remember of them.
    pub(crate) fn phones(&self, user: UserKey) {
        let mut affected = self.affected();
        affected.users.push(user);
        affected.signers.push(News::Phones(user));
    }

    /// This application changes: nodes forget what they remember of it.
    pub(crate) fn application(&self, application: ApplicationKey) {
        self.affected().signers.push(News::Application(application));
    }

    /// The news that other nodes are told of, each once.
    pub(crate) fn news(&self) -> Vec<News> {
        let affected = self.affected();
        let users = affected.users.iter().map(|&user| News::User(user));
        let mut news: Vec<_> = users.chain(affected.signers.iter().copied()).collect();
        news.sort_unstable();
        news.dedup();
        news
    }

    /// A deadline is set.
    pub(crate) fn deadline(&self, due_at: UnixSeconds) {
        let mut affected = self.affected();
        affected.due_at = affected.due_at.into_iter().chain([due_at]).min();
    }

    /// A message is queued.
    pub(crate) fn delivery(&self) {
        self.affected().deliveries = true;
    }

    /// A push is queued.
    pub(crate) fn push(&self) {
        self.affected().pushes = true;
    }

    /// An event may be queued.
    pub(crate) fn event(&self) {
        self.affected().events = true;
    }

    /// An endpoint for events changes, or its events are to be sent again.
    pub(crate) fn endpoint(&self) {
        self.affected().endpoints = true;
    }

    /// Much is left behind that is of no more use.
    pub(crate) fn leftovers(&self) {
        self.affected().to_free = true;
    }

    /// The change was undone.
    pub(crate) fn clear(&self) {
        *self.affected() = Affected::default();
    }

    fn affected(&self) -> MutexGuard<'_, Affected> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_user_is_woken_once_and_named_once() {
        let (signals, raised) = (Signals::new(), Raised::default());
        let (ann, bob) = (signals.listen(UserKey(1)), signals.listen(UserKey(2)));
        raised.user(UserKey(1));
        raised.user(UserKey(1));
        assert!(!ann.has_changed().unwrap(), "only after the commit");
        assert_eq!(signals.send(&raised), [UserKey(1)]);
        assert!(ann.has_changed().unwrap());
        assert!(!bob.has_changed().unwrap());
        assert_eq!(signals.send(&raised), [], "what was sent is not sent again");
    }

    #[test]
    fn other_nodes_are_told_of_each_thing_once() {
        let raised = Raised::default();
        for _ in 0..2 {
            raised.application(ApplicationKey(9));
            raised.phones(UserKey(1));
            raised.user(UserKey(2));
        }
        let (one, two) = (News::User(UserKey(1)), News::User(UserKey(2)));
        assert_eq!(raised.news(), [one, two, News::Phones(UserKey(1)), News::Application(ApplicationKey(9))]);
        raised.clear();
        assert!(raised.news().is_empty());
    }

    #[test]
    fn what_was_undone_is_not_sent() {
        let (signals, raised) = (Signals::new(), Raised::default());
        let ann = signals.listen(UserKey(1));
        raised.user(UserKey(1));
        raised.clear();
        assert_eq!(signals.send(&raised), []);
        assert!(!ann.has_changed().unwrap());
    }

    #[tokio::test]
    async fn only_an_earlier_deadline_is_told() {
        let (signals, raised) = (Signals::new(), Raised::default());
        signals.expect_deadline(Some(UnixSeconds(100)));
        raised.deadline(UnixSeconds(100));
        signals.send(&raised);
        let mut waiting = Box::pin(signals.earlier_deadline());
        assert!(futures_util::poll!(&mut waiting).is_pending());
        raised.deadline(UnixSeconds(200));
        raised.deadline(UnixSeconds(99));
        signals.send(&raised);
        assert!(futures_util::poll!(&mut waiting).is_ready());
    }
}
