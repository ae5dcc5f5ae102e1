//! Applications, for the Admin API.

use std::time::Duration;

use axum::response::Response;
use http::StatusCode;
use iampass_core::wire::{
    AdminApplication, AdminApplicationAnswer, AdminApplications, AdminCredentials, AdminNewApplication,
    AdminRename, AdminRotation, AdminSettings, AuthenticationMethod, Reason,
};
use iampass_server_console::checked_application_name;
use iampass_server_domain::credentials::{draw_application, draw_secret};
use iampass_server_domain::rules::{self, AllowedPhones, Approval, Walkaway};
use iampass_server_storage::{Application, ApplicationAdded, ApplicationChange, ApplicationKey};

use super::admitted::Admitted;
use super::answers::{done, invalid};
use super::asked::row;
use crate::admin_call::ApplicationStep;
use crate::problem::{Refused, json};

/// For so long at most the secret before stays good, in seconds: as in the Console.
const LONGEST_OVERLAP: u64 = 7 * 24 * 3_600;

pub(super) async fn list(admitted: &Admitted<'_>) -> Result<Response, Refused> {
    let query = admitted.query(&["after", "limit"])?;
    let after = ApplicationKey(query.after_row()?.unwrap_or(0));
    let only = admitted.caller.application;
    let found = admitted.app.database.applications_behind(after, only, query.limit()?).await?;
    let next = found.applications.last().filter(|_| found.has_later).map(|last| row(last.key.0));
    let applications = found.applications.iter().map(shown).collect();
    Ok(json(StatusCode::OK, &AdminApplications { status: true, applications, next }))
}

pub(super) async fn show(admitted: &Admitted<'_>, found: Application) -> Result<Response, Refused> {
    admitted.query(&[])?;
    let extent = admitted.app.database.application_extent(found.key).await?;
    let answer = AdminApplicationAnswer {
        status: true,
        application: shown(&found),
        users: extent.users,
        phones: extent.phones,
        sessions: extent.sessions,
    };
    Ok(json(StatusCode::OK, &answer))
}

pub(super) async fn add(admitted: Admitted<'_>) -> Result<Response, Refused> {
    admitted.query(&[])?;
    admitted.of_whole_service()?;
    let asked: AdminNewApplication = admitted.request.json_object()?;
    let name = name(&asked.name)?;
    let approval = asked.approval.as_deref().map(approval).transpose()?.unwrap_or(Approval::Code);
    let (id, secret) = draw_application()?;
    let database = &admitted.app.database;
    let added = database.add_application_by_key(id.clone(), secret.clone(), name, approval, admitted.caller);
    match added.await? {
        ApplicationAdded::Done => {}
        // Two of 82 random bits each.
        ApplicationAdded::IdTaken => return Err(Refused::unavailable()),
        ApplicationAdded::TooMany { most } => {
            let why = format!(
                "the account that made the key may have {most} applications (console.applications_per_account)"
            );
            return Err(invalid(why));
        }
    }
    let answer = AdminCredentials {
        status: true,
        application_id: id.to_string(),
        application_secret: secret,
        previous_secret_until: None,
    };
    Ok(json(StatusCode::CREATED, &answer))
}

pub(super) async fn change(
    admitted: &Admitted<'_>,
    found: &Application,
    step: ApplicationStep,
) -> Result<Response, Refused> {
    admitted.query(&[])?;
    let request = admitted.request;
    let mut answer = None;
    let (change, action, subject) = match step {
        ApplicationStep::Rename => {
            let name = name(&request.json_object::<AdminRename>()?.name)?;
            (ApplicationChange::Rename(name.clone()), "application.renamed", Some(name))
        }
        ApplicationStep::Configure => {
            (settings(admitted, found, &request.json_object()?)?, "application.configured", None)
        }
        ApplicationStep::Rotate => {
            let AdminRotation { overlap_seconds } = request.json_object()?;
            if overlap_seconds > LONGEST_OVERLAP {
                return Err(invalid(format!("overlap_seconds is 0 to {LONGEST_OVERLAP}")));
            }
            let secret = draw_secret()?;
            let previous_until = admitted.app.now().plus(Duration::from_secs(overlap_seconds));
            answer = Some(AdminCredentials {
                status: true,
                application_id: found.id.to_string(),
                application_secret: secret.clone(),
                previous_secret_until: (overlap_seconds > 0).then_some(previous_until),
            });
            let subject = Some(format!("overlap: {overlap_seconds} s"));
            (ApplicationChange::Rotate { secret, previous_until }, "secret.rotated", subject)
        }
        ApplicationStep::EndOverlap => (ApplicationChange::EndOverlap, "secret.overlap-ended", None),
        ApplicationStep::Disable => (ApplicationChange::Disable, "application.disabled", None),
        ApplicationStep::Enable => (ApplicationChange::Enable, "application.enabled", None),
        ApplicationStep::Delete => {
            (ApplicationChange::Delete, "application.deleted", Some(found.name.clone()))
        }
    };
    if matches!(
        step,
        ApplicationStep::EndOverlap
            | ApplicationStep::Disable
            | ApplicationStep::Enable
            | ApplicationStep::Delete
    ) {
        request.empty_body()?;
    }
    let noted = admitted.caller.noted(Some(found.id.as_str()), action, subject);
    let changed = admitted.app.database.change_application(found.key, change, admitted.actor()?, noted);
    changed.await?.ok_or_else(|| {
        Refused::not_found(Reason::UnknownApplication, "the application was deleted a moment ago")
    })?;
    Ok(answer.map_or_else(done, |credentials| json(StatusCode::OK, &credentials)))
}

/// The settings, by the rules of the Console's form.
fn settings(
    admitted: &Admitted<'_>,
    found: &Application,
    asked: &AdminSettings,
) -> Result<ApplicationChange, Refused> {
    let (config, unlock) = (&admitted.app.config, &admitted.app.unlock);
    let method = |word: &String| match AuthenticationMethod::from(word.as_str()) {
        AuthenticationMethod::Unknown(_) => Err(Refused::unprocessable(
            Reason::InvalidMethods,
            "methods is a list of: acceptance, device, facial",
        )),
        method if !rules::can_be_verified(&method, config.unverified_methods, unlock.possible()) => {
            Err(Refused::unprocessable(
                Reason::InvalidMethods,
                "methods names one that this service cannot verify",
            ))
        }
        method => Ok(method),
    };
    let methods = match &asked.methods {
        None => None,
        Some(None) => Some(None),
        Some(Some(words)) if words.is_empty() => {
            let message = "methods names at least one, or is null for all of them";
            return Err(Refused::unprocessable(Reason::InvalidMethods, message));
        }
        Some(Some(words)) => {
            let mut methods = Vec::new();
            for method in words.iter().map(method) {
                let method = method?;
                if !methods.contains(&method) {
                    methods.push(method);
                }
            }
            Some(Some(methods))
        }
    };
    let longest = config.longest_session.as_secs();
    if asked.duration_seconds.flatten().is_some_and(|seconds| seconds == 0 || seconds > longest) {
        let message = format!("duration_seconds is 1 to {longest}");
        return Err(Refused::unprocessable(Reason::InvalidDuration, message));
    }
    Ok(ApplicationChange::Configure {
        methods,
        duration_seconds: asked.duration_seconds,
        approval: asked.approval.as_deref().map(approval).transpose()?,
        walkaway: asked.walkaway.map(|is_on| if is_on { Walkaway::On } else { Walkaway::Off }),
        phones: asked.phones.as_deref().map(|word| phones(admitted, found, word)).transpose()?,
    })
}

fn name(text: &str) -> Result<String, Refused> {
    checked_application_name(text).map_err(|problem| invalid(format!("name: {problem}")))
}

fn approval(word: &str) -> Result<Approval, Refused> {
    Approval::from_word(word).ok_or_else(|| invalid("approval is code or tap"))
}

/// Unlocking is taken only where this service verifies it, or where it is so already: nobody could sign in otherwise.
fn phones(admitted: &Admitted<'_>, found: &Application, word: &str) -> Result<AllowedPhones, Refused> {
    let phones = AllowedPhones::from_word(word).ok_or_else(|| invalid("phones is any, key or unlock"))?;
    if phones == AllowedPhones::Unlocked
        && found.settings.phones != phones
        && !admitted.app.unlock.can_be_asked_for()
    {
        return Err(invalid(
            "phones cannot be unlock: this service cannot verify that a phone was unlocked. Its operator sets a public URL with https first",
        ));
    }
    Ok(phones)
}

fn shown(application: &Application) -> AdminApplication {
    let settings = &application.settings;
    AdminApplication {
        application_id: application.id.to_string(),
        name: application.name.clone(),
        created_at: application.created_at,
        disabled_at: application.disabled_at,
        approval: settings.approval.word().to_owned(),
        walkaway: settings.walkaway == Walkaway::On,
        phones: settings.phones.word().to_owned(),
        methods: settings.methods.clone(),
        duration_seconds: settings.duration_seconds,
        previous_secret_until: application.previous_secret.as_ref().map(|(_, until)| *until),
    }
}
