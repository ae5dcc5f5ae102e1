//! From `[push]` to the ways by which phones are pushed to. Settings that contradict each other are reported with the place where they were set.

use std::path::Path;
use std::sync::Arc;

use iampass_core::Secret;
use iampass_server_notify::{InvalidNoticeSettings, checked_webhook};
use url::Url;

use super::error::Problem;
use super::in_force::InForce;
use super::schema::{ApnsName, PushTable};
use crate::PublicUrl;
use crate::push::{
    Apns, ApnsAccount, ApnsServer, Contact, Fcm, HttpClient, InvalidApnsAccount, Push, PushConfig,
    PushService, PushWebhook, Pushes, ServiceAccount, Ways,
};

type Way = (PushService, Arc<dyn Push>);

impl InForce {
    /// The phones that are pushed to.
    pub(super) fn pushes(&self, push: &PushTable, problems: &mut Vec<Problem>) -> Pushes {
        let contact = match push.contact.as_deref().map(Contact::new) {
            Some(Err(invalid)) => {
                problems.push(self.problem("push.contact", invalid));
                None
            }
            contact => contact.and_then(Result::ok),
        };
        let ways: Ways = [self.fcm(push, problems), self.apns(push, problems), self.webhook(push, problems)]
            .into_iter()
            .flatten()
            .fold(Ways::default(), |ways, (service, way)| ways.with(service, way));
        let has_ways = ways.services().next().is_some();
        if !push.enabled {
            return Pushes::Off;
        }
        match contact.or_else(|| if has_ways { self.contact_of_public_url() } else { None }) {
            Some(contact) => {
                let mut config = PushConfig::new(contact);
                config.ways = ways;
                Pushes::With(config)
            }
            None => {
                if has_ways && push.contact.is_none() {
                    problems.push(self.problem(
                        "push.contact",
                        "push services want to know how to reach you: set it to mailto:you@example.org, or set public_url with https",
                    ));
                }
                Pushes::ByPublicUrl
            }
        }
    }

    fn contact_of_public_url(&self) -> Option<Contact> {
        let url = self.settings.public_url.as_ref().filter(|url| url.is_https()).map(PublicUrl::as_str)?;
        Contact::new(url).ok()
    }

    fn fcm(&self, push: &PushTable, problems: &mut Vec<Problem>) -> Option<Way> {
        const KEY: &str = "push.fcm_account_file";
        let text = self.secret_of(KEY, push.fcm_account_file.as_deref()?, problems)?;
        match ServiceAccount::from_json(&text) {
            Ok(account) => {
                let way = Fcm::new(self.client(KEY, problems)?, account);
                Some((PushService::Fcm, Arc::new(way)))
            }
            Err(invalid) => {
                problems.push(self.problem(KEY, invalid));
                None
            }
        }
    }

    fn apns(&self, push: &PushTable, problems: &mut Vec<Problem>) -> Option<Way> {
        let PushTable { apns_key_file, apns_key_id, apns_team_id, apns_topic, apns_server, .. } = push;
        let named = [
            ("push.apns_key_file", apns_key_file.is_some()),
            ("push.apns_key_id", apns_key_id.is_some()),
            ("push.apns_team_id", apns_team_id.is_some()),
            ("push.apns_topic", apns_topic.is_some()),
        ];
        let first = named.iter().find(|(_, is_set)| *is_set).map(|(key, _)| *key);
        let (Some(key), Some(key_id), Some(team_id), Some(topic)) =
            (apns_key_file, apns_key_id, apns_team_id, apns_topic)
        else {
            // None of them is no way; some of them are a mistake.
            if let Some(first) = first {
                let missing: Vec<&str> =
                    named.iter().filter(|(_, is_set)| !is_set).map(|(key, _)| *key).collect();
                let message =
                    format_args!("Apple wants to know more: set {}", missing.join(", ")).to_string();
                problems.push(self.problem(first, message));
            }
            return None;
        };
        let text = self.secret_of("push.apns_key_file", key, problems)?;
        let account = match ApnsAccount::new(&text, key_id, team_id, topic) {
            Ok(account) => account,
            Err(invalid) => {
                let key = match invalid {
                    InvalidApnsAccount::Id => "push.apns_key_id",
                    InvalidApnsAccount::Bundle => "push.apns_topic",
                    _ => "push.apns_key_file",
                };
                problems.push(self.problem(key, invalid));
                return None;
            }
        };
        let server = match apns_server {
            ApnsName::Production => ApnsServer::Production,
            ApnsName::Sandbox => ApnsServer::Sandbox,
        };
        let way = Apns::new(self.client("push.apns_key_file", problems)?, account, server);
        Some((PushService::Apns, Arc::new(way)))
    }

    fn webhook(&self, push: &PushTable, problems: &mut Vec<Problem>) -> Option<Way> {
        let (url, secret) = self.push_webhook(push, problems)?;
        let way = PushWebhook::new(self.client("push.webhook_url", problems)?, url, secret);
        Some((PushService::Webhook, Arc::new(way)))
    }

    /// Where the operator's own gateway takes pushes, and the secret that they are signed with.
    pub(super) fn push_webhook(
        &self,
        push: &PushTable,
        problems: &mut Vec<Problem>,
    ) -> Option<(Url, Secret)> {
        use InvalidNoticeSettings as I;
        let keys = ["push.webhook_url", "push.webhook_secret", "push.webhook_secret_file"];
        let (url, secret) =
            self.gateway(keys, push.webhook_url.as_ref(), push.webhook_secret.as_ref(), problems)?;
        match checked_webhook(url.expose(), secret) {
            Ok(url) => Some((url, secret.clone())),
            Err(invalid) => {
                problems.push(match invalid {
                    I::WebhookNotHttps => self.problem(
                        "push.webhook_url",
                        "it has to begin with https://: others could read on the way which phones are woken",
                    ),
                    I::SecretTooShort => self.problem("push.webhook_secret", invalid),
                    _ => self.problem("push.webhook_url", invalid),
                });
                None
            }
        }
    }

    fn secret_of(&self, key: &str, path: &Path, problems: &mut Vec<Problem>) -> Option<Secret> {
        match std::fs::read_to_string(path) {
            Ok(text) => Some(Secret::new(text)),
            Err(error) => {
                let message = format!("{} cannot be read: {error}", path.display());
                problems.push(self.problem(key, message));
                None
            }
        }
    }

    fn client(&self, key: &str, problems: &mut Vec<Problem>) -> Option<HttpClient> {
        match HttpClient::to_known_servers(None) {
            Ok(client) => Some(client),
            Err(error) => {
                problems.push(self.problem(key, error));
                None
            }
        }
    }
}
