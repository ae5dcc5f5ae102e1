//! The state of a person that the service must report, by all that it has acknowledged.
//!
//! Belongs here: people, their phones and sessions, and what each change makes of them. Does not belong here: how a change is asked
//! for ([`crate::action`]), and how it is found out what the service says ([`crate::audit`]).

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Failure;
use crate::action::Action;
use crate::call::{Pair, text};

/// From this age on a question may have timed out: a phone has 60 s.
const MAY_HAVE_TIMED_OUT: Duration = Duration::from_secs(50);

/// A user of the application, and two more who were added by the same call and do nothing.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) names: [String; 3],
    pub(crate) standing: Standing,
    pub(crate) link: Link,
    pub(crate) spent_links: Vec<String>,
    pub(crate) phone: Phone,
    pub(crate) old_phones: Vec<Device>,
    pub(crate) sessions: Vec<Session>,
    /// The ids of all questions that the phone was seen to be asked.
    pub(crate) seen_questions: BTreeSet<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    NotYet,
    There,
    Deleted,
}

#[derive(Clone, Debug)]
pub(crate) enum Link {
    None,
    Known(String),
    /// It was made, and the answer with its address was lost.
    Unheard,
}

#[derive(Clone, Debug)]
pub(crate) enum Phone {
    None,
    Known(Device),
    /// It was registered, and the answer with its secret was lost.
    Unheard,
}

#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) pair: Pair,
    pub(crate) pending_url: String,
    pub(crate) sessions_url: String,
    pub(crate) unregister_url: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) pair: Pair,
    pub(crate) status_url: String,
    pub(crate) logout_url: String,
    pub(crate) state: State,
    pub(crate) asked_at: Instant,
    /// Its question may have timed out before it was withdrawn; then it keeps that end.
    pub(crate) may_have_timed_out: bool,
    pub(crate) question: Option<Question>,
}

/// The states that matter here, by their words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Pending,
    Identifying,
    Active,
    Walkaway,
    Timeout,
    Cancelled,
    Closed,
}

#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) id: String,
    pub(crate) pair: Pair,
    pub(crate) start_url: String,
    pub(crate) answer_url: String,
}

impl State {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Identifying => "identifying",
            Self::Active => "active",
            Self::Walkaway => "walkaway",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::Closed => "closed",
        }
    }

    pub(crate) fn is_in_progress(self) -> bool {
        matches!(self, Self::Pending | Self::Identifying)
    }

    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Active | Self::Walkaway)
    }
}

impl Session {
    /// Whether the service may say this word of it now.
    pub(crate) fn may_be(&self, word: &str) -> bool {
        let is_late = self.may_have_timed_out || (self.state.is_in_progress() && !self.is_fresh());
        word == self.state.word() || (is_late && word == State::Timeout.word())
    }

    /// Whether its question cannot have timed out yet.
    pub(crate) fn is_fresh(&self) -> bool {
        self.asked_at.elapsed() < MAY_HAVE_TIMED_OUT
    }
}

impl Person {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            names: [name.to_owned(), format!("{name}-second"), format!("{name}-third")],
            standing: Standing::NotYet,
            link: Link::None,
            spent_links: Vec::new(),
            phone: Phone::None,
            old_phones: Vec::new(),
            sessions: Vec::new(),
            seen_questions: BTreeSet::new(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        let [name, ..] = &self.names;
        name
    }

    /// A change was made; without an `answer` it is not known what the service said.
    ///
    /// # Errors
    /// When the answer lacks something.
    pub(crate) fn apply(&mut self, action: &Action, answer: Option<&Value>) -> Result<(), Failure> {
        match action {
            Action::Add => self.standing = Standing::There,
            Action::MakeLink => self.replace_link(answer)?,
            Action::Register => {
                self.phone_gone();
                self.spend_link(Link::None);
                self.phone = match answer {
                    Some(answer) => Phone::Known(Device::read(answer)?),
                    None => Phone::Unheard,
                };
            }
            Action::LosePhone => {
                self.phone_gone();
                self.replace_link(answer)?;
            }
            Action::Unregister => self.phone_gone(),
            Action::Delete => {
                self.phone_gone();
                self.spend_link(Link::None);
                self.standing = Standing::Deleted;
            }
            Action::Start => {
                if let Some(answer) = answer {
                    self.sessions.push(Session::read(answer)?);
                }
            }
            Action::PickUp { session } => self.becomes(*session, State::Identifying),
            Action::Accept { session } | Action::Return { session, .. } => {
                self.becomes(*session, State::Active);
            }
            Action::Decline { session } => self.becomes(*session, State::Cancelled),
            Action::WalkAway { session, .. } => self.becomes(*session, State::Walkaway),
            Action::LogOut { session } | Action::LogOutOnPhone { session, .. } => {
                self.becomes(*session, State::Closed);
            }
        }
        Ok(())
    }

    fn becomes(&mut self, session: usize, state: State) {
        if let Some(session) = self.sessions.get_mut(session) {
            session.state = state;
        }
    }

    fn replace_link(&mut self, answer: Option<&Value>) -> Result<(), Failure> {
        self.spend_link(match answer {
            Some(answer) => Link::Known(text(answer, "/register_url")?),
            None => Link::Unheard,
        });
        Ok(())
    }

    fn spend_link(&mut self, next: Link) {
        if let Link::Known(url) = std::mem::replace(&mut self.link, next) {
            self.spent_links.push(url);
        }
    }

    fn phone_gone(&mut self) {
        if let Phone::Known(device) = std::mem::replace(&mut self.phone, Phone::None) {
            self.old_phones.push(device);
        }
        for session in &mut self.sessions {
            session.may_have_timed_out |= session.state.is_in_progress() && !session.is_fresh();
            session.state = match session.state {
                state if state.is_in_progress() => State::Cancelled,
                state if state.is_open() => State::Closed,
                ended => ended,
            };
        }
    }
}

impl Device {
    fn read(record: &Value) -> Result<Self, Failure> {
        let url = |name: &str| text(record, &format!("/service/service_urls/{name}"));
        Ok(Self {
            pair: Pair::read(record, "/device/device_id", "/device/device_secret")?,
            pending_url: url("pending_requests")?,
            sessions_url: url("active_sessions")?,
            unregister_url: url("device_unregister")?,
        })
    }
}

impl Session {
    fn read(answer: &Value) -> Result<Self, Failure> {
        let at = |name: &str| format!("/authentication_status/{name}");
        Ok(Self {
            pair: Pair::read(answer, &at("session_token"), &at("session_secret"))?,
            status_url: text(answer, &at("status_url"))?,
            logout_url: text(answer, &at("logout_url"))?,
            state: State::Pending,
            asked_at: Instant::now(),
            may_have_timed_out: false,
            question: None,
        })
    }
}

impl Question {
    pub(crate) fn read(request: &Value) -> Result<Self, Failure> {
        Ok(Self {
            id: text(request, "/auth_request_id")?,
            pair: Pair::read(request, "/auth_request_id", "/identify/identification_data_secret")?,
            start_url: text(request, "/identify/identification_start_url")?,
            answer_url: text(request, "/identify/identification_url")?,
        })
    }
}
