//! Schemas of the Admin API.

use iampass_core::wire::{AdminScope, AuthenticationMethod};
use utoipa::openapi::schema::ObjectBuilder;

use crate::members::{
    Members, Named, boolean, constant, id, list, number, secret, see, text, text_or_null, time, words,
};

pub(super) fn all() -> Vec<Named> {
    applications().into_iter().chain(users()).chain(service()).collect()
}

fn status() -> ObjectBuilder {
    constant(true, "It was answered.")
}

fn next() -> ObjectBuilder {
    text("The place of the next page, to be handed back as `after`. Absent on the last one.")
}

fn approval(description: &str) -> ObjectBuilder {
    words(description, ["code", "tap"].into_iter())
}

/// A request may say null for what it leaves out.
fn or_null(schema: ObjectBuilder) -> ObjectBuilder {
    use utoipa::openapi::schema::{SchemaType, Type};
    let of = |kind| [kind, Type::Null].into_iter().collect::<SchemaType>();
    schema.schema_type(of(Type::Integer))
}

fn applications() -> Vec<Named> {
    let method = || words("", AuthenticationMethod::ALL.iter().map(AuthenticationMethod::as_str));
    vec![
        (
            "AdminApplication",
            Members::of("An application with its settings.")
                .with("application_id", id("Its id."))
                .with("name", text("The name that phones show."))
                .with("created_at", time("When it was made."))
                .perhaps("disabled_at", time("When it was disabled. Absent: it is not."))
                .with("approval", approval("What binds an approval to the browser that asks."))
                .with("walkaway", boolean("Whether sessions follow the word of their phones."))
                .with(
                    "phones",
                    words("The phones that may answer for it.", ["any", "key", "unlock"].into_iter()),
                )
                .perhaps("methods", list(method(), "The methods that it may ask for. Absent: all."))
                .perhaps(
                    "duration_seconds",
                    number("How long its sessions last. Absent: the service's own time."),
                )
                .perhaps(
                    "previous_secret_until",
                    time("Until when the secret before is good. Absent: it is not."),
                )
                .into(),
        ),
        (
            "AdminApplications",
            Members::of("Applications, the oldest first.")
                .with("status", status())
                .with("applications", list(see("AdminApplication", ""), "Those of this page."))
                .perhaps("next", next())
                .into(),
        ),
        (
            "AdminApplicationAnswer",
            Members::of("An application, and how much it has.")
                .with("status", status())
                .with("application", see("AdminApplication", "The application."))
                .with("users", number("How many users it has."))
                .with("phones", number("How many phones its users have."))
                .with("sessions", number("How many sessions are open or asked for."))
                .into(),
        ),
        (
            "AdminNewApplication",
            Members::of("An application that is to be made.")
                .with("name", text("The name that phones show."))
                .perhaps("approval", text_or_null("`code` or `tap`. Absent: `code`."))
                .into(),
        ),
        (
            "AdminCredentials",
            Members::of("Credentials of an application, which are shown this once.")
                .with("status", status())
                .with("application_id", id("The id of the application."))
                .with("application_secret", secret("Its new secret."))
                .perhaps(
                    "previous_secret_until",
                    time("Until when the secret before is good. Absent: it is not."),
                )
                .into(),
        ),
        ("AdminRename", Members::of("Another name.").with("name", text("The name that phones show.")).into()),
        (
            "AdminSettings",
            Members::of("The settings of an application. Members that are not known are refused.")
                .perhaps(
                    "methods",
                    text_list_or_null("The methods that it may ask for. Absent: as they are. `null`: all."),
                )
                .perhaps(
                    "duration_seconds",
                    or_null(number(
                        "How long its sessions last. Absent: as it is. `null`: the service's own time.",
                    )),
                )
                .perhaps("approval", text_or_null("`code` or `tap`. Absent: as it is."))
                .perhaps(
                    "walkaway",
                    boolean_or_null("Whether sessions follow their phones. Absent: as it is."),
                )
                .perhaps("phones", text_or_null("`any`, `key` or `unlock`. Absent: as it is."))
                .into(),
        ),
        (
            "AdminRotation",
            Members::of("How long two secrets are good.")
                .with("overlap_seconds", number("For how long the one before stays good: at most a week."))
                .into(),
        ),
    ]
}

fn boolean_or_null(description: &str) -> ObjectBuilder {
    use utoipa::openapi::schema::{SchemaType, Type};
    boolean(description).schema_type([Type::Boolean, Type::Null].into_iter().collect::<SchemaType>())
}

fn text_list_or_null(description: &str) -> utoipa::openapi::schema::ArrayBuilder {
    use utoipa::openapi::schema::{SchemaType, Type};
    list(text(""), description).schema_type([Type::Array, Type::Null].into_iter().collect::<SchemaType>())
}

fn users() -> Vec<Named> {
    vec![
        (
            "AdminUser",
            Members::of("A user in a list.")
                .with("user_id", id("The user's id."))
                .with("added_at", time("When the user was added."))
                .perhaps("phone_since", time("When the last phone was registered. Absent: there is none."))
                .with("open_sessions", number("How many sessions are open."))
                .into(),
        ),
        (
            "AdminUsers",
            Members::of("Users of an application, by id.")
                .with("status", status())
                .with("users", list(see("AdminUser", ""), "Those of this page."))
                .perhaps("next", next())
                .into(),
        ),
        (
            "AdminPhone",
            Members::of("A phone of a user.")
                .with("phone_id", id("Its id."))
                .with("name", text("The name that its user gave it; empty without one."))
                .perhaps("platform", text("The kind of phone, where it has said so."))
                .with("added_at", time("When it was added."))
                .perhaps("last_used_at", time("When it last answered or changed something."))
                .into(),
        ),
        (
            "AdminUserAnswer",
            Members::of("A user with phones and sessions.")
                .with("status", status())
                .with("user_id", id("The user's id."))
                .with("added_at", time("When the user was added."))
                .with("phones", list(see("AdminPhone", ""), "The phones, the oldest first."))
                .perhaps(
                    "link_until",
                    time("Until when an unused registration link is good. Absent: there is none."),
                )
                .with("recovery_codes_left", number("How many recovery codes are left."))
                .with(
                    "sessions",
                    list(see("AdminSession", ""), "The first hundred of them, the newest first."),
                )
                .into(),
        ),
        (
            "AdminNewUsers",
            Members::of("Users that are to be added. Members that are not known are refused.")
                .with("users", list(id(""), "The ids of the users, as the application has chosen them."))
                .into(),
        ),
        (
            "AdminNewLink",
            Members::of("A link that is to be made. Members that are not known are refused.")
                .perhaps("display_name", text_or_null("How the phone shows the user.").max_length(Some(255)))
                .perhaps("add", boolean_or_null("For `link`: the phones that the user has stay."))
                .into(),
        ),
        (
            "AdminSession",
            Members::of("A session that has not ended, or that is asked for.")
                .with("session", number("Its number, by which it is ended. It signs nothing."))
                .with("user_id", text("The user's id; empty when the user is gone, or is not known yet."))
                .with("state", text("The word for its state."))
                .with("asked_at", time("When the phone was asked."))
                .perhaps("activated_at", time("When the user accepted."))
                .with("due_at", time("When the state ends by itself."))
                .perhaps("platform", text("The kind of phone that holds it."))
                .into(),
        ),
        (
            "AdminSessions",
            Members::of("Sessions of an application, the newest first.")
                .with("status", status())
                .with("sessions", list(see("AdminSession", ""), "Those of this page."))
                .perhaps("next", next())
                .into(),
        ),
        (
            "AdminLogin",
            Members::of("A login, and the session that came of it.")
                .with("asked_at", time("When the phone was asked."))
                .with("user_id", text("The user's id; empty when the user is gone, or was never known."))
                .with("outcome", text("The word for how it went."))
                .perhaps(
                    "ended",
                    text("The word for why it ended. Absent: it has not, or that is not known."),
                )
                .perhaps("browser", text("The browser's name, where the application has told it."))
                .perhaps("address", text("The browser's address, where the application has told it."))
                .perhaps("answered_after", number("Seconds from the question to the answer."))
                .perhaps("lasted", number("Seconds from the answer to the end of the session, or until now."))
                .into(),
        ),
        (
            "AdminHistory",
            Members::of("Logins at an application, the latest first.")
                .with("status", status())
                .with("logins", list(see("AdminLogin", ""), "Those of this page."))
                .perhaps("next", next())
                .into(),
        ),
    ]
}

fn service() -> Vec<Named> {
    let scope = words("", AdminScope::ALL.iter().map(|scope| scope.word()));
    vec![
        (
            "AdminKeyAnswer",
            Members::of("The key that has signed.")
                .with("status", status())
                .with("key_id", id("Its id."))
                .with("name", text("Its name."))
                .with("scopes", list(scope, "Its scopes."))
                .perhaps("application_id", id("The only application that it may be used for."))
                .perhaps(
                    "account",
                    text("The account that made it. Absent: a command on the machine of the service."),
                )
                .with("expires_at", time("From when on it is good no longer."))
                .into(),
        ),
        (
            "AdminLogEntry",
            Members::of("An entry of the audit log.")
                .with("at", time("When."))
                .perhaps("application_id", id("The application's id. Absent: it is of the whole service."))
                .with("actor", text("The account, command or key that did it."))
                .with("action", text("The kind of change."))
                .perhaps("subject", text("The subject of the change."))
                .into(),
        ),
        (
            "AdminLog",
            Members::of("The audit log, the latest first.")
                .with("status", status())
                .with("entries", list(see("AdminLogEntry", ""), "Those of this page."))
                .perhaps("next", next())
                .into(),
        ),
        (
            "AdminAccount",
            Members::of("An account of the Console.")
                .with("name", text("Its name."))
                .with("administrator", boolean("Whether it administers the service."))
                .with("created_at", time("When it was made."))
                .perhaps("arrived_at", time("When it signed in first."))
                .perhaps("disabled_at", time("When it was disabled."))
                .into(),
        ),
        (
            "AdminAccounts",
            Members::of("Accounts, by name.")
                .with("status", status())
                .with("accounts", list(see("AdminAccount", ""), "Those of this page."))
                .perhaps("next", next())
                .into(),
        ),
        (
            "AdminNode",
            Members::of("A node of the service, as its database sees it.")
                .with("version", text("The version of its program."))
                .with("host", text("The name of its machine."))
                .with("process", number("The number of its process there."))
                .into(),
        ),
        (
            "AdminService",
            Members::of("How the service is.")
                .with("status", status())
                .with("version", text("The version of this node's program."))
                .with("runs_since", time("The time since when this node runs."))
                .with("state", text("The word for how this node is: `ready` where it does its work."))
                .perhaps("store", words("The kind of database.", ["sqlite", "postgres"].into_iter()))
                .perhaps("nodes", list(see("AdminNode", ""), "The nodes on the same database."))
                .with("pushes_waiting", number("The pushes of this node that wait."))
                .into(),
        ),
    ]
}
