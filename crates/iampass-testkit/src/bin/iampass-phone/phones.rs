//! The actions about several phones of one user.

use std::time::Duration;

use iampass_core::wire::WaitingState;
use iampass_core::{DeviceId, Secret};
use iampass_phone::PhoneError;
use iampass_testkit::{TestkitError, VirtualPhone};
use tokio::time::{Instant, sleep};

use crate::actions::{Failure, Outcome};
use crate::arguments::PhonesAction;
use crate::report::Report;

/// Between two looks whether this phone is confirmed.
const PAUSE: Duration = Duration::from_millis(250);

pub(crate) async fn run(phone: &VirtualPhone, action: &PhonesAction) -> Result<Outcome, Failure> {
    let account = phone.account();
    let report = match action {
        PhonesAction::List => Report::phones("phone", &account.phones().await.map_err(told)?),
        PhonesAction::Add => Report::link(&account.add_phone().await.map_err(told)?),
        PhonesAction::Confirm { code } => {
            let Some(waiting) = waiting(phone).await? else { return Ok(NONE_WAITS) };
            let code = code.chars().filter(char::is_ascii_digit).collect::<String>();
            let list = account.confirm_phone(&waiting, &Secret::new(code)).await.map_err(told)?;
            Report::phones("phone", &list)
        }
        PhonesAction::Deny => {
            let Some(waiting) = waiting(phone).await? else { return Ok(NONE_WAITS) };
            Report::phones("phone", &account.deny_phone(&waiting).await.map_err(told)?)
        }
        PhonesAction::Name { phone, name } => {
            Report::phones("phone", &account.name_phone(phone, name).await.map_err(told)?)
        }
        PhonesAction::Remove { phone } => {
            Report::phones("phone", &account.remove_phone(phone).await.map_err(told)?)
        }
        PhonesAction::RecoveryCodes => {
            Report::recovery_codes(&account.make_recovery_codes().await.map_err(told)?)
        }
        PhonesAction::Recover { code } => {
            Report::let_in(&account.recover(&Secret::new(code)).await.map_err(told)?.state)
        }
        PhonesAction::Waiting { wait } => {
            let deadline = Instant::now() + *wait;
            loop {
                let state = match account.waiting().await {
                    Ok(answer) => answer.state,
                    Err(PhoneError::PhonesNotOffered) => {
                        return Ok(Outcome::NothingToDo(
                            "This phone does not wait: it is confirmed, or no link for one more phone has registered it.",
                        ));
                    }
                    Err(error) if error.is_retryable() && Instant::now() < deadline => {
                        sleep(PAUSE).await;
                        continue;
                    }
                    Err(error) => return Err(told(error)),
                };
                if state != WaitingState::Waiting {
                    break Report::let_in(&state);
                }
                if Instant::now() >= deadline {
                    return Ok(Outcome::NothingToDo(
                        "This phone still waits. Confirm it on a phone that the user has, by the code that it shows.",
                    ));
                }
                sleep(PAUSE).await;
            }
        }
    };
    Ok(Outcome::Done(report))
}

/// Whether the action removes the very phone that it is done on.
pub(crate) fn removes(user: &VirtualPhone, action: &PhonesAction) -> bool {
    matches!(action, PhonesAction::Remove { phone } if *phone == user.record().device.device_id)
}

/// Whether the very phone that it is done on is confirmed by now.
pub(crate) fn confirms(action: &PhonesAction, outcome: &Outcome) -> bool {
    matches!(action, PhonesAction::Waiting { .. } | PhonesAction::Recover { .. })
        && matches!(outcome, Outcome::Done(_))
}

const NONE_WAITS: Outcome = Outcome::NothingToDo("No phone of this user waits to be confirmed.");

/// The phone that waits.
async fn waiting(phone: &VirtualPhone) -> Result<Option<DeviceId>, Failure> {
    let list = phone.account().phones().await.map_err(told)?;
    Ok(list.waiting.map(|waiting| waiting.phone_id))
}

fn told(error: PhoneError) -> Failure {
    TestkitError::from(error).into()
}
