//! The requests and answers of the service's APIs, one file an API.
//!
//! Reading is lenient about what does not matter (unknown fields are ignored, unknown words are kept) and strict about what
//! does: an answer that contradicts itself is no answer. Every type serves both sides of the wire.
//!
//! Belongs here: serde types. Does not belong here: which URL is called, how often, and what an answer means for a login
//! (see [`crate::machine`]).

mod authentication;
mod device;
mod management;
mod reason;
mod reason_catalogue;
mod session_json;
mod status;
mod status_answer;
mod word;

pub use authentication::{
    AuthenticateAnswer, AuthenticateStatus, AuthenticateUser, AuthenticationMethod, StartedSession,
};
pub use device::{
    Acceptance, AcceptanceData, ActiveSessions, AuthenticationRequest, DeviceConfiguration,
    DeviceConfigurationAnswer, DeviceCredentials, DeviceRecord, DeviceService, DeviceUrls, DeviceUser, Empty,
    FacialData, FacialImage, FacialTraining, Identification, Identify, PendingRequests, PhoneSession,
    Platform, RegisterDevice, RequestedData, Training,
};
pub use management::{
    AddUsersAnswer, AddedUsers, DoneAnswer, HasDeviceAnswer, RegistrationLinkAnswer, RegistrationMail,
    RegistrationSms, Users,
};
pub use reason::{Problem, Reason};
pub use reason_catalogue::Explanation;
pub use session_json::SessionJson;
pub use status::SessionStatus;
pub use status_answer::StatusAnswer;
