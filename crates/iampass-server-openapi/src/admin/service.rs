//! The calls about keys, the audit log, accounts and the service itself.

use iampass_core::wire::Reason;
use serde_json::json;

use super::{between, changes, done, paged, reads, word};
use crate::described::Described;

pub(crate) fn key() -> Described {
    reads(
        "admin_key",
        "The key itself",
        "Which key has signed, what it may do, and until when. Takes no scope: each good key may ask.",
    )
    .answers(
        200,
        "The key.",
        "AdminKeyAnswer",
        json!({"status": true, "key_id": "KEY-7VBEZGAQN3QD4W2M1KX0", "name": "Nightly import", "scopes": ["users:read", "users:write"],
            "account": "ann", "expires_at": 1_831_536_000}),
    )
}

pub(crate) fn audit_log() -> Described {
    between(paged(
        reads(
            "admin_audit_log",
            "The audit log",
            "The latest first. One call looks through 5,000 entries at most: a page may have few or none, and `next` says that there are more. A key that \
             is limited to one application sees the entries of that one alone, and a key that an account made those about applications. Scope: `audit:read`.",
        ),
        "1800000000.17",
    ))
    .query("application", "Only entries about this application, by its id.", word(""), "7VBEZGAQN3QD4W2M")
    .query("action", "Only this kind of change.", word(""), "secret.rotated")
    .query("actor", "Only changes by this account, command or key.", word(""), "ann")
    .query("subject", "Only changes to this user, account or whatever else.", word(""), "u-5f0c1b7e")
    .answers(
        200,
        "A page of it.",
        "AdminLog",
        json!({"status": true, "entries": [{"at": 1_800_000_000, "application_id": "7VBEZGAQN3QD4W2M", "actor": "ann", "action": "secret.rotated",
            "subject": "overlap: day"}], "next": "1800000000.17"}),
    )
}

pub(crate) fn accounts() -> Described {
    paged(
        reads("admin_accounts", "List the accounts of the Console", "By name. Scope: `accounts:read`."),
        "ann",
    )
    .query("prefix", "Only accounts whose names begin with it.", word(""), "an")
    .answers(
        200,
        "A page of them.",
        "AdminAccounts",
        json!({"status": true, "accounts": [{"name": "ann", "administrator": true, "created_at": 1_800_000_000, "arrived_at": 1_800_000_060}],
            "next": "ann"}),
    )
}

fn account_change(name: &'static str, summary: &'static str, description: &'static str) -> Described {
    done(changes(name, summary, description).empty_body())
        .refuses(404, &[Reason::UnknownAccount])
        .refuses(409, &[Reason::LastAdministrator])
}

pub(crate) fn disable_account() -> Described {
    account_change(
        "admin_disable_account",
        "Disable an account",
        "It can do nothing; its sessions, its links and its keys end. The last administrator stays. Scope: `accounts:write`.",
    )
}

pub(crate) fn enable_account() -> Described {
    account_change(
        "admin_enable_account",
        "Enable an account",
        "It can sign in again. Sessions and links that have ended stay ended. Of an administrator it is refused to each key: people do that. Scope: `accounts:write`.",
    )
}

pub(crate) fn log_out_account() -> Described {
    account_change(
        "admin_log_out_account",
        "Log an account out everywhere",
        "Its sessions end, with the links and the keys that it made. Scope: `accounts:write`.",
    )
}

pub(crate) fn service() -> Described {
    reads(
        "admin_service",
        "How the service is",
        "As the node sees it that answers. Scope: `service:read`.",
    )
    .answers(
        200,
        "The report.",
        "AdminService",
        json!({"status": true, "version": "0.1.0", "runs_since": 1_800_000_000, "state": "ready", "store": "sqlite", "pushes_waiting": 0}),
    )
}
