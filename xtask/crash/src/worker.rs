//! Somebody who makes changes to people, one after another, until the service is killed.
//!
//! Belongs here: making changes and keeping book of what was acknowledged. Does not belong here: looking afterwards whether it is so
//! ([`crate::audit`]).

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::Value;

use crate::Failure;
use crate::action::{Action, Application};
use crate::call::{Caller, Heard, Request, text};
use crate::model::{Person, Phone, Question};
use crate::random::Random;

/// People who are changed at a time; earlier ones are left as they are.
const AT_A_TIME: usize = 5;
/// Changes whose requests are sent again after the kill.
const REMEMBERED: usize = 12;

/// The one change of a worker of which nothing was heard.
#[derive(Debug)]
pub(crate) struct Doubt {
    pub(crate) person: usize,
    pub(crate) action: Action,
    pub(crate) request: Request,
}

/// A change that was acknowledged.
#[derive(Debug)]
pub(crate) struct Acknowledged {
    pub(crate) action: Action,
    pub(crate) request: Request,
}

/// The state that all workers of a run share.
#[derive(Debug, Default)]
pub(crate) struct Load {
    pub(crate) acknowledged: AtomicU64,
    pub(crate) stop: AtomicBool,
}

/// A worker and the people that nobody else changes.
#[derive(Debug)]
pub(crate) struct Worker {
    name: String,
    pub(crate) caller: Caller,
    /// Calls what has to be refused.
    pub(crate) stranger: Caller,
    pub(crate) application: Application,
    pub(crate) people: Vec<Person>,
    /// The first of those who were changed since the last kill.
    pub(crate) first_changed: usize,
    pub(crate) doubt: Option<Doubt>,
    pub(crate) acknowledged: VecDeque<Acknowledged>,
    random: Random,
}

impl Worker {
    pub(crate) fn new(number: u8, application: Application, random: Random) -> Result<Self, Failure> {
        Ok(Self {
            name: format!("w{number}"),
            caller: Caller::at(Ipv4Addr::new(127, 0, 1, number))?,
            stranger: Caller::at(Ipv4Addr::new(127, 0, 2, number))?,
            application,
            people: Vec::new(),
            first_changed: 0,
            doubt: None,
            acknowledged: VecDeque::new(),
            random,
        })
    }

    /// Makes changes until nothing is heard any more, or it is told to stop.
    ///
    /// # Errors
    /// When the service refuses a change that it must make, or does not know of one that it has made.
    pub(crate) async fn work(&mut self, load: &Arc<Load>) -> Result<(), Failure> {
        self.first_changed = self.people.len().saturating_sub(AT_A_TIME);
        while !load.stop.load(Ordering::Relaxed) {
            let Some((person, action)) = self.choose() else { continue };
            if !self.make(person, action, load).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Somebody new now and then, else one of the latest.
    fn choose(&mut self) -> Option<(usize, Action)> {
        let place = self.people.len();
        if place < AT_A_TIME || self.random.below(25) == 0 {
            self.people.push(Person::new(&format!("{}-{place}", self.name)));
            return Some((place, Action::Add));
        }
        let place = place - 1 - self.random.below(AT_A_TIME);
        let action = Action::choose(self.people.get(place)?, &mut self.random)?;
        Some((place, action))
    }

    /// Whether the service is still heard of.
    async fn make(&mut self, place: usize, action: Action, load: &Load) -> Result<bool, Failure> {
        let person = self.people.get_mut(place).ok_or("there is no such person")?;
        let action = match action.listed_as() {
            None => action,
            Some((session, field)) => match listed(person, &self.caller, session, field).await? {
                Some(url) => action.at(url),
                None => return Ok(false),
            },
        };
        let request = action.request(person, &self.application, &self.caller)?;
        match self.caller.send(&request).await {
            Heard::Nothing => {
                self.doubt = Some(Doubt { person: place, action, request });
                Ok(false)
            }
            Heard::Answer { status, json } if status == action.done() => {
                person.apply(&action, Some(&json))?;
                load.acknowledged.fetch_add(1, Ordering::Relaxed);
                let is_start = matches!(action, Action::Start);
                self.acknowledged.push_back(Acknowledged { action, request });
                if self.acknowledged.len() > REMEMBERED {
                    self.acknowledged.pop_front();
                }
                Ok(!is_start || take_up_question(person, &self.caller).await?)
            }
            Heard::Answer { status, json } => {
                Err(format!("{action:?} of {} was answered {status} {json}", person.name()).into())
            }
        }
    }
}

/// The address of something that the phone can do to a session; `None` when nothing was heard.
async fn listed(
    person: &Person,
    caller: &Caller,
    session: usize,
    field: &str,
) -> Result<Option<String>, Failure> {
    let Phone::Known(device) = &person.phone else { return Err("there is no phone".into()) };
    let asked = person.sessions.get(session).and_then(|session| session.question.as_ref());
    let asked = asked.ok_or("a session that was opened has no question")?;
    match caller.get(&device.sessions_url, &device.pair).await? {
        Heard::Nothing => Ok(None),
        Heard::Answer { status: 200, json } => {
            let mut sessions = json.pointer("/sessions").and_then(Value::as_array).into_iter().flatten();
            let found =
                sessions.find(|one| one.pointer("/session_id").and_then(Value::as_str) == Some(&asked.id));
            let found = found.ok_or_else(|| format!("the phone of {} lacks a session", person.name()))?;
            text(found, &format!("/{field}")).map(Some)
        }
        Heard::Answer { status, json } => {
            Err(format!("the phone of {} was answered {status} {json}", person.name()).into())
        }
    }
}

/// Finds the question of the session that was just started on the phone; false when nothing was heard.
async fn take_up_question(person: &mut Person, caller: &Caller) -> Result<bool, Failure> {
    let Some(mut new) = new_questions(person, caller).await? else { return Ok(false) };
    let (Some(question), true) = (new.pop(), new.is_empty()) else {
        return Err(format!(
            "a session of {} was started, and its phone is not asked one question",
            person.name()
        )
        .into());
    };
    if let Some(session) = person.sessions.last_mut() {
        session.question = Some(question);
    }
    Ok(true)
}

/// The questions that the phone has not been asked before; `None` when nothing was heard, or there is no phone.
pub(crate) async fn new_questions(
    person: &mut Person,
    caller: &Caller,
) -> Result<Option<Vec<Question>>, Failure> {
    let Phone::Known(device) = &person.phone else { return Ok(None) };
    let (status, json) = match caller.get(&device.pending_url, &device.pair).await? {
        Heard::Nothing => return Ok(None),
        Heard::Answer { status, json } => (status, json),
    };
    if status != 200 {
        return Err(format!("the phone of {} was answered {status} {json}", person.name()).into());
    }
    let requests = json.pointer("/requests").and_then(Value::as_array).into_iter().flatten();
    let mut new = requests.map(Question::read).collect::<Result<Vec<_>, _>>()?;
    new.retain(|question| person.seen_questions.insert(question.id.clone()));
    Ok(Some(new))
}
