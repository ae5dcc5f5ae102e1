//! Makes one call to a service of its own a given number of times: `iampass-walk status|authenticate_user COUNT`. `cargo xtask walk` runs it under a
//! program that counts which functions are called.

#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::time::Duration;

use iampass_core::client::{Authentication, Client};
use iampass_core::machine::LoginOptions;
use iampass_core::{Session, UserToken};
use iampass_testkit::{TestService, VirtualPhone};

type Failure = Box<dyn std::error::Error>;

/// The most calls: each is of a user of its own, and all users are made before.
const MOST: usize = 40;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("iampass-walk: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let call = arguments.next().ok_or("which call?")?;
    let count: usize = arguments.next().ok_or("how many times?")?.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let service = TestService::start().await?;
        let client = service.client()?;
        let users = (0..MOST).map(|number| UserToken::new(format!("user-{number}")));
        let users = users.collect::<Result<Vec<_>, _>>()?;
        client.add_users(&users).await?;
        match call.as_str() {
            "status" => {
                let user = users.first().ok_or("there is no user")?;
                let session = logged_in(&service, &client, user).await?;
                for _ in 0..count {
                    client.status(&session).await?;
                }
            }
            "authenticate_user" => {
                let mut phones = Vec::new();
                for user in &users {
                    phones.push(service.register_phone(&client.registration_link(user, None).await?).await?);
                }
                for user in users.iter().take(count) {
                    let _started = client.authenticate(user, &LoginOptions::default()).await?;
                }
            }
            other => return Err(format!("{other} is not known").into()),
        }
        Ok(())
    })
}

async fn logged_in(service: &TestService, client: &Client, user: &UserToken) -> Result<Session, Failure> {
    let phone: VirtualPhone = service.register_phone(&client.registration_link(user, None).await?).await?;
    // Nothing is asked for before it is accepted, so that both runs ask as often but for the calls that are counted.
    let Authentication::Started { session, .. } = client.authenticate(user, &LoginOptions::default()).await?
    else {
        return Err("the login was not started".into());
    };
    phone.accept_next(Duration::from_secs(60)).await?;
    Ok(session)
}
