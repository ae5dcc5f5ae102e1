//! [`CallRoute`]: the list of all calls, each with its method and its pattern. The log, the metrics, the API's description and the tests with
//! malformed requests go by it.
//!
//! Belongs here: the list. Does not belong here: how a path is taken apart, and pages for people (both are the service's own).

use http::Method;

/// The two methods that are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallMethod {
    /// `GET`
    Get,
    /// `POST`
    Post,
}

impl PartialEq<CallMethod> for Method {
    fn eq(&self, other: &CallMethod) -> bool {
        self.as_str() == <&str>::from(*other)
    }
}

impl From<CallMethod> for &'static str {
    fn from(method: CallMethod) -> Self {
        match method {
            CallMethod::Get => "GET",
            CallMethod::Post => "POST",
        }
    }
}

macro_rules! call_routes {
    ($($name:ident = $method:ident $pattern:literal,)+) => {
        /// A call, without what is particular to one request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum CallRoute {
            $(
                #[doc = concat!("`", $pattern, "`")]
                $name,
            )+
        }

        impl CallRoute {
            /// All there are, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The path with placeholders: all that logs and metrics get to see of a path.
            #[must_use]
            pub const fn pattern(self) -> &'static str {
                match self { $(Self::$name => $pattern,)+ }
            }

            /// The one method that it is called with \[P\].
            #[must_use]
            pub const fn method(self) -> CallMethod {
                match self { $(Self::$name => CallMethod::$method,)+ }
            }
        }
    };
}

call_routes! {
    AddUsers = Post "/management/add_users/{app}",
    DeleteUsers = Post "/management/delete_users/{app}",
    RegistrationLink = Get "/management/device_registration_link/{app}/{user}",
    RegistrationSms = Post "/management/send_registration_sms/{app}/{user}",
    RegistrationMail = Post "/management/send_registration_mail/{app}/{user}",
    HasDevice = Get "/management/has_registered_mobile_device/{app}/{user}",
    LostDevice = Get "/management/lost_user_mobile_device/{app}/{user}",
    RecoveryLink = Post "/management/recovery_link/{app}/{user}",
    AuthenticateUser = Post "/authentication/authenticate_user/{app}/{user}",
    StartLogin = Post "/authentication/start/{app}",
    ReturnLogin = Post "/authentication/return/{app}",
    SessionStatus = Get "/authentication/session/{token}/status",
    SessionStream = Get "/authentication/session/{token}/stream",
    SessionLogout = Post "/authentication/session/{token}/logout",
    Register = Post "/r/{code}",
    PendingRequests = Get "/device/{id}/pending_requests",
    ActiveSessions = Get "/device/{id}/active_sessions",
    DeviceConfiguration = Post "/device/{id}/configuration",
    PhoneList = Get "/device/{id}/phones",
    ChangePhones = Post "/device/{id}/phones/change",
    AddPhone = Post "/device/{id}/phones/link",
    RecoveryCodes = Post "/device/{id}/recovery_codes",
    WaitingPhone = Get "/device/{id}/waiting",
    RecoverPhone = Post "/device/{id}/recover",
    BringRequest = Post "/device/{id}/bring",
    BeginUnlock = Post "/device/{id}/unlock/start",
    FinishUnlock = Post "/device/{id}/unlock/finish",
    PhonePresence = Post "/device/{id}/presence",
    DeviceUnregister = Post "/device/{id}/unregister",
    TrainingData = Post "/device/{id}/training_data",
    PhoneLogsOut = Post "/device/{id}/sessions/{name}/logout",
    PhoneWalksAway = Post "/device/{id}/sessions/{name}/walkaway",
    PhoneReturns = Post "/device/{id}/sessions/{name}/return",
    PickUp = Post "/identification/{question}/start",
    ChallengeUnlock = Post "/identification/{question}/unlock",
    Identify = Post "/identification/{question}",
}
