//! [`SessionView`]: a session as its application sees it.

use iampass_server_domain::rules::{EndReason, Proven, Timeline};

use super::{ApplicationKey, CountedTo, NonceShare, SessionKey, UserKey};

/// A session as its application sees it.
#[derive(Clone, Copy, Debug)]
pub struct SessionView {
    /// Its row.
    pub key: SessionKey,
    /// The application.
    pub application: ApplicationKey,
    /// The account or application that its nonces are counted to.
    pub counted_to: CountedTo,
    /// The user; None when deleted.
    pub user: Option<UserKey>,
    /// Its state and the deadline of that.
    pub timeline: Timeline,
    /// The facts that its approval has proven.
    pub proven: Proven,
    /// Why it let nobody in, where its state alone does not say it.
    pub end_reason: Option<EndReason>,
    /// Whether it was started without a name: then its application is told the user.
    pub nameless: bool,
}

impl From<&SessionView> for NonceShare {
    fn from(session: &SessionView) -> Self {
        Self::Application(session.counted_to)
    }
}
