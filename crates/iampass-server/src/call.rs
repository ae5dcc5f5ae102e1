//! From a raw path to a call.

use iampass_server_openapi::{CallMethod, CallRoute};

use crate::admin_call::{ADMIN_API, AdminCall};

/// The call that a path names. Segments are raw: not decoded yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call<'a> {
    Management { call: ManagementCall<'a>, application: &'a str },
    AuthenticateUser { application: &'a str, user: &'a str },
    StartLogin { application: &'a str },
    ReturnLogin { application: &'a str },
    SessionStatus { token: &'a str },
    SessionStream { token: &'a str },
    SessionLogout { token: &'a str },
    Register { code: &'a str },
    Device { call: DeviceCall<'a>, device: &'a str },
    WaitingPhone { device: &'a str },
    RecoverPhone { device: &'a str },
    PickUp { question: &'a str },
    ChallengeUnlock { question: &'a str },
    Identify { question: &'a str },
    Admin(AdminCall<'a>),
}

/// The Management API \[D\]\[P\].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ManagementCall<'a> {
    AddUsers,
    DeleteUsers,
    RegistrationLink { user: &'a str },
    RegistrationSms { user: &'a str },
    RegistrationMail { user: &'a str },
    HasDevice { user: &'a str },
    LostDevice { user: &'a str },
    RecoveryLink { user: &'a str },
}

/// The calls that a phone makes with its own credentials; paths are this project's own \[X\].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeviceCall<'a> {
    PendingRequests,
    ActiveSessions,
    Configuration,
    Phones,
    ChangePhones,
    AddPhone,
    RecoveryCodes,
    Bring,
    BeginUnlock,
    FinishUnlock,
    Presence,
    Unregister,
    TrainingData,
    Session { name: &'a str, action: SessionAction },
}

/// The actions of a phone on a session of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionAction {
    LogOut,
    WalkAway,
    Return,
}

impl<'a> Call<'a> {
    /// Splits the raw path. None when there is no such call.
    pub(crate) fn parse(raw_path: &'a str) -> Option<Self> {
        if let Some(rest) = raw_path.strip_prefix(ADMIN_API) {
            return AdminCall::parse(rest).map(Self::Admin);
        }
        // No other call has more than six segments; a longer path keeps its rest in the last one and so matches none.
        let mut segments = [""; 7];
        let mut length = 0;
        for (slot, segment) in segments.iter_mut().zip(raw_path.strip_prefix('/')?.splitn(7, '/')) {
            *slot = segment;
            length += 1;
        }
        Some(match *segments.get(..length)? {
            ["management", name, application] => {
                let call = match name {
                    "add_users" => ManagementCall::AddUsers,
                    "delete_users" => ManagementCall::DeleteUsers,
                    _ => return None,
                };
                Self::Management { call, application }
            }
            ["management", name, application, user] => {
                let call = match name {
                    "device_registration_link" => ManagementCall::RegistrationLink { user },
                    "send_registration_sms" => ManagementCall::RegistrationSms { user },
                    "send_registration_mail" => ManagementCall::RegistrationMail { user },
                    "has_registered_mobile_device" => ManagementCall::HasDevice { user },
                    "lost_user_mobile_device" => ManagementCall::LostDevice { user },
                    "recovery_link" => ManagementCall::RecoveryLink { user },
                    _ => return None,
                };
                Self::Management { call, application }
            }
            ["authentication", "authenticate_user", application, user] => {
                Self::AuthenticateUser { application, user }
            }
            ["authentication", "start", application] => Self::StartLogin { application },
            ["authentication", "return", application] => Self::ReturnLogin { application },
            ["authentication", "session", token, "status"] => Self::SessionStatus { token },
            ["authentication", "session", token, "stream"] => Self::SessionStream { token },
            ["authentication", "session", token, "logout"] => Self::SessionLogout { token },
            ["r", code] => Self::Register { code },
            ["device", device, "waiting"] => Self::WaitingPhone { device },
            ["device", device, "recover"] => Self::RecoverPhone { device },
            ["device", device, name] => {
                let call = match name {
                    "pending_requests" => DeviceCall::PendingRequests,
                    "active_sessions" => DeviceCall::ActiveSessions,
                    "configuration" => DeviceCall::Configuration,
                    "bring" => DeviceCall::Bring,
                    "phones" => DeviceCall::Phones,
                    "presence" => DeviceCall::Presence,
                    "recovery_codes" => DeviceCall::RecoveryCodes,
                    "unregister" => DeviceCall::Unregister,
                    "training_data" => DeviceCall::TrainingData,
                    _ => return None,
                };
                Self::Device { call, device }
            }
            ["device", device, "phones", name] => {
                let call = match name {
                    "change" => DeviceCall::ChangePhones,
                    "link" => DeviceCall::AddPhone,
                    _ => return None,
                };
                Self::Device { call, device }
            }
            ["device", device, "unlock", step] => {
                let call = match step {
                    "start" => DeviceCall::BeginUnlock,
                    "finish" => DeviceCall::FinishUnlock,
                    _ => return None,
                };
                Self::Device { call, device }
            }
            ["device", device, "sessions", name, action] => {
                let action = match action {
                    "logout" => SessionAction::LogOut,
                    "walkaway" => SessionAction::WalkAway,
                    "return" => SessionAction::Return,
                    _ => return None,
                };
                Self::Device { call: DeviceCall::Session { name, action }, device }
            }
            ["identification", question] => Self::Identify { question },
            ["identification", question, "start"] => Self::PickUp { question },
            ["identification", question, "unlock"] => Self::ChallengeUnlock { question },
            _ => return None,
        })
    }

    /// The one method that it is called with \[P\].
    pub(crate) fn method(&self) -> CallMethod {
        self.route().method()
    }

    /// Whether it changes what is stored, beyond its nonce.
    pub(crate) fn changes_something(&self) -> bool {
        use ManagementCall as M;
        matches!(self, Self::Management { call: M::RegistrationLink { .. } | M::LostDevice { .. }, .. })
            || self.method() == CallMethod::Post
    }

    /// Which of all calls it is.
    pub(crate) fn route(&self) -> CallRoute {
        use DeviceCall as D;
        use ManagementCall as M;
        match self {
            Self::Management { call, .. } => match call {
                M::AddUsers => CallRoute::AddUsers,
                M::DeleteUsers => CallRoute::DeleteUsers,
                M::RegistrationLink { .. } => CallRoute::RegistrationLink,
                M::RegistrationSms { .. } => CallRoute::RegistrationSms,
                M::RegistrationMail { .. } => CallRoute::RegistrationMail,
                M::HasDevice { .. } => CallRoute::HasDevice,
                M::LostDevice { .. } => CallRoute::LostDevice,
                M::RecoveryLink { .. } => CallRoute::RecoveryLink,
            },
            Self::AuthenticateUser { .. } => CallRoute::AuthenticateUser,
            Self::StartLogin { .. } => CallRoute::StartLogin,
            Self::ReturnLogin { .. } => CallRoute::ReturnLogin,
            Self::SessionStatus { .. } => CallRoute::SessionStatus,
            Self::SessionStream { .. } => CallRoute::SessionStream,
            Self::SessionLogout { .. } => CallRoute::SessionLogout,
            Self::Register { .. } => CallRoute::Register,
            Self::Device { call, .. } => match call {
                D::PendingRequests => CallRoute::PendingRequests,
                D::ActiveSessions => CallRoute::ActiveSessions,
                D::Configuration => CallRoute::DeviceConfiguration,
                D::Phones => CallRoute::PhoneList,
                D::ChangePhones => CallRoute::ChangePhones,
                D::AddPhone => CallRoute::AddPhone,
                D::RecoveryCodes => CallRoute::RecoveryCodes,
                D::Bring => CallRoute::BringRequest,
                D::BeginUnlock => CallRoute::BeginUnlock,
                D::FinishUnlock => CallRoute::FinishUnlock,
                D::Presence => CallRoute::PhonePresence,
                D::Unregister => CallRoute::DeviceUnregister,
                D::TrainingData => CallRoute::TrainingData,
                D::Session { action: SessionAction::LogOut, .. } => CallRoute::PhoneLogsOut,
                D::Session { action: SessionAction::WalkAway, .. } => CallRoute::PhoneWalksAway,
                D::Session { action: SessionAction::Return, .. } => CallRoute::PhoneReturns,
            },
            Self::WaitingPhone { .. } => CallRoute::WaitingPhone,
            Self::RecoverPhone { .. } => CallRoute::RecoverPhone,
            Self::PickUp { .. } => CallRoute::PickUp,
            Self::ChallengeUnlock { .. } => CallRoute::ChallengeUnlock,
            Self::Identify { .. } => CallRoute::Identify,
            Self::Admin(call) => call.route(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_stay_raw() {
        for user in [".", "..", "%2E%2E", "a%2Fb", "%2A", "a+b", ""] {
            let path = format!("/authentication/authenticate_user/APP/{user}");
            assert_eq!(
                Call::parse(&path),
                Some(Call::AuthenticateUser { application: "APP", user }),
                "{path}"
            );
        }
    }

    #[test]
    fn what_changes_something_is_told_apart_whatever_its_method() {
        let changes = |path| Call::parse(path).unwrap().changes_something();
        for path in [
            "/management/add_users/A",
            "/management/device_registration_link/A/u",
            "/management/lost_user_mobile_device/A/u",
            "/authentication/authenticate_user/A/u",
            "/authentication/start/A",
            "/authentication/return/A",
            "/authentication/session/t/logout",
            "/device/d/unregister",
            "/device/d/bring",
            "/device/d/presence",
            "/device/d/phones/change",
            "/device/d/recover",
            "/identification/q",
            "/admin/v1/add_application",
            "/admin/v1/applications/A/users/u/link",
        ] {
            assert!(changes(path), "{path}");
        }
        for path in [
            "/management/has_registered_mobile_device/A/u",
            "/authentication/session/t/status",
            "/authentication/session/t/stream",
            "/device/d/pending_requests",
            "/device/d/active_sessions",
            "/device/d/phones",
            "/device/d/waiting",
            "/admin/v1/applications/A/users/u",
        ] {
            assert!(!changes(path), "{path}");
        }
    }

    #[test]
    fn every_route_leads_to_its_call() {
        for &route in CallRoute::ALL {
            assert_eq!(Call::parse(route.pattern()).unwrap().route(), route);
        }
    }

    #[test]
    fn what_is_not_a_call_is_none() {
        for path in [
            "",
            "*",
            "/",
            "//",
            "/management",
            "/management/add_users",
            "/management/add_users/",
            "/management/add_users/app/user",
            "/management/has_registered_mobile_device/app",
            "/management/has_registered_mobile_device/app/a/b",
            "/management/has_registered_mobile_device/app/a/",
            "/Management/add_users/app",
            "/management//add_users/app",
            "/authentication/authenticate_user/app/user/",
            "/authentication/session/t",
            "/device/d",
            "/device/d/sessions/s/explode",
            "/device/d/sessions/s/logout/1/2/3",
            "/identification/q/stop",
            "/r",
            "/r/a/b",
            "/phone",
            "/admin",
            "/admin/v1",
            "/admin/v1/",
            "/admin/v2/key",
            "/admin/v1/key/",
            "/admin/v1//applications",
            "/admin/v1/applications/A/",
            "/admin/v1/applications/A/users/u/delete/",
            "/admin/v1/applications/A/users/u/v/delete",
            "/admin/v1/applications/A/members",
            "/admin/v1/accounts/ann",
            "/admin/v1/accounts/ann/promote",
            "/admin/v1/accounts/ann/delete",
            "/admin/v1/keys",
            "/admin/v1/add_key",
        ] {
            // No application has an empty name, which is found out later.
            let expected = path == "/management/add_users/";
            assert_eq!(Call::parse(path).is_some(), expected, "{path}");
        }
    }
}
