//! The Admin API: what an administrator's program asks of the service, signed with a key of its own \[X\].
//!
//! Requests take no member that they do not know: a mistyped one must not leave a setting out. Answers follow the other APIs. Lists have `next`,
//! which is handed back as `after` for the next page, and is absent on the last one.

mod applications;
mod scope;
mod service;
mod users;

pub use applications::{
    AdminApplication, AdminApplicationAnswer, AdminApplications, AdminCredentials, AdminNewApplication,
    AdminRename, AdminRotation, AdminSettings,
};
pub use scope::AdminScope;
pub use service::{
    AdminAccount, AdminAccounts, AdminKeyAnswer, AdminLog, AdminLogEntry, AdminNode, AdminService,
};
pub use users::{
    AdminHistory, AdminLogin, AdminNewLink, AdminNewUsers, AdminPhone, AdminSession, AdminSessions,
    AdminUser, AdminUserAnswer, AdminUsers,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    #[test]
    fn a_mistyped_member_is_not_left_out() {
        assert!(serde_json::from_str::<AdminSettings>(r#"{"method": ["device"]}"#).is_err());
        assert!(serde_json::from_str::<AdminNewLink>(r#"{"adds": true}"#).is_err());
        assert!(serde_json::from_str::<AdminNewUsers>(r#"{"users": [], "dry_run": true}"#).is_err());
        assert!(serde_json::from_str::<AdminRotation>(r#"{"overlap_seconds": -1}"#).is_err());
        assert!(serde_json::from_str::<AdminRotation>("{}").is_err());
    }

    #[test]
    fn a_setting_that_is_not_named_is_not_one_that_is_cleared() {
        let cleared =
            AdminSettings { methods: Some(None), duration_seconds: Some(None), ..Default::default() };
        let set = AdminSettings {
            methods: Some(Some(vec!["device".into()])),
            duration_seconds: Some(Some(60)),
            ..Default::default()
        };
        for (settings, text) in [
            (AdminSettings::default(), "{}"),
            (cleared, r#"{"methods":null,"duration_seconds":null}"#),
            (set, r#"{"methods":["device"],"duration_seconds":60}"#),
        ] {
            assert_eq!(serde_json::to_string(&settings).unwrap(), text);
            assert_eq!(serde_json::from_str::<AdminSettings>(text).unwrap(), settings);
        }
    }

    #[test]
    fn secrets_and_names_are_not_printed() {
        let credentials = AdminCredentials {
            status: true,
            application_id: "A".into(),
            application_secret: Secret::new("hidden"),
            previous_secret_until: None,
        };
        let link = AdminNewLink { display_name: Some("Ann".into()), add: None };
        assert!(!format!("{credentials:?}{link:?}").contains("hidden"));
        assert!(!format!("{link:?}").contains("Ann"));
    }
}
