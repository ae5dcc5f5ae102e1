//! The calls about users, their phones and sessions.

use iampass_core::wire::Reason;
use serde_json::{Value, json};

use super::{between, changes, done, in_application, of_user, paged, reads, word};
use crate::described::Described;

fn session() -> Value {
    json!({"session": 17, "user_id": "u-5f0c1b7e", "state": "active", "asked_at": 1_800_000_000, "activated_at": 1_800_000_005,
        "due_at": 1_800_028_800, "platform": "ios"})
}

pub(crate) fn users() -> Described {
    paged(
        in_application(reads(
            "admin_users",
            "List the users of an application",
            "By id. Each page costs the same, however many there are. Scope: `users:read`.",
        )),
        "u-5f0c1b7e",
    )
    .query("prefix", "Only users whose ids begin with it.", word(""), "u-5")
    .answers(
        200,
        "A page of them.",
        "AdminUsers",
        json!({"status": true, "users": [{"user_id": "u-5f0c1b7e", "added_at": 1_800_000_000, "open_sessions": 1}], "next": "u-5f0c1b7e"}),
    )
}

pub(crate) fn add_users() -> Described {
    in_application(changes(
        "admin_add_users",
        "Add users",
        "As `add_users` of the Management API. Scope: `users:write`.",
    ))
    .body("AdminNewUsers", json!({"users": ["u-5f0c1b7e", "u-93a1d44c"]}))
    .answers(
        201,
        "They are there.",
        "AddUsersAnswer",
        json!({"status": true, "users": {"created": ["u-93a1d44c"], "existing": ["u-5f0c1b7e"]}}),
    )
    .refuses(409, &[Reason::UserLimitReached])
    .refuses(422, &[Reason::TooManyUsers, Reason::InvalidUserId])
}

pub(crate) fn show_user() -> Described {
    of_user(reads(
        "admin_user",
        "See a user",
        "With phones and sessions; the first hundred of these. Scope: `users:read`.",
    ))
    .answers(
        200,
        "The user.",
        "AdminUserAnswer",
        json!({"status": true, "user_id": "u-5f0c1b7e", "added_at": 1_800_000_000,
            "phones": [{"phone_id": "4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55", "name": "Red phone", "platform": "ios", "added_at": 1_800_000_100}],
            "recovery_codes_left": 10, "sessions": [session()]}),
    )
}

fn user_change(name: &'static str, summary: &'static str, description: &'static str) -> Described {
    of_user(changes(name, summary, description))
}

fn link(described: Described) -> Described {
    described
        .optional_body(
            "AdminNewLink",
            "May be left out. `add` is for `link` alone.",
            json!({"display_name": "Ann"}),
        )
        .answers(
            200,
            "The link.",
            "RegistrationLinkAnswer",
            json!({"status": true, "register_url": "https://login.example/r/7d1b0e52c9f84f0fa3b64a2e0c6d9b11"}),
        )
}

pub(crate) fn delete_user() -> Described {
    done(
        user_change(
            "admin_delete_user",
            "Delete a user",
            "The user is gone with phones, links and sessions. Scope: `users:write`.",
        )
        .empty_body(),
    )
}

pub(crate) fn link_user() -> Described {
    link(user_change(
        "admin_registration_link",
        "Make a link that registers a phone",
        "As `device_registration_link` of the Management API. The link ends with the key. Its holder can become the user. Scope: `phones:write`.",
    ))
}

pub(crate) fn phone_lost() -> Described {
    link(user_change(
        "admin_phone_lost",
        "Disable a lost phone",
        "The phones of the user and their sessions end, and there is a new link. Scope: `phones:write`.",
    ))
}

pub(crate) fn remove_phones() -> Described {
    done(
        user_change(
            "admin_remove_phones",
            "Remove the phones of a user",
            "They and their sessions end. Scope: `phones:write`.",
        )
        .empty_body(),
    )
}

pub(crate) fn log_out_user() -> Described {
    done(
        user_change(
            "admin_log_out_user",
            "End all sessions of a user",
            "What is being asked of the phone is withdrawn as well. Scope: `sessions:end`.",
        )
        .empty_body(),
    )
}

pub(crate) fn sessions() -> Described {
    paged(
        in_application(reads(
            "admin_sessions",
            "List open sessions",
            "With those that are being asked for, the newest first. Scope: `sessions:read`.",
        )),
        "17",
    )
    .answers(
        200,
        "A page of them.",
        "AdminSessions",
        json!({"status": true, "sessions": [session()], "next": "17"}),
    )
}

pub(crate) fn end_session() -> Described {
    done(
        in_application(changes(
            "admin_end_session",
            "End a session",
            "By its number in the list. Scope: `sessions:end`.",
        ))
        .empty_body()
        .refuses(404, &[Reason::UnknownSession]),
    )
}

pub(crate) fn history() -> Described {
    between(paged(
        in_application(reads(
            "admin_history",
            "The history of logins",
            "The latest first. One call looks through 5,000 logins at most: a page may have few or none, and `next` says that there are more. Scope: \
             `sessions:read`.",
        )),
        "1800000000.17",
    ))
    .query("user", "Only logins of this user.", word(""), "u-5f0c1b7e")
    .query("prefix", "Only logins of users whose ids begin with it. Not together with `user`.", word(""), "u-5")
    .query("outcome", "Only logins that went so.", word(""), "denied")
    .query("ended", "Only sessions that ended so.", word(""), "by-phone")
    .query("address", "Only logins that were begun from this IP address, however it is written.", word(""), "192.0.2.7")
    .answers(
        200,
        "A page of it.",
        "AdminHistory",
        json!({"status": true, "logins": [{"asked_at": 1_800_000_000, "user_id": "u-5f0c1b7e", "outcome": "accepted", "browser": "Firefox on Linux",
            "address": "192.0.2.7", "answered_after": 5, "lasted": 300}], "next": "1800000000.17"}),
    )
}
