//! [`Heading`]: the groups of calls.

/// The heading under which a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heading {
    Management,
    Authentication,
    Phone,
    Admin,
    Operations,
}

impl Heading {
    pub(super) const ALL: [Self; 5] =
        [Self::Management, Self::Authentication, Self::Phone, Self::Admin, Self::Operations];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Management => "Management",
            Self::Authentication => "Authentication",
            Self::Phone => "Phone",
            Self::Admin => "Admin",
            Self::Operations => "Operations",
        }
    }

    pub(super) const fn description(self) -> &'static str {
        match self {
            Self::Management => {
                "Users and their registration links. Signed with the application's id and secret."
            }
            Self::Authentication => {
                "Logging a user in, following the session, and ending it. The first call is signed with the application's id and \
                 secret, all others with the session's token and secret, at the URLs that the first one answers."
            }
            Self::Phone => {
                "What the user's phone calls. A phone takes all URLs from the answers; they may change, so no program should put them \
                 together by itself. Signed with the phone's id and secret, or with those of a question."
            }
            Self::Admin => {
                "Calls by which an administrator's program does without a browser what the Console does. Signed with the id and the secret of a key of the Admin API, each of \
                 which has scopes and an end. The body of a POST is signed as well: the URL names the digest of the body."
            }
            Self::Operations => "For those who run the service. Nothing here is signed.",
        }
    }
}
