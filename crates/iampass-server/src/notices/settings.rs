//! [`SmsSettings`] and [`MailSettings`]: where messages are handed over. What is here has been checked.

use std::fmt;
use std::str::FromStr as _;

use iampass_core::Secret;
use lettre::message::Mailbox;
use url::{Host, Url};

/// A webhook's secret has to have this many bytes.
const SHORTEST_SECRET: usize = 16;

/// Why a way to send messages cannot be set up. The settings themselves are not repeated: passwords are part of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidNoticeSettings {
    /// The webhook's URL is none, or holds something that it must not.
    #[error("it is not the URL of a webhook: write it as https://host/path, without user name and fragment")]
    WebhookUrl,
    /// What is sent there can be read on the way.
    #[error(
        "it has to begin with https://: messages hold registration links, which others could read on the way"
    )]
    WebhookNotHttps,
    /// Anybody could find it by trying.
    #[error("it is too short: take 16 bytes or more, such as the output of `openssl rand -hex 32`")]
    SecretTooShort,
    /// The mail server's URL is none.
    #[error(
        "it is not the URL of a mail server: write it as smtps://user:password@host or smtp://user:password@host:587"
    )]
    SmtpUrl,
    /// The sender is no address.
    #[error("it is not an address: write it as login@example.org or Shop <login@example.org>")]
    From,
    /// The machine's certificates or proxy settings cannot be used.
    #[error(
        "the connection cannot be set up: check the system's certificates and the proxy settings in the environment"
    )]
    SetUp,
}

impl InvalidNoticeSettings {
    /// The setting that is to be changed, among those of its table. None when it is the machine's.
    #[must_use]
    pub const fn setting(self) -> Option<&'static str> {
        match self {
            Self::WebhookUrl | Self::WebhookNotHttps => Some("webhook_url"),
            Self::SecretTooShort => Some("secret"),
            Self::SmtpUrl => Some("smtp_url"),
            Self::From => Some("from"),
            Self::SetUp => None,
        }
    }
}

/// `[sms]`: an SMS gateway that is called by a webhook.
///
/// ```
/// use iampass_server::notices::SmsSettings;
///
/// assert!(SmsSettings::new("https://sms.example/send", "a secret of many bytes".into()).is_ok());
/// assert!(SmsSettings::new("http://sms.example/send", "a secret of many bytes".into()).is_err());
/// ```
#[derive(Clone)]
pub struct SmsSettings {
    pub(super) webhook_url: Url,
    pub(super) secret: Secret,
}

impl SmsSettings {
    /// The gateway at `webhook_url`, which knows `secret`.
    ///
    /// # Errors
    /// [`InvalidNoticeSettings`] when the URL is not https (except to this machine) or the secret is short.
    pub fn new(webhook_url: &str, secret: Secret) -> Result<Self, InvalidNoticeSettings> {
        use InvalidNoticeSettings as I;
        let url = Url::parse(webhook_url).map_err(|_| I::WebhookUrl)?;
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        match url.scheme() {
            "https" => {}
            "http" if is_this_machine(&url) => {}
            "http" => return Err(I::WebhookNotHttps),
            _ => return Err(I::WebhookUrl),
        }
        if !plain {
            return Err(I::WebhookUrl);
        }
        if secret.expose().len() < SHORTEST_SECRET {
            return Err(I::SecretTooShort);
        }
        Ok(Self { webhook_url: url, secret })
    }
}

#[cfg(test)]
impl SmsSettings {
    /// All that is set, for the test over all settings.
    pub(crate) fn parts(&self) -> (String, String) {
        (self.webhook_url.to_string(), self.secret.expose().to_owned())
    }
}

/// Paths and queries of webhooks are often secrets themselves.
impl fmt::Debug for SmsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmsSettings").field("host", &self.webhook_url.host_str()).finish_non_exhaustive()
    }
}

/// `[mail]`: a mail server, and from whom messages come.
///
/// `smtps://` is TLS from the first byte (port 465); `smtp://` begins in clear and goes on only after `STARTTLS` (port 587). Only to this
/// machine `smtp://` stays in clear (port 25).
///
/// ```
/// use iampass_server::notices::MailSettings;
///
/// let url = "smtps://login:pass%20word@mail.example.org".into();
/// assert!(MailSettings::new(&url, "Shop <login@example.org>").is_ok());
/// ```
#[derive(Clone)]
pub struct MailSettings {
    pub(super) smtp_url: Url,
    pub(super) from: Mailbox,
}

impl MailSettings {
    /// The server at `smtp_url`, which has user name and password in it (percent-encoded), and the sender's address.
    ///
    /// # Errors
    /// [`InvalidNoticeSettings`] when one of them cannot be read.
    pub fn new(smtp_url: &Secret, from: &str) -> Result<Self, InvalidNoticeSettings> {
        let url = Url::parse(smtp_url.expose()).map_err(|_| InvalidNoticeSettings::SmtpUrl)?;
        let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        let known =
            matches!(url.scheme(), "smtp" | "smtps") && url.host_str().is_some_and(|host| !host.is_empty());
        if !bare || !known || url.username().is_empty() != url.password().is_none() {
            return Err(InvalidNoticeSettings::SmtpUrl);
        }
        let from = Mailbox::from_str(from).map_err(|_| InvalidNoticeSettings::From)?;
        Ok(Self { smtp_url: url, from })
    }
}

#[cfg(test)]
impl MailSettings {
    /// All that is set, for the test over all settings.
    pub(crate) fn parts(&self) -> (String, String) {
        (self.smtp_url.to_string(), self.from.to_string())
    }
}

impl fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailSettings").field("host", &self.smtp_url.host_str()).finish_non_exhaustive()
    }
}

/// Where nobody is in between.
pub(super) fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        // Schemes that the URL standard does not know have addresses as names.
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use InvalidNoticeSettings as I;

    #[test]
    fn a_webhook_is_https_except_to_this_machine() {
        let with = |url: &str| SmsSettings::new(url, Secret::new("0123456789abcdef")).map(drop);
        for url in
            ["https://sms.example/send?key=1", "http://127.0.0.1:8080/", "http://[::1]/", "http://localhost"]
        {
            assert_eq!(with(url), Ok(()), "{url}");
        }
        assert_eq!(with("http://sms.example/"), Err(I::WebhookNotHttps));
        assert_eq!(with("http://localhost.example/"), Err(I::WebhookNotHttps));
        for url in
            ["", "sms.example", "ftp://sms.example/", "https://u:p@sms.example/", "https://sms.example/#a"]
        {
            assert_eq!(with(url), Err(I::WebhookUrl), "{url}");
        }
        let short = SmsSettings::new("https://sms.example/", Secret::new("0123456789abcde"));
        assert_eq!(short.map(drop), Err(I::SecretTooShort));
    }

    #[test]
    fn a_mail_server_is_named_with_scheme_and_credentials() {
        let with = |url: &str| MailSettings::new(&Secret::new(url), "login@example.org").map(drop);
        for url in
            ["smtps://u:p@mail.example", "smtp://mail.example:2525", "smtp://127.0.0.1:25", "smtp://[::1]"]
        {
            assert_eq!(with(url), Ok(()), "{url}");
        }
        for url in [
            "",
            "mail.example",
            "http://mail.example",
            "smtps://u@mail.example",
            "smtp://",
            "smtps://h?tls=none",
        ] {
            assert_eq!(with(url), Err(I::SmtpUrl), "{url}");
        }
        for from in ["", "nobody", "a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example"] {
            let refused = MailSettings::new(&Secret::new("smtps://mail.example"), from);
            assert_eq!(refused.map(drop), Err(I::From), "{from:?}");
        }
    }

    #[test]
    fn nothing_secret_is_printed() {
        let (url, secret) = ("https://sms.example/hook-in-the-path", "hook-secret-0123456789");
        let sms = SmsSettings::new(url, Secret::new(secret)).unwrap();
        let smtp = Secret::new("smtps://login:mail-password@mail.example");
        let mail = MailSettings::new(&smtp, "Shop <a@b.example>").unwrap();
        let printed = format!("{sms:?} {mail:?}");
        for secret in ["hook-secret", "hook-in-the-path", "mail-password"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
