//! The requests and answers of the service's APIs, one file an API.
//!
//! Reading is lenient about what does not matter (unknown fields are ignored, unknown words are kept) and strict about what
//! does: an answer that contradicts itself is no answer. Every type serves both sides of the wire.
//!
//! Belongs here: serde types. Does not belong here: which URL is called, how often, and what an answer means for a login
//! (see [`crate::machine`]).

mod admin;
mod assurance;
mod authentication;
mod confirmation;
mod device;
mod device_key;
#[cfg(test)]
mod device_tests;
mod management;
mod phone_answer;
mod phone_change;
mod phone_sessions;
mod phones;
mod presence;
mod reason;
mod reason_catalogue;
mod session_json;
mod starting;
mod status;
mod status_answer;
mod unknown;
mod unlock;
mod word;

pub use admin::{
    AdminAccount, AdminAccounts, AdminApplication, AdminApplicationAnswer, AdminApplications,
    AdminCredentials, AdminHistory, AdminKeyAnswer, AdminLog, AdminLogEntry, AdminLogin, AdminNewApplication,
    AdminNewLink, AdminNewUsers, AdminNode, AdminPhone, AdminRename, AdminRotation, AdminScope, AdminService,
    AdminSession, AdminSessions, AdminSettings, AdminUser, AdminUserAnswer, AdminUsers,
};
pub use assurance::{Assurance, KeyKind};
pub use authentication::{AuthenticateAnswer, AuthenticateStatus, AuthenticationMethod, StartedSession};
pub use confirmation::{Confirmation, ConfirmationMethod, MovingQr};
pub use device::{
    Acceptance, AcceptanceData, AuthenticationRequest, DeviceConfiguration, DeviceConfigurationAnswer,
    DeviceCredentials, DeviceRecord, DeviceService, DeviceUrls, DeviceUser, Empty, FacialData, FacialImage,
    FacialTraining, Identify, PendingRequests, Platform, PushPossible, RegisterDevice, RequestedData,
    Training,
};
pub use device_key::DeviceKey;
pub use management::{
    AddUsersAnswer, AddedUsers, AnswerTaken, DoneAnswer, HasDeviceAnswer, RecoveryLink,
    RegistrationLinkAnswer, RegistrationMail, RegistrationSms, Users,
};
pub use phone_answer::{
    ANSWER_TYPE, AnswerClaims, BRING_TYPE, BringClaims, BringRequest, Identification, PhoneAnswer, Shown,
    SignedAnswer,
};
pub use phone_change::{CHANGE_TYPE, ChangeClaims, ChangeRequest, ConfigurationRequest, PhoneChange};
pub use phone_sessions::{ActiveSessions, PhoneSession};
pub use phones::{
    ListedPhone, PhoneEvent, PhoneEventKind, PhoneLink, PhoneList, PhoneUrls, RecoveryCodes, WaitingAnswer,
    WaitingPhone, WaitingRecord, WaitingState,
};
pub use presence::{PhonePresence, PresenceAnswer, PresenceRequest};
pub use reason::{Problem, Reason};
pub use reason_catalogue::Explanation;
pub use session_json::SessionJson;
pub use starting::{AuthenticateUser, Returned};
pub use status::SessionStatus;
pub use status_answer::StatusAnswer;
pub use unlock::{SignedUnlock, UNLOCK_TYPE, UnlockChallenge, UnlockClaims, UnlockRegistration, UnlockUrls};
pub(crate) use word::word_enum;
