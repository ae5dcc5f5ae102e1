//! The people: the owner, who errs at times, and a stranger who knows the owner's name.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::machine::calls;
use iampass_core::wire::{AuthenticateUser, AuthenticationRequest, Identification};
use iampass_phone::Brought;
use iampass_phone::calls::with_brought;

use crate::clocks::Owner;
use crate::login::{BrowserLogin, Kind};
use crate::world::{From, Happening, OWNERS, STRANGERS, World};

/// An act of a person.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// The owner begins a login in a browser of their own.
    OwnerBegins(Kind),
    /// The owner sees the page of this login.
    OwnerSees(usize),
    /// The owner looks at the phone.
    OwnerLooks,
    /// The stranger begins a login, to be let in as the owner.
    StrangerBegins(Kind),
    /// The stranger begins one and goes away.
    StrangerStarts,
    /// The owner opens what the stranger has sent: the link or the digits of the stranger's own page, or a picture of its code.
    OwnerFollows(usize),
    /// The stranger's phone brings what a page of the owner shows.
    StrangerBrings,
    /// The stranger's phone guesses digits.
    StrangerGuesses,
    /// The stranger's phone answers a question that it has stolen from the owner's phone, secret and all.
    StrangerForges,
}

/// The address of the owner, and those of the stranger.
const AT_HOME: &str = "192.0.2.1";
const ELSEWHERE: [&str; 2] = ["198.51.100.7", "203.0.113.9"];

impl World<'_> {
    pub(crate) fn act(&mut self, act: Act) -> Result<(), String> {
        self.tell(|_| format!("{act:?}"));
        match act {
            Act::OwnerBegins(kind) => return self.begin_login("o", kind, AT_HOME).map(drop),
            Act::StrangerBegins(kind) => return self.begin_login("s", kind, ELSEWHERE[0]).map(drop),
            Act::OwnerSees(login) => self.owner_sees(login),
            Act::OwnerLooks => {
                let look = self.phones[OWNERS].look();
                self.call_by_phone(OWNERS, look);
            }
            Act::OwnerFollows(login) => {
                if let Some(brought) = self.read_page(login) {
                    // A picture takes its time.
                    let after = if self.draws.percent(50) { 0 } else { self.draws.between(0, 15_000) };
                    self.schedule(after, Happening::Brings { phone: OWNERS, brought });
                }
            }
            Act::StrangerStarts => {
                let browser = format!("x{}", self.age());
                let body =
                    AuthenticateUser::default().shows_code(true).browser(browser).address(ELSEWHERE[1]);
                let application = Arc::clone(&self.door.application);
                let call = calls::authenticate_user(&application, &self.owner, &[], None, &body).unwrap();
                let at = self.door.clocks.now(Owner::SecondNode).wall;
                let request = call.sign(self.draws.draw().nonce(), at);
                self.send(From::Crowd, request);
            }
            Act::StrangerBrings => {
                let last = self.logins.iter().rposition(|login| login.browser.starts_with('o'));
                if let Some(brought) = last.and_then(|login| self.read_page(login)) {
                    let after = self.draws.between(0, 8_000);
                    self.schedule(after, Happening::Brings { phone: STRANGERS, brought });
                }
            }
            Act::StrangerGuesses => {
                let digits = self.guess();
                self.brings(STRANGERS, &digits);
            }
            Act::StrangerForges => self.stranger_forges(),
        }
        Ok(())
    }

    pub(crate) fn begin_login(&mut self, who: &str, kind: Kind, address: &str) -> Result<usize, String> {
        let number = self.logins.len();
        let node = if self.draws.percent(50) { Owner::FirstNode } else { Owner::SecondNode };
        let begun_at = self.door.clocks.now(node).mono;
        let (application, browser) = (Arc::clone(&self.door.application), format!("{who}{number}"));
        let login = BrowserLogin::begin(&application, &self.owner, browser, kind, address, (node, begun_at));
        self.logins.push(login);
        self.logins[number].turn_at = u64::MAX;
        self.drive(number)?;
        Ok(number)
    }

    /// The page of a login shows its code.
    pub(crate) fn page_is_shown(&mut self, login: usize) {
        let after = self.draws.between(500, 6_000);
        if self.logins[login].browser.starts_with('o') {
            self.schedule(after, Happening::Act(Act::OwnerSees(login)));
        } else if self.draws.percent(40) && !self.is_calm {
            self.schedule(after, Happening::Act(Act::OwnerFollows(login)));
        }
        if self.draws.percent(30) && !self.is_calm {
            let after = self.draws.between(200, 9_000);
            self.schedule(after, Happening::Moves(login));
        }
    }

    fn owner_sees(&mut self, login: usize) {
        let (is_known, what) = (self.logins[login].kind == Kind::Known, self.draws.between(1, 100));
        match what {
            _ if self.is_calm => {}
            1..=8 => {
                let wrong = self.guess();
                return self.brings(OWNERS, &wrong);
            }
            9..=13 => return,
            14..=55 if is_known => {
                let look = self.phones[OWNERS].look();
                return self.call_by_phone(OWNERS, look);
            }
            _ => {}
        }
        if let Some(brought) = self.read_page(login) {
            self.brings(OWNERS, &brought);
        }
    }

    pub(crate) fn brings(&mut self, phone: usize, brought: &Brought) {
        if let Some(text) = secret_of(self, brought) {
            self.phones[phone].signed.brought.push(text);
        }
        let call = self.phones[phone].bring(self.door, brought);
        self.call_by_phone(phone, call);
    }

    /// The stranger accepts what is on the stranger's own phone: whoever signs in by it is the stranger.
    pub(crate) fn stranger_accepts(&mut self, question: &AuthenticationRequest, brought: &Brought) {
        let accepted = Identification::yes(serde_json::Map::new());
        let phone = &mut self.phones[STRANGERS];
        let Ok(accepted) = with_brought(&phone.registration, accepted, brought) else { return };
        phone.signed.answer(question, &accepted);
        if let Some(call) = phone.answer(self.door, question, &accepted) {
            self.call_by_phone(STRANGERS, call);
        }
    }

    /// The owner decides on a question of the phone.
    pub(crate) fn decide(&mut self, question: &AuthenticationRequest, brought: Option<Brought>) {
        let is_own = question.browser.as_ref().is_some_and(|browser| browser.starts_with('o'));
        let accepted = || Identification::yes(serde_json::Map::new());
        let what = self.draws.between(1, 100);
        let identification = match (is_own, what) {
            (true, _) if self.is_calm => self.accepts(accepted(), brought),
            (false, _) if self.is_calm => Some(Identification::no()),
            (true, 1..=78) => self.accepts(accepted(), brought),
            (true, 79..=84) | (false, 1..=12) => self.accepts(accepted(), None),
            (false, 13..=24) => self.accepts(accepted(), brought),
            (true, 85..=90) | (false, 25..=75) => Some(Identification::no()),
            (true, 91..=93) | (false, 76..=90) => Some(Identification::no().report(true)),
            _ => None,
        };
        let Some(identification) = identification else { return };
        self.tell(|_| format!("the owner answers {:?}: {identification:?}", question.browser));
        self.phones[OWNERS].signed.answer(question, &identification);
        if let Some(call) = self.phones[OWNERS].answer(self.door, question, &identification) {
            self.call_by_phone(OWNERS, call);
        }
    }

    /// An acceptance with what was brought, or with what the owner's latest page shows, or with a slip.
    fn accepts(
        &mut self,
        identification: Identification,
        brought: Option<Brought>,
    ) -> Option<Identification> {
        let brought = match brought {
            Some(brought) => brought,
            None if self.draws.percent(8) && !self.is_calm => self.guess(),
            None => {
                let last = self.logins.iter().rposition(|login| login.browser.starts_with('o'));
                last.and_then(|login| self.read_page(login))?
            }
        };
        with_brought(&self.phones[OWNERS].registration, identification, &brought).ok()
    }

    fn stranger_forges(&mut self) {
        let Some(mut question) = self.on_phone.last().cloned() else { return };
        question.user_id = self.phones[STRANGERS].registration.user().clone();
        let last = self.logins.iter().rposition(|login| login.browser == *question.browser.as_ref().unwrap());
        let Some(brought) = last.and_then(|login| self.read_page(login)) else { return };
        let accepted = Identification::yes(serde_json::Map::new());
        let accepted = with_brought(&self.phones[STRANGERS].registration, accepted, &brought).unwrap();
        if let Some(call) = self.phones[STRANGERS].answer(self.door, &question, &accepted) {
            self.call_by_phone(STRANGERS, call);
        }
    }

    /// The part of a login page that a person reads off: the square code or the digits.
    fn read_page(&mut self, login: usize) -> Option<Brought> {
        let is_scanned = self.draws.percent(60) || self.is_calm;
        let server = self.door.application.server();
        if let Some((qr, since)) = &self.logins[login].moving {
            let elapsed = Duration::from_millis(self.door.clocks.millis() - since);
            return Some(Brought::parse(qr.scan_url(elapsed).expose(), [server]).unwrap());
        }
        let shown = self.logins[login].shown.as_ref()?;
        let text = if is_scanned { shown.scan_url.expose() } else { shown.code.expose() };
        Some(Brought::parse(text, [server]).unwrap())
    }

    fn guess(&mut self) -> Brought {
        Brought::parse(&format!("{:06}", self.draws.between(0, 999_999)), []).unwrap()
    }
}

/// The text that is brought.
pub(crate) fn secret_of(world: &World<'_>, brought: &Brought) -> Option<String> {
    let nothing = Identification::yes(serde_json::Map::new());
    let carried = with_brought(&world.phones[OWNERS].registration, nothing, brought).ok()?;
    carried.code.or(carried.scan).map(|secret| secret.expose().to_owned())
}
