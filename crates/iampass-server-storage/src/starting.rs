//! Starting a session: a question is put to the user's phone.

use std::net::IpAddr;
use std::time::Duration;

use iampass_core::events::EventKind;
use iampass_core::wire::AuthenticationMethod;
use iampass_core::{Secret, UnixSeconds, UserToken};
use iampass_server_domain::credentials::{SessionCredentials, ShownSecrets};
use iampass_server_domain::rules::{self, Event, Timeline};

use super::confirmations::Tags;
use super::events::{Wanted, wanted};
use super::{
    ApplicationKey, Browser, Database, DeviceKey, Row, Sealed, Sealer, SessionKey, SpentNonce, StorageError,
    Tx, UserKey, applications, denials, events, pushes, timeline_rows,
    users::{self, NotKnownBefore},
};

/// A session that is to be started.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The application.
    pub application: ApplicationKey,
    /// The user whose phone is asked. None for a login without a name: the phone that brings the code says who it is.
    pub user: Option<UserToken>,
    /// The methods that the user is asked for.
    pub methods: Vec<AuthenticationMethod>,
    /// How long the session lasts.
    pub duration: Duration,
    /// How long the phone has to answer.
    pub answer_timeout: Duration,
    /// Questions that may wait for one user at a time.
    pub most_pending: usize,
    /// Whether the application knows the browser.
    pub browser: Browser,
    /// When the user last signed in from a known one.
    pub known_since: Option<UnixSeconds>,
    /// The secrets that the browser shows and the phone has to bring; None when it can show nothing.
    pub shown: Option<ShownSecrets>,
    /// The browser's name, for the phone to show.
    pub browser_name: Option<String>,
    /// The browser's address, for the phone to show.
    pub address: Option<String>,
    /// The page of the application to which the browser is led back that has answered by a link; None where there is no such link.
    pub return_to: Option<String>,
    /// Its credentials.
    pub credentials: SessionCredentials,
}

/// The outcome of starting a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartOutcome {
    /// The phone of this user is asked; the answer is due at this time.
    Started {
        /// The user; None while nobody is known.
        user: Option<UserKey>,
        /// When the answer is due.
        due_at: Option<UnixSeconds>,
        /// Whether the phone shows the question by itself.
        rings: bool,
    },
    /// There is no such user.
    UnknownUser,
    /// The application is disabled.
    Disabled,
    /// The user has no phone.
    NoDevice,
    /// A phone of the user was removed or replaced since the user signed in from the browser: it is not taken for a known one.
    BrowserNotKnown,
    /// The user has denied the last requests: none is put for a while.
    TooManyDenials,
    /// Too many questions are waiting; the oldest gives way after this time.
    TooManyPending {
        /// After this time.
        retry_after: Duration,
    },
}

/// Silent questions of one user at a time: those of browsers that show a code and that the phone has not met. One more takes the place of
/// another ([`rules::gives_way`]): a stranger who begins many displaces the stranger's own, and not the user's.
const MOST_SILENT: usize = 200;

/// Logins without a name of one application that wait for a phone at a time.
const MOST_NAMELESS: i64 = 10_000;

impl Database {
    /// Starts a session, unless something stands against it.
    pub async fn start_session(
        &self,
        new: NewSession,
        spent: SpentNonce,
    ) -> Result<StartOutcome, StorageError> {
        let seals = Seals::of(self.sealer(), &new.credentials)?;
        let (token, session) = (new.credentials.token.clone(), seals.session.clone());
        let (application, named) = (new.application, new.user.clone());
        let foreseen = named.as_ref().and_then(|user| self.remembered()?.user(application, user));
        let outcome = self
            .write_spending(spent, move |tx| Box::pin(async move { start(tx, &new, &seals, foreseen).await }))
            .await?;
        if let StartOutcome::Started { user, .. } = outcome {
            self.remembering(|remembered| {
                remembered.keep_started(token.as_str(), session, application, user);
                if let (Some(named), Some(user)) = (named, user) {
                    remembered.keep_user(application, named, user);
                }
            });
        }
        Ok(outcome)
    }
}

/// The secrets of a session, as they are stored.
#[derive(Clone)]
struct Seals {
    session: Vec<u8>,
    question: Vec<u8>,
}

impl Seals {
    fn of(sealer: &Sealer, credentials: &SessionCredentials) -> Result<Self, StorageError> {
        let SessionCredentials { token, secret, request_id, request_secret } = credentials;
        let seal = |kind, owner, secret: &Secret| sealer.seal(kind, owner, secret.expose().as_bytes());
        Ok(Self {
            session: seal(Sealed::Session, token.as_str(), secret)?,
            question: seal(Sealed::Question, request_id.as_str(), request_secret)?,
        })
    }
}

/// `foreseen` is the row of the user as it was remembered: where it is that row still, all that is read of the user is read in the trip that locks it.
async fn start(
    tx: &mut Tx<'_>,
    new: &NewSession,
    seals: &Seals,
    foreseen: Option<UserKey>,
) -> Result<StartOutcome, StorageError> {
    let Some(user) = &new.user else { return start_nameless(tx, new, seals).await };
    let rings_if = |is_paused| rules::rings(new.shown.is_some(), new.browser == Browser::Known, is_paused);
    let unless_paused = rings_if(false);
    let named = [new.application.into(), user.as_str().into()];
    let browser = new.browser.column().into();
    let (locked, read) = match foreseen {
        Some(key) => {
            let [locked, devices, found, enabled] = tx
                .query_all([
                    (users::LOCK_TO_START, &named),
                    (PHONES, &[key.into(), browser]),
                    (of_those_that(unless_paused), &[key.into()]),
                    (ENABLED, &[new.application.into()]),
                ])
                .await?;
            (locked, Some((key, [devices, found, enabled])))
        }
        None => (tx.query(users::LOCK_TO_START, &named).await?, None),
    };
    let Some((user, before)) = locked.first().map(users::read_to_start).transpose()? else {
        return Ok(StartOutcome::UnknownUser);
    };
    if new.browser == Browser::Known && is_forgotten(before, new.known_since, tx.now()) {
        return Ok(StartOutcome::BrowserNotKnown);
    }
    let [devices, found, enabled] = match read {
        Some((key, read)) if key == user => read,
        _ => {
            tx.query_all([
                (PHONES, &[user.into(), browser]),
                (of_those_that(unless_paused), &[user.into()]),
                (ENABLED, &[new.application.into()]),
            ])
            .await?
        }
    };
    let device = match devices.as_slice() {
        [] => return Ok(StartOutcome::NoDevice),
        [one] => Some(one.key(0)?),
        // All are asked, and the first answer counts.
        _ => None,
    };
    let now = tx.now();
    let pause = devices.first().map(|row| denials::pause_left(row, 2, now)).transpose()?;
    let is_paused = pause.flatten().is_some();
    if is_paused && new.shown.is_none() {
        return Ok(StartOutcome::TooManyDenials);
    }
    let rings = rings_if(is_paused);
    let found = match rings == unless_paused {
        true => found,
        false => tx.query(of_those_that(rings), &[user.into()]).await?,
    };
    let waiting = waiting(&found, now)?;
    match (rings, waiting.first()) {
        (true, Some(first)) if waiting.len() >= new.most_pending => {
            return Ok(StartOutcome::TooManyPending { retry_after: first.due_at.since(now) });
        }
        // It has asked no user, so it may give way.
        (false, _) if waiting.len() >= MOST_SILENT => {
            let addresses: Vec<_> = waiting.iter().map(|one| one.address).collect();
            let familiar = familiar(tx, user).await?;
            let gives_way = rules::gives_way(&addresses, &familiar).and_then(|place| waiting.get(place));
            if let Some(gives_way) = gives_way {
                timeline_rows::apply(tx, gives_way.question, Event::Superseded).await?;
            }
        }
        _ => {}
    }
    let mut ringing = if rings { Ringing::WhereOpen } else { Ringing::Nowhere };
    for row in devices.iter().filter(|_| rings) {
        if row.integer(1)? > 0 {
            ringing = Ringing::ByPush;
        }
    }
    let outcome = insert(tx, new, seals, Some((user, device)), ringing, &enabled).await?;
    tx.raised().user(user);
    Ok(outcome)
}

/// The way in which a question comes to phones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ringing {
    /// A phone has to bring it.
    Nowhere,
    /// Phones whose page is open show it, and no other one can be told.
    WhereOpen,
    /// Some phones are pushed to as well.
    ByPush,
}

/// The phones of a user, the oldest first, how many places each is pushed to, and the user's denials in a row by browsers of a kind. The user's row is locked.
pub(super) const PHONES: &str = "SELECT d.key, (SELECT count(*) FROM push_subscriptions s WHERE s.device_key = d.key AND s.gone_at IS NULL),
            n.in_a_row, n.last_at
     FROM devices d LEFT JOIN denials n ON n.user_key = d.user_key AND n.known_browser = ?2 WHERE d.user_key = ?1 ORDER BY d.key";

/// Applications know a browser for so long.
const KNOWN_FOR: Duration = Duration::from_secs(180 * 24 * 3_600);

/// Whether a phone has ended since the browser was known, or the user was deleted and added again.
fn is_forgotten(before: NotKnownBefore, known_since: Option<UnixSeconds>, now: UnixSeconds) -> bool {
    let is_before_added = known_since.is_some_and(|since| since < before.added_at);
    let is_before_end = before.phone_ended_at.is_some_and(|ended_at| {
        ended_at.plus(KNOWN_FOR) > now && known_since.is_none_or(|since| since <= ended_at)
    });
    is_before_added || is_before_end
}

/// A login without a name rings nowhere and belongs to nobody, until a phone brings its code.
async fn start_nameless(
    tx: &mut Tx<'_>,
    new: &NewSession,
    seals: &Seals,
) -> Result<StartOutcome, StorageError> {
    let sql = "SELECT due_at FROM sessions WHERE application_key = ?1 AND nameless = 1 AND user_key IS NULL AND ended_at IS NULL
               LIMIT 1 OFFSET ?2";
    let values = [new.application.into(), (MOST_NAMELESS - 1).into()];
    if let Some(row) = tx.query_one(sql, &values).await? {
        let due_at = row.optional_seconds(0)?.unwrap_or_else(|| tx.now());
        return Ok(StartOutcome::TooManyPending {
            retry_after: due_at.since(tx.now()).max(Duration::from_secs(1)),
        });
    }
    let enabled = tx.query(ENABLED, &[new.application.into()]).await?;
    insert(tx, new, seals, None, Ringing::Nowhere, &enabled).await
}

/// Writes the session down, unless its application is disabled by these rows of [`ENABLED`].
async fn insert(
    tx: &mut Tx<'_>,
    new: &NewSession,
    seals: &Seals,
    asked: Option<(UserKey, Option<DeviceKey>)>,
    ringing: Ringing,
    enabled: &[Row],
) -> Result<StartOutcome, StorageError> {
    let Some(enabled) = enabled.first() else { return Ok(StartOutcome::Disabled) };
    let is_on_phone = ringing != Ringing::Nowhere;
    let now = tx.now();
    let timeline = Timeline::asked(now, new.answer_timeout);
    let credentials = &new.credentials;
    let (token, request_id) = (credentials.token.as_str(), credentials.request_id.as_str());
    let tags = new.shown.as_ref().map(|shown| Tags::of(&credentials.request_secret, shown));
    let (user, device) = (asked.map(|(user, _)| user), asked.and_then(|(_, device)| device));
    tx.execute_later(
        "INSERT INTO sessions (token, secret, request_id, request_secret, application_key, user_key, device_key, methods,
                               duration_seconds, state, asked_at, due_at, known_browser, code_tag, scan_tag, on_phone, browser, address, nameless,
                               return_to)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
        &[
            token.into(),
            (&seals.session).into(),
            request_id.into(),
            (&seals.question).into(),
            new.application.into(),
            user.into(),
            device.into(),
            (&applications::words(&new.methods)).into(),
            UnixSeconds(new.duration.as_secs()).into(),
            timeline.state.word().into(),
            now.into(),
            timeline.due_at.into(),
            new.browser.column().into(),
            tags.as_ref().map(|tags| tags.code.as_slice()).into(),
            tags.as_ref().map(|tags| tags.scan.as_slice()).into(),
            i64::from(is_on_phone).into(),
            new.browser_name.as_deref().into(),
            new.address.as_deref().into(),
            i64::from(asked.is_none()).into(),
            new.return_to.as_deref().into(),
        ],
    )
    .await?;
    if ringing == Ringing::ByPush {
        tx.execute_later(pushes::RING, &[token.into(), pushes::RING_KIND.into(), now.into()]).await?;
        pushes::raise(tx, 1);
    }
    events::of_token(tx, token, Wanted::read(enabled, 0)?, &EventKind::LoginStarted).await?;
    if let Some(due_at) = timeline.due_at {
        tx.raised().deadline(due_at);
    }
    Ok(StartOutcome::Started { user, due_at: timeline.due_at, rings: is_on_phone })
}

/// The statement that finds an application unless it is disabled, with the events that it wants. It stays enabled until the transaction ends: a change that disables it
/// waits for that, and ends the session that is written down.
const ENABLED: &str = concat!(
    "SELECT ",
    wanted!("a.key"),
    " FROM applications a WHERE a.key = ?1 AND a.disabled_at IS NULL /*lock keep*/"
);

pub(super) const RINGING: &str = "SELECT state, due_at, key, address FROM sessions /*open of user*/
    WHERE user_key = ?1 AND ended_at IS NULL AND activated_at IS NULL AND on_phone = 1 AND (known_browser = 1 OR code_tag IS NULL)";
pub(super) const SILENT: &str = "SELECT state, due_at, key, address FROM sessions /*open of user*/
    WHERE user_key = ?1 AND ended_at IS NULL AND activated_at IS NULL AND on_phone = 0 AND return_tag IS NULL";

/// Where a user is signed in. Ended sessions are not looked at: anybody can begin as many as they like in the name of another.
pub(super) const SIGNED_IN: &str = "SELECT address FROM sessions /*open of user*/
    WHERE user_key = ?1 AND ended_at IS NULL AND activated_at IS NOT NULL AND address IS NOT NULL";

/// The statement for the questions of a user that rang, or for those that wait silently. A question that the phone has brought takes no place of
/// those that ring: a link that a stranger sends must not keep the user's own browser out.
const fn of_those_that(ring: bool) -> &'static str {
    if ring { RINGING } else { SILENT }
}

/// The questions among these that wait, and when they time out; the first to do so comes first.
fn waiting(rows: &[Row], now: UnixSeconds) -> Result<Vec<Waiting>, StorageError> {
    let mut waiting = Vec::new();
    for row in rows {
        let timeline = timeline_rows::asked(row, 0)?;
        if let Some(due_at) = timeline.due_at.filter(|_| timeline.state_at(now).is_in_progress()) {
            waiting.push(Waiting { question: row.key(2)?, due_at, address: address(row, 3)? });
        }
    }
    waiting.sort_unstable_by_key(|waiting| (waiting.due_at, waiting.question));
    Ok(waiting)
}

/// The addresses at which this user is signed in.
async fn familiar(tx: &mut Tx<'_>, user: UserKey) -> Result<Vec<IpAddr>, StorageError> {
    let rows = tx.query(SIGNED_IN, &[user.into()]).await?;
    let addresses = rows.iter().map(|row| address(row, 0)).collect::<Result<Vec<_>, _>>()?;
    Ok(addresses.into_iter().flatten().collect())
}

/// Reads the column `address`.
fn address(row: &Row, column: usize) -> Result<Option<IpAddr>, StorageError> {
    Ok(row.optional_text(column)?.and_then(|address| address.parse().ok()))
}

/// A question that waits.
struct Waiting {
    question: SessionKey,
    due_at: UnixSeconds,
    /// Where its browser is; all that tell no address count as one network.
    address: Option<IpAddr>,
}
