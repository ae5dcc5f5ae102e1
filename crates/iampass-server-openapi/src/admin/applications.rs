//! The calls about applications.

use iampass_core::wire::Reason;
use serde_json::{Value, json};

use super::{changes, done, in_application, paged, reads};
use crate::described::Described;

fn application() -> Value {
    json!({"application_id": "7VBEZGAQN3QD4W2M", "name": "Shop", "created_at": 1_800_000_000, "approval": "code", "walkaway": false, "phones": "any"})
}

pub(crate) fn applications() -> Described {
    paged(
        reads(
            "admin_applications",
            "List applications",
            "The oldest first. A key that is limited to one application sees that one alone. Scope: `applications:read`.",
        ),
        "17",
    )
    .answers(
        200,
        "A page of them.",
        "AdminApplications",
        json!({"status": true, "applications": [application()], "next": "17"}),
    )
}

pub(crate) fn show_application() -> Described {
    in_application(reads(
        "admin_application",
        "See an application",
        "Its settings, and how much it has. Never its secret. Scope: `applications:read`.",
    ))
    .answers(
        200,
        "The application.",
        "AdminApplicationAnswer",
        json!({"status": true, "application": application(), "users": 12, "phones": 11, "sessions": 3}),
    )
}

pub(crate) fn add_application() -> Described {
    changes(
        "admin_add_application",
        "Add an application",
        "The secret is in this answer alone. The account that made the key becomes its owner; with a key of a command it has none. Scope: \
         `applications:write`, of a key that is not limited to one application.",
    )
    .body("AdminNewApplication", json!({"name": "Shop", "approval": "code"}))
    .answers(
        201,
        "It is there, and these are its credentials.",
        "AdminCredentials",
        json!({"status": true, "application_id": "7VBEZGAQN3QD4W2M", "application_secret": "4DPV0Q5Z3C1M9KXH7R2T6B8WGJYNEALS"}),
    )
}

fn application_change(name: &'static str, summary: &'static str, description: &'static str) -> Described {
    in_application(changes(name, summary, description))
}

pub(crate) fn rename() -> Described {
    done(
        application_change(
            "admin_rename_application",
            "Rename an application",
            "Phones show the name, by the rules of the Console. Scope: `applications:write`.",
        )
        .body("AdminRename", json!({"name": "Shop"})),
    )
}

pub(crate) fn configure() -> Described {
    done(
        application_change(
            "admin_configure_application",
            "Change the settings of an application",
            "A setting that is not named stays as it is. `null` clears `methods` and `duration_seconds`, and leaves the others as they are. \
             A member that is not known is refused. Scope: `applications:write`.",
        )
        .body("AdminSettings", json!({"methods": ["acceptance"], "duration_seconds": 28_800, "approval": "code"}))
        .refuses(422, &[Reason::InvalidMethods, Reason::InvalidDuration]),
    )
}

pub(crate) fn rotate() -> Described {
    application_change(
        "admin_rotate_secret",
        "Give an application a new secret",
        "The secret is in this answer alone. The one before stays good for as long as is said, at most a week. Scope: `applications:write`.",
    )
    .body("AdminRotation", json!({"overlap_seconds": 86_400}))
    .answers(
        200,
        "The new secret is good.",
        "AdminCredentials",
        json!({"status": true, "application_id": "7VBEZGAQN3QD4W2M", "application_secret": "9KXH7R2T6B8WGJYNEALS4DPV0Q5Z3C1M",
            "previous_secret_until": 1_800_086_400}),
    )
}

pub(crate) fn end_overlap() -> Described {
    done(
        application_change(
            "admin_end_overlap",
            "End the secret before the present one",
            "It is good no longer from now on. Scope: `applications:write`.",
        )
        .empty_body(),
    )
}

pub(crate) fn disable() -> Described {
    done(
        application_change(
            "admin_disable_application",
            "Disable an application",
            "None of its calls is answered any more, and its sessions end. Scope: `applications:write`.",
        )
        .empty_body(),
    )
}

pub(crate) fn enable() -> Described {
    done(
        application_change(
            "admin_enable_application",
            "Enable an application",
            "Its calls are answered again. Sessions that have ended stay ended. Scope: `applications:write`.",
        )
        .empty_body(),
    )
}

pub(crate) fn delete() -> Described {
    done(
        application_change(
            "admin_delete_application",
            "Delete an application",
            "It is gone with users, phones and sessions, and nothing brings it back but a backup. Scope: `applications:write`.",
        )
        .empty_body(),
    )
}
