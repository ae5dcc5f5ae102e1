//! [`Remembered`]: the signers that this node read last. They are predictions, by which alone nothing is answered ([`super::foreseen`]). Their secrets
//! lie there as they are stored, sealed.
//!
//! There is room for a number of each kind, and none is remembered longer than ten minutes after it was read. One that changes is forgotten as soon as this
//! node hears of it ([`super::signals::News`]). Neither is relied on: the stored row decides.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use iampass_core::UserToken;
use iampass_server_domain::rules::MOST_PHONES;
use moka::ops::compute::Op;
use moka::sync::Cache;

use super::asked_question::{Answerer, AskedQuestion};
use super::device_rows::Device;
use super::signals::News;
use super::{ApplicationKey, CountedTo, Row, SessionView, UserKey};

/// Signers of each kind, at most.
const MOST: u64 = 10_000;
/// How long one is remembered, however often it signs.
const KEPT: Duration = Duration::from_secs(600);

/// The rows that were read last, by the ids that stand in signatures.
pub(crate) struct Remembered {
    applications: Cache<String, (ApplicationKey, Row)>,
    counted_to: Cache<ApplicationKey, CountedTo>,
    devices: Cache<String, (Vec<u8>, Device)>,
    sessions: Cache<String, RememberedSession>,
    questions: Cache<String, (Vec<u8>, AskedQuestion)>,
    /// The phones of users that have a key, as far as they are known: those that answer a question which is put to all.
    phones: Cache<UserKey, Vec<Answerer>>,
    /// The rows of users by their ids, which are no signers.
    users: Cache<(ApplicationKey, UserToken), UserKey>,
}

/// The pair of a session.
#[derive(Clone)]
pub(super) struct RememberedSession {
    pub(super) sealed: Vec<u8>,
    pub(super) counted_to: CountedTo,
    application: ApplicationKey,
    user: Option<UserKey>,
}

impl Remembered {
    pub(crate) fn new() -> Self {
        Self::with_room(MOST, KEPT)
    }

    fn with_room(most: u64, kept: Duration) -> Self {
        Self {
            applications: cache(most, kept),
            counted_to: cache(most, kept),
            devices: cache(most, kept),
            sessions: cache(most, kept),
            questions: cache(most, kept),
            phones: cache(most, kept),
            users: cache(most, kept),
        }
    }

    pub(super) fn application(&self, id: &str) -> Option<Row> {
        self.applications.get(id).map(|(_, row)| row)
    }

    pub(super) fn question(&self, id: &str) -> Option<(Vec<u8>, AskedQuestion)> {
        self.questions.get(id)
    }

    pub(super) fn session(&self, token: &str) -> Option<RememberedSession> {
        self.sessions.get(token)
    }

    pub(super) fn device(&self, id: &str) -> Option<(Vec<u8>, Device)> {
        self.devices.get(id)
    }

    /// The row that this user had when it was read last.
    pub(super) fn user(&self, application: ApplicationKey, user: &UserToken) -> Option<UserKey> {
        self.users.get(&(application, user.clone()))
    }

    pub(super) fn keep_user(&self, application: ApplicationKey, user: UserToken, key: UserKey) {
        self.users.insert((application, user), key);
    }

    pub(super) fn keep_application(&self, id: &str, key: ApplicationKey, counted_to: CountedTo, row: Row) {
        self.counted_to.insert(key, counted_to);
        self.applications.insert(id.to_owned(), (key, row));
    }

    pub(super) fn keep_device(&self, id: &str, sealed: Vec<u8>, device: Device) {
        self.devices.insert(id.to_owned(), (sealed, device));
    }

    pub(super) fn keep_session(&self, token: &str, sealed: Vec<u8>, session: &SessionView) {
        let SessionView { counted_to, application, user, .. } = *session;
        self.sessions.insert(token.to_owned(), RememberedSession { sealed, counted_to, application, user });
    }

    /// A session that this node has started.
    pub(super) fn keep_started(
        &self,
        token: &str,
        sealed: Vec<u8>,
        application: ApplicationKey,
        user: Option<UserKey>,
    ) {
        if let Some(counted_to) = self.counted_to.get(&application) {
            let session = RememberedSession { sealed, counted_to, application, user };
            self.sessions.insert(token.to_owned(), session);
        }
    }

    pub(super) fn keep_question(&self, id: &str, sealed: Vec<u8>, asked: AskedQuestion) {
        self.questions.insert(id.to_owned(), (sealed, asked));
    }

    /// All phones of a user that have a key.
    pub(super) fn keep_phones(&self, user: UserKey, phones: Vec<Answerer>) {
        self.phones.insert(user, phones);
    }

    /// The phones of a user that are known to have a key, with this one among them.
    pub(super) fn phones_with(&self, user: UserKey, phone: Answerer) -> Vec<Answerer> {
        let mut united = Vec::new();
        self.phones.entry(user).and_compute_with(|known| {
            united = known.map(moka::Entry::into_value).unwrap_or_default();
            // They are not written again, so that none becomes older than it may.
            if united.contains(&phone) {
                return Op::Nop;
            }
            united.retain(|other| other.device != phone.device);
            united.push(phone);
            united.sort_unstable_by_key(|one| one.device);
            // The oldest may be gone.
            united.drain(..united.len().saturating_sub(MOST_PHONES));
            Op::Put(united.clone())
        });
        united
    }

    /// Forgets those who are not as they were. Many at once are looked for together.
    pub(super) fn forget_those_in(&self, news: &[Option<News>]) {
        let (mut users, mut applications) = (HashSet::new(), HashSet::new());
        for one in news {
            match one {
                Some(News::User(_)) => {}
                Some(News::Phones(user)) => {
                    users.insert(*user);
                }
                Some(News::Application(application)) => {
                    applications.insert(*application);
                }
                None => return self.forget_all(),
            }
        }
        if !users.is_empty() {
            self.forget_users(users);
        }
        if !applications.is_empty() {
            self.forget_applications(applications);
        }
    }

    fn forget_users(&self, users: HashSet<UserKey>) {
        users.iter().for_each(|user| self.phones.invalidate(user));
        let users = Arc::new(users);
        let of = Arc::clone(&users);
        forget(&self.devices, move |(_, device)| of.contains(&device.user));
        let of = Arc::clone(&users);
        forget(&self.questions, move |(_, asked)| asked.key.user.is_some_and(|user| of.contains(&user)));
        let of = Arc::clone(&users);
        forget(&self.sessions, move |session| session.user.is_some_and(|user| of.contains(&user)));
        forget(&self.users, move |user| users.contains(user));
    }

    fn forget_applications(&self, applications: HashSet<ApplicationKey>) {
        applications.iter().for_each(|application| self.counted_to.invalidate(application));
        let applications = Arc::new(applications);
        let of = Arc::clone(&applications);
        forget(&self.applications, move |(application, _)| of.contains(application));
        let of = Arc::clone(&applications);
        forget(&self.devices, move |(_, device)| of.contains(&device.application));
        let of = Arc::clone(&applications);
        forget(&self.questions, move |(_, asked)| of.contains(&asked.key.application));
        forget(&self.sessions, move |session| applications.contains(&session.application));
    }

    /// Any of them may not be as it was.
    fn forget_all(&self) {
        self.applications.invalidate_all();
        self.counted_to.invalidate_all();
        self.devices.invalidate_all();
        self.sessions.invalidate_all();
        self.questions.invalidate_all();
        self.phones.invalidate_all();
        self.users.invalidate_all();
    }
}

fn cache<K, V>(most: u64, kept: Duration) -> Cache<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    Cache::builder().max_capacity(most).time_to_live(kept).support_invalidation_closures().build()
}

/// Forgets those of a kind of which this is true. All are forgotten where that is not possible. The cache keeps the question until its own tasks run, which a
/// kind that nobody asks for would never do: they run here.
fn forget<K, V>(cache: &Cache<K, V>, is_meant: impl Fn(&V) -> bool + Send + Sync + 'static)
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    if cache.invalidate_entries_if(move |_, value| is_meant(value)).is_err() {
        cache.invalidate_all();
    }
    cache.run_pending_tasks();
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "token";

    fn counted_to() -> CountedTo {
        CountedTo::of(ApplicationKey(1), None)
    }

    fn remembered(most: u64, kept: Duration, users: i64) -> Remembered {
        let remembered = Remembered::with_room(most, kept);
        for user in 1..=users {
            let session = RememberedSession {
                sealed: Vec::new(),
                counted_to: counted_to(),
                application: ApplicationKey(user % 2),
                user: Some(UserKey(user)),
            };
            remembered.sessions.insert(format!("{TOKEN}{user}"), session);
            let id = UserToken::new(format!("u{user}")).unwrap();
            remembered.keep_user(ApplicationKey(user % 2), id, UserKey(user));
            remembered.keep_phones(UserKey(user), Vec::new());
        }
        remembered
    }

    fn sessions(remembered: &Remembered, users: i64) -> Vec<i64> {
        (1..=users).filter(|user| remembered.sessions.get(&format!("{TOKEN}{user}")).is_some()).collect()
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let remembered = remembered(10, KEPT, 1_000);
        remembered.sessions.run_pending_tasks();
        remembered.users.run_pending_tasks();
        remembered.phones.run_pending_tasks();
        let Remembered { sessions, users, phones, .. } = remembered;
        assert!(sessions.entry_count() <= 10 && users.entry_count() <= 10 && phones.entry_count() <= 10);
    }

    #[test]
    fn none_is_remembered_for_longer_however_often_it_signs() {
        let kept = Duration::from_millis(200);
        let remembered = remembered(10, kept, 1);
        let began = std::time::Instant::now();
        while began.elapsed() <= kept {
            sessions(&remembered, 1);
            std::thread::sleep(kept / 8);
        }
        assert!(sessions(&remembered, 1).is_empty());
        assert!(!remembered.phones.contains_key(&UserKey(1)));
    }

    #[test]
    fn those_who_have_changed_are_forgotten_and_others_are_not() {
        let remembered = remembered(10, KEPT, 4);
        remembered.forget_those_in(&[Some(News::User(UserKey(2))), Some(News::Phones(UserKey(1)))]);
        assert_eq!(sessions(&remembered, 4), [2, 3, 4]);
        assert!(!remembered.phones.contains_key(&UserKey(1)) && remembered.phones.contains_key(&UserKey(2)));
        let id = |user: &str| UserToken::new(user).unwrap();
        assert_eq!(remembered.user(ApplicationKey(1), &id("u1")), None);
        assert_eq!(remembered.user(ApplicationKey(1), &id("u3")), Some(UserKey(3)));
        remembered.forget_those_in(&[Some(News::Application(ApplicationKey(0)))]);
        assert_eq!(sessions(&remembered, 4), [3]);
        remembered.forget_those_in(&[Some(News::User(UserKey(1))), None]);
        assert!(sessions(&remembered, 4).is_empty());
        assert_eq!(remembered.user(ApplicationKey(1), &id("u3")), None);
    }
}
