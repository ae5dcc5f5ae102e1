//! The changes that are made to a person: which are possible, how each is asked for, and what it looks like when one has been done.
//!
//! Belongs here: one change. Does not belong here: what it makes of the person ([`crate::model`]).

use iampass_core::signing::BodyDigest;
use reqwest::Method;
use serde_json::json;

use crate::Failure;
use crate::call::{Caller, Pair, Request};
use crate::model::{Link, Person, Phone, Session, Standing, State};
use crate::random::Random;

/// Where the application is, and who it is.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub(crate) server: String,
    pub(crate) pair: Pair,
}

/// A change that is to be made to a person. Sessions are named by their place.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Add,
    MakeLink,
    Register,
    LosePhone,
    Unregister,
    Delete,
    Start,
    PickUp { session: usize },
    Accept { session: usize },
    Decline { session: usize },
    LogOut { session: usize },
    LogOutOnPhone { session: usize, url: String },
    WalkAway { session: usize, url: String },
    Return { session: usize, url: String },
}

/// Sessions of a person at most: each is looked at after each kill.
const SESSIONS: usize = 10;
/// Questions that wait at most; the service takes five.
const WAITING: usize = 3;

impl Action {
    /// One of those that are possible; none for a person with whom nothing can be done any more.
    pub(crate) fn choose(person: &Person, random: &mut Random) -> Option<Self> {
        if person.standing != Standing::There {
            return (person.standing == Standing::NotYet).then_some(Self::Add);
        }
        let mut possible = vec![(1, Self::Delete)];
        match &person.phone {
            Phone::Known(_) => {
                possible.extend([(2, Self::MakeLink), (1, Self::LosePhone), (1, Self::Unregister)]);
                let waiting = person.sessions.iter().filter(|session| session.state.is_in_progress()).count();
                if waiting < WAITING && person.sessions.len() < SESSIONS {
                    possible.push((40, Self::Start));
                }
                let sessions = person.sessions.iter().enumerate();
                // Two denials in a row pause the starts of a person, so there is one at most.
                let may_decline = person.sessions.iter().all(|session| session.state != State::Cancelled);
                possible.extend(
                    sessions
                        .flat_map(|(place, session)| Self::with_session(place, session))
                        .filter(|(_, action)| may_decline || !matches!(action, Self::Decline { .. })),
                );
            }
            Phone::None | Phone::Unheard => possible.push((20, Self::MakeLink)),
        }
        if matches!(person.link, Link::Known(_)) {
            let weight = if matches!(person.phone, Phone::Known(_)) { 4 } else { 60 };
            possible.push((weight, Self::Register));
        }
        random.choose(possible)
    }

    fn with_session(session: usize, of: &Session) -> Vec<(usize, Self)> {
        let unknown = String::new;
        match of.state {
            State::Pending | State::Identifying if of.is_fresh() => {
                let mut possible = vec![(5, Self::LogOut { session })];
                if of.question.is_some() {
                    possible.extend([(40, Self::Accept { session }), (10, Self::Decline { session })]);
                }
                if of.question.is_some() && of.state == State::Pending {
                    possible.push((15, Self::PickUp { session }));
                }
                possible
            }
            State::Active => vec![
                (8, Self::LogOut { session }),
                (5, Self::LogOutOnPhone { session, url: unknown() }),
                (4, Self::WalkAway { session, url: unknown() }),
            ],
            State::Walkaway => {
                vec![(5, Self::LogOut { session }), (8, Self::Return { session, url: unknown() })]
            }
            _ => Vec::new(),
        }
    }

    /// The field of the phone's list of sessions that has its address; `None` where that is known from elsewhere.
    pub(crate) fn listed_as(&self) -> Option<(usize, &'static str)> {
        match self {
            Self::LogOutOnPhone { session, .. } => Some((*session, "logout_url")),
            Self::WalkAway { session, .. } => Some((*session, "walkaway_url")),
            Self::Return { session, .. } => Some((*session, "return_url")),
            _ => None,
        }
    }

    /// The same, with the address that the phone's list has for it.
    pub(crate) fn at(self, listed: String) -> Self {
        match self {
            Self::LogOutOnPhone { session, .. } => Self::LogOutOnPhone { session, url: listed },
            Self::WalkAway { session, .. } => Self::WalkAway { session, url: listed },
            Self::Return { session, .. } => Self::Return { session, url: listed },
            other => other,
        }
    }

    /// The request that asks for it.
    ///
    /// # Errors
    /// When the person lacks what it needs: then it should not have been chosen.
    pub(crate) fn request(
        &self,
        person: &Person,
        application: &Application,
        caller: &Caller,
    ) -> Result<Request, Failure> {
        let name = person.name();
        let (server, id) = (&application.server, &application.pair.id);
        let management = |call: &str| format!("{server}/management/{call}/{id}");
        let by = |pair: &Pair, method, url: &str, body| caller.request(method, url, Some(pair), body);
        let by_pair_of_phone = |pair: &Pair, url: &str, body: Option<String>| {
            let digest = BodyDigest::of(body.as_deref().unwrap_or_default().as_bytes());
            by(pair, Method::POST, &digest.appended_to(url), body)
        };
        let by_application = |method, url: String, body| by(&application.pair, method, &url, body);
        let by_phone = |url: &str| match &person.phone {
            Phone::Known(device) => by_pair_of_phone(&device.pair, url, None),
            _ => Err("there is no phone".into()),
        };
        match self {
            Self::Add => {
                let users = json!({"users": person.names}).to_string();
                by_application(Method::POST, management("add_users"), Some(users))
            }
            Self::Delete => {
                let users = json!({"users": [name]}).to_string();
                by_application(Method::POST, management("delete_users"), Some(users))
            }
            Self::MakeLink => by_application(
                Method::GET,
                format!("{}/{name}", management("device_registration_link")),
                None,
            ),
            Self::LosePhone => {
                by_application(Method::GET, format!("{}/{name}", management("lost_user_mobile_device")), None)
            }
            Self::Register => match &person.link {
                Link::Known(url) => registration(caller, url),
                _ => Err("there is no link".into()),
            },
            Self::Unregister => match &person.phone {
                Phone::Known(device) => by_phone(&device.unregister_url),
                _ => Err("there is no phone".into()),
            },
            Self::Start => {
                let url = format!("{server}/authentication/authenticate_user/{id}/{name}");
                by_application(Method::POST, url, Some("{}".to_owned()))
            }
            Self::PickUp { session } => {
                let question = asked(person, *session)?;
                by_pair_of_phone(&question.pair, &question.start_url, None)
            }
            Self::Accept { session } | Self::Decline { session } => {
                let question = asked(person, *session)?;
                let accepted = matches!(self, Self::Accept { .. });
                let body = json!({"accepted": accepted}).to_string();
                by_pair_of_phone(&question.pair, &question.answer_url, Some(body))
            }
            Self::LogOut { session } => {
                let session = person.sessions.get(*session).ok_or("there is no such session")?;
                by(&session.pair, Method::POST, &session.logout_url, None)
            }
            Self::LogOutOnPhone { url, .. } | Self::WalkAway { url, .. } | Self::Return { url, .. } => {
                by_phone(url)
            }
        }
    }

    /// The status that says that it was done.
    pub(crate) fn done(&self) -> u16 {
        match self {
            Self::Add => 201,
            Self::Start => 202,
            _ => 200,
        }
    }

    /// The status for the very same request when it has been done before.
    pub(crate) fn done_before(&self) -> u16 {
        match self {
            // A caller that opens a link signs nothing; the link is spent.
            Self::Register => 404,
            _ => 403,
        }
    }

    /// Whether the phone signs it, which is refused in another way once the phone is gone.
    pub(crate) fn is_by_phone(&self) -> bool {
        matches!(
            self,
            Self::Unregister | Self::LogOutOnPhone { .. } | Self::WalkAway { .. } | Self::Return { .. }
        )
    }
}

/// A phone that opens a link.
pub(crate) fn registration(caller: &Caller, url: &str) -> Result<Request, Failure> {
    let phone = json!({"notification_token": "*crash", "platform": "web"}).to_string();
    caller.request(Method::POST, url, None, Some(phone))
}

fn asked(person: &Person, session: usize) -> Result<&crate::model::Question, Failure> {
    let question = person.sessions.get(session).and_then(|session| session.question.as_ref());
    question.ok_or_else(|| "there is no such question".into())
}
