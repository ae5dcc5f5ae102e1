//! Several phones of one user: the list of them, what one does about the others, a phone that waits to be confirmed, and recovery codes \[X\].
//!
//! Belongs here: who may ask for what. Does not belong here: what follows (`iampass-server-storage`).

use std::time::Duration;

use axum::response::Response;
use http::StatusCode;
use iampass_core::signing::Presented;
use iampass_core::wire::{
    ChangeRequest, ListedPhone, PhoneChange, PhoneLink, PhoneList, Reason, RecoveryCodes, RecoveryLink,
    RegistrationLinkAnswer, WaitingAnswer, WaitingRecord, WaitingState,
};
use iampass_core::{DeviceId, Secret, UserToken};
use iampass_server_domain::recovery_code::RecoveryCode;
use iampass_server_domain::rules::{CannotAdd, is_phone_name};
use iampass_server_storage::{
    Application, CodesMade, Device, LinkMade, NewLink, Phone, Phones, PhonesChange, PhonesChanged,
    RecoverOutcome, RecoveryLinkMade, Waits,
};

use super::reading::{count_for_user, wait};
use super::registration_link::{display_name, draw_code, unknown_user};
use crate::app::App;
use crate::authenticity::{Verified, Waiter, unknown_device};
use crate::path_segments::plain_id;
use crate::phone_signature;
use crate::problem::{Refused, json};
use crate::rates::Limited;
use crate::request::Incoming;

/// How long a link is good that a phone makes: the other phone is at hand.
const LINK_FOR: Duration = Duration::from_secs(3_600);

/// The longest digits and recovery codes that are looked at, in bytes.
const LONGEST_TYPED: usize = 200;

/// The phones of the user.
pub(super) async fn list(app: &App, signed: Verified<Device>) -> Result<Response, Refused> {
    let Verified { who, spent } = signed;
    drop(spent);
    let phones = app.database.phones(who.key, who.user).await?.ok_or_else(unknown_device)?;
    Ok(json(StatusCode::OK, &listed(phones, &who)))
}

/// A phone confirms, denies, names or removes one.
pub(super) async fn change(
    app: &App,
    request: &Incoming,
    Verified { who, spent }: Verified<Device>,
) -> Result<Response, Refused> {
    let change = match signed(app, request, &who)? {
        PhoneChange::ConfirmPhone { phone_id, code } => {
            check_typed(&code)?;
            PhonesChange::Confirm { phone: phone_id, code }
        }
        PhoneChange::DenyPhone { phone_id } => PhonesChange::Deny { phone: phone_id },
        PhoneChange::NamePhone { phone_id, name } => {
            check_name(&name)?;
            PhonesChange::Name { phone: phone_id, name }
        }
        PhoneChange::RemovePhone { phone_id } => PhonesChange::Remove { phone: phone_id },
        _ => return Err(phone_signature::for_another_change()),
    };
    match app.database.change_phones(who.clone(), change, spent).await? {
        PhonesChanged::Done(phones) => Ok(json(StatusCode::OK, &listed(*phones, &who))),
        PhonesChanged::UnknownPhone => Err(Refused::not_found(
            Reason::UnknownPhone,
            "no phone of this id is this user's or waits: read the list of phones again",
        )),
        PhonesChanged::WrongCode { left: 0 } => Err(Refused::unprocessable(
            Reason::WrongCode,
            "the code was wrong for the third time, so the new phone is not let in: make a new link, and add it anew",
        )
        .tries_left(0)),
        PhonesChanged::WrongCode { left } => Err(Refused::unprocessable(
            Reason::WrongCode,
            format!("the new phone shows another code: {left} more may be wrong before it has to be added anew"),
        )
        .tries_left(left)),
        PhonesChanged::TooManyPhones => Err(too_many()),
        PhonesChanged::TooNew { retry_after } => Err(too_new(retry_after)),
        PhonesChanged::UnknownDevice => Err(unknown_device()),
    }
}

/// A phone makes a link for one more.
pub(super) async fn link(
    app: &App,
    request: &Incoming,
    Verified { who, spent }: Verified<Device>,
) -> Result<Response, Refused> {
    let PhoneChange::AddPhone { display_name: name } = signed(app, request, &who)? else {
        return Err(phone_signature::for_another_change());
    };
    let name = display_name(name)?;
    let user = count(app, &who)?;
    let (code, url) = draw_code(app, request)?;
    let lifetime = LINK_FOR.min(app.config.link_lifetime);
    let link = NewLink { application: who.application, user, display_name: name, lifetime };
    match app.database.make_adding_link(who, link, code, spent).await? {
        LinkMade::Made { expires_at } => {
            Ok(json(StatusCode::OK, &PhoneLink { register_url: Secret::new(url), expires_at }))
        }
        LinkMade::TooManyPhones => Err(too_many()),
        LinkMade::TooNew { retry_after } => Err(too_new(retry_after)),
        LinkMade::UnknownDevice => Err(unknown_device()),
    }
}

/// A phone makes new recovery codes.
pub(super) async fn recovery_codes(
    app: &App,
    request: &Incoming,
    Verified { who, spent }: Verified<Device>,
) -> Result<Response, Refused> {
    let PhoneChange::MakeRecoveryCodes {} = signed(app, request, &who)? else {
        return Err(phone_signature::for_another_change());
    };
    count(app, &who)?;
    match app.database.make_recovery_codes(who, spent).await? {
        CodesMade::Made(recovery_codes) => Ok(json(StatusCode::OK, &RecoveryCodes { recovery_codes })),
        CodesMade::TooNew { retry_after } => Err(too_new(retry_after)),
        CodesMade::UnknownDevice => Err(unknown_device()),
    }
}

/// A phone that was added asks whether it is confirmed. With `wait` it is answered as soon as it is.
pub(super) async fn state(app: &App, request: &Incoming, device: &str) -> Result<Response, Refused> {
    let id = plain_id(device);
    let Verified { who, spent } = app.authenticity.by_waiting(request, &id).await?;
    drop(spent);
    let time = wait(app, request)?;
    let user = match &who {
        Waiter::Confirmed(_) => return Ok(confirmed()),
        Waiter::Waiting(waiting) => waiting.user,
    };
    let mut woken = app.database.signals().listen(user);
    let time_is_up = tokio::time::sleep(time);
    tokio::pin!(time_is_up);
    let mut last_look = time.is_zero();
    loop {
        woken.mark_unchanged();
        let Some((_, waiting)) = app.database.waiting_device(&id).await? else {
            return match app.database.device(&id).await? {
                Some(_) => Ok(confirmed()),
                None => Err(unknown_device()),
            };
        };
        if last_look {
            let expires_at = Some(waiting.expires_at);
            return Ok(json(StatusCode::OK, &WaitingAnswer { state: WaitingState::Waiting, expires_at }));
        }
        tokio::select! {
            _ = woken.changed() => {}
            () = &mut time_is_up => last_look = true,
            () = app.database.time_to_look() => {}
            () = app.shutdown.begun() => last_look = true,
        }
    }
}

/// A phone that waits brings a recovery code.
pub(super) async fn recover(app: &App, request: &Incoming, device: &str) -> Result<Response, Refused> {
    let Verified { who, spent } = app.authenticity.by_waiting(request, &plain_id(device)).await?;
    let Waiter::Waiting(waiting) = who else { return Ok(confirmed()) };
    let body: ChangeRequest = request.json()?;
    let jws = body.change.ok_or_else(phone_signature::required)?;
    let (now, window) = (app.now(), app.config.signature_window);
    let sent = Presented::from_headers(request.head().headers)?;
    let PhoneChange::Recover { recovery_code } =
        phone_signature::signed_change(&jws, &waiting.signer, &sent, now, window)?
    else {
        return Err(phone_signature::for_another_change());
    };
    check_typed(&recovery_code)?;
    let code = RecoveryCode::parse(recovery_code.expose()).map_err(|_| not_read())?;
    match app.database.recover(waiting, code, spent).await? {
        RecoverOutcome::Recovered => Ok(confirmed()),
        RecoverOutcome::WrongCode { left: 0 } => Err(Refused::unprocessable(
            Reason::WrongRecoveryCode,
            "it is none of this user's recovery codes, or it was used, for the third time. This phone waits no longer: make a new link, and add it anew",
        )
        .tries_left(0)),
        RecoverOutcome::WrongCode { .. } => Err(wrong_recovery_code()),
        RecoverOutcome::TooManyPhones => Err(too_many()),
        RecoverOutcome::NotWaiting => Err(unknown_device()),
    }
}

/// The application brings a recovery code that its user has typed, for a link for one more phone.
pub(super) async fn recovery_link(
    app: &App,
    request: &Incoming,
    Verified { who, spent }: Verified<Application>,
    user: UserToken,
) -> Result<Response, Refused> {
    let RecoveryLink { recovery_code, display_name: name } = request.json()?;
    check_typed(&recovery_code)?;
    let display_name = display_name(name)?;
    let recovery_code = RecoveryCode::parse(recovery_code.expose()).map_err(|_| not_read())?;
    let (code, url) = draw_code(app, request)?;
    let lifetime = LINK_FOR.min(app.config.link_lifetime);
    let link = NewLink { application: who.key, user, display_name, lifetime };
    match app.database.make_recovery_link(link, code, recovery_code, spent).await? {
        RecoveryLinkMade::Made => Ok(json(
            StatusCode::OK,
            &RegistrationLinkAnswer { status: true, register_url: Some(url), adds: true, reason: None },
        )),
        RecoveryLinkMade::WrongCode => Err(wrong_recovery_code()),
        RecoveryLinkMade::CannotAdd(why) => Err(cannot_add(why)),
        RecoveryLinkMade::UnknownUser => Err(unknown_user()),
    }
}

fn not_read() -> Refused {
    let message = "it is no recovery code: a letter was mistyped. Compare it with what was printed; this try is not counted";
    Refused::unprocessable(Reason::WrongRecoveryCode, message)
}

fn wrong_recovery_code() -> Refused {
    let message = "it is none of this user's recovery codes, or it was used: take another of the ten";
    Refused::unprocessable(Reason::WrongRecoveryCode, message)
}

/// The facts for a phone that waits.
pub(super) fn record(base: &str, device: &DeviceId, waits: Waits) -> WaitingRecord {
    WaitingRecord {
        code: waits.code,
        expires_at: waits.expires_at,
        state_url: format!("{base}/device/{device}/waiting"),
        recover_url: format!("{base}/device/{device}/recover"),
    }
}

/// Why a phone is not added to those of its user.
pub(super) fn cannot_add(why: CannotAdd) -> Refused {
    match why {
        CannotAdd::TooMany => too_many(),
        CannotAdd::WithoutKey => key_required(
            "this phone, or one that the user has, has no key of its own, so the two could not be told apart: use a link that replaces the phone",
        ),
    }
}

/// A phone has 1 to 64 characters for a name.
pub(super) fn check_name(name: &str) -> Result<(), Refused> {
    if is_phone_name(name) {
        return Ok(());
    }
    let message = "the name of a phone has 1 to 64 characters, all of which can be seen";
    Err(Refused::unprocessable(Reason::InvalidParameter, message))
}

fn check_typed(typed: &Secret) -> Result<(), Refused> {
    if typed.is_empty() || typed.expose().len() > LONGEST_TYPED {
        let message = "code and recovery_code are not empty and have 200 bytes at most";
        return Err(Refused::unprocessable(Reason::InvalidParameter, message));
    }
    Ok(())
}

/// The change that the phone's own key has signed. A phone without a key is the only one of its user, and changes no others.
fn signed(app: &App, request: &Incoming, who: &Device) -> Result<PhoneChange, Refused> {
    let Some(signer) = &who.signer else {
        return Err(key_required(
            "this phone was registered without a key of its own: register it anew by a new link, in a browser or app that makes keys",
        ));
    };
    let body: ChangeRequest = request.json()?;
    let jws = body.change.ok_or_else(phone_signature::required)?;
    let sent = Presented::from_headers(request.head().headers)?;
    phone_signature::signed_change(&jws, signer, &sent, app.now(), app.config.signature_window)
}

/// Links and codes are counted for the user, as links are that the application makes.
fn count(app: &App, who: &Device) -> Result<UserToken, Refused> {
    let signer = who.signer.as_ref().ok_or_else(phone_signature::required)?;
    count_for_user(app, Limited::UserLinks, who.application, &signer.user)?;
    Ok(signer.user.clone())
}

fn confirmed() -> Response {
    json(StatusCode::OK, &WaitingAnswer { state: WaitingState::Confirmed, expires_at: None })
}

fn listed(phones: Phones, who: &Device) -> PhoneList {
    let one = |phone: Phone| ListedPhone {
        is_this: phone.key == who.key,
        phone_id: phone.id,
        name: phone.name,
        platform: phone.platform,
        added_at: phone.added_at,
        last_used_at: phone.last_used_at,
        paused_until: phone.paused_until,
    };
    PhoneList {
        phones: phones.all.into_iter().map(one).collect(),
        waiting: phones.waiting,
        recovery_codes_left: phones.recovery_codes_left,
        recovery_codes_made_at: phones.recovery_codes_made_at,
        events: phones.events,
    }
}

fn too_many() -> Refused {
    Refused::new(
        StatusCode::CONFLICT,
        Reason::TooManyPhones,
        "this user has as many phones as can be: remove one that is not used any more, then try again",
    )
}

fn key_required(message: &'static str) -> Refused {
    Refused::new(StatusCode::CONFLICT, Reason::PhoneKeyRequired, message)
}

/// The phone was let in less than a day ago, and may not do this yet.
pub(super) fn too_new(retry_after: Duration) -> Refused {
    let hours = retry_after.as_secs().div_ceil(3_600);
    let message = format!(
        "this phone was let in less than a day ago, by a recovery code or beside a phone that proves unlocking: for {hours} more hours it changes nothing about the others, and beside such a phone it proves no unlocking: use another phone until then"
    );
    Refused::new(StatusCode::FORBIDDEN, Reason::PhoneTooNew, message)
}
