//! From a raw path to a call of the Admin API.

use iampass_server_openapi::CallRoute;

/// The beginning of all paths of the Admin API.
pub(crate) const ADMIN_API: &str = "/admin/v1/";

/// A call of the Admin API. Segments are raw: not decoded yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AdminCall<'a> {
    Key,
    Applications,
    AddApplication,
    InApplication { application: &'a str, call: InApplication<'a> },
    AuditLog,
    Accounts,
    ChangeAccount { name: &'a str, change: AccountStep },
    Service,
}

/// A call about one application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InApplication<'a> {
    Show,
    Change(ApplicationStep),
    Users,
    AddUsers,
    User { user: &'a str },
    ChangeUser { user: &'a str, change: UserStep },
    Sessions,
    EndSession { session: &'a str },
    History,
}

/// A change of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ApplicationStep {
    Rename,
    Configure,
    Rotate,
    EndOverlap,
    Disable,
    Enable,
    Delete,
}

/// A change of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserStep {
    Delete,
    Link,
    PhoneLost,
    RemovePhones,
    LogOut,
}

/// A change of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccountStep {
    Disable,
    Enable,
    LogOut,
}

impl<'a> AdminCall<'a> {
    /// Splits what stands behind [`ADMIN_API`]. None when there is no such call.
    pub(crate) fn parse(rest: &'a str) -> Option<Self> {
        // No call has more than five segments; a longer path keeps its rest in the last one and so matches none.
        let mut segments = [""; 6];
        let mut length = 0;
        for (slot, segment) in segments.iter_mut().zip(rest.splitn(6, '/')) {
            *slot = segment;
            length += 1;
        }
        Some(match *segments.get(..length)? {
            ["key"] => Self::Key,
            ["applications"] => Self::Applications,
            ["add_application"] => Self::AddApplication,
            ["audit_log"] => Self::AuditLog,
            ["accounts"] => Self::Accounts,
            ["service"] => Self::Service,
            ["accounts", name, step] => {
                let change = match step {
                    "disable" => AccountStep::Disable,
                    "enable" => AccountStep::Enable,
                    "log_out" => AccountStep::LogOut,
                    _ => return None,
                };
                Self::ChangeAccount { name, change }
            }
            // A path that ends in a slash names no application.
            ["applications", application] if !application.is_empty() => {
                Self::InApplication { application, call: InApplication::Show }
            }
            ["applications", application, ref inside @ ..] => {
                Self::InApplication { application, call: InApplication::parse(inside)? }
            }
            _ => return None,
        })
    }

    /// Which of all calls it is.
    pub(crate) fn route(&self) -> CallRoute {
        match self {
            Self::Key => CallRoute::AdminKey,
            Self::Applications => CallRoute::AdminApplications,
            Self::AddApplication => CallRoute::AdminAddApplication,
            Self::InApplication { call, .. } => call.route(),
            Self::AuditLog => CallRoute::AdminAuditLog,
            Self::Accounts => CallRoute::AdminAccounts,
            Self::ChangeAccount { change, .. } => match change {
                AccountStep::Disable => CallRoute::AdminDisableAccount,
                AccountStep::Enable => CallRoute::AdminEnableAccount,
                AccountStep::LogOut => CallRoute::AdminLogOutAccount,
            },
            Self::Service => CallRoute::AdminService,
        }
    }
}

impl<'a> InApplication<'a> {
    fn parse(inside: &[&'a str]) -> Option<Self> {
        Some(match *inside {
            ["users"] => Self::Users,
            ["add_users"] => Self::AddUsers,
            ["sessions"] => Self::Sessions,
            ["history"] => Self::History,
            [step] => Self::Change(match step {
                "rename" => ApplicationStep::Rename,
                "settings" => ApplicationStep::Configure,
                "rotate_secret" => ApplicationStep::Rotate,
                "end_overlap" => ApplicationStep::EndOverlap,
                "disable" => ApplicationStep::Disable,
                "enable" => ApplicationStep::Enable,
                "delete" => ApplicationStep::Delete,
                _ => return None,
            }),
            ["users", user] => Self::User { user },
            ["users", user, step] => {
                let change = match step {
                    "delete" => UserStep::Delete,
                    "link" => UserStep::Link,
                    "phone_lost" => UserStep::PhoneLost,
                    "remove_phones" => UserStep::RemovePhones,
                    "log_out" => UserStep::LogOut,
                    _ => return None,
                };
                Self::ChangeUser { user, change }
            }
            ["sessions", session, "end"] => Self::EndSession { session },
            _ => return None,
        })
    }

    fn route(&self) -> CallRoute {
        match self {
            Self::Show => CallRoute::AdminApplication,
            Self::Change(step) => match step {
                ApplicationStep::Rename => CallRoute::AdminRename,
                ApplicationStep::Configure => CallRoute::AdminConfigure,
                ApplicationStep::Rotate => CallRoute::AdminRotate,
                ApplicationStep::EndOverlap => CallRoute::AdminEndOverlap,
                ApplicationStep::Disable => CallRoute::AdminDisable,
                ApplicationStep::Enable => CallRoute::AdminEnable,
                ApplicationStep::Delete => CallRoute::AdminDelete,
            },
            Self::Users => CallRoute::AdminUsers,
            Self::AddUsers => CallRoute::AdminAddUsers,
            Self::User { .. } => CallRoute::AdminUser,
            Self::ChangeUser { change, .. } => match change {
                UserStep::Delete => CallRoute::AdminDeleteUser,
                UserStep::Link => CallRoute::AdminLinkUser,
                UserStep::PhoneLost => CallRoute::AdminPhoneLost,
                UserStep::RemovePhones => CallRoute::AdminRemovePhones,
                UserStep::LogOut => CallRoute::AdminLogOutUser,
            },
            Self::Sessions => CallRoute::AdminSessions,
            Self::EndSession { .. } => CallRoute::AdminEndSession,
            Self::History => CallRoute::AdminHistory,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use iampass_core::wire::AdminScope;
    use iampass_server_openapi::CallRoute;

    const ACCESS: &str = include_str!("../../../docs/access.md");

    /// `docs/access.md` says of each call which scope it takes, and of no other.
    #[test]
    fn the_table_and_the_calls_are_the_same() {
        let section = ACCESS.split("\n## ").find(|section| section.starts_with("The Admin API")).unwrap();
        let rows = section.lines().filter(|line| line.starts_with("| GET ") || line.starts_with("| POST "));
        let written: Vec<[String; 3]> = rows
            .map(|line| {
                let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
                assert_eq!(cells.len(), 4, "{line}");
                assert_eq!(cells[0] == "GET", cells[3] == "nothing", "{line}");
                [0, 1, 2].map(|place| cells[place].trim_matches('`').to_owned())
            })
            .collect();
        let served: BTreeSet<[String; 3]> = CallRoute::ALL
            .iter()
            .filter(|route| route.is_of_admin_api())
            .map(|route| {
                let scope = route.admin_scope().map_or("any", AdminScope::word);
                [route.method().into(), route.pattern(), scope].map(str::to_owned)
            })
            .collect();
        assert_eq!(written.iter().cloned().collect::<BTreeSet<_>>(), served);
        assert_eq!(written.len(), served.len(), "a row is there twice");
        for scope in AdminScope::ALL {
            assert!(section.contains(&format!("`{scope}`")), "{scope} is not among the scopes");
        }
    }
}
