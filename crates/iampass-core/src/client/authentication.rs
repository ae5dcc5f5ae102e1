//! [`Authentication`]: the service's answer to a request to authenticate a user.

use crate::wire::{Confirmation, Reason};
use crate::{Secret, Session};

/// Whether the service took up a request to authenticate a user.
#[derive(Clone, Debug)]
#[must_use]
#[non_exhaustive]
pub enum Authentication {
    /// It asks the phone. The session grants nothing yet.
    Started {
        /// The session.
        session: Session,
        /// The code to be shown where the login was begun, and nowhere else. `None`: the service makes no codes, or was not told that one is
        /// shown ([`LoginOptions::shows_code`](crate::machine::LoginOptions::shows_code)).
        confirmation: Option<Confirmation>,
        /// The link that opens IAMPASS in the same browser, where the application takes that browser back
        /// ([`LoginOptions::return_to`](crate::machine::LoginOptions::return_to)).
        open_url: Option<Secret>,
    },
    /// It does not ask.
    NotStarted {
        /// Why.
        reason: Reason,
        /// A code that no phone can bring. A page that shows it as any other does not tell whether somebody has the name.
        confirmation: Option<Confirmation>,
    },
}
