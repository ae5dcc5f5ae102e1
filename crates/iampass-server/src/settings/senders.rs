//! From `[sms]` and `[mail]` to the senders of messages. Settings that contradict each other are reported with the place where they were set.

use std::net::IpAddr;
use std::sync::Arc;

use iampass_core::Secret;
use iampass_server_notify::{
    InvalidNoticeSettings, MailSettings, NoticeSender, SmsSettings, SmtpSender, WebhookSender,
    is_full_host_name,
};

use super::error::Problem;
use super::in_force::InForce;
use super::schema::{MailTable, SmsTable};

impl InForce {
    pub(super) fn sms(&self, sms: &SmsTable, problems: &mut Vec<Problem>) -> Option<Arc<dyn NoticeSender>> {
        let sender = WebhookSender::new(self.sms_settings(sms, problems)?);
        Some(Arc::new(self.valid("sms", "webhook_url", sender, problems)?))
    }

    /// Where messages to phones are handed over.
    pub(super) fn sms_settings(&self, sms: &SmsTable, problems: &mut Vec<Problem>) -> Option<SmsSettings> {
        let SmsTable { webhook_url, secret } = sms;
        let keys = ["sms.webhook_url", "sms.secret", "sms.secret_file"];
        let (url, secret) = self.gateway(keys, webhook_url.as_ref(), secret.as_ref(), problems)?;
        self.valid("sms", "webhook_url", SmsSettings::new(url.expose(), secret.clone()), problems)
    }

    /// The URL and the secret of a gateway of the operator's, which are set together or not at all. `keys` name both settings, and the one that reads the
    /// secret from a file.
    pub(super) fn gateway<'a>(
        &self,
        [url_key, secret_key, secret_file_key]: [&str; 3],
        url: Option<&'a Secret>,
        secret: Option<&'a Secret>,
        problems: &mut Vec<Problem>,
    ) -> Option<(&'a Secret, &'a Secret)> {
        match (url, secret) {
            (Some(url), Some(secret)) => return Some((url, secret)),
            (None, None) => {}
            (Some(_), None) => {
                let message = format!("the gateway needs a secret too: set {secret_file_key}");
                problems.push(self.problem(url_key, message));
            }
            (None, Some(_)) => {
                let message = format!("it is for a gateway: set {url_key}");
                problems.push(self.problem(secret_key, message));
            }
        }
        None
    }

    pub(super) fn mail(
        &self,
        mail: &MailTable,
        problems: &mut Vec<Problem>,
    ) -> Option<Arc<dyn NoticeSender>> {
        let sender = SmtpSender::new(&self.mail_settings(mail, problems)?);
        Some(Arc::new(self.valid("mail", "smtp_url", sender, problems)?))
    }

    /// The mail server, and from whom messages come.
    pub(super) fn mail_settings(
        &self,
        mail: &MailTable,
        problems: &mut Vec<Problem>,
    ) -> Option<MailSettings> {
        let MailTable { smtp_url, from, hello_name, ca_file } = mail;
        let (url, from) = match (smtp_url, from) {
            (None, None) => {
                for (key, is_set) in
                    [("mail.hello_name", hello_name.is_some()), ("mail.ca_file", ca_file.is_some())]
                {
                    if is_set {
                        problems.push(self.problem(key, "it is for a mail server: set mail.smtp_url"));
                    }
                }
                return None;
            }
            (Some(url), Some(from)) => (url, from),
            (Some(_), None) => {
                problems.push(self.problem("mail.smtp_url", "messages need a sender: set mail.from"));
                return None;
            }
            (None, Some(_)) => {
                problems.push(self.problem("mail.from", "messages need a mail server: set mail.smtp_url"));
                return None;
            }
        };
        let settings = MailSettings::new(url, from).and_then(|settings| {
            let settings = match (hello_name, self.public_host()) {
                (Some(name), _) => settings.with_hello_name(name)?,
                (None, Some(host)) => settings.with_hello_name(&host)?,
                (None, None) => settings,
            };
            match ca_file {
                Some(path) => settings.with_ca_file(path),
                None => Ok(settings),
            }
        });
        self.valid("mail", "smtp_url", settings, problems)
    }

    /// The host of the public URL, where a mail server takes it for a name.
    fn public_host(&self) -> Option<String> {
        let host = self.settings.public_url.as_ref()?.host();
        is_full_host_name(&host).then_some(host).filter(|host| host.parse::<IpAddr>().is_err())
    }

    pub(super) fn valid<T>(
        &self,
        table: &str,
        first: &'static str,
        made: Result<T, InvalidNoticeSettings>,
        problems: &mut Vec<Problem>,
    ) -> Option<T> {
        match made {
            Ok(made) => Some(made),
            Err(invalid) => {
                let setting = invalid.setting().unwrap_or(first);
                problems.push(self.problem(&format!("{table}.{setting}"), invalid));
                None
            }
        }
    }
}
