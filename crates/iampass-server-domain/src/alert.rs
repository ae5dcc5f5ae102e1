//! [`Alert`]: something that an operator is told of, what it means, and what to do.

use std::time::Duration;

use crate::OWN_APPLICATION;

/// The subject matter of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AlertKind {
    /// A user has denied several logins in a row.
    Denials,
    /// Users have said that somebody else began a login.
    Reports,
    /// An account of the Console has denied several logins in a row.
    AccountDenials,
    /// An account of the Console has said that somebody else began a login.
    AccountReports,
    /// A node answers with errors of its own.
    ServerErrors,
    /// Messages with registration links are not delivered.
    Messages,
    /// Pushes are not delivered.
    Pushes,
    /// The endpoint of an application wants no more events.
    Endpoint,
    /// A node cannot reach its database.
    Database,
    /// A disk is nearly full.
    Disk,
    /// The certificate ends soon.
    Certificate,
}

impl AlertKind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Denials,
        Self::Reports,
        Self::AccountDenials,
        Self::AccountReports,
        Self::ServerErrors,
        Self::Messages,
        Self::Pushes,
        Self::Endpoint,
        Self::Database,
        Self::Disk,
        Self::Certificate,
    ];

    /// The word that is stored and sent.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Denials => "denials",
            Self::Reports => "reports",
            Self::AccountDenials => "account_denials",
            Self::AccountReports => "account_reports",
            Self::ServerErrors => "server_errors",
            Self::Messages => "messages",
            Self::Pushes => "pushes",
            Self::Endpoint => "endpoint",
            Self::Database => "database",
            Self::Disk => "disk",
            Self::Certificate => "certificate",
        }
    }

    /// The kind of this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The remedy.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Denials => {
                "Somebody may be starting logins in this user's name. Ask the user, and read the sign-in history of the application in the Console."
            }
            Self::Reports => {
                "Users say that somebody else began a login in their name. Ask them, and read the sign-in history of the application in the Console."
            }
            Self::AccountDenials => {
                "Somebody may be starting logins to the Console in the name of this account. Ask its person, and read the page Log of the service in the Console."
            }
            Self::AccountReports => {
                "The person of this account says that somebody else began a login to the Console. Ask, and read the page Log of the service in the Console."
            }
            Self::ServerErrors => "Read the log of the node, and its /readyz.",
            Self::Messages => {
                "Read the page Messages of the application in the Console, and check the mail server or the SMS gateway."
            }
            Self::Pushes => {
                "Read the page Pushes of the application in the Console, and try `iampass-server config check --push`."
            }
            Self::Endpoint => {
                "Its owners check the receiving program, switch the endpoint on again on the page Events in the Console, and send again what was withdrawn."
            }
            Self::Database => {
                "Check the database and the network between. No login gets through this node meanwhile."
            }
            Self::Disk => "Make room, or a larger disk. Without any room no login can be written down.",
            Self::Certificate => "Renew the certificate. The service reads the files again by itself.",
        }
    }
}

/// Something that an operator is told of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alert {
    /// The subject matter.
    pub kind: AlertKind,
    /// Which one: an application and its user, an account, a node, a folder. The kind and the subject together name the alert.
    pub subject: Option<String>,
    /// The number that is too high or too low.
    pub figure: Option<u64>,
}

impl Alert {
    /// An alert of this kind.
    #[must_use]
    pub const fn new(kind: AlertKind, subject: Option<String>, figure: Option<u64>) -> Self {
        Self { kind, subject, figure }
    }

    /// The name that is the same on all nodes for as long as it lasts.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.kind.word(), self.subject.as_deref().unwrap_or_default())
    }

    /// The id of the application that it is about. None where it concerns the service as a whole.
    #[must_use]
    pub fn application(&self) -> Option<&str> {
        let subject = self.subject.as_deref()?;
        match self.kind {
            // A user stands behind the application. One whose id has a stroke in it shares its words with those that begin as it does.
            AlertKind::Denials => {
                Some(subject.split_once('/').map_or(subject, |(application, _)| application))
            }
            AlertKind::Reports | AlertKind::Endpoint => Some(subject),
            // Anybody may have an account where registration is open: together they have the words of one application.
            AlertKind::AccountDenials | AlertKind::AccountReports => Some(OWN_APPLICATION),
            _ => None,
        }
    }

    /// The thing that has happened, in a sentence without its full stop.
    #[must_use]
    pub fn text(&self) -> String {
        let subject = self.subject.as_deref().unwrap_or("the service");
        let figure = self.figure.unwrap_or_default();
        match self.kind {
            AlertKind::Denials => format!("{figure} logins in a row were denied: {subject}"),
            AlertKind::Reports => format!("{figure} logins were reported within an hour: {subject}"),
            AlertKind::AccountDenials => {
                format!("{figure} logins to the Console in a row were denied: {subject}")
            }
            AlertKind::AccountReports => {
                format!("{figure} logins to the Console were reported within an hour: {subject}")
            }
            AlertKind::ServerErrors => {
                format!("{figure} % of the answers within five minutes were errors: {subject}")
            }
            AlertKind::Messages => format!("{figure} messages were not delivered within an hour"),
            AlertKind::Pushes => format!("{figure} pushes were not delivered within an hour"),
            AlertKind::Endpoint => format!("the endpoint for events wants no more (410): {subject}"),
            AlertKind::Database => format!("the database cannot be reached since {figure} s: {subject}"),
            AlertKind::Disk => format!("the disk is {figure} % full: {subject}"),
            AlertKind::Certificate => format!("the certificate ends in {figure} days: {subject}"),
        }
    }
}

/// When there is an alert. A count, a percentage and a time of 0 are never reached: they switch their alert off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertThresholds {
    /// Denials in a row of one user, or of one account of the Console: 5.
    pub denials_in_a_row: u64,
    /// Reports of an application's users, or of one account of the Console, within an hour: 1.
    pub reports: u64,
    /// Errors of a node among a hundred answers, within five minutes: 5.
    pub server_errors_percent: u64,
    /// Messages, or pushes, that are not delivered within an hour: 10.
    pub failed_sends: u64,
    /// How long the database is away: 60 s.
    pub database_away: Duration,
    /// The part of a disk that is used, in percent: 90.
    pub disk_percent: u64,
    /// How long the certificate is still good: 14 days.
    pub certificate_left: Duration,
    /// Words within an hour: 20.
    pub most_an_hour: u64,
}

impl Default for AlertThresholds {
    fn default() -> Self {
        Self {
            denials_in_a_row: 5,
            reports: 1,
            server_errors_percent: 5,
            failed_sends: 10,
            database_away: Duration::from_secs(60),
            disk_percent: 90,
            certificate_left: Duration::from_secs(14 * 24 * 3_600),
            most_an_hour: 20,
        }
    }
}

/// Whether a count has reached its threshold.
#[must_use]
pub const fn is_reached(count: u64, threshold: u64) -> bool {
    threshold > 0 && count >= threshold
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alert_says_what_happened_and_what_to_do() {
        for kind in AlertKind::ALL {
            assert_eq!(AlertKind::of_word(kind.word()), Some(kind));
            let alert = Alert::new(kind, Some("APP/ann".to_owned()), Some(17));
            assert!(alert.name().starts_with(kind.word()) && alert.name().ends_with("/APP/ann"));
            let says = alert.text();
            assert!(says.contains("17") || says.contains("APP/ann"), "{says}");
            assert!(kind.advice().ends_with('.'), "{}", kind.advice());
        }
    }

    #[test]
    fn an_alert_about_users_or_an_endpoint_is_one_of_an_application() {
        let of = |kind, subject: &str| {
            Alert::new(kind, Some(subject.to_owned()), None).application().map(str::to_owned)
        };
        assert_eq!(of(AlertKind::Denials, "APP/ann/b"), Some("APP".to_owned()));
        assert_eq!(of(AlertKind::Reports, "APP"), Some("APP".to_owned()));
        assert_eq!(of(AlertKind::Endpoint, "APP"), Some("APP".to_owned()));
        assert_eq!(of(AlertKind::AccountDenials, "anna/b"), Some(OWN_APPLICATION.to_owned()));
        assert_eq!(of(AlertKind::AccountReports, "anna"), Some(OWN_APPLICATION.to_owned()));
        assert_eq!(of(AlertKind::Disk, "node:/var/lib"), None);
    }

    #[test]
    fn a_threshold_of_zero_is_never_reached() {
        assert!(is_reached(5, 5) && is_reached(6, 5) && !is_reached(4, 5));
        assert!(!is_reached(0, 0) && !is_reached(u64::MAX, 0));
    }
}
