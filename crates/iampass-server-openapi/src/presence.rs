//! The call by which a phone says that it is near or away, as it is described.

use iampass_core::wire::Reason;
use serde_json::json;

use super::described::Described;
use super::phone::post;

pub(super) fn say() -> Described {
    post(
        "phone_presence",
        "Say that the phone is near or away",
        "For applications whose setting `walkaway` is on: `active_sessions` has `presence_url` then. `near` is a promise for `seconds`, 10 to \
         3,600: without a new word until then, a session becomes `walkaway`, and with the next `near` it is `active` again. `away` makes it \
         `walkaway` at once. The word is about the session that `session_id` names, or about all that this phone has opened. Words count in the \
         order in which they were signed, and a promise runs from then: a word that a later one has overtaken changes nothing, and `overtaken` says \
         so. Between two words of one second `away` counts. Sessions of which \
         nothing was ever said stay as they are, and a session that the user has locked by hand is opened by hand. A phone with a key of its own \
         signs it: `change` of the JWS is `presence`, beside the same members, and `jti` has to be there.",
    )
    .body("PresenceRequest", json!({"presence": "near", "seconds": 90}))
    .answers(
        200,
        "The word counts for so many sessions.",
        "PresenceAnswer",
        json!({"status": true, "sessions": 1, "near_until": 1_800_000_090}),
    )
    .refuses(401, &[Reason::BadSignature])
    .refuses(404, &[Reason::UnknownSession])
    .refuses(409, &[Reason::WalkawayOff, Reason::SessionLocked, Reason::PresenceLate, Reason::UnknownSession])
    .refuses(422, &[Reason::SignedAnswerRequired, Reason::InvalidParameter])
}
