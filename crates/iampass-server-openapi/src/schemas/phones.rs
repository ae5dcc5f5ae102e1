//! Schemas of several phones of one user.

use iampass_core::wire::{PhoneEventKind, WaitingState};

use crate::members::{Members, Named, boolean, id, list, number, secret, see, text, time, url, words};

pub(super) fn all() -> [Named; 10] {
    [
        (
            "WaitingRecord",
            Members::of("The phone waits to be confirmed: it is none of the user's phones before that, and makes these calls alone.")
                .with("code", secret("The digits that it shows. They are typed on a phone that the user has."))
                .with("expires_at", time("When it is forgotten unless it was confirmed."))
                .with("state_url", url("GET: whether it is confirmed."))
                .with("recover_url", url("POST: a recovery code."))
                .into(),
        ),
        (
            "WaitingState",
            words("What has become of a phone that was added.", WaitingState::ALL.iter().map(WaitingState::as_str)).into(),
        ),
        (
            "WaitingAnswer",
            Members::of("What has become of a phone that was added.")
                .with("state", see("WaitingState", "Its state."))
                .perhaps("expires_at", time("When it is forgotten unless it was confirmed."))
                .into(),
        ),
        (
            "PhoneList",
            Members::of("The phones of a user.")
                .with("phones", list(see("ListedPhone", ""), "The oldest first."))
                .perhaps("waiting", see("WaitingPhone", "The phone that waits to be confirmed."))
                .with("recovery_codes_left", number("How many recovery codes are left."))
                .perhaps("recovery_codes_made_at", time("When those were made."))
                .with("events", list(see("PhoneEvent", ""), "What became of the phones lately, the newest first."))
                .into(),
        ),
        (
            "ListedPhone",
            Members::of("A phone of a user.")
                .with("phone_id", id("Its id."))
                .with("name", text("The name that the user gave it; empty without one."))
                .perhaps("platform", see("Platform", "What kind of phone it is."))
                .with("added_at", time("When it was added."))
                .perhaps("last_used_at", time("When it last answered or changed something."))
                .with("is_this", boolean("Whether it is the one that asks."))
                .perhaps("paused_until", time("It was let in a short time ago, by a recovery code or beside a phone that proves unlocking. Until then it changes nothing about the others."))
                .into(),
        ),
        (
            "WaitingPhone",
            Members::of("A phone that waits to be confirmed.")
                .with("phone_id", id("Its id."))
                .with("name", text("The name that it gave itself; empty without one."))
                .perhaps("platform", see("Platform", "What kind of phone it is."))
                .with("asked_at", time("Since when it waits."))
                .with("expires_at", time("Until when."))
                .into(),
        ),
        (
            "PhoneEventKind",
            words("What became of a phone.", PhoneEventKind::ALL.iter().map(PhoneEventKind::as_str)).into(),
        ),
        (
            "PhoneEvent",
            Members::of("What became of a phone, and when.")
                .with("number", number("Its number. A later one has a higher number."))
                .with("at", time("When."))
                .with("event", see("PhoneEventKind", "What."))
                .with("phone_id", id("The phone."))
                .with("name", text("Its name then."))
                .perhaps("platform", see("Platform", "What kind of phone it is."))
                .into(),
        ),
        (
            "PhoneLink",
            Members::of("A link that adds a phone.")
                .with("register_url", secret("The link. It is good once."))
                .with("expires_at", time("Until when."))
                .into(),
        ),
        (
            "RecoveryCodes",
            Members::of("New recovery codes.")
                .with("recovery_codes", list(secret(""), "Each in groups of letters and digits. They are shown once."))
                .into(),
        ),
    ]
}
