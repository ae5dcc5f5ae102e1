//! Sending registration links: `send_registration_sms` \[P\] and `send_registration_mail` \[X\]. Signed with the application's credentials.
//!
//! Belongs here: what an application may have sent, and what it is answered. Does not belong here: the sending ([`crate::notices`]).

use axum::response::Response;
use http::StatusCode;
use iampass_core::UserToken;
use iampass_core::wire::{DoneAnswer, Reason, RegistrationMail, RegistrationSms};

use super::management::{display_name, draw_code, unknown_user};
use crate::authenticity::Verified;
use crate::notices::{Channel, masked};
use crate::problem::{Refused, json};
use crate::request::Incoming;
use crate::rules::{self, InvalidParameter};
use crate::service::App;
use crate::storage::{Application, Contents, NewDelivery, NewLink};

/// What an application wants to be sent, checked.
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
    if app.notice_sender(channel).is_none() {
        if !app.database.has_user(who.key, &user).await? {
            return Err(unknown_user());
        }
        return Ok(json(StatusCode::OK, &not_configured(channel)));
    }
    let (code, link) = draw_code(app, request)?;
    let masked = masked(channel, &to);
    let contents = Contents { to, link, message, display_name: display_name.clone() };
    let delivery = NewDelivery { channel, masked, contents };
    let link = NewLink { application: who.key, user, display_name, lifetime: app.config.link_lifetime };
    if !app.database.send_link(link, code, delivery, spent).await? {
        return Err(unknown_user());
    }
    app.deliveries.wake();
    Ok(json(StatusCode::OK, &DoneAnswer::done()))
}

fn not_configured(channel: Channel) -> DoneAnswer {
    let (reason, message) = match channel {
        Channel::Sms => (
            Reason::SmsNotConfigured,
            "this service has no way to send SMS: send the registration link yourself",
        ),
        Channel::Mail => (
            Reason::MailNotConfigured,
            "this service has no way to send e-mail: send the registration link yourself",
        ),
    };
    DoneAnswer { status: false, reason: Some(reason), message: Some(message.to_owned()) }
}

fn invalid(invalid: InvalidParameter) -> Refused {
    Refused::unprocessable(Reason::InvalidParameter, invalid.0)
}
