//! Changes to an application, each in one transaction with its entry in the log. Belongs here: what may be changed, and the right that it takes.

use iampass_core::events::EventKind;
use iampass_core::wire::AuthenticationMethod;
use iampass_core::{Secret, UnixSeconds};
use iampass_server_domain::random;
use iampass_server_domain::rules::{Act, AllowedPhones, Approval, Walkaway};

use super::applications::{read_phones, read_walkaway, users_with_sessions, walkaway_column, words};
use super::audit::{Noted, note};
use super::{
    Actor, ApplicationKey, Database, Right, Row, Sealed, StorageError, Tx, UserKey, Value, event_endpoints,
    events, timeline_rows,
};

/// A change to an application.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ApplicationChange {
    /// Its name becomes this one.
    Rename(String),
    /// Its settings become these.
    Configure {
        /// The methods that it may ask for, `Some(None)` for all. None leaves them as they are.
        methods: Option<Option<Vec<AuthenticationMethod>>>,
        /// How long its sessions last when it does not say, `Some(None)` for the service's own time. None leaves it as it is.
        duration_seconds: Option<Option<u64>>,
        /// The approval that it takes at least. None leaves it as it is.
        approval: Option<Approval>,
        /// Whether phones say of its sessions that they are near or away. None leaves it as it is.
        walkaway: Option<Walkaway>,
        /// The phones that may answer for it. None leaves it as it is.
        phones: Option<AllowedPhones>,
    },
    /// The approval that it takes at least becomes this one.
    Approve(Approval),
    /// Phones say from now on whether they are near or away, or no more.
    Walkaway(Walkaway),
    /// These phones may answer for it from now on.
    AllowPhones(AllowedPhones),
    /// A new secret; the one before stays good until this time.
    Rotate {
        /// The new secret.
        secret: Secret,
        /// Until when the one before is good.
        previous_until: UnixSeconds,
    },
    /// The previous secret is good no longer.
    EndOverlap,
    /// None of its requests is done any more, and its sessions end.
    Disable,
    /// Users may log in again.
    Enable,
    /// An administrator decides whether messages are sent for it.
    Messages {
        /// Whether messages are sent for it.
        allowed: bool,
    },
    /// It is gone, and its users, phones and sessions go after it.
    Delete,
}

impl ApplicationChange {
    /// The right that it takes.
    const fn act(&self) -> Act {
        match self {
            Self::Rename(_)
            | Self::Configure { .. }
            | Self::Approve(_)
            | Self::Walkaway(_)
            | Self::AllowPhones(_) => Act::Configure,
            Self::Rotate { .. } | Self::EndOverlap => Act::RotateSecret,
            Self::Disable | Self::Enable => Act::SwitchOff,
            Self::Messages { .. } => Act::DecideMessages,
            Self::Delete => Act::Delete,
        }
    }

    /// The approval that it sets.
    const fn approval(&self) -> Option<Approval> {
        match self {
            Self::Configure { approval, .. } => *approval,
            Self::Approve(approval) => Some(*approval),
            _ => None,
        }
    }

    /// The presence of phones that it sets.
    const fn walkaway(&self) -> Option<Walkaway> {
        match self {
            Self::Configure { walkaway, .. } => *walkaway,
            Self::Walkaway(walkaway) => Some(*walkaway),
            _ => None,
        }
    }

    /// The phones that it allows.
    const fn phones(&self) -> Option<AllowedPhones> {
        match self {
            Self::Configure { phones, .. } => *phones,
            Self::AllowPhones(phones) => Some(*phones),
            _ => None,
        }
    }
}

impl Database {
    /// Changes an application, and writes down who did it; whose sessions it has ended. None when there is no such application.
    pub async fn change_application(
        &self,
        application: ApplicationKey,
        change: ApplicationChange,
        by: Actor,
        noted: Noted,
    ) -> Result<Option<Vec<UserKey>>, StorageError> {
        let maker = by.account();
        self.write_by(by, Right::In(application, change.act()), move |tx| {
            Box::pin(async move {
                if matches!(change, ApplicationChange::Enable) {
                    super::console::refuse_new_phone(tx, maker).await?;
                }
                let sql =
                    "SELECT id, secret, approval, walkaway, phones FROM applications WHERE key = ?1 AND hidden = 0 /*lock*/";
                let Some(found) = tx.query_one(sql, &[application.into()]).await? else { return Ok(None) };
                let is_deleted = matches!(change, ApplicationChange::Delete);
                let ended = match change {
                    ApplicationChange::Disable | ApplicationChange::Delete => {
                        users_with_sessions(tx, application).await?
                    }
                    _ => Vec::new(),
                };
                tx.raised().application(application);
                ended.iter().for_each(|&user| tx.raised().user(user));
                if is_deleted {
                    tx.raised().leftovers();
                }
                let approval =
                    change.approval().filter(|approval| found.text(2).ok() != Some(approval.word()));
                let before = read_walkaway(&found, 3)?;
                let walkaway = change.walkaway().filter(|walkaway| *walkaway != before);
                let before = read_phones(&found, 4)?;
                let phones = change.phones().filter(|phones| *phones != before);
                apply(tx, application, &found, change).await?;
                if let Some(walkaway) = walkaway {
                    follow(tx, application, walkaway).await?;
                }
                if let Some(phones) = phones {
                    let sql = "UPDATE applications SET phones = ?2 WHERE key = ?1";
                    tx.execute(sql, &[application.into(), phones.word().into()]).await?;
                }
                note(tx, &noted).await?;
                if let Some(phones) = phones {
                    let subject = Some(phones.word().to_owned());
                    note(tx, &Noted { action: "application.phones", subject, ..noted.clone() }).await?;
                }
                if let Some(approval) = approval {
                    // To weaken it is not to be mistaken for another duration.
                    let subject = Some(approval.word().to_owned());
                    note(tx, &Noted { action: "application.approval", subject, ..noted.clone() }).await?;
                }
                if let Some(walkaway) = walkaway {
                    let subject = Some(walkaway.word().to_owned());
                    note(tx, &Noted { action: "application.walkaway", subject, ..noted }).await?;
                }
                Ok(Some(ended))
            })
        })
        .await
    }
}

const END_OVERLAP: &str =
    "UPDATE applications SET previous_secret = NULL, previous_until = NULL WHERE key = ?1";

/// Phones are to say whether they are near, or are not to any more.
async fn follow(tx: &mut Tx<'_>, key: ApplicationKey, walkaway: Walkaway) -> Result<(), StorageError> {
    let sql = "UPDATE applications SET walkaway = ?2 WHERE key = ?1";
    tx.execute(sql, &[key.into(), walkaway_column(walkaway).into()]).await?;
    if walkaway == Walkaway::Off {
        timeline_rows::forget_promises(tx, key).await?;
    }
    Ok(())
}

async fn approve(tx: &mut Tx<'_>, key: ApplicationKey, approval: Approval) -> Result<(), StorageError> {
    let sql = "UPDATE applications SET approval = ?2 WHERE key = ?1";
    tx.execute(sql, &[key.into(), approval.word().into()]).await.map(drop)
}

async fn apply(
    tx: &mut Tx<'_>,
    key: ApplicationKey,
    found: &Row,
    change: ApplicationChange,
) -> Result<(), StorageError> {
    use ApplicationChange as C;
    let now = tx.now();
    match change {
        C::Rename(name) => {
            tx.execute("UPDATE applications SET name = ?2 WHERE key = ?1", &[key.into(), (&name).into()])
                .await?;
        }
        C::Configure { methods, duration_seconds, approval, walkaway: _, phones: _ } => {
            if let Some(methods) = methods {
                let words = methods.as_deref().map(words);
                let sql = "UPDATE applications SET methods = ?2 WHERE key = ?1";
                tx.execute(sql, &[key.into(), words.as_deref().into()]).await?;
            }
            if let Some(seconds) = duration_seconds {
                let seconds = seconds.map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX));
                let sql = "UPDATE applications SET duration_seconds = ?2 WHERE key = ?1";
                tx.execute(sql, &[key.into(), seconds.into()]).await?;
            }
            if let Some(approval) = approval {
                approve(tx, key, approval).await?;
            }
        }
        C::Approve(approval) => approve(tx, key, approval).await?,
        C::Walkaway(_) | C::AllowPhones(_) => {}
        C::Rotate { secret, previous_until } => {
            let sealed = tx.seal(Sealed::Application, found.text(0)?, secret.expose())?;
            tx.execute(
                "UPDATE applications SET previous_secret = secret, previous_until = ?3, secret = ?2 WHERE key = ?1",
                &[key.into(), (&sealed).into(), previous_until.into()],
            )
            .await?;
            if previous_until <= now {
                // A secret that is not valid any more is not kept.
                tx.execute(END_OVERLAP, &[key.into()]).await?;
            }
            events::of_application(tx, key, &EventKind::SecretRotated, None).await?;
        }
        C::EndOverlap => {
            tx.execute(END_OVERLAP, &[key.into()]).await?;
        }
        C::Disable => {
            let sql = "UPDATE applications SET disabled_at = coalesce(disabled_at, ?2) WHERE key = ?1";
            tx.execute(sql, &[key.into(), now.into()]).await?;
            timeline_rows::end_those_of_application(tx, key).await?;
        }
        C::Enable => {
            tx.execute("UPDATE applications SET disabled_at = NULL WHERE key = ?1", &[key.into()]).await?;
        }
        C::Messages { allowed } => {
            let sql = "UPDATE applications SET messages = ?2 WHERE key = ?1";
            tx.execute(sql, &[key.into(), i64::from(allowed).into()]).await?;
        }
        C::Delete => {
            // There may be a million users: from now on there is nothing under its id, and what it had goes bit by bit (`tidying`).
            let unknown = random::hexadecimal::<16>()?;
            tx.execute(
                "UPDATE applications SET id = ?2, secret = ?3, previous_secret = NULL, previous_until = NULL, hidden = 2, disabled_at = ?4,
                                         made_by = -ABS(made_by)
                 WHERE key = ?1",
                &[key.into(), (&unknown).into(), Value::Bytes(&[]), now.into()],
            )
            .await?;
            // Nothing is sent for it from now on, its end included.
            event_endpoints::remove(tx, key).await?;
            timeline_rows::end_those_of_application(tx, key).await?;
            tx.execute("DELETE FROM members WHERE application_key = ?1", &[key.into()]).await?;
            tx.execute("DELETE FROM console_links WHERE application_key = ?1", &[key.into()]).await?;
        }
    }
    Ok(())
}
