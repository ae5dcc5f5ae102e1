//! The Management API as it is described.

use iampass_core::wire::Reason;
use serde_json::json;

use super::described::Described;
use super::heading::Heading::Management;
use super::members::{boolean, text, time};
use super::signing::Signer;

fn call(name: &'static str, summary: &'static str, description: &'static str) -> Described {
    Described::call(Management, name, summary, description).signed_by(Signer::Application)
}

/// A call about one user.
fn about_user(name: &'static str, summary: &'static str, description: &'static str) -> Described {
    call(name, summary, description)
        .refuses(404, &[Reason::UnknownUser])
        .refuses(422, &[Reason::InvalidUserId])
}

pub(super) fn add_users() -> Described {
    call(
        "add_users",
        "Make users known",
        "The users are there when it is answered; those who were there before stay as they are. At most 1,000 in one call. Use a random \
         token for each user, never a name or an address: the service needs to know nothing personal.",
    )
    .body("Users", json!({"users": ["u-5f0c1b7e", "u-93a1d44c"]}))
    .answers(
        201,
        "They are there.",
        "AddUsersAnswer",
        json!({"status": true, "users": {"created": ["u-93a1d44c"], "existing": ["u-5f0c1b7e"]}}),
    )
    .refuses(409, &[Reason::UserLimitReached])
    .refuses(422, &[Reason::TooManyUsers, Reason::InvalidUserId])
}

pub(super) fn delete_users() -> Described {
    call(
        "delete_users",
        "Remove users",
        "Their phones, links and sessions end with them. Users who are not there do no harm. At most 1,000 in one call.",
    )
    .body("Users", json!({"users": ["u-5f0c1b7e"]}))
    .answers(200, "They are gone.", "DoneAnswer", json!({"status": true}))
    .refuses(422, &[Reason::TooManyUsers, Reason::InvalidUserId])
}

pub(super) fn registration_link() -> Described {
    with_display_name(about_user(
        "device_registration_link",
        "Make a link that registers a phone",
        "The URL is to be opened on the user's phone: show it as a QR code, or send it. It works once, expires after a day unless the \
         service is set otherwise, and replaces the link before. Whoever opens it becomes the user: treat it as a secret. Although made \
         with GET, this call changes something: nothing in between may keep or repeat it.",
    ))
    .answers(
        200,
        "The link.",
        "RegistrationLinkAnswer",
        json!({"status": true, "register_url": "https://login.example/r/7d1b0e52c9f84f0fa3b64a2e0c6d9b11"}),
    )
    .query(
        "add",
        "`true`: the phones that the user has stay, and one of them, or a recovery code, confirms the new one. Otherwise it replaces them.",
        boolean(""),
        true,
    )
}

pub(super) fn lost_device() -> Described {
    with_display_name(about_user(
        "lost_user_mobile_device",
        "Disable a lost phone",
        "The phone can answer nothing any more, its sessions are closed, and there is a new link to register another. Although made with \
         GET, this call changes something: nothing in between may keep or repeat it.",
    ))
    .answers(
        200,
        "The phone is disabled, and this is the new link.",
        "RegistrationLinkAnswer",
        json!({"status": true, "register_url": "https://login.example/r/f2a90c4417be4d5e8c1f6b7a3d20e985"}),
    )
    .query(
        "asked_at",
        "The Unix time in seconds at which the phone was said to be lost, where that was some time ago. Nothing is done, and the answer is \
         `PHONE_IN_USE`, where a phone of the user was registered, or has answered or changed something, after that.",
        time("When it was said."),
        1_800_050_000,
    )
    .refuses(409, &[Reason::PhoneInUse])
}

pub(super) fn recovery_link() -> Described {
    about_user(
        "recovery_link",
        "Exchange a recovery code for a link",
        "A user who has lost a phone types one of the codes that the phone's page *Your phones* has made. The code is used up, and the link adds a \
         phone beside those that the user has, without waiting. It is good for an hour. All phones are told, and for a day the new one changes \
         nothing about the others, which can remove it. Limit who may try how often, and answer alike whether or not there is such a user. A \
         call of this project's own.",
    )
    .body(
        "RecoveryLink",
        json!({"recovery_code": "3X4M-0QK7-9ZB2-VJ5C-H8RA-1TYD-6WEN", "display_name": "Ann"}),
    )
    .answers(
        200,
        "The code is used up, and this is the link.",
        "RegistrationLinkAnswer",
        json!({"status": true, "register_url": "https://login.example/r/0c6d9b117d1b0e52c9f84f0fa3b64a2e"}),
    )
    .refuses(409, &[Reason::TooManyPhones, Reason::PhoneKeyRequired])
    .refuses(422, &[Reason::InvalidParameter, Reason::WrongRecoveryCode])
}

fn with_display_name(described: Described) -> Described {
    described
        .query(
            "display_name",
            "How the phone shows the user. The service forgets it when the link is used.",
            text("").max_length(Some(255)),
            "Ann",
        )
        .refuses(422, &[Reason::InvalidParameter])
}

pub(super) fn has_device() -> Described {
    about_user(
        "has_registered_mobile_device",
        "Ask whether a user has a phone",
        "To be asked while a link is shown, until it says yes.",
    )
    .answers(
        200,
        "Whether they have.",
        "HasDeviceAnswer",
        json!({"status": true, "device_registered": false}),
    )
}

pub(super) fn registration_mail() -> Described {
    about_user(
        "send_registration_mail",
        "Send a registration link by e-mail",
        "Only where the operator has set up a mail server; otherwise it answers false with a reason. A call of this project's own.",
    )
    .body("RegistrationMail", json!({"email": "ann@example.org", "display_name": "Ann"}))
    .answers(
        200,
        "Whether it is on its way.",
        "DoneAnswer",
        json!({"status": false, "reason": "MAIL_NOT_CONFIGURED",
            "message": "this service has no way to send e-mail: send the registration link yourself"}),
    )
    .refuses(422, &[Reason::InvalidParameter])
}

pub(super) fn registration_sms() -> Described {
    about_user(
        "send_registration_sms",
        "Send a registration link by SMS",
        "Only where the operator has set up a way to send SMS; otherwise it answers false with a reason.",
    )
    .body("RegistrationSms", json!({"phone_number": "+15550100", "display_name": "Ann"}))
    .answers(
        200,
        "Whether it is on its way.",
        "DoneAnswer",
        json!({"status": false, "reason": "SMS_NOT_CONFIGURED",
            "message": "this service has no way to send SMS: send the registration link yourself"}),
    )
    .refuses(422, &[Reason::InvalidParameter])
}
