//! Schemas of the call by which a phone says that it is near or away.

use super::phone::either;
use crate::members::{Members, Named, constant, number, text, time, words};

pub(super) fn all() -> Vec<Named> {
    vec![
        (
            "SignedPresence",
            Members::of("The word of a phone with a key of its own.")
                .with(
                    "change",
                    text("A JWS as in ChangeRequest, with `change` as `presence`, `jti`, and the members of NearWord or AwayWord."),
                )
                .into(),
        ),
        (
            "NearWord",
            Members::of("The phone is near, and promises to be for a while.")
                .with("presence", words("The word.", ["near"].into_iter()))
                .with("seconds", number("For how long from when it is signed: 10 to 3,600."))
                .perhaps("session_id", text("The session that it is about. Absent: all that this phone has opened."))
                .into(),
        ),
        (
            "AwayWord",
            Members::of("The phone is away.")
                .with("presence", words("The word.", ["away"].into_iter()))
                .perhaps("session_id", text("The session that it is about. Absent: all that this phone has opened."))
                .into(),
        ),
        (
            "PresenceRequest",
            either(&["SignedPresence", "NearWord", "AwayWord"], "Whether the phone is near. A phone with a key of its own signs it."),
        ),
        (
            "PresenceAnswer",
            Members::of("The word was taken.")
                .with("status", constant(true, "It was taken."))
                .with("sessions", number("For how many sessions it counts. Those that the user has locked are not among them."))
                .perhaps(
                    "overtaken",
                    number("How many sessions it changes nothing about, because a word that was signed later was there before it. Absent: none."),
                )
                .perhaps("near_until", time("Until when they stay active without a new word."))
                .into(),
        ),
    ]
}
