//! Samples of the Admin API.

use iampass_core::UnixSeconds;
use iampass_core::wire::*;

use super::{Sample, answer, request, secret, text};

fn at() -> UnixSeconds {
    UnixSeconds(1)
}

fn application(is_full: bool) -> AdminApplication {
    AdminApplication {
        application_id: text(),
        name: text(),
        created_at: at(),
        disabled_at: is_full.then(at),
        approval: "code".into(),
        walkaway: is_full,
        phones: "any".into(),
        methods: is_full.then(|| vec![AuthenticationMethod::Acceptance]),
        duration_seconds: is_full.then_some(60),
        previous_secret_until: is_full.then(at),
    }
}

fn session(is_full: bool) -> AdminSession {
    AdminSession {
        session: 1,
        user_id: text(),
        state: text(),
        asked_at: at(),
        activated_at: is_full.then(at),
        due_at: at(),
        platform: is_full.then(text),
    }
}

fn user(is_full: bool) -> AdminUser {
    AdminUser { user_id: text(), added_at: at(), phone_since: is_full.then(at), open_sessions: 1 }
}

fn phone(is_full: bool) -> AdminPhone {
    AdminPhone {
        phone_id: text(),
        name: text(),
        platform: is_full.then(text),
        added_at: at(),
        last_used_at: is_full.then(at),
    }
}

fn login(is_full: bool) -> AdminLogin {
    AdminLogin {
        asked_at: at(),
        user_id: text(),
        outcome: text(),
        ended: is_full.then(text),
        browser: is_full.then(text),
        address: is_full.then(text),
        answered_after: is_full.then_some(1),
        lasted: is_full.then_some(1),
    }
}

fn entry(is_full: bool) -> AdminLogEntry {
    AdminLogEntry {
        at: at(),
        application_id: is_full.then(text),
        actor: text(),
        action: text(),
        subject: is_full.then(text),
    }
}

fn account(is_full: bool) -> AdminAccount {
    AdminAccount {
        name: text(),
        administrator: is_full,
        created_at: at(),
        arrived_at: is_full.then(at),
        disabled_at: is_full.then(at),
    }
}

fn node() -> AdminNode {
    AdminNode { version: text(), host: text(), process: 1 }
}

/// With all that can be there, and with nothing that can be left out.
fn both<T>(of: fn(bool) -> T) -> [T; 2] {
    [of(true), of(false)]
}

pub(super) fn all() -> Vec<Sample> {
    let status = true;
    vec![
        answer("AdminApplication", &both(application)),
        answer(
            "AdminApplications",
            &both(|is_full| AdminApplications {
                status: true,
                applications: both(application).into(),
                next: is_full.then(text),
            }),
        ),
        answer(
            "AdminApplicationAnswer",
            &[AdminApplicationAnswer {
                status,
                application: application(true),
                users: 1,
                phones: 1,
                sessions: 1,
            }],
        ),
        request(
            "AdminNewApplication",
            &both(|is_full| AdminNewApplication { name: text(), approval: is_full.then(text) }),
        ),
        answer(
            "AdminCredentials",
            &both(|is_full| AdminCredentials {
                status: true,
                application_id: text(),
                application_secret: secret(),
                previous_secret_until: is_full.then(at),
            }),
        ),
        request("AdminRename", &[AdminRename { name: text() }]),
        request(
            "AdminSettings",
            &[
                AdminSettings {
                    methods: Some(Some(vec![text()])),
                    duration_seconds: Some(Some(60)),
                    approval: Some(text()),
                    walkaway: Some(true),
                    phones: Some("any".into()),
                },
                AdminSettings {
                    methods: Some(None),
                    duration_seconds: Some(None),
                    ..AdminSettings::default()
                },
                AdminSettings::default(),
            ],
        ),
        request("AdminRotation", &[AdminRotation { overlap_seconds: 60 }]),
        answer("AdminUser", &both(user)),
        answer(
            "AdminUsers",
            &both(|is_full| AdminUsers { status: true, users: both(user).into(), next: is_full.then(text) }),
        ),
        answer("AdminPhone", &both(phone)),
        answer(
            "AdminUserAnswer",
            &both(|is_full| AdminUserAnswer {
                status: true,
                user_id: text(),
                added_at: at(),
                phones: both(phone).into(),
                link_until: is_full.then(at),
                recovery_codes_left: 1,
                sessions: both(session).into(),
            }),
        ),
        request("AdminNewUsers", &[AdminNewUsers { users: vec![text()] }, AdminNewUsers { users: vec![] }]),
        request(
            "AdminNewLink",
            &[AdminNewLink { display_name: Some(text()), add: Some(true) }, AdminNewLink::default()],
        ),
        answer("AdminSession", &both(session)),
        answer(
            "AdminSessions",
            &both(|is_full| AdminSessions {
                status: true,
                sessions: both(session).into(),
                next: is_full.then(text),
            }),
        ),
        answer("AdminLogin", &both(login)),
        answer(
            "AdminHistory",
            &both(|is_full| AdminHistory {
                status: true,
                logins: both(login).into(),
                next: is_full.then(text),
            }),
        ),
        answer(
            "AdminKeyAnswer",
            &both(|is_full| AdminKeyAnswer {
                status: true,
                key_id: text(),
                name: text(),
                scopes: vec!["users:read".into()],
                application_id: is_full.then(text),
                account: is_full.then(text),
                expires_at: at(),
            }),
        ),
        answer("AdminLogEntry", &both(entry)),
        answer(
            "AdminLog",
            &both(|is_full| AdminLog { status: true, entries: both(entry).into(), next: is_full.then(text) }),
        ),
        answer("AdminAccount", &both(account)),
        answer(
            "AdminAccounts",
            &both(|is_full| AdminAccounts {
                status: true,
                accounts: both(account).into(),
                next: is_full.then(text),
            }),
        ),
        answer("AdminNode", &[node()]),
        answer(
            "AdminService",
            &both(|is_full| AdminService {
                status: true,
                version: text(),
                runs_since: at(),
                state: text(),
                store: is_full.then(|| "sqlite".into()),
                nodes: is_full.then(|| vec![node()]),
                pushes_waiting: 1,
            }),
        ),
    ]
}
