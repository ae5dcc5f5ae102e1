//! The defects of a session store, and the records that some of them make. Does not belong here: the stores that are wrong so.

use iampass_core::port::SessionRecord;
use iampass_core::{Secret, Server, ServiceUrl, Session, SessionToken, UnixSeconds, UserToken};
use iampass_testkit::store_suite::SUITE_SERVER;

use crate::defective_shared::SharedDefect;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum SessionDefect {
    None,
    CreateOverwrites,
    CreateInTwoSteps,
    CreateTwiceIsFine,
    LoadFoldsTokens,
    LoadReadsPatterns,
    SecretIsTrimmed,
    LogoutUrlIsStatusUrl,
    StreamIsForgotten,
    DueIsNotStored,
    TimesAre32Bits,
    UsersAreFolded,
    OldestFirst,
    ListIgnoresLimit,
    ListHasThoseDue,
    DeleteKeepsTheLogout,
    DeleteTwiceFails,
    ClaimIsNotExclusive,
    ClaimInTwoSteps,
    ClaimForever,
    ClaimLimitIgnored,
    ClaimLosesTheRest,
    ClaimsEarly,
    ClaimsLate,
    ClaimNumberStays,
    ClaimRemembersNoLease,
    ClaimDeletes,
    LeaseTooShort,
    ReleaseForgets,
    ReleaseIgnoresDue,
    ReleaseDoesNothing,
    StaleReleases,
    StaleReleasesAfterRelease,
    KeepLeavesTheLogout,
    KeepAfterClaim,
    KeepAfterRelease,
    KeepUnknown,
    KeepIsAlwaysFirst,
    KeepAfterRequest,
    KeepInTwoSteps,
    GivesNothing,
    GivesAnotherUsers,
    GivesWhatIsOver,
    QueueDoesNothing,
    QueueBreaksTheClaim,
    QueueUnknownFails,
    QueuePutsOffARequest,
    QueuePutsOffAClaimed,
    RequestIsQueued,
    RequestIsDueLater,
    RequestBreaksTheClaim,
    RequestUnknownFails,
    PurgeIgnoresLimit,
    PurgeTooEarly,
    PurgeSaysNothing,
    PurgeTakesAll,
    PurgeSparesThoseDue,
    ClaimByOwnClockOnly,
    NodesShareNothing,
    DamageHidesAll,
    DamageIsNone,
    DamageStopsClaims,
    DamageIsNotCounted,
    Shared(SharedDefect),
}

impl SessionDefect {
    /// The token that a store with this defect finds a session by.
    pub(crate) fn token(self, token: &SessionToken) -> SessionToken {
        if self == Self::LoadFoldsTokens {
            SessionToken::new(token.as_str().to_lowercase()).unwrap()
        } else {
            token.clone()
        }
    }

    /// The record as a store with this defect keeps it.
    pub(crate) fn stored(self, record: &SessionRecord) -> SessionRecord {
        let mut stored = record.clone();
        let session = &record.session;
        let rebuilt = |secret: &str, logout: &str| {
            let server = Server::parse(SUITE_SERVER).unwrap();
            let status = session.status_url().as_str();
            let stream = session.status_stream_url().map(ServiceUrl::as_str);
            let stream = stream.filter(|_| self != Self::StreamIsForgotten);
            Session::new(session.token().clone(), Secret::new(secret), status, logout, &server)
                .map(|session| session.with_status_stream(stream, &server))
        };
        match self {
            Self::SecretIsTrimmed => {
                let trimmed = session.secret().expose().trim_end().to_owned();
                if let Ok(session) = rebuilt(&trimmed, session.logout_url().as_str()) {
                    stored.session = session;
                }
            }
            Self::LogoutUrlIsStatusUrl => {
                stored.session = rebuilt(session.secret().expose(), session.status_url().as_str()).unwrap();
            }
            Self::StreamIsForgotten => {
                let session = rebuilt(session.secret().expose(), session.logout_url().as_str());
                stored.session = session.unwrap();
            }
            Self::DueIsNotStored => stored.logout_due = None,
            Self::TimesAre32Bits => {
                stored.expires_at = UnixSeconds(record.expires_at.0 & 0xffff_ffff);
            }
            Self::UsersAreFolded => {
                stored.user = UserToken::new(record.user.as_str().to_lowercase()).unwrap();
            }
            _ => {}
        }
        stored
    }
}
