//! `iampass-server config`.

use super::arguments::ConfigCommand;
use super::output::print;
use super::progress;
use crate::ServerError;
use crate::alerts::AlertMessage;
use crate::pushing::asking;
use crate::settings::{EXAMPLE, InForce, check};
use crate::through::{self, Check};

pub(super) async fn config(command: ConfigCommand) -> Result<(), ServerError> {
    match command {
        ConfigCommand::Check { run, through: None, push, alerts, .. } => {
            let in_force = run.in_force()?;
            print(&check(&in_force)?);
            if push {
                ask_push_services(&in_force).await?;
            }
            if alerts {
                try_alerts(&in_force).await?;
            }
        }
        ConfigCommand::Check { run, through: Some(url), quick, push: _, alerts: _ } => {
            let in_force = run.in_force()?;
            // Errors of the settings themselves are reported first.
            check(&in_force)?;
            let (config, listen) = (in_force.config()?, in_force.listen()?);
            let bar = progress::steps();
            let step = |step: &str| bar.set_message(step.to_owned());
            let report =
                through::check(Check { config: &config, listen, url, is_quick: quick }, &step).await?;
            bar.finish_and_clear();
            print(&report.to_string());
            if report.changes() > 0 {
                return Err(ServerError::ToBeChanged(report.changes()));
            }
        }
        ConfigCommand::Example => print(EXAMPLE.trim_end()),
    }
    Ok(())
}

/// Sends a test to the operator.
async fn try_alerts(in_force: &InForce) -> Result<(), ServerError> {
    let config = in_force.config()?;
    let Some(alerts) = &config.alerts else {
        print("alerts: no way is set: set alerts.webhook_url or alerts.mail_to");
        return Err(ServerError::ToBeChanged(1));
    };
    let now = config.clock.now().wall;
    let message = AlertMessage { id: format!("test-{now}"), state: "test", alert: None, at: now, now };
    let said = alerts.sender.send(&message).await;
    for (way, sent) in &said {
        print(&match sent {
            Ok(()) => format!("alerts: {way} has taken a test"),
            Err(error) => format!("alerts: {way} has not taken a test: {error}"),
        });
    }
    match said.iter().filter(|(_, sent)| sent.is_err()).count() {
        0 => Ok(()),
        troubles => Err(ServerError::ToBeChanged(troubles)),
    }
}

async fn ask_push_services(in_force: &InForce) -> Result<(), ServerError> {
    let config = in_force.config()?;
    let said = asking::ask(&config.pushes, config.clock.now().wall).await;
    if said.is_empty() {
        print("push: no push service has an account in the settings, so there is none to ask");
    }
    said.iter().for_each(|one| print(&one.to_string()));
    match said.iter().filter(|one| one.is_trouble()).count() {
        0 => Ok(()),
        troubles => Err(ServerError::ToBeChanged(troubles)),
    }
}
