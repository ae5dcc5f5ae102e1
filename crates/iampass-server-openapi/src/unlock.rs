//! The calls by which a phone proves that it was unlocked, as they are described.

use iampass_core::wire::Reason;
use serde_json::{Value, json};

use super::described::Described;
use super::members::text;
use super::phone::{done, post, to_question};

fn jws() -> Value {
    json!({"unlock": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImlhbXBhc3MtdW5sb2NrK2p3dCJ9.eyJpc3MiOiI0YjFjNmIxZjBmIn0.c2lnbmF0dXJl"})
}

pub(super) fn begin() -> Described {
    post(
        "unlock_registration_start",
        "Begin to register an unlock credential",
        "Only a phone with a key of its own can, and its key signs for it. A phone has one unlock credential at most, which is never replaced: \
         a phone whose credential is gone is registered anew by a new link. A phone that was let in by another one, or by a recovery code, of a user who has \
         a phone with a credential, registers its own a day later at the earliest. The address stands in `identify.unlock` of a question.",
    )
    .body("SignedUnlock", jws())
    .answers(
        200,
        "What the browser or the system of the phone is asked for.",
        "UnlockRegistration",
        json!({
            "options": {"publicKey": {
                "rp": {"name": "IAMPASS", "id": "login.example"},
                "user": {"id": "7Yxw2gq6n4V9mH1sZ0k3c5fT8uB2dJpQeRaLiXoKwCE", "name": "My shop", "displayName": "My shop"},
                "challenge": "kCw5bD0nq4pXz1Yl2mVhR7sTfA8uJ6gEoQi3xN9wBvM",
                "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
                "timeout": 60_000,
                "attestation": "none",
                "authenticatorSelection": {"residentKey": "discouraged", "requireResidentKey": false, "userVerification": "required"}
            }},
            "finish_url": "https://login.example/device/4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55/unlock/finish"
        }),
    )
    .refuses(401, &[Reason::BadSignature])
    .refuses(403, &[Reason::PhoneTooNew])
    .refuses(409, &[Reason::UnlockAlreadyRegistered, Reason::MethodNotAvailable])
    .refuses(422, &[Reason::DeviceKeyRequired, Reason::InvalidParameter])
}

pub(super) fn finish() -> Described {
    let described = post(
        "unlock_registration_finish",
        "Complete the registration of an unlock credential",
        "The JWS carries the `credential`, as the JSON of a WebAuthn `RegistrationResponseJSON`. It counts for the registration that was begun \
         last, within five minutes.",
    )
    .body("SignedUnlock", jws());
    done(described, "The phone has an unlock credential.")
        .refuses(401, &[Reason::BadSignature])
        .refuses(403, &[Reason::PhoneTooNew])
        .refuses(409, &[Reason::UnlockAlreadyRegistered, Reason::MethodNotAvailable])
        .refuses(422, &[Reason::DeviceKeyRequired, Reason::InvalidParameter, Reason::UnlockNotValid])
}

pub(super) fn challenge() -> Described {
    to_question(
        "identification_unlock",
        "Ask for the challenge of a question",
        "The question asks for unlocking the phone. The authenticator's answer to this challenge goes into the phone's answer as \
         `os_authentication`. A challenge is good for one answer to this question; a newer one takes its place.",
    )
    .no_body()
    .query(
        "phone",
        "The phone that asks. It stands in the address of a question that is put to several phones.",
        text(""),
        "4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55",
    )
    .refuses(422, &[Reason::InvalidParameter])
    .answers(
        200,
        "What the browser or the system of the phone is asked for.",
        "UnlockChallenge",
        json!({"options": {"publicKey": {
            "challenge": "T3x9wBvMkCw5bD0nq4pXz1Yl2mVhR7sTfA8uJ6gEoQi",
            "timeout": 60_000,
            "rpId": "login.example",
            "allowCredentials": [{"type": "public-key", "id": "mX3kPqT0vLr8uYbNcZ5dHg"}],
            "userVerification": "required"
        }}}),
    )
    .refuses(409, &[Reason::UnlockNotRegistered, Reason::MethodNotAvailable])
}
