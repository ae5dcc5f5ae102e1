//! Samples of several phones of one user.

use iampass_core::wire::*;
use iampass_core::{DeviceId, UnixSeconds};

use super::{Sample, answer, id, request, secret, text, url};

pub(super) fn waiting_record() -> WaitingRecord {
    WaitingRecord { code: "482913".into(), expires_at: UnixSeconds(1), state_url: url(), recover_url: url() }
}

pub(super) fn all() -> Vec<Sample> {
    let platform = |is_known| Some(Platform::Web).filter(|_| is_known);
    let listed = |is_known: bool| ListedPhone {
        phone_id: id(DeviceId::new),
        name: text(),
        platform: platform(is_known),
        added_at: UnixSeconds(1),
        last_used_at: Some(UnixSeconds(2)).filter(|_| is_known),
        is_this: is_known,
        paused_until: Some(UnixSeconds(3)).filter(|_| is_known),
    };
    let waiting = |is_known| WaitingPhone {
        phone_id: id(DeviceId::new),
        name: text(),
        platform: platform(is_known),
        asked_at: UnixSeconds(1),
        expires_at: UnixSeconds(2),
    };
    let event = |is_known| PhoneEvent {
        number: 1,
        at: UnixSeconds(1),
        event: PhoneEventKind::Waits,
        phone_id: id(DeviceId::new),
        name: text(),
        platform: platform(is_known),
    };
    let phones = |is_known: bool| PhoneList {
        phones: vec![listed(is_known)],
        waiting: Some(waiting(is_known)).filter(|_| is_known),
        recovery_codes_left: 10,
        recovery_codes_made_at: Some(UnixSeconds(1)).filter(|_| is_known),
        events: vec![event(is_known)],
    };
    vec![
        answer("WaitingRecord", &[waiting_record()]),
        answer("WaitingState", WaitingState::ALL),
        answer(
            "WaitingAnswer",
            &[
                WaitingAnswer { state: WaitingState::Waiting, expires_at: Some(UnixSeconds(1)) },
                WaitingAnswer { state: WaitingState::Confirmed, expires_at: None },
            ],
        ),
        answer("PhoneList", &[phones(false), phones(true)]),
        answer("ListedPhone", &[listed(false), listed(true)]),
        answer("WaitingPhone", &[waiting(false), waiting(true)]),
        answer("PhoneEventKind", PhoneEventKind::ALL),
        answer("PhoneEvent", &[event(false), event(true)]),
        answer("PhoneLink", &[PhoneLink { register_url: secret(), expires_at: UnixSeconds(1) }]),
        request(
            "RecoveryLink",
            &[
                RecoveryLink { recovery_code: secret(), display_name: Some(text()) },
                RecoveryLink { recovery_code: secret(), display_name: None },
            ],
        ),
        answer("RecoveryCodes", &[RecoveryCodes { recovery_codes: vec![secret()] }]),
    ]
}
