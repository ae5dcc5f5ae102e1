//! Which attempt a page belongs to, and what it shows at the moment. Belongs here: what follows from the page's address, its form and the cookies.
//! Does not belong here: how the attempt stands ([`crate::standing`]).

use crate::attempts::Whose;
use crate::login_web::LoginWeb;
use crate::pending::PendingCookie;
use crate::request::{Request, field};

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// The login that this browser began, and whether this page belongs to it.
    pub(crate) fn proved_pending(&self, request: &Request) -> Proved {
        self.proved_by(request, field(request.query.as_bytes(), "proof"))
    }

    pub(crate) fn proved_by(&self, request: &Request, proof: Option<String>) -> Proved {
        let Some(proof) = proof else { return Proved::Nothing };
        for whose in [Whose::Named, Whose::Nameless] {
            if let Some(pending) = self.pending_of_kind(request, whose)
                && pending.is_proved_by(&proof)
            {
                return Proved::Yes(pending);
            }
        }
        // A QR code that another tab shows has not taken the place of this page's login.
        self.pending_of(request).map_or(Proved::Nothing, Proved::OfAnother)
    }
}

/// Whether a page belongs to a login that the browser's cookies are of.
pub(crate) enum Proved {
    Yes(PendingCookie),
    /// The page is of an earlier login, or of none.
    OfAnother(PendingCookie),
    Nothing,
}

/// The state that the asking page shows at that moment, if it does not ask the user to accept.
#[derive(PartialEq, Eq)]
pub(crate) enum Shown {
    /// No phone is asked yet.
    Preparing,
    /// Nothing to accept any more.
    Nothing,
}

pub(crate) fn shown(request: &Request) -> Option<Shown> {
    match field(request.query.as_bytes(), "shown")?.as_str() {
        "preparing" => Some(Shown::Preparing),
        "nothing" => Some(Shown::Nothing),
        _ => None,
    }
}

pub(crate) fn is_preparing(request: &Request) -> bool {
    shown(request) == Some(Shown::Preparing)
}
