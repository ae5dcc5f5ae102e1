//! `iampass-server application events`: where the events of an application go, and sending them again.

use clap::{Args, Subcommand};
use iampass_core::UnixSeconds;
use iampass_core::events::{EventKind, EventSecret};
use iampass_core::port::Clock as _;
use iampass_server_domain::event::{EventKinds, EventSender as _};
use iampass_server_domain::random;
use iampass_server_push::{EventWebhook, Reach};
use iampass_server_storage::{
    Actor, ApplicationKey, Database, EndpointChange, EndpointChanged, EndpointOff, Noted, SECRET_OVERLAP,
    SendAgain, Sharing, SystemClock,
};

use super::data_arguments::DataArguments;
use super::output::print;
use crate::ServerError;

#[derive(Subcommand, Debug)]
pub(super) enum EventsCommand {
    /// Say where the events of an application go. The first time, the secret of the endpoint is printed, this once.
    Set {
        #[command(flatten)]
        of: OfApplication,
        /// The address, which begins with https:// and leads to the public internet.
        #[arg(long, value_name = "URL")]
        url: String,
        /// A kind of event that is sent, such as `login.reported`; more than once for more. Without it, all.
        #[arg(long, value_name = "KIND", value_parser = known_kind)]
        kind: Vec<EventKind>,
    },
    /// Say where events go, which, and how that is going.
    Show(OfApplication),
    /// Make a new secret of the endpoint and print it. Events are signed by the one before as well for a day.
    Rotate(OfApplication),
    /// Send events again after the endpoint was switched off.
    On(OfApplication),
    /// Send no more events; those that wait are withdrawn.
    Off(OfApplication),
    /// Forget the endpoint and its secret.
    Remove(OfApplication),
    /// Send an event that tells of nothing.
    Test(OfApplication),
    /// Send events again that were not taken, or one event whatever became of it.
    Again {
        #[command(flatten)]
        of: OfApplication,
        /// Those of the last hours.
        #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u64).range(1..=8_760))]
        hours: u64,
        /// The one event of this id.
        #[arg(long, value_name = "EVENT_ID", conflicts_with = "hours")]
        id: Option<String>,
    },
}

/// Which application; a service may be running on the same data.
#[derive(Args, Debug)]
pub(super) struct OfApplication {
    #[command(flatten)]
    data: DataArguments,
    /// The application's id.
    #[arg(value_name = "APPLICATION_ID")]
    application: String,
}

fn known_kind(word: &str) -> Result<EventKind, String> {
    match EventKind::from(word) {
        EventKind::Unknown(_) => {
            let all: Vec<&str> = EventKind::ALL.iter().map(EventKind::as_str).collect();
            Err(format!("there are these: {}", all.join(", ")))
        }
        kind => Ok(kind),
    }
}

/// An application in the data.
struct Opened {
    database: Database,
    application: ApplicationKey,
    id: String,
    name: String,
}

impl Opened {
    async fn of(of: OfApplication) -> Result<Self, ServerError> {
        let config = of.data.config()?;
        let database = Database::open(&config.storage(), Sharing::Beside).await?;
        let unknown =
            ServerError::Settings("there is no application with this id: `application list` shows them");
        let found = database.application(&of.application).await?.ok_or(unknown)?;
        Ok(Self { database, application: found.key, id: of.application, name: found.name })
    }

    fn noted(&self, action: &'static str) -> Noted {
        let application = Some(self.id.clone());
        Noted { actor: "command line".to_owned(), application, action, subject: None }
    }

    async fn change(
        &self,
        change: EndpointChange,
        action: &'static str,
    ) -> Result<EndpointChanged, ServerError> {
        let noted = self.noted(action);
        let changed =
            self.database.change_event_endpoint(self.application, change, Actor::Command, noted).await?;
        match changed {
            Some(EndpointChanged::NoEndpoint) | None => Err(ServerError::Settings(
                "the application has no endpoint that is on: `application events set` sets one",
            )),
            Some(changed) => Ok(changed),
        }
    }
}

pub(super) async fn events(command: EventsCommand) -> Result<(), ServerError> {
    use EndpointChange as C;
    match command {
        EventsCommand::Set { of, url, kind } => set(of, url, &kind).await,
        EventsCommand::Show(of) => show(of).await,
        EventsCommand::Rotate(of) => {
            let (opened, secret) = (Opened::of(of).await?, draw()?);
            opened.change(C::Rotate { secret: secret.clone() }, "endpoint.secret-rotated").await?;
            let hours = SECRET_OVERLAP.as_secs() / 3_600;
            print_secret(
                &format!(
                    "{}: the endpoint has a new secret. For {hours} hours events are signed by the one before as well.",
                    opened.name
                ),
                &secret,
            );
            Ok(())
        }
        EventsCommand::On(of) => done(of, C::SwitchOn, "endpoint.switched-on", "events are sent again").await,
        EventsCommand::Off(of) => done(of, C::SwitchOff, "endpoint.switched-off", "no events are sent").await,
        EventsCommand::Remove(of) => done(of, C::Remove, "endpoint.removed", "the endpoint is gone").await,
        EventsCommand::Test(of) => done(of, C::Test, "endpoint.tested", "a test event is queued").await,
        EventsCommand::Again { of, hours, id } => again(of, hours, id).await,
    }
}

async fn done(
    of: OfApplication,
    change: EndpointChange,
    action: &'static str,
    said: &str,
) -> Result<(), ServerError> {
    let opened = Opened::of(of).await?;
    opened.change(change, action).await?;
    print(&format!("{}: {said}", opened.name));
    Ok(())
}

async fn set(of: OfApplication, url: String, kinds: &[EventKind]) -> Result<(), ServerError> {
    EventWebhook::new(Reach::Public).check_url(&url).map_err(|_| {
        ServerError::Settings("an endpoint is a whole URL that begins with https:// and leads to the public internet, without user name, password and #")
    })?;
    let kinds = match kinds {
        [] => EventKinds::all(),
        some => some.iter().fold(EventKinds::NONE.with(&EventKind::Test), EventKinds::with),
    };
    let (opened, secret) = (Opened::of(of).await?, draw()?);
    let change = EndpointChange::Set { url, kinds, secret: secret.clone() };
    match opened.change(change, "endpoint.set").await? {
        EndpointChanged::Made => {
            print_secret(&format!("{}: events are sent from now on.", opened.name), &secret);
        }
        _ => print(&format!("{}: the endpoint is changed; its secret stays", opened.name)),
    }
    Ok(())
}

fn draw() -> Result<EventSecret, ServerError> {
    let none =
        |_| ServerError::Settings("the system's random generator gave nothing, so no secret can be made");
    Ok(EventSecret::from_bytes(random::bytes().map_err(none)?))
}

fn print_secret(said: &str, secret: &EventSecret) {
    let secret = secret.to_text();
    print(&format!(
        "{said} The secret is shown this once; keep it where the receiving program finds it:\n\n  {}\n",
        secret.expose()
    ));
}

async fn show(of: OfApplication) -> Result<(), ServerError> {
    let opened = Opened::of(of).await?;
    let Some(endpoint) = opened.database.event_endpoint(opened.application).await? else {
        print(&format!("{}: no endpoint is set", opened.name));
        return Ok(());
    };
    let state = match (endpoint.off_at, endpoint.off_by, endpoint.failures) {
        (Some(_), Some(EndpointOff::Endpoint), _) => "off: it has answered 410".to_owned(),
        (Some(_), Some(EndpointOff::Restore), _) => {
            "off: a backup was restored. Check the URL, then switch it on".to_owned()
        }
        (Some(_), _, _) => "off".to_owned(),
        (None, _, 0) => "on".to_owned(),
        (None, _, failures) => format!("on; it has failed {failures} times in a row"),
    };
    let kinds: Vec<&str> = endpoint.kinds.iter().map(EventKind::as_str).collect();
    print(&format!(
        "{}\t{}\nstate\t{state}\nwaiting\t{}\nkinds\t{}",
        opened.name,
        endpoint.url,
        endpoint.waiting,
        kinds.join(" ")
    ));
    Ok(())
}

async fn again(of: OfApplication, hours: u64, id: Option<String>) -> Result<(), ServerError> {
    let opened = Opened::of(of).await?;
    let now = SystemClock::new().now().wall;
    let which = match id {
        Some(id) => SendAgain::One(id),
        None => SendAgain::FailedSince(UnixSeconds(now.0.saturating_sub(hours * 3_600))),
    };
    let noted = opened.noted("events.sent-again");
    let again = opened.database.send_events_again(opened.application, which, Actor::Command, noted).await?;
    let none = ServerError::Settings("there is no such event, or the application has no endpoint that is on");
    print(&format!("{}: {} events are sent again", opened.name, again.ok_or(none)?));
    Ok(())
}
