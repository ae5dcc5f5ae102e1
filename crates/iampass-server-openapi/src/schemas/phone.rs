//! Schemas of the phone's API.

use iampass_core::wire::{ConfirmationMethod, Platform};

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{OneOfBuilder, Schema};

use crate::members::{
    Members, Named, boolean, constant, id, list, number, secret, see, text, text_or_null, time, url, words,
};

pub(super) fn all() -> Vec<Named> {
    registering().into_iter().chain(questions()).chain(sessions()).collect()
}

fn registering() -> [Named; 13] {
    [
        (
            "RegisterDevice",
            Members::of("A phone that wants to be registered.")
                .with("notification_token", notification_token())
                .perhaps("platform", see("Platform", "What kind of phone it is."))
                .perhaps("name", text("The name of the phone, by which its user tells it from others.").min_length(Some(1)).max_length(Some(64)))
                .perhaps("key", see("DeviceKey", "The public half of the phone's own key. A phone that registers one is believed by it alone."))
                .into(),
        ),
        (
            "DeviceKey",
            Members::of("A public key for ES256, as a JSON Web Key.")
                .with("kty", words("The kind of key.", ["EC"].into_iter()))
                .with("crv", words("The curve.", ["P-256"].into_iter()))
                .with("x", coordinate("The first coordinate: 32 bytes in base64url without padding."))
                .with("y", coordinate("The second one."))
                .into(),
        ),
        ("Platform", words("What kind of phone it is.", Platform::ALL.iter().map(Platform::as_str)).into()),
        (
            "DeviceRecord",
            Members::of("What a phone keeps about one user.")
                .with("user", see("DeviceUser", "Whose phone it is now."))
                .with("device", see("DeviceCredentials", "The credentials that sign its calls."))
                .with("service", see("DeviceService", "Where to call."))
                .with("training", see("Training", "What the phone still has to be taught."))
                .perhaps("waiting", see("WaitingRecord", "The phone waits to be confirmed. Left out by one that waits for nothing."))
                .into(),
        ),
        (
            "DeviceUser",
            Members::of("The user of a phone.")
                .with("user_id", id("The user's id."))
                .with(
                    "display_name",
                    text_or_null("How the phone shows the user. The service does not keep it."),
                )
                .perhaps("application_id", id("The application whose user it is."))
                .perhaps("application_name", text("The application's name."))
                .into(),
        ),
        (
            "DeviceCredentials",
            Members::of("The credentials of a phone.")
                .with("device_id", id("The public half."))
                .with("device_secret", secret("The secret half."))
                .into(),
        ),
        (
            "DeviceService",
            Members::of("The service as a phone sees it.")
                .with("service_id", text("The application's id."))
                .with("service_secret", secret("No call of this service is signed with it."))
                .with("service_name", text_or_null("The application's name, for the phone to show."))
                .with("service_urls", see("DeviceUrls", "Where to call."))
                .into(),
        ),
        (
            "DeviceUrls",
            Members::of("Where a phone calls.")
                .with("active_sessions", url("GET: the sessions that it has opened."))
                .with("device_configuration", url("POST: a new notification token."))
                .with("device_unregister", url("POST: forget this phone."))
                .with("pending_requests", url("GET: the questions that wait."))
                .with("training_data", url("POST: pictures for face recognition."))
                .with("bring_request", url("POST: what a browser shows."))
                .with("phones", url("GET: the phones of the user."))
                .with("phones_change", url("POST: confirm, deny, name or remove one."))
                .with("phones_link", url("POST: a link for one more."))
                .with("recovery_codes", url("POST: new recovery codes."))
                .into(),
        ),
        (
            "Training",
            Members::of("What a phone still has to be taught.")
                .with("facial", see("FacialTraining", "For face recognition."))
                .into(),
        ),
        (
            "FacialTraining",
            Members::of("Pictures that are still needed.").with("num_images", number("How many.")).into(),
        ),
        (
            "DeviceConfiguration",
            Members::of("What changes.").with("notification_token", notification_token()).into(),
        ),
        (
            "PushPossible",
            Members::of("How a phone can be pushed to, and whether it is.")
                .with("application_server_key", text("What a browser subscribes for: `applicationServerKey`."))
                .with("is_subscribed", boolean("Whether the phone is pushed to where its token says. If it is not, a browser unsubscribes and subscribes anew."))
                .into(),
        ),
        (
            "DeviceConfigurationAnswer",
            Members::of("What became of it.")
                .with("status", constant(true, "It was taken over."))
                .perhaps("push", see("PushPossible", "How the phone can be pushed to. Left out by a service that pushes to no phone."))
                .with("user", see("DeviceUser", "The user that it stands for, without a name."))
                .with("device", see("DeviceCredentials", "What signs its calls."))
                .with("service", see("DeviceService", "The service as a phone sees it."))
                .with("training", see("Training", "What the phone still has to be taught."))
                .into(),
        ),
    ]
}

fn coordinate(description: &str) -> utoipa::openapi::schema::ObjectBuilder {
    text(description).min_length(Some(43)).max_length(Some(43)).pattern(Some("^[A-Za-z0-9_-]{43}$"))
}

fn notification_token() -> utoipa::openapi::schema::ObjectBuilder {
    text("Where notifications go. One that begins with `*` is a phone that gets none, and asks. A browser sends `webpush:` and the JSON of its PushSubscription with `applicationServerKey` in it; an app `fcm:`, `apns:` or `webhook:` and its token.")
        .min_length(Some(1))
        .max_length(Some(4_096))
}

fn questions() -> [Named; 21] {
    let empty = |description| Members::of(description).into();
    [
        (
            "PendingRequests",
            Members::of("The questions that wait for a phone.")
                .with("requests", list(see("AuthenticationRequest", ""), "Oldest first."))
                .perhaps("phones_event", number("The number of the last thing that became of the user's phones."))
                .into(),
        ),
        (
            "AuthenticationRequest",
            Members::of("A question put to a phone: is it you who is logging in?")
                .with(
                    "auth_request_id",
                    id("Signs, with the secret in `identify`, the two calls that answer."),
                )
                .with("application_id", id("Who asks."))
                .with("application_name", text("Who asks, for people."))
                .with("user_id", id("For whom."))
                .perhaps("requested_at", time("When it was asked."))
                .perhaps("expires_at", time("When it is no longer waited for."))
                .perhaps(
                    "confirm",
                    list(
                        see("ConfirmationMethod", ""),
                        "How an acceptance is bound to the browser that asks. Absent: in no way.",
                    ),
                )
                .perhaps("browser", text("The browser that asks, for people."))
                .perhaps("address", text("Its IP address."))
                .perhaps("known_browser", boolean("Whether the user has signed in from it before."))
                .with("identify", see("Identify", "How to answer."))
                .into(),
        ),
        (
            "ConfirmationMethod",
            words(
                "`code`: the browser shows digits and a QR code, and the phone brings one of them. A word that the phone does not know \
                 cannot be accepted by it.",
                ConfirmationMethod::ALL.iter().map(ConfirmationMethod::as_str),
            )
            .into(),
        ),
        (
            "Identify",
            Members::of("How a phone answers a question.")
                .with("identification_start_url", url("POST when the user sees the question."))
                .with("identification_url", url("POST the answer."))
                .with(
                    "identification_data_secret",
                    secret("Signs the two calls, together with `auth_request_id`."),
                )
                .with("requested_data", see("RequestedData", "What the phone has to bring."))
                .perhaps("unlock", see("UnlockUrls", "How it proves that it was unlocked, where that is asked for."))
                .into(),
        ),
        (
            "RequestedData",
            Members::of(
                "What a phone has to bring: one member for each method. An absent member is not asked for.",
            )
            .perhaps("acceptance", see("AcceptanceData", "The user confirms."))
            .perhaps("os_authentication", see("Nothing", "The user unlocks the phone: see `unlock` in Identify. Where methods are simulated, in development, `{\"authenticated\": true}` answers it."))
            .perhaps("facial", see("FacialData", "Pictures of the user's face. Simulated: it is asked for in development only, and `{\"match\": true}` answers it."))
            .perhaps("proximity", see("Nothing", "The phone is near. Not asked for by this service."))
            .into(),
        ),
        (
            "AcceptanceData",
            Members::of("How the user confirms.").with("acceptance", see("Acceptance", "How.")).into(),
        ),
        (
            "Acceptance",
            Members::of("How the user confirms.")
                .with(
                    "automatic",
                    boolean("Whether the phone may confirm without asking. This service always says false."),
                )
                .into(),
        ),
        (
            "FacialData",
            Members::of("Which pictures are asked for.").with("image", see("FacialImage", "Which.")).into(),
        ),
        (
            "FacialImage",
            Members::of("Pictures.")
                .with("encoding", text("Their format."))
                .with("number", number("How many."))
                .into(),
        ),
        ("Nothing", empty("An object whose members mean nothing.")),
        (
            "Identification",
            Members::of(
                "The answer to a question, with what was collected under the names of `requested_data`.",
            )
            .with("accepted", boolean("Whether the user has accepted."))
            .perhaps("code", secret("The digits that the browser shows, where the question needs them."))
            .perhaps("scan", secret("What was scanned, in place of the digits."))
            .perhaps("report", boolean("Whether the user says that somebody else asked. Ringing stops for a while."))
            .and_others()
            .into(),
        ),
        (
            "SignedAnswer",
            Members::of("The answer of a phone with a key of its own.")
                .with(
                    "answer",
                    text(
                        "A JWS in compact form: `alg` is ES256, `typ` is `iampass-answer+jwt`, and the payload has `iss` (the phone), `aud` (the \
                         application), `sub` (the user), `jti` (the question), `iat`, and the members of Identification.",
                    ),
                )
                .into(),
        ),
        (
            "AnswerTaken",
            Members::of("The answer was taken, or it has ended the login.")
                .with("status", boolean("Whether it was taken."))
                .perhaps("reason", see("Reason", "Why not, for programs."))
                .perhaps("message", text("Why not, for people."))
                .perhaps(
                    "return_to",
                    secret("The page that the phone's own browser has to open at once: the question came by a link, and nobody is signed in before that."),
                )
                .into(),
        ),
        ("PhoneAnswer", either(&["SignedAnswer", "Identification"], "The answer to a question. A phone with a key of its own signs it.")),
        (
            "ChangeRequest",
            Members::of("A change by a phone. One with a key of its own signs it; one of before sends nothing, or any object.")
                .perhaps(
                    "change",
                    text(
                        "A JWS in compact form: `alg` is ES256, `typ` is `iampass-change+jwt`, and the payload has `iss` (the phone), `aud` (the \
                         application), `sub` (the user), `iat`, `jti` (the nonce of this request, in decimal: it makes the change good once), and `change`: `logout`, `walkaway` or `return` with `session_id`, `unregister`, \
                         `configuration` with `notification_token`, or what the calls about phones and presence name.",
                    ),
                )
                .into(),
        ),
        (
            "SignedConfiguration",
            Members::of("Where notifications go, by a phone with a key of its own.")
                .with("change", text("A JWS as in ChangeRequest, with `change` as `configuration` and `notification_token`."))
                .into(),
        ),
        (
            "ConfigurationRequest",
            either(&["SignedConfiguration", "DeviceConfiguration"], "Where notifications go. A phone with a key of its own signs it."),
        ),
        (
            "SignedBring",
            Members::of("What a phone with a key of its own has read off a browser's page.")
                .with(
                    "brought",
                    text(
                        "A JWS in compact form: `alg` is ES256, `typ` is `iampass-bring+jwt`, and the payload has `iss` (the phone), `aud` (the \
                         application), `sub` (the user), `iat`, and either `code` or `scan`.",
                    ),
                )
                .into(),
        ),
        ("CodeBring", Members::of("The digits of a page.").with("code", secret("The digits.")).into()),
        (
            "ScanBring",
            Members::of("The QR code of a page.").with("scan", secret("What stands behind `#scan=` in the scanned address.")).into(),
        ),
        ("BringRequest", either(&["SignedBring", "CodeBring", "ScanBring"], "What a phone has read off a browser's page.")),
    ]
}

/// One of several schemas.
pub(super) fn either(schemas: &[&str], description: &str) -> RefOr<Schema> {
    let one_of = OneOfBuilder::new().description(Some(description));
    let one_of = schemas.iter().fold(one_of, |one_of, schema| one_of.item(see(schema, "")));
    RefOr::T(Schema::OneOf(one_of.build()))
}

fn sessions() -> [Named; 2] {
    [
        (
            "ActiveSessions",
            Members::of("The sessions of a phone.")
                .with("sessions", list(see("PhoneSession", ""), "Newest first."))
                .perhaps("presence_url", url("POST: the phone is near or away. Absent where the application does not want to know it."))
                .into(),
        ),
        (
            "PhoneSession",
            Members::of("A session as the phone that opened it sees it.")
                .with("session_id", text("A name for it; not the token that the application has."))
                .with("application_id", id("Where the user is logged in."))
                .with("application_name", text("Where the user is logged in, for people."))
                .with("user_id", id("As whom."))
                .with("session_status", see("SessionStatus", "`active` or `walkaway`."))
                .with("started_at", time("Since when."))
                .with("expires_at", time("Until when."))
                .perhaps("near_until", time("Until when the phone has promised to be near. Absent where it has promised nothing."))
                .with("logout_url", url("POST: end it."))
                .with("walkaway_url", url("POST: the phone leaves."))
                .with("return_url", url("POST: the phone is back."))
                .into(),
        ),
    ]
}
