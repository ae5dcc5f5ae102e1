//! From `[alerts]` to the ways of alerts and their thresholds.

use iampass_server_domain::alert::AlertThresholds;
use iampass_server_notify::{AlertSender, InvalidNoticeSettings};

use super::alert_table::AlertTable;
use super::error::Problem;
use super::in_force::InForce;
use super::schema::MailTable;
use crate::alerts::AlertConfig;

impl InForce {
    /// None where neither a webhook nor an address is set, or one of them cannot be used.
    pub(super) fn alerts(
        &self,
        alerts: &AlertTable,
        mail: &MailTable,
        problems: &mut Vec<Problem>,
    ) -> Option<AlertConfig> {
        self.check_thresholds(alerts, problems);
        let keys = ["alerts.webhook_url", "alerts.secret", "alerts.secret_file"];
        let webhook = self.gateway(keys, alerts.webhook_url.as_ref(), alerts.secret.as_ref(), problems);
        let mut mail_to = alerts.mail_to.clone();
        for address in &alerts.mail_to {
            if !is_address(address) {
                let message = "it is not a list of addresses: write them as [\"ops@example.org\"]";
                problems.push(self.problem("alerts.mail_to", message));
                mail_to.clear();
                break;
            }
        }
        if !mail_to.is_empty() && mail.smtp_url.is_none() {
            problems.push(
                self.problem("alerts.mail_to", "mail needs a mail server: set mail.smtp_url and mail.from"),
            );
            return None;
        }
        // A fault of the mail server is told where that is set.
        let server = match mail_to.is_empty() {
            true => None,
            false => Some(self.mail_settings(mail, &mut Vec::new())?),
        };
        if webhook.is_none() && server.is_none() {
            return None;
        }
        let webhook = webhook.map(|(url, secret)| (url.expose(), secret.clone()));
        let mail = server.as_ref().map(|server| (server, mail_to));
        let sender: Result<AlertSender, InvalidNoticeSettings> = AlertSender::new(webhook, mail);
        let mut config = AlertConfig::new(self.valid("alerts", "webhook_url", sender, problems)?);
        config.thresholds = thresholds(alerts);
        Some(config)
    }

    /// A threshold that is never reached, or that silences all alerts, is a mistake: 0 switches one alert off.
    fn check_thresholds(&self, alerts: &AlertTable, problems: &mut Vec<Problem>) {
        for (key, percent) in [
            ("alerts.server_errors_percent", alerts.server_errors_percent),
            ("alerts.disk_percent", alerts.disk_percent),
        ] {
            if percent > 100 {
                problems.push(self.problem(key, "write 1 to 100, or 0 for no such alert"));
            }
        }
        if alerts.most_an_hour == 0 {
            let message = "with 0 no alert would be told: write a number from 1 on, or set neither alerts.webhook_url nor alerts.mail_to";
            problems.push(self.problem("alerts.most_an_hour", message));
        }
    }
}

fn thresholds(alerts: &AlertTable) -> AlertThresholds {
    AlertThresholds {
        denials_in_a_row: alerts.denials_in_a_row,
        reports: alerts.reports,
        server_errors_percent: alerts.server_errors_percent,
        failed_sends: alerts.failed_sends,
        database_away: alerts.database_away,
        disk_percent: alerts.disk_percent,
        certificate_left: alerts.certificate_left,
        most_an_hour: alerts.most_an_hour,
    }
}

fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    let is_part = |part: &str| !part.is_empty() && !part.contains(['@', ' ', ',', '<', '>', '\r', '\n']);
    parts.is_some_and(|(name, host)| is_part(name) && is_part(host))
}
