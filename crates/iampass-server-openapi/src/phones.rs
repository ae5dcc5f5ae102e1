//! The calls about several phones of one user, as they are described.

use iampass_core::wire::Reason;
use serde_json::{Value, json};

use super::described::Described;
use super::heading::Heading::Phone;
use super::members::number;
use super::phone::post;
use super::signing::Signer;

fn get(name: &'static str, summary: &'static str, description: &'static str) -> Described {
    Described::call(Phone, name, summary, description).signed_by(Signer::Phone)
}

/// A call that a phone with a key of its own signs.
fn signed(described: Described) -> Described {
    described
        .body(
            "ChangeRequest",
            json!({"change": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImlhbXBhc3MtY2hhbmdlK2p3dCJ9.eyJpc3MiOiI0YjFjNmIxZjBmIn0.c2lnbmF0dXJl"}),
        )
        .refuses(401, &[Reason::BadSignature])
        .refuses(422, &[Reason::SignedAnswerRequired, Reason::InvalidParameter])
}

/// A call that changes something about other phones.
fn about_others(described: Described) -> Described {
    signed(described)
        .refuses(403, &[Reason::PhoneTooNew])
        .refuses(409, &[Reason::PhoneKeyRequired, Reason::TooManyPhones])
}

fn phones() -> Value {
    json!({
        "phones": [{
            "phone_id": "4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55",
            "name": "Ann's phone",
            "platform": "android",
            "added_at": 1_800_000_000,
            "last_used_at": 1_800_050_000,
            "is_this": true
        }],
        "waiting": {
            "phone_id": "c07d5a9e3b1f4c68a2e94f7d6b8301ac",
            "name": "Tablet",
            "platform": "web",
            "asked_at": 1_800_060_000,
            "expires_at": 1_800_063_600
        },
        "recovery_codes_left": 10,
        "recovery_codes_made_at": 1_800_040_000,
        "events": [{
            "number": 17,
            "at": 1_800_060_000,
            "event": "waits",
            "phone_id": "c07d5a9e3b1f4c68a2e94f7d6b8301ac",
            "name": "Tablet",
            "platform": "web"
        }]
    })
}

pub(super) fn list() -> Described {
    get(
        "phones",
        "List the phones of the user",
        "All phones of the user, one that waits to be confirmed, and what became of them lately. `pending_requests` says by `phones_event` \
         when there is something new.",
    )
    .answers(200, "The phones.", "PhoneList", phones())
}

pub(super) fn change() -> Described {
    let described = post(
        "phones_change",
        "Confirm, deny, name or remove a phone",
        "`change` of the JWS is `confirm_phone` with `phone_id` and the `code` that the waiting phone shows, `deny_phone` or `remove_phone` with \
         `phone_id`, or `name_phone` with `phone_id` and `name`. The third wrong code ends the waiting. A removed phone's sessions end. All \
         phones of the user are told.",
    );
    about_others(described).refuses(404, &[Reason::UnknownPhone]).refuses(422, &[Reason::WrongCode]).answers(
        200,
        "It is done: these are the phones now.",
        "PhoneList",
        phones(),
    )
}

pub(super) fn link() -> Described {
    let described = post(
        "phones_link",
        "Make a link that adds a phone",
        "`change` of the JWS is `add_phone`, with `display_name` if the new phone is to show one. The phone that opens the link waits to be \
         confirmed. A link that was made before is good no longer.",
    );
    about_others(described).answers(
        200,
        "The link.",
        "PhoneLink",
        json!({"register_url": "https://login.example/r/7d1b0e52c9f84f0fa3b64a2e0c6d9b11", "expires_at": 1_800_003_600}),
    )
}

pub(super) fn recovery_codes() -> Described {
    let described = post(
        "recovery_codes",
        "Make new recovery codes",
        "`change` of the JWS is `make_recovery_codes`. Ten codes take the place of all that were made before. They are shown to the user once: \
         the service keeps digests of them alone. Each lets one phone in that waits.",
    );
    about_others(described).answers(
        200,
        "The codes.",
        "RecoveryCodes",
        json!({"recovery_codes": ["0YQ4-7K2M-9DXA-1HRT-5WCN-8EBP-63SV"]}),
    )
}

fn state(state: &str, expires_at: Option<u64>) -> Value {
    match expires_at {
        Some(expires_at) => json!({"state": state, "expires_at": expires_at}),
        None => json!({"state": state}),
    }
}

pub(super) fn waiting() -> Described {
    get(
        "waiting_phone",
        "Ask whether this phone is confirmed",
        "For a phone that was added to others, and shows its code. One that was denied, or waited for an hour, is not known any more.",
    )
    .query(
        "wait",
        "How many seconds to wait for it; 25 at most, more is taken for that. 0 unless given.",
        number(""),
        25,
    )
    .answers(200, "Its state.", "WaitingAnswer", state("waiting", Some(1_800_003_600)))
    .refuses(422, &[Reason::InvalidParameter])
}

pub(super) fn recover() -> Described {
    let described = post(
        "recover_phone",
        "Let this phone in by a recovery code",
        "For a phone that was added, and that no other phone confirms. `change` of the JWS is `recover` with `recovery_code`. For a day the phone \
         changes nothing about the others, which are told and can remove it. After the third wrong code in a row none is taken for a while.",
    );
    signed(described)
        .refuses(409, &[Reason::TooManyPhones])
        .refuses(422, &[Reason::WrongRecoveryCode])
        .answers(200, "The phone is one of the user's now.", "WaitingAnswer", state("confirmed", None))
}
