//! Schemas of the Management API.

use crate::members::{Members, Named, boolean, constant, id, list, see, text, text_or_null, url};

pub(super) fn all() -> [Named; 9] {
    let ids = |description| list(id(""), description);
    [
        (
            "Users",
            Members::of("Which users.")
                .with("users", ids("The ids of the users, as the application has chosen them."))
                .into(),
        ),
        (
            "AddUsersAnswer",
            Members::of("Which users are there.")
                .with("status", boolean("Whether the users are there now."))
                .perhaps("users", see("AddedUsers", "Which were new. There when `status` is true."))
                .perhaps("reason", see("Reason", "Why not. There when `status` is false."))
                .into(),
        ),
        (
            "AddedUsers",
            Members::of("Which users a call has made, and which it has found.")
                .with("created", ids("New ones."))
                .with("existing", ids("Ones that were there before."))
                .into(),
        ),
        (
            "DoneAnswer",
            Members::of("Done or not done.")
                .with("status", boolean("Whether it was done."))
                .perhaps("reason", see("Reason", "Why not, for programs."))
                .perhaps("message", text("Why not, for people."))
                .into(),
        ),
        (
            "RegistrationLinkAnswer",
            Members::of("A link.")
                .with("status", boolean("Whether there is a link."))
                .perhaps(
                    "register_url",
                    url("To be opened on the phone. It works once, and whoever opens it becomes the user."),
                )
                .perhaps(
                    "adds",
                    boolean("Whether it adds a phone to those that the user has. Absent: it replaces them."),
                )
                .perhaps("reason", see("Reason", "Why there is none."))
                .into(),
        ),
        (
            "RegistrationSms",
            Members::of("To whom a link is sent.")
                .with("phone_number", text("With `+` and the country code, digits only."))
                .perhaps("display_name", text_or_null("How the phone shows the user.").max_length(Some(255)))
                .perhaps("message", text_or_null("Text before the link; `{link}` in it stands for the link."))
                .into(),
        ),
        (
            "RegistrationMail",
            Members::of("To whom a link is sent.")
                .with("email", text("One address.").max_length(Some(254)))
                .perhaps("display_name", text_or_null("How the phone shows the user.").max_length(Some(255)))
                .perhaps("message", text_or_null("Text before the link; `{link}` in it stands for the link."))
                .into(),
        ),
        (
            "RecoveryLink",
            Members::of("A recovery code that is exchanged for a link.")
                .with(
                    "recovery_code",
                    text("As it was typed: small letters, spaces and hyphens do not matter.")
                        .max_length(Some(200)),
                )
                .perhaps("display_name", text_or_null("How the phone shows the user.").max_length(Some(255)))
                .into(),
        ),
        (
            "HasDeviceAnswer",
            Members::of("Whether the user has a phone.")
                .with("status", constant(true, "Whether the question was answered."))
                .with("device_registered", boolean("Whether the user has a registered phone."))
                .into(),
        ),
    ]
}
