//! `iampass-server config`.

use super::arguments::ConfigCommand;
use super::{print, progress};
use crate::ServerError;
use crate::settings::{EXAMPLE, check};
use crate::through::{self, Check};

pub(super) async fn config(command: ConfigCommand) -> Result<(), ServerError> {
    match command {
        ConfigCommand::Check { run, through: None, .. } => print(&check(&run.in_force()?)?),
        ConfigCommand::Check { run, through: Some(url), quick } => {
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
