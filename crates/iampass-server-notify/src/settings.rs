//! [`SmsSettings`] and [`MailSettings`]: where messages are handed over. The values here have been checked.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::str::FromStr as _;

use iampass_core::Secret;
use lettre::message::Mailbox;
use lettre::transport::smtp::client::Certificate;
use lettre::transport::smtp::extension::ClientId;
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
    /// Messages sent there can be read on the way.
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
    /// The name for the greeting is none.
    #[error(
        "it is not a name to introduce oneself by: write a full host name, as login.example.org, or an IP address"
    )]
    HelloName,
    /// The file with the authorities holds none.
    #[error("it is not a PEM file with certificates of authorities that can be read")]
    CaFile,
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
            Self::HelloName => Some("hello_name"),
            Self::CaFile => Some("ca_file"),
            Self::SetUp => None,
        }
    }
}

/// `[sms]`: an SMS gateway that is called by a webhook.
///
/// ```
/// use iampass_server_notify::SmsSettings;
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
        Ok(Self { webhook_url: checked_webhook(webhook_url, &secret)?, secret })
    }
}

/// The URL of a gateway that is called by a signed `POST`, if it is one and `secret` is long enough to sign with.
///
/// # Errors
/// [`InvalidNoticeSettings`] when the URL is not https (except to this machine) or the secret is short.
pub fn checked_webhook(url: &str, secret: &Secret) -> Result<Url, InvalidNoticeSettings> {
    use InvalidNoticeSettings as I;
    let url = Url::parse(url).map_err(|_| I::WebhookUrl)?;
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
    Ok(url)
}

#[cfg(any(test, feature = "test-support"))]
impl SmsSettings {
    /// All that is set, for the test over all settings.
    pub fn parts(&self) -> (String, String) {
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
/// machine `smtp://` stays in clear (port 25), unless there is a file of authorities.
///
/// ```
/// use iampass_server_notify::MailSettings;
///
/// let url = "smtps://login:pass%20word@mail.example.org".into();
/// assert!(MailSettings::new(&url, "Shop <login@example.org>").is_ok());
/// ```
#[derive(Clone)]
pub struct MailSettings {
    pub(super) smtp_url: Url,
    pub(super) from: Mailbox,
    pub(super) hello_name: Option<ClientId>,
    pub(super) authorities: Option<Certificate>,
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
        Ok(Self { smtp_url: url, from, hello_name: None, authorities: None })
    }

    /// With the name that the service introduces itself by (`EHLO`): a host name or an IP address. Without one it is the machine's full name,
    /// or its address where the machine has no full name.
    ///
    /// # Errors
    /// [`InvalidNoticeSettings::HelloName`] when it is neither.
    pub fn with_hello_name(mut self, name: &str) -> Result<Self, InvalidNoticeSettings> {
        let address = name.trim_start_matches('[').trim_end_matches(']');
        self.hello_name = Some(match address.parse() {
            Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
            Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
            Err(_) if is_host_name(name) => ClientId::Domain(name.to_owned()),
            Err(_) => return Err(InvalidNoticeSettings::HelloName),
        });
        Ok(self)
    }

    /// With the authorities of a PEM file, which are trusted instead of the system's. With them, TLS is required to this machine as well.
    ///
    /// # Errors
    /// [`InvalidNoticeSettings::CaFile`] when there is no certificate in it.
    pub fn with_ca_file(mut self, path: &Path) -> Result<Self, InvalidNoticeSettings> {
        let pem = std::fs::read(path).map_err(|_| InvalidNoticeSettings::CaFile)?;
        // A file with other things alone would leave nobody to be trusted, and say so at the first message only.
        let mark = b"-----BEGIN CERTIFICATE-----";
        let has_one = pem.windows(mark.len()).any(|bytes| bytes == mark);
        let read = Certificate::from_pem(&pem).ok().filter(|_| has_one);
        self.authorities = Some(read.ok_or(InvalidNoticeSettings::CaFile)?);
        Ok(self)
    }
}

/// Whether it is a host name (RFC 1123).
fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let is_inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(is_inside)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

/// Whether mail servers take it for a full name: a host name of more than one label.
pub fn is_full_host_name(name: &str) -> bool {
    is_host_name(name) && name.contains('.')
}

#[cfg(any(test, feature = "test-support"))]
impl MailSettings {
    /// All that is set, for the test over all settings.
    pub fn parts(&self) -> [String; 4] {
        let hello_name = self.hello_name.as_ref().map_or_else(String::new, ToString::to_string);
        let authorities = if self.authorities.is_some() { "authorities of a file" } else { "the system's" };
        [self.smtp_url.to_string(), self.from.to_string(), hello_name, authorities.to_owned()]
    }
}

impl fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailSettings").field("host", &self.smtp_url.host_str()).finish_non_exhaustive()
    }
}

/// Where no network is in between.
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
    fn the_greeting_is_a_host_name_or_an_address() {
        let mail = MailSettings::new(&Secret::new("smtps://mail.example"), "a@b.example").unwrap();
        let with = |name: &str| {
            mail.clone().with_hello_name(name).map(|mail| mail.hello_name.map(|name| name.to_string()))
        };
        for (name, greeting) in [
            ("login.example.org", "login.example.org"),
            ("mailhost", "mailhost"),
            ("192.0.2.7", "[192.0.2.7]"),
            ("[192.0.2.7]", "[192.0.2.7]"),
            ("2001:db8::7", "[IPv6:2001:db8::7]"),
        ] {
            assert_eq!(with(name), Ok(Some(greeting.to_owned())), "{name}");
        }
        for name in ["", "a b", "login.example.org\r\nQUIT", "-a.example", "a..example", "login_1.example"] {
            assert_eq!(with(name), Err(I::HelloName), "{name:?}");
        }
        assert!(is_full_host_name("login.example.org") && !is_full_host_name("localhost"));
    }

    #[test]
    fn a_file_of_authorities_holds_one_at_least() {
        let mail = MailSettings::new(&Secret::new("smtps://mail.example"), "a@b.example").unwrap();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ca.pem");
        let with = |text: &str| {
            std::fs::write(&path, text).unwrap();
            mail.clone().with_ca_file(&path).map(drop)
        };
        assert_eq!(with(""), Err(I::CaFile));
        assert_eq!(with("-----BEGIN CERTIFICATE-----\nno"), Err(I::CaFile));
        let made = rcgen::generate_simple_self_signed(["mail.example".to_owned()]).unwrap();
        assert_eq!(with(&made.signing_key.serialize_pem()), Err(I::CaFile));
        assert_eq!(with(&made.cert.pem()), Ok(()));
        assert_eq!(mail.with_ca_file(&directory.path().join("none")).map(drop), Err(I::CaFile));
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
