//! Sending registration links: `send_registration_sms` \[P\] and `send_registration_mail` \[X\]. Signed with the application's credentials.
//!
//! Belongs here: what an application may have sent and how often, and what it is answered. Does not belong here: the sending ([`crate::notices`]).

use std::time::Duration;

use axum::response::Response;
use http::StatusCode;
use iampass_core::UserToken;
use iampass_core::wire::{DoneAnswer, Reason, RegistrationMail, RegistrationSms};
use iampass_server_domain::Registration;
use iampass_server_domain::masked;
use iampass_server_domain::rules::{self, InvalidParameter};
use iampass_server_storage::{Application, ApplicationKey, Contents, NewDelivery, NewLink};

use super::registration_link::{display_name, draw_code, unknown_user};
use crate::app::App;
use crate::authenticity::Verified;
use crate::notices::Channel;
use crate::problem::{Refused, json};
use crate::rates::Limited;
use crate::request::Incoming;

/// A link that goes out by SMS or mail is good for an hour at most: others may read it on its way, and long after.
const LINK_BY_MESSAGE: Duration = Duration::from_secs(3_600);

/// The message that an application wants to be sent, checked.
struct Wanted {
    channel: Channel,
    to: String,
    display_name: Option<String>,
    message: Option<String>,
}

pub(super) async fn registration_sms(
    app: &App,
    request: &Incoming,
    signed: Verified<Application>,
    user: UserToken,
) -> Result<Response, Refused> {
    let RegistrationSms { phone_number: to, display_name: name, message } = request.json()?;
    rules::phone_number(&to).map_err(invalid)?;
    rules::sms_message(message.as_deref()).map_err(invalid)?;
    let wanted = Wanted { channel: Channel::Sms, to, display_name: display_name(name)?, message };
    send(app, request, signed, user, wanted).await
}

pub(super) async fn registration_mail(
    app: &App,
    request: &Incoming,
    signed: Verified<Application>,
    user: UserToken,
) -> Result<Response, Refused> {
    let RegistrationMail { email: to, display_name: name, message } = request.json()?;
    rules::mail_address(&to).map_err(invalid)?;
    rules::mail_message(message.as_deref()).map_err(invalid)?;
    let wanted = Wanted { channel: Channel::Mail, to, display_name: display_name(name)?, message };
    send(app, request, signed, user, wanted).await
}

/// Makes the link and queues its message in one transaction. The answer says that it is queued; the delivery log says what became of it.
async fn send(
    app: &App,
    request: &Incoming,
    Verified { who, spent }: Verified<Application>,
    user: UserToken,
    wanted: Wanted,
) -> Result<Response, Refused> {
    let Wanted { channel, to, display_name, message } = wanted;
    rules::name_of_user(display_name.as_deref()).map_err(invalid)?;
    let not_sent = if app.config.notice_sender(channel).is_none() {
        Some(not_configured(channel))
    } else if app.config.public_url.is_none() {
        Some(without_public_url(channel))
    } else if !may_send(app, &who).await? {
        Some(not_allowed())
    } else {
        None
    };
    if let Some(answer) = not_sent {
        if !app.database.has_user(who.key, &user).await? {
            return Err(unknown_user());
        }
        return Ok(json(StatusCode::OK, &answer));
    }
    let mut budget = Budget::new(app, who.key, user.clone(), channel, &to);
    budget.take()?;
    let (code, link) = draw_code(app, request)?;
    let masked = masked(channel, &to);
    let contents = Contents { to, link, message, display_name: display_name.clone() };
    let delivery = NewDelivery { channel, masked, contents };
    let link = NewLink {
        application: who.key,
        user,
        display_name,
        lifetime: LINK_BY_MESSAGE.min(app.config.link_lifetime),
    };
    let Some(withdrawn) = app.database.send_link(link, code, delivery, spent).await? else {
        return Err(unknown_user());
    };
    budget.keep(withdrawn);
    Ok(json(StatusCode::OK, &DoneAnswer::done()))
}

/// Whether messages are sent for this application.
async fn may_send(app: &App, who: &Application) -> Result<bool, Refused> {
    let is_open = app.config.console.is_some_and(|console| console.registration == Registration::Open);
    let facts = app.database.message_facts(who.key).await?;
    Ok(facts.is_some_and(|facts| rules::may_send(facts, is_open)))
}

/// The budgets that a message counts against. It is given back unless the message is queued.
struct Budget<'a> {
    app: &'a App,
    application: ApplicationKey,
    user: UserToken,
    destination: (&'static str, String),
    taken: Vec<Limited>,
}

impl<'a> Budget<'a> {
    fn new(app: &'a App, application: ApplicationKey, user: UserToken, channel: Channel, to: &str) -> Self {
        // Hosts are the same in capitals, and so are the names before them nearly everywhere.
        let destination = (channel.as_str(), to.to_lowercase());
        Self { app, application, user, destination, taken: Vec::new() }
    }

    fn take(&mut self) -> Result<(), Refused> {
        let rates = &self.app.rates;
        rates.take(Limited::UserMessages, (self.application, self.user.as_str()))?;
        self.taken.push(Limited::UserMessages);
        rates.take(Limited::ApplicationMessages, self.application)?;
        self.taken.push(Limited::ApplicationMessages);
        rates.take(Limited::DestinationMessages, &self.destination)?;
        self.taken.push(Limited::DestinationMessages);
        Ok(())
    }

    fn give_back(&self, what: Limited) {
        let rates = &self.app.rates;
        match what {
            Limited::UserMessages => rates.give_back(what, (self.application, self.user.as_str())),
            Limited::ApplicationMessages => rates.give_back(what, self.application),
            _ => rates.give_back(what, &self.destination),
        }
    }

    /// The message is queued; `withdrawn` earlier ones of the user never went out.
    fn keep(mut self, withdrawn: u64) {
        self.taken.clear();
        for _ in 0..withdrawn {
            self.give_back(Limited::UserMessages);
        }
    }
}

impl Drop for Budget<'_> {
    fn drop(&mut self) {
        for what in &self.taken {
            self.give_back(*what);
        }
    }
}

/// A link that is sent to somebody names the service's own address, not the one that the caller used.
fn without_public_url(channel: Channel) -> DoneAnswer {
    let message = "this service does not know its own address, which links that are sent need: its operator sets public_url. Until then, \
                   send the registration link yourself";
    DoneAnswer { message: Some(message.to_owned()), ..not_configured(channel) }
}

fn not_allowed() -> DoneAnswer {
    let message = "messages of this application are not allowed yet: ask an administrator of this service to allow them, on the application's \
                   page Messages in the Console, or send the registration link yourself";
    DoneAnswer { status: false, reason: Some(Reason::MessagesNotAllowed), message: Some(message.to_owned()) }
}

fn not_configured(channel: Channel) -> DoneAnswer {
    let (reason, message) = match channel {
        Channel::Sms => (
            Reason::SmsNotConfigured,
            "this service has no way to send SMS: send the registration link yourself",
        ),
        _ => (
            Reason::MailNotConfigured,
            "this service has no way to send e-mail: send the registration link yourself",
        ),
    };
    DoneAnswer { status: false, reason: Some(reason), message: Some(message.to_owned()) }
}

fn invalid(invalid: InvalidParameter) -> Refused {
    Refused::unprocessable(Reason::InvalidParameter, invalid.0)
}
