//! [`World`]: two nodes of an application, the service, two phones, a stranger, and a network that loses, delays, doubles and swaps.
//!
//! A happening is taken after the other, in the order of their times. Each may bring about others, and the laws are checked after each.

use std::collections::BTreeMap;
use std::sync::Arc;

use iampass_core::machine::{Input, LoginEvent, LoginOutcome, Machine as _, Output, RequestId};
use iampass_core::port::{HttpRequest, HttpResponse};
use iampass_core::signing::MovingCode;
use iampass_core::wire::{AuthenticateAnswer, AuthenticateStatus, AuthenticationRequest};
use iampass_core::{UnixSeconds, UserToken};
use iampass_phone::Brought;

use crate::clocks::Owner;
use crate::door::Door;
use crate::draws::Draws;
use crate::laws::may_claim;
use crate::login::BrowserLogin;
use crate::people::{Act, secret_of};
use crate::phone::{Phone, Purpose, Waiting, questions};

/// The phone of the user whom the stranger wants to be.
pub(crate) const OWNERS: usize = 0;
/// The stranger's own phone, of another user of the same application.
pub(crate) const STRANGERS: usize = 1;

pub(crate) struct World<'d> {
    pub(crate) door: &'d mut Door,
    pub(crate) draws: Draws,
    begun: u64,
    due: BTreeMap<(u64, u64), Happening>,
    scheduled: u64,
    pub(crate) owner: UserToken,
    pub(crate) phones: [Phone; 2],
    pub(crate) logins: Vec<BrowserLogin>,
    waiting: Vec<(usize, Waiting)>,
    /// When the service began each login without a name, by its own clock.
    moving_since: BTreeMap<String, UnixSeconds>,
    /// The questions that the owner's phone has shown.
    pub(crate) on_phone: Vec<AuthenticationRequest>,
    /// Whether the network is good, the clocks are right and the owner is careful.
    pub(crate) is_calm: bool,
    pub(crate) trace: Vec<String>,
}

pub(crate) enum Happening {
    /// A person does something.
    Act(Act),
    /// The owner decides on a question, with what was brought for it.
    Decides { question: AuthenticationRequest, brought: Option<Brought> },
    /// The stranger accepts a question of the stranger's own phone.
    StrangerAccepts { question: AuthenticationRequest, brought: Brought },
    /// A phone brings what was read off a page a while ago.
    Brings { phone: usize, brought: Brought },
    /// A wait of a login's machine is over.
    Turn(usize),
    /// The other node goes on with a login.
    Moves(usize),
    /// A wall clock is set wrong by so many seconds.
    Steps(Owner, i64),
    /// A request arrives at the service. Its answer is under way for so long, or is lost.
    Arrives { from: From, request: HttpRequest, back: Option<u64> },
    /// An answer arrives.
    Comes { to: From, answer: HttpResponse },
    /// A phone repeats what it has heard nothing of.
    Repeats(usize),
}

/// The sender of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum From {
    Node {
        login: usize,
        moves: u64,
        id: RequestId,
    },
    Phone(usize),
    /// Some browser of the stranger, which does not wait for the answer.
    Crowd,
}

impl<'d> World<'d> {
    pub(crate) async fn begin(door: &'d mut Door, seed: u64) -> Self {
        let mut draws = Draws::of(seed);
        // Seeds of one service come one after the other, in time as well.
        let begun = door.clocks.millis() + 1_000;
        door.clocks.pass_to(begun);
        door.clocks.set_right();
        // A seed may be played again at the same service.
        let user = |who| UserToken::new(format!("{who}-{seed}-{begun}")).unwrap();
        let owner = user("owner");
        let phones = [
            Phone::register(door, &mut draws, &owner, Owner::OwnersPhone).await,
            Phone::register(door, &mut draws, &user("stranger"), Owner::StrangersPhone).await,
        ];
        let (due, logins, waiting, moving_since) = (BTreeMap::new(), Vec::new(), Vec::new(), BTreeMap::new());
        let (on_phone, trace) = (Vec::new(), Vec::new());
        let (scheduled, is_calm) = (0, false);
        Self {
            door,
            draws,
            begun,
            due,
            scheduled,
            owner,
            phones,
            logins,
            waiting,
            moving_since,
            on_phone,
            is_calm,
            trace,
        }
    }

    pub(crate) fn schedule(&mut self, after: u64, happening: Happening) {
        self.scheduled += 1;
        self.due.insert((self.door.clocks.millis() + after, self.scheduled), happening);
    }

    /// Milliseconds since it began.
    pub(crate) fn age(&self) -> u64 {
        self.door.clocks.millis() - self.begun
    }

    pub(crate) fn tell(&mut self, what: impl FnOnce(&Self) -> String) {
        let line = format!("{:>7} ms  {}", self.age(), what(self));
        self.trace.push(line);
    }

    /// Goes on until this age, or until there is nothing to do, or until the login is let in.
    pub(crate) async fn run_until(&mut self, age: u64, login: Option<usize>) -> Result<(), String> {
        while let Some(entry) = self.due.first_entry() {
            let at = entry.key().0;
            if at > self.begun + age || login.is_some_and(|login| self.logins[login].is_granted) {
                break;
            }
            let happening = entry.remove();
            self.door.clocks.pass_to(at);
            self.happen(happening).await?;
        }
        Ok(())
    }

    async fn happen(&mut self, happening: Happening) -> Result<(), String> {
        match happening {
            Happening::Act(act) => self.act(act)?,
            Happening::Decides { question, brought } => self.decide(&question, brought),
            Happening::StrangerAccepts { question, brought } => self.stranger_accepts(&question, &brought),
            Happening::Brings { phone, brought } => self.brings(phone, &brought),
            Happening::Turn(login) if self.logins[login].turn_at <= self.door.clocks.millis() => {
                self.logins[login].turn_at = u64::MAX;
                self.drive(login)?;
            }
            Happening::Turn(_) => {}
            Happening::Moves(login) => {
                let application = Arc::clone(&self.door.application);
                self.logins[login].move_over(&application);
                self.tell(|world| {
                    format!("{} moves to {:?}", world.logins[login].browser, world.logins[login].node)
                });
                self.drive(login)?;
            }
            Happening::Steps(owner, seconds) => {
                self.door.clocks.step(owner, seconds);
                self.tell(|_| format!("the clock of {owner:?} is {seconds} s off"));
            }
            Happening::Arrives { from, request, back } => self.arrive(from, request, back).await?,
            Happening::Comes { to, answer } => self.hear(to, answer)?,
            Happening::Repeats(call) => self.send_by_phone(call),
        }
        Ok(())
    }

    async fn arrive(&mut self, from: From, request: HttpRequest, back: Option<u64>) -> Result<(), String> {
        let is_start = request.uri().path().starts_with("/authentication/authenticate_user/");
        let what = format!("{} {}", request.method(), request.uri().path());
        let at = self.door.clocks.now(Owner::Service).wall;
        let answer = self.door.call(request).await;
        self.tell(|_| format!("{from:?}: {what} -> {}", answer.status()));
        self.note_moving(at, &answer);
        if let From::Phone(call) = from {
            self.look_who_claims(call, at, &answer)?;
        }
        if is_start {
            self.look_what_rings().await?;
        }
        if let Some(back) = back {
            if self.draws.percent(3) && !self.is_calm {
                let again = back + self.draws.between(1, 4_000);
                self.schedule(again, Happening::Comes { to: from, answer: answer.clone() });
            }
            self.schedule(back, Happening::Comes { to: from, answer });
        }
        Ok(())
    }

    /// Notes when a login without a name has begun.
    fn note_moving(&mut self, at: UnixSeconds, answer: &HttpResponse) {
        let answer = serde_json::from_slice(answer.body());
        if let Ok(AuthenticateAnswer { authentication_status: AuthenticateStatus::Started(started) }) = answer
            && let Some(qr) = started.qr
        {
            self.moving_since.insert(qr.token, at);
        }
    }

    /// Law 8, at once: the phone has brought a code that moves, and gets a question for it.
    fn look_who_claims(&mut self, call: usize, at: UnixSeconds, answer: &HttpResponse) -> Result<(), String> {
        let (phone, Waiting { call, purpose }) = &self.waiting[call];
        let Purpose::Bring(brought) = purpose else { return Ok(()) };
        let (phone, brought, found) = (*phone, brought.clone(), questions(call, answer));
        let text = secret_of(self, &brought);
        let Some(code) = text.as_deref().and_then(MovingCode::parse) else { return Ok(()) };
        if found.is_empty() {
            return Ok(());
        }
        let shows = |login: &&mut BrowserLogin| login.shows(text.as_deref().unwrap_or_default());
        let Some(login) = self.logins.iter_mut().find(shows) else {
            return Err("law 8: a question for a code that no page has shown".to_owned());
        };
        let shown_at = UnixSeconds(self.moving_since[code.token()].0 + code.step());
        may_claim(login, self.phones[phone].registration.user(), at.0.saturating_sub(shown_at.0))
    }

    /// Law 9, at once: asks for the phone's questions past the network and the clocks.
    async fn look_what_rings(&mut self) -> Result<(), String> {
        let Waiting { call, .. } = self.phones[OWNERS].look();
        let at = self.door.clocks.now(Owner::Service).wall;
        let answer = self.door.call(call.request(self.draws.draw().nonce(), at)).await;
        for question in questions(&call, &answer) {
            self.phones[OWNERS].signed.may_ring(&question, &self.logins)?;
        }
        Ok(())
    }

    /// Puts a request on its way.
    pub(crate) fn send(&mut self, from: From, request: HttpRequest) {
        let (mut out, mut back) = (self.draws.between(5, 300), Some(self.draws.between(5, 300)));
        if !self.is_calm {
            match self.draws.between(1, 100) {
                1..=4 => return self.tell(|_| format!("{from:?}: a request is lost")),
                5..=8 => back = None,
                9..=12 => {
                    let again = out + self.draws.between(0, 3_000);
                    let request = request.clone();
                    self.schedule(again, Happening::Arrives { from, request, back: None });
                }
                13..=17 => out += self.draws.between(2_000, 12_000),
                18..=21 => back = Some(self.draws.between(2_000, 12_000)),
                _ => {}
            }
        }
        self.schedule(out, Happening::Arrives { from, request, back });
    }

    /// Has a phone make this call.
    pub(crate) fn call_by_phone(&mut self, phone: usize, waiting: Waiting) {
        self.waiting.push((phone, waiting));
        let call = self.waiting.len() - 1;
        self.send_by_phone(call);
        if self.draws.percent(30) && !self.is_calm {
            let after = self.draws.between(1_000, 8_000);
            self.schedule(after, Happening::Repeats(call));
        }
    }

    fn send_by_phone(&mut self, call: usize) {
        let (phone, waiting) = &self.waiting[call];
        let request = self.phones[*phone].request(self.door, &mut self.draws, &waiting.call);
        self.send(From::Phone(call), request);
    }

    fn hear(&mut self, to: From, answer: HttpResponse) -> Result<(), String> {
        match to {
            From::Node { login, moves, id } if self.logins[login].moves == moves => {
                let now = self.door.clocks.now(self.logins[login].node);
                self.logins[login].machine.handle(now, Input::Answer(id, Ok(answer)));
                self.drive(login)
            }
            From::Node { .. } | From::Crowd => Ok(()),
            From::Phone(call) => {
                let (phone, waiting) = &self.waiting[call];
                let found = questions(&waiting.call, &answer);
                let purpose = waiting.purpose.clone();
                let (phone, user) = (*phone, self.phones[*phone].registration.user().clone());
                for question in found {
                    if question.user_id != user {
                        return Err("law 8: a question of one user is on the phone of another".into());
                    }
                    self.phones[phone].signed.may_ring(&question, &self.logins)?;
                    if phone == STRANGERS {
                        if let Purpose::Bring(brought) = &purpose {
                            let (brought, after) = (brought.clone(), self.draws.between(300, 4_000));
                            self.schedule(after, Happening::StrangerAccepts { question, brought });
                        }
                        continue;
                    }
                    self.on_phone.push(question.clone());
                    let brought = match &purpose {
                        Purpose::Bring(brought) => Some(brought.clone()),
                        _ => None,
                    };
                    let after = self.draws.between(300, 4_000);
                    self.schedule(after, Happening::Decides { question, brought });
                }
                Ok(())
            }
        }
    }

    /// Asks a login's machine what is to be done, and does it.
    pub(crate) fn drive(&mut self, login: usize) -> Result<(), String> {
        loop {
            let now = self.door.clocks.now(self.logins[login].node);
            let draw = self.draws.draw();
            match self.logins[login].machine.poll_output(now, draw) {
                Output::Send(outgoing) => {
                    let from = From::Node { login, moves: self.logins[login].moves, id: outgoing.id };
                    self.send(from, outgoing.request);
                }
                Output::Event(event) => self.told(login, event)?,
                Output::Wait(pause) => {
                    let after = pause.until.since(now.mono).as_millis().min(600_000) as u64 + 1;
                    let at = self.door.clocks.millis() + after;
                    if at < self.logins[login].turn_at {
                        self.logins[login].turn_at = at;
                        self.schedule(after, Happening::Turn(login));
                    }
                    return Ok(());
                }
                Output::Finished => return Ok(()),
            }
        }
    }

    fn told(&mut self, login: usize, event: LoginEvent) -> Result<(), String> {
        self.tell(|world| {
            let event = match &event {
                LoginEvent::Started(_) => "started".to_owned(),
                LoginEvent::Decoy(_) => "decoy".to_owned(),
                LoginEvent::Progress(status) => format!("progress {status}"),
                LoginEvent::Trouble(error) => format!("trouble: {error}"),
                LoginEvent::LogoutOwed(_) => "owes a logout".to_owned(),
                LoginEvent::Finished(Ok(LoginOutcome::Granted(granted))) => {
                    format!("GRANTED {}", granted.user.as_ref().map_or("", UserToken::as_str))
                }
                LoginEvent::Finished(end) => format!("ends: {end:?}"),
                _ => "something else".to_owned(),
            };
            format!("{}: {event}", world.logins[login].browser)
        });
        match event {
            LoginEvent::Started(started) => {
                self.logins[login].session = Some(started.session);
                self.logins[login].shown = started.confirmation;
                let since = self.door.clocks.millis();
                self.logins[login].moving = started.qr.map(|qr| (qr, since));
                self.page_is_shown(login);
            }
            LoginEvent::Decoy(confirmation) => self.logins[login].shown = Some(confirmation),
            LoginEvent::Finished(end) => {
                self.logins[login].is_over = true;
                if let Ok(LoginOutcome::Granted(granted)) = end {
                    let login = &mut self.logins[login];
                    login.is_granted = true;
                    // A login without a name is that of the user who is told.
                    let user = granted.user.unwrap_or_else(|| self.owner.clone());
                    let Some(phone) = self.phones.iter().find(|phone| *phone.registration.user() == user)
                    else {
                        return Err(format!("law 8: {} is let in as somebody else", login.browser));
                    };
                    phone.signed.allows(login)?;
                    login.granted_to = Some(user);
                }
            }
            _ => {}
        }
        Ok(())
    }
}
