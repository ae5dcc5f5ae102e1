//! `iampass-server config`.

use super::arguments::ConfigCommand;
use super::output::print;
use super::progress;
use crate::ServerError;
use crate::pushing::asking;
use crate::settings::{EXAMPLE, InForce, check};
use crate::through::{self, Check};

pub(super) async fn config(command: ConfigCommand) -> Result<(), ServerError> {
    match command {
        ConfigCommand::Check { run, through: None, push, .. } => {
            let in_force = run.in_force()?;
            print(&check(&in_force)?);
            if push {
                ask_push_services(&in_force).await?;
            }
        }
        ConfigCommand::Check { run, through: Some(url), quick, push: _ } => {
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
