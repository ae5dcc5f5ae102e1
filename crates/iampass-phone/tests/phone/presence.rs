//! Words about being near or away: what is sent, and where to.

use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_core::wire::{CHANGE_TYPE, PhonePresence, Reason};
use iampass_phone::PhoneError;
use serde_json::json;

use crate::fake_service::{DEVICE_SECRET, FakeService, assert_bound, assert_signed, json_of, verified};

/// Without a key the word is the body; with one, what is signed says it.
#[tokio::test]
async fn a_word_about_being_near_is_said_where_the_service_wants_it() {
    let url = "https://login.example/device/D/presence";
    for is_keyed in [false, true] {
        let service = FakeService::new();
        let (account, key) = match is_keyed {
            true => {
                let (account, key) = service.account().await;
                (account, Some(key))
            }
            false => (service.shared_account().await, None),
        };
        service.answer(200, json!({"sessions": []}));
        assert!(account.presence().await.unwrap().is_none(), "the application does not want to know it");
        service.only();
        service.answer(200, json!({"sessions": [], "presence_url": url}));
        let presence = account.presence().await.unwrap().unwrap();
        service.only();
        let of_one = PhonePresence::Away { session_id: Some("S".to_owned()) };
        for (word, members) in [
            ("near", json!({"presence": "near", "seconds": 90})),
            ("away", json!({"presence": "away"})),
            ("of one", json!({"presence": "away", "session_id": "S"})),
        ] {
            service.answer(200, json!({"status": true, "sessions": 2, "near_until": 7}));
            let said = match word {
                "near" => presence.near(Duration::from_secs(90)).await.unwrap(),
                "away" => presence.away().await.unwrap(),
                _ => presence.say(&of_one).await.unwrap(),
            };
            assert_eq!((said.sessions, said.near_until), (2, Some(UnixSeconds(7))));
            let sent = service.only();
            assert_eq!(sent.uri().path(), "/device/D/presence");
            assert_signed(&sent, "D", DEVICE_SECRET);
            if let Some(key) = &key {
                let mut claims = verified(&sent, "change", CHANGE_TYPE, key);
                assert_bound(&sent, &mut claims);
                let mut expected = json!({"iss": "D", "aud": "APP", "sub": "u", "change": "presence"});
                expected.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
                assert_eq!(claims, expected);
            } else {
                assert_eq!(json_of(&sent), members);
            }
        }
        service.answer(409, json!({"status": false, "reason": "WALKAWAY_OFF"}));
        let refused = presence.away().await.unwrap_err();
        assert_eq!(refused.reason(), Some(&Reason::WalkawayOff));
        assert!(!refused.is_retryable());
        service.only();
        service.answer(200, json!({"status": false}));
        assert!(matches!(presence.away().await, Err(PhoneError::Refused { status: 200, .. })));
    }
}

#[tokio::test]
async fn a_word_is_said_to_no_other_service() {
    let service = FakeService::new();
    let account = service.shared_account().await;
    service.answer(200, json!({"sessions": [], "presence_url": "https://other.example/device/D/presence"}));
    let presence = account.presence().await.unwrap().unwrap();
    service.only();
    assert!(matches!(presence.away().await, Err(PhoneError::RefusedUrl { .. })));
    assert!(service.sent().is_empty());
}
