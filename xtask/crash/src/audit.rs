//! Looking, after a kill, whether the service knows everything that it acknowledged, and nothing else.
//!
//! Belongs here: questions about one person and what their answers must be. Does not belong here: the tables
//! ([`crate::storage_checks`]).

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use crate::Failure;
use crate::action::{Action, Application, registration};
use crate::call::{Caller, Heard};
use crate::model::{Link, Person, Phone, Standing, State};
use crate::worker::{Doubt, Worker, new_questions};

/// Spent links that are tried again, for each person.
const SPENT_LINKS: usize = 2;
/// Phones that are no more, of those that are tried.
const OLD_PHONES: usize = 2;

/// Whether it can be told from a request's nonce whether the request was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nonces {
    /// A nonce is stored with its change, and both were killed together.
    WithTheChange,
    /// A nonce may have been spent without its change: by a transaction of its own, or in the memory of a service that lives on.
    MaybeAlone,
}

/// The findings over all runs.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) people: AtomicU64,
    pub(crate) replays: AtomicU64,
    pub(crate) doubts: AtomicU64,
    pub(crate) doubts_done: AtomicU64,
}

/// Looks at everything that a worker has changed since the last kill, and at these others of its people. Gives the faults, in words.
///
/// # Errors
/// When the service cannot be asked.
pub(crate) async fn audit(
    worker: &mut Worker,
    others: &[usize],
    nonces: Nonces,
    tally: &Tally,
) -> Result<Vec<String>, Failure> {
    let mut wrong = Vec::new();
    let doubt = worker.doubt.take();
    let changed = worker.first_changed..worker.people.len();
    for place in others.iter().copied().filter(|place| !changed.contains(place)).chain(changed.clone()) {
        let Some(person) = worker.people.get_mut(place) else { continue };
        let of_this = doubt.as_ref().filter(|doubt| doubt.person == place);
        let found = Found::of(person, &worker.application, &worker.caller, &worker.stranger).await?;
        tally.people.fetch_add(1, Ordering::Relaxed);
        match of_this {
            None => wrong.extend(found.against(person)),
            Some(doubt) => wrong.extend(settle(person, doubt, &found, &worker.caller, nonces, tally).await?),
        }
        found.take_over(person);
        wrong.extend(spent_links(person, &worker.stranger).await?);
        // Sessions of which nothing was heard have left questions behind.
        new_questions(person, &worker.caller).await?;
    }
    for acknowledged in worker.acknowledged.drain(..) {
        tally.replays.fetch_add(1, Ordering::Relaxed);
        let status = worker.stranger.send(&acknowledged.request).await.status();
        let is_refused = is_refusal(status, acknowledged.action.done_before())
            || (status == 401 && acknowledged.action.is_by_phone());
        if !is_refused {
            wrong.push(format!("{:?} was acknowledged, and again answered {status}", acknowledged.action));
        }
    }
    Ok(wrong)
}

/// Refused as it should be, or because so many were refused before it: what is good goes through even then.
fn is_refusal(status: u16, expected: u16) -> bool {
    status == expected || status == 429
}

/// Finds out what has become of a change of which nothing was heard, by asking for it once more.
async fn settle(
    person: &mut Person,
    doubt: &Doubt,
    found: &Found,
    caller: &Caller,
    nonces: Nonces,
    tally: &Tally,
) -> Result<Vec<String>, Failure> {
    tally.doubts.fetch_add(1, Ordering::Relaxed);
    let not_done = found.against(person);
    let mut after = person.clone();
    after.apply(&doubt.action, None)?;
    let done = found.against(&after);
    let said = |wrong: &[String], which: &str| {
        wrong.iter().map(|wrong| format!("({:?} was {which}) {wrong}", doubt.action)).collect()
    };
    match caller.send(&doubt.request).await {
        Heard::Nothing => Err("the service is not heard of, and was not killed".into()),
        Heard::Answer { status, json } if status == doubt.action.done() => {
            // It had not been done, or it would not be done now.
            person.apply(&doubt.action, Some(&json))?;
            Ok(said(&not_done, "not done"))
        }
        Heard::Answer { status, .. }
            if is_refusal(status, doubt.action.done_before())
                || (status == 401 && doubt.action.is_by_phone()) =>
        {
            let may_be_undone = nonces == Nonces::MaybeAlone && doubt.action.done_before() == 403;
            if may_be_undone && matches!(doubt.action, Action::MakeLink) {
                // Either link may be the good one, and nobody can see which without using it up.
                person.link = Link::Unheard;
                return Ok(said(&not_done, "perhaps not done"));
            }
            // As a whole, one or the other.
            if done.is_empty() || !may_be_undone {
                tally.doubts_done.fetch_add(1, Ordering::Relaxed);
                *person = after;
                return Ok(said(&done, "done"));
            }
            Ok(said(&not_done, "not done"))
        }
        Heard::Answer { status, json } => {
            Ok(vec![format!("{:?} in doubt was answered {status} {json}", doubt.action)])
        }
    }
}

/// A link that has been used or replaced is of no use.
async fn spent_links(person: &Person, caller: &Caller) -> Result<Vec<String>, Failure> {
    let mut wrong = Vec::new();
    for url in person.spent_links.iter().rev().take(SPENT_LINKS) {
        let status = caller.send(&registration(caller, url)?).await.status();
        if !is_refusal(status, Action::Register.done_before()) {
            wrong.push(format!("{}: a spent link was answered {status}", person.name()));
        }
    }
    Ok(wrong)
}

/// The service's account of a person.
#[derive(Debug)]
struct Found {
    /// Whether each of the three is there, and has a phone.
    users: Vec<Option<bool>>,
    /// The states of the sessions, by their places.
    sessions: Vec<Result<String, u16>>,
    /// The phone's list: the sessions that it has opened, with their states.
    phone: Option<Result<Vec<(String, String)>, u16>>,
    old_phones: Vec<u16>,
}

impl Found {
    async fn of(
        person: &Person,
        application: &Application,
        caller: &Caller,
        stranger: &Caller,
    ) -> Result<Self, Failure> {
        let Application { server, pair } = application;
        let mut users = Vec::new();
        for name in &person.names {
            let url = format!("{server}/management/has_registered_mobile_device/{}/{name}", pair.id);
            users.push(match caller.get(&url, pair).await? {
                Heard::Answer { status: 200, json } => {
                    json.pointer("/device_registered").and_then(Value::as_bool)
                }
                Heard::Answer { status: 404, .. } => None,
                other => return Err(format!("a user was asked for, and answered {other:?}").into()),
            });
        }
        let mut sessions = Vec::new();
        for session in &person.sessions {
            sessions.push(match caller.get(&session.status_url, &session.pair).await? {
                Heard::Answer { status: 200, json } => Ok(words(&json, "/session_status")),
                other => Err(other.status()),
            });
        }
        let phone = match &person.phone {
            Phone::Known(device) => Some(match caller.get(&device.sessions_url, &device.pair).await? {
                Heard::Answer { status: 200, json } => {
                    let sessions = json.pointer("/sessions").and_then(Value::as_array).into_iter().flatten();
                    Ok(sessions
                        .map(|one| (words(one, "/session_id"), words(one, "/session_status")))
                        .collect())
                }
                other => Err(other.status()),
            }),
            Phone::None | Phone::Unheard => None,
        };
        let mut old_phones = Vec::new();
        for device in person.old_phones.iter().rev().take(OLD_PHONES) {
            old_phones.push(stranger.get(&device.sessions_url, &device.pair).await?.status());
        }
        Ok(Self { users, sessions, phone, old_phones })
    }

    /// Where this differs from what it should be, in words.
    fn against(&self, person: &Person) -> Vec<String> {
        let mut wrong = Vec::new();
        let has_phone = !matches!(person.phone, Phone::None);
        let there = |is_there: bool, has_phone: bool| is_there.then_some(has_phone);
        let should_be = [
            there(person.standing == Standing::There, has_phone),
            there(person.standing != Standing::NotYet, false),
            there(person.standing != Standing::NotYet, false),
        ];
        for ((name, found), should_be) in person.names.iter().zip(&self.users).zip(should_be) {
            if *found != should_be {
                wrong.push(format!("{name}: there and has a phone: {found:?} instead of {should_be:?}"));
            }
        }
        for (place, (session, found)) in person.sessions.iter().zip(&self.sessions).enumerate() {
            if !found.as_ref().is_ok_and(|word| session.may_be(word)) {
                wrong.push(format!(
                    "{}: session {place} is {found:?} instead of {}",
                    person.name(),
                    session.state.word()
                ));
            }
        }
        match (&self.phone, &person.phone) {
            (Some(found), Phone::Known(_)) => {
                let open = person.sessions.iter().filter(|session| session.state.is_open());
                let mut open: Vec<_> = open
                    .filter_map(|session| {
                        Some((session.question.as_ref()?.id.clone(), session.state.word().to_owned()))
                    })
                    .collect();
                open.sort();
                let mut found = found.clone();
                if let Ok(found) = &mut found {
                    found.sort();
                }
                if found.as_ref() != Ok(&open) {
                    wrong.push(format!(
                        "{}: the phone is told of {found:?} instead of {open:?}",
                        person.name()
                    ));
                }
            }
            // It was asked as one that is registered; it is one of the old ones now.
            (Some(found), _) => {
                if !found.as_ref().is_err_and(|status| is_refusal(*status, 401)) {
                    wrong.push(format!("{}: a phone that is no more is answered {found:?}", person.name()));
                }
            }
            (None, _) => {}
        }
        for status in &self.old_phones {
            if !is_refusal(*status, 401) {
                wrong.push(format!("{}: an old phone is answered {status}", person.name()));
            }
        }
        wrong
    }

    /// A question that was said to have timed out stays so.
    fn take_over(&self, person: &mut Person) {
        for (session, found) in person.sessions.iter_mut().zip(&self.sessions) {
            if found.as_deref() == Ok(State::Timeout.word()) {
                session.state = State::Timeout;
            }
        }
    }
}

fn words(json: &Value, pointer: &str) -> String {
    json.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
