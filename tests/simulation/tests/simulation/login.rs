//! [`BrowserLogin`]: a login that one browser has begun, on the application's node that serves it.

use iampass_core::machine::{Backoff, Login, LoginOptions};
use iampass_core::signing::MovingCode;
use iampass_core::wire::{Confirmation, MovingQr};
use iampass_core::{Application, Monotonic, Session, UserToken};
use std::sync::Arc;
use std::time::Duration;

use crate::clocks::Owner;

/// The way by which a login says whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// By the owner's name, in a browser from which the owner has signed in before.
    Known,
    /// By the owner's name, in any other browser.
    Unknown,
    /// By the phone that brings its code.
    Nameless,
}

pub(crate) struct BrowserLogin {
    /// The name of its browser, which is different for each login and stands in the question.
    pub(crate) browser: String,
    pub(crate) kind: Kind,
    pub(crate) machine: Login,
    pub(crate) node: Owner,
    /// How often it was moved to the other node. Answers to an earlier one reach nobody.
    pub(crate) moves: u64,
    pub(crate) turn_at: u64,
    pub(crate) begun_at: Monotonic,
    pub(crate) session: Option<Session>,
    /// The code and the link that its page shows, and no other.
    pub(crate) shown: Option<Confirmation>,
    /// The code of a login without a name, and when it began to move, in milliseconds.
    pub(crate) moving: Option<(MovingQr, u64)>,
    /// The user whose question a phone has got for its code.
    pub(crate) claimed_by: Option<UserToken>,
    pub(crate) is_over: bool,
    pub(crate) is_granted: bool,
    /// The user whom it lets in.
    pub(crate) granted_to: Option<UserToken>,
}

/// The options of every login. The page shows a code.
pub(crate) fn options(browser: &str, kind: Kind, address: &str) -> LoginOptions {
    let mut options = LoginOptions::default().shows_code(true).browser(browser);
    options = options.known_browser(kind == Kind::Known);
    options = options.address(address.parse().ok()).deadline(Duration::from_secs(30));
    options.poll = Backoff::new(Duration::from_millis(700), Duration::from_secs(5));
    options
}

impl BrowserLogin {
    pub(crate) fn begin(
        application: &Arc<Application>,
        user: &UserToken,
        browser: String,
        kind: Kind,
        address: &str,
        (node, begun_at): (Owner, Monotonic),
    ) -> Self {
        let options = options(&browser, kind, address);
        let application = Arc::clone(application);
        let machine = match kind {
            Kind::Nameless => Login::nameless(application, options),
            Kind::Known | Kind::Unknown => Login::new(application, user, options),
        };
        let machine = machine.unwrap();
        let (session, shown, moving, claimed_by) = (None, None, None, None);
        let (moves, turn_at, is_over, is_granted, granted_to) = (0, 0, false, false, None);
        Self {
            browser,
            kind,
            machine,
            node,
            moves,
            turn_at,
            begun_at,
            session,
            shown,
            moving,
            claimed_by,
            is_over,
            is_granted,
            granted_to,
        }
    }

    /// The other node goes on with it, as after a restart.
    pub(crate) fn move_over(&mut self, application: &Arc<Application>) {
        let Some(session) = self.session.as_ref().filter(|_| !self.is_over) else { return };
        self.node = if self.node == Owner::FirstNode { Owner::SecondNode } else { Owner::FirstNode };
        self.moves += 1;
        let options = options(&self.browser, self.kind, "");
        let (application, begun_at) = (Arc::clone(application), self.begun_at);
        self.machine = match self.kind {
            Kind::Nameless => Login::begun_nameless(application, session, options, begun_at),
            Kind::Known | Kind::Unknown => Login::begun(application, session, options, begun_at),
        };
    }

    /// Whether its page shows this, or has shown it: the digits, the secret of the QR code, or a state of one that moves.
    pub(crate) fn shows(&self, brought: &str) -> bool {
        let is_moving = |(qr, _): &(MovingQr, u64)| {
            MovingCode::parse(brought).is_some_and(|code| code.token() == qr.token && code.is_of(&qr.secret))
        };
        let is_fixed = |shown: &Confirmation| {
            let scan = shown.scan_url.expose();
            let secret = scan.rsplit_once('=').map_or(scan, |(_, secret)| secret);
            brought == shown.code.expose() || brought == secret
        };
        self.moving.as_ref().is_some_and(is_moving) || self.shown.as_ref().is_some_and(is_fixed)
    }
}
