//! Schemas of the phone's API.

use iampass_core::wire::Platform;

use super::{
    Members, Named, boolean, constant, id, list, number, secret, see, text, text_or_null, time, url, words,
};

pub(super) fn all() -> Vec<Named> {
    registering().into_iter().chain(questions()).chain(sessions()).collect()
}

fn registering() -> [Named; 11] {
    [
        (
            "RegisterDevice",
            Members::of("A phone that wants to be registered.")
                .with("notification_token", notification_token())
                .perhaps("platform", see("Platform", "What kind of phone it is."))
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
            "DeviceConfigurationAnswer",
            Members::of("What became of it.")
                .with("status", constant(true, "It was taken over."))
                .with("user", see("DeviceUser", "The user that it stands for, without a name."))
                .with("device", see("DeviceCredentials", "What signs its calls."))
                .with("service", see("DeviceService", "The service as a phone sees it."))
                .with("training", see("Training", "What the phone still has to be taught."))
                .into(),
        ),
    ]
}

fn notification_token() -> utoipa::openapi::schema::ObjectBuilder {
    text("Where notifications go. One that begins with `*` is a phone that gets none, and asks.")
        .min_length(Some(1))
        .max_length(Some(4_096))
}

fn questions() -> [Named; 10] {
    let empty = |description| Members::of(description).into();
    [
        (
            "PendingRequests",
            Members::of("The questions that wait for a phone.")
                .with("requests", list(see("AuthenticationRequest", ""), "Oldest first."))
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
                .with("identify", see("Identify", "How to answer."))
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
                .into(),
        ),
        (
            "RequestedData",
            Members::of(
                "What a phone has to bring: one member for each method. An absent member is not asked for.",
            )
            .perhaps("acceptance", see("AcceptanceData", "The user confirms."))
            .perhaps("os_authentication", see("Nothing", "The user unlocks the phone. Simulated: it is asked for in development only, and `{\"authenticated\": true}` answers it."))
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
            .and_others()
            .into(),
        ),
    ]
}

fn sessions() -> [Named; 2] {
    [
        (
            "ActiveSessions",
            Members::of("The sessions of a phone.")
                .with("sessions", list(see("PhoneSession", ""), "Newest first."))
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
                .with("logout_url", url("POST: end it."))
                .with("walkaway_url", url("POST: the phone leaves."))
                .with("return_url", url("POST: the phone is back."))
                .into(),
        ),
    ]
}
