//! Schemas of unlocking the phone for a question.

use crate::members::{Members, Named, text, url};

pub(super) fn all() -> [Named; 5] {
    let options = |what: &'static str| Members::of(what).and_others();
    [
        (
            "UnlockUrls",
            Members::of("How a phone proves that it was unlocked for a question.")
                .with("challenge_url", url("POST, signed with the pair of the question: its challenge."))
                .with("registration_url", url("POST, signed by the phone: begin to register an unlock credential."))
                .into(),
        ),
        (
            "SignedUnlock",
            Members::of("What a phone says of its unlock credential.")
                .with(
                    "unlock",
                    text(
                        "A JWS in compact form: `alg` is ES256, `typ` is `iampass-unlock+jwt`, and the payload has `iss` (the phone), `aud` (the \
                         application), `sub` (the user), `iat`, and `credential` in the call that completes the registration.",
                    ),
                )
                .into(),
        ),
        (
            "UnlockRegistration",
            Members::of("The beginning of a registration.")
                .with("options", see_options())
                .with("finish_url", url("POST, signed by the phone: complete it."))
                .into(),
        ),
        ("UnlockChallenge", Members::of("The challenge of a question.").with("options", see_options()).into()),
        (
            "WebAuthnOptions",
            options(
                "What WebAuthn defines: `{\"publicKey\": …}`, as `PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON`.",
            )
            .with("publicKey", Members::of("The options, as WebAuthn names them.").and_others())
            .into(),
        ),
    ]
}

fn see_options() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    crate::members::see("WebAuthnOptions", "What the browser or the system of the phone is asked for.").into()
}
