//! [`CallRoute`]: the list of all calls, each with its method and its pattern. The log, the metrics, the API's description and the tests with
//! malformed requests go by it.
//!
//! Belongs here: the list. Does not belong here: how a path is taken apart, and pages for people (both are the service's own).

use http::Method;
use iampass_core::wire::AdminScope;

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
    AdminKey = Get "/admin/v1/key",
    AdminApplications = Get "/admin/v1/applications",
    AdminAddApplication = Post "/admin/v1/add_application",
    AdminApplication = Get "/admin/v1/applications/{app}",
    AdminRename = Post "/admin/v1/applications/{app}/rename",
    AdminConfigure = Post "/admin/v1/applications/{app}/settings",
    AdminRotate = Post "/admin/v1/applications/{app}/rotate_secret",
    AdminEndOverlap = Post "/admin/v1/applications/{app}/end_overlap",
    AdminDisable = Post "/admin/v1/applications/{app}/disable",
    AdminEnable = Post "/admin/v1/applications/{app}/enable",
    AdminDelete = Post "/admin/v1/applications/{app}/delete",
    AdminUsers = Get "/admin/v1/applications/{app}/users",
    AdminAddUsers = Post "/admin/v1/applications/{app}/add_users",
    AdminUser = Get "/admin/v1/applications/{app}/users/{user}",
    AdminDeleteUser = Post "/admin/v1/applications/{app}/users/{user}/delete",
    AdminLinkUser = Post "/admin/v1/applications/{app}/users/{user}/link",
    AdminPhoneLost = Post "/admin/v1/applications/{app}/users/{user}/phone_lost",
    AdminRemovePhones = Post "/admin/v1/applications/{app}/users/{user}/remove_phones",
    AdminLogOutUser = Post "/admin/v1/applications/{app}/users/{user}/log_out",
    AdminSessions = Get "/admin/v1/applications/{app}/sessions",
    AdminEndSession = Post "/admin/v1/applications/{app}/sessions/{session}/end",
    AdminHistory = Get "/admin/v1/applications/{app}/history",
    AdminAuditLog = Get "/admin/v1/audit_log",
    AdminAccounts = Get "/admin/v1/accounts",
    AdminDisableAccount = Post "/admin/v1/accounts/{account}/disable",
    AdminEnableAccount = Post "/admin/v1/accounts/{account}/enable",
    AdminLogOutAccount = Post "/admin/v1/accounts/{account}/log_out",
    AdminService = Get "/admin/v1/service",
}

impl CallRoute {
    /// The scope that a call of the Admin API takes. None for one that each good key may make, and for a call of another API.
    #[must_use]
    pub const fn admin_scope(self) -> Option<AdminScope> {
        use AdminScope as S;
        Some(match self {
            Self::AdminApplications | Self::AdminApplication => S::ApplicationsRead,
            Self::AdminAddApplication
            | Self::AdminRename
            | Self::AdminConfigure
            | Self::AdminRotate
            | Self::AdminEndOverlap
            | Self::AdminDisable
            | Self::AdminEnable
            | Self::AdminDelete => S::ApplicationsWrite,
            Self::AdminUsers | Self::AdminUser => S::UsersRead,
            Self::AdminAddUsers | Self::AdminDeleteUser => S::UsersWrite,
            Self::AdminLinkUser | Self::AdminPhoneLost | Self::AdminRemovePhones => S::PhonesWrite,
            Self::AdminSessions | Self::AdminHistory => S::SessionsRead,
            Self::AdminEndSession | Self::AdminLogOutUser => S::SessionsEnd,
            Self::AdminAuditLog => S::AuditRead,
            Self::AdminAccounts => S::AccountsRead,
            Self::AdminDisableAccount | Self::AdminEnableAccount | Self::AdminLogOutAccount => {
                S::AccountsWrite
            }
            Self::AdminService => S::ServiceRead,
            _ => return None,
        })
    }

    /// Whether it is a call of the Admin API.
    #[must_use]
    pub fn is_of_admin_api(self) -> bool {
        self.pattern().starts_with("/admin/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A call that is added without a scope would be open to each key.
    #[test]
    fn every_call_of_the_admin_api_but_one_takes_a_scope() {
        for route in CallRoute::ALL {
            let takes_one = route.is_of_admin_api() && *route != CallRoute::AdminKey;
            assert_eq!(route.admin_scope().is_some(), takes_one, "{route:?}");
        }
    }

    #[test]
    fn no_call_that_changes_something_takes_a_scope_to_see() {
        for route in CallRoute::ALL.iter().filter(|route| route.is_of_admin_api()) {
            let Some(scope) = route.admin_scope() else { continue };
            let reads = scope.word().ends_with(":read");
            assert_eq!(route.method() == CallMethod::Get, reads, "{route:?}");
        }
    }
}
