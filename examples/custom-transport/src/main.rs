//! Registers a phone, logs in with it and out again, driving the machines of the core by hand.
//!
//! ```text
//! cargo run -p iampass-server -- dev        # prints what to export
//! export IAMPASS_SERVER=… IAMPASS_APPLICATION_ID=… IAMPASS_APPLICATION_SECRET=…
//! cargo run -p custom-transport
//! ```

#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use custom_transport::{Clock, Failure, Http, draw, drive};
use iampass::core::Application;
use iampass::core::machine::{Check, Enrolment, Login, Logout};
use iampass::{
    ApplicationId, EnrolmentEvent, EnrolmentOptions, LoginEvent, LoginOptions, LoginOutcome, RetryPolicy,
    Server,
};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("custom-transport: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let unset = |name: &str| {
        format!("{name} is not set. `iampass-server dev` prints three lines to run in this terminal")
    };
    let variable = |name: &str| std::env::var(name).map_err(|_| unset(name));
    let application = Arc::new(Application::new(
        Server::parse(&variable("IAMPASS_SERVER")?)?,
        ApplicationId::new(variable("IAMPASS_APPLICATION_ID")?)?,
        variable("IAMPASS_APPLICATION_SECRET")?.into(),
    ));
    let (http, clock) = (Http::new(), Clock::new());

    // A wrong setting is reported before anybody waits for a phone.
    let question = Check::call(&application, RetryPolicy::default(), draw()?)?;
    drive(question, &http, clock, |_, answer| {
        let check = match answer {
            Ok(answer) => Check::of_answer(application.server(), &answer, clock.now()),
            Err(error) => Check::of_failure(application.server(), error),
        };
        if !check.is_ok() {
            println!("Nobody can log in: {check}");
        }
        Ok(())
    })?;

    let mut user = None;
    let enrolment = Enrolment::new(Arc::clone(&application), EnrolmentOptions::default().display_name("Ann"));
    drive(enrolment, &http, clock, |enrolment, event| {
        match event {
            // A real application stores it beside the user; see `TokenStore`.
            EnrolmentEvent::Assign(token) => {
                user = Some(token.clone());
                enrolment.assigned(token);
            }
            EnrolmentEvent::Link(link) => println!("Open this link on the phone: {}", link.as_str()),
            EnrolmentEvent::Finished(end) => println!("Registering the phone ended: {:?}", end?),
            _ => {}
        }
        Ok(())
    })?;
    let user = user.ok_or("no token was made")?;

    let mut granted = None;
    let login = Login::new(application, &user, LoginOptions::default())?;
    println!("Accept on the phone.");
    drive(login, &http, clock, |_, event| {
        match event {
            LoginEvent::Progress(status) => println!("The session is {status}."),
            LoginEvent::Finished(end) => match end? {
                LoginOutcome::Granted(login) => granted = Some(login),
                other => println!("Not logged in: {other:?}"),
            },
            _ => {}
        }
        Ok(())
    })?;
    let Some(granted) = granted else { return Ok(()) };
    println!("Logged in.");

    let logout = Logout::new(&granted.session, clock.now().mono + Duration::from_secs(30));
    drive(logout, &http, clock, |_, event| {
        println!("Logging out: {event:?}");
        Ok(())
    })
}
