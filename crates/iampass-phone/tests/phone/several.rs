use std::sync::Arc;

use iampass_core::wire::Reason;
use iampass_core::{ApplicationId, RegistrationLink, UserToken};
use iampass_phone::{Brought, InvalidScan, Phone, PhoneError, Scan, SoftwareKeys};
use serde_json::{Value, json};

use crate::fake_service::{CountedKeys, FakeService, link, question, record};

fn of(user: &str, application: &str, base: &str) -> Value {
    let mut record = record(base, true);
    record["user"]["user_id"] = user.into();
    record["service"]["service_id"] = application.into();
    record
}

async fn phone(service: &Arc<FakeService>) -> Phone {
    let mut phone = Phone::new(service.client(Arc::new(SoftwareKeys::new())));
    for (user, application, base) in [
        ("u", "APP", "https://login.example"),
        ("v", "APP", "https://login.example"),
        ("u", "APP", "https://other.example"),
    ] {
        service.answer(200, of(user, application, base));
        let link = RegistrationLink::parse(&format!("{base}/r/abc")).unwrap();
        phone.register(&link).await.unwrap();
    }
    service.sent();
    phone
}

fn scan(phone: &Phone, host: &str) -> Scan {
    match phone.read(&format!("https://{host}/phone#scan=AbCdEfGhIjKlMnOpQr-_0Q")).unwrap() {
        Brought::Scan(scan) => scan,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_phone_is_stored_and_restored_with_its_keys() {
    let service = FakeService::new();
    let phone = phone(&service).await;
    assert_eq!(phone.accounts().len(), 3);
    let mut restored = Phone::new(service.client(Arc::new(SoftwareKeys::new())));
    restored.restore(&phone.to_json_with_secrets()).unwrap();
    assert_eq!(restored.accounts().len(), 3);
    for (old, new) in phone.accounts().iter().zip(restored.accounts()) {
        let handle = |account: &iampass_phone::Account| {
            account.registration().device_key().unwrap().expose().to_owned()
        };
        assert_eq!(handle(old), handle(new));
        assert!(!format!("{new:?}").contains(&handle(new)));
    }
    service.done();
    service.done();
    restored.accounts()[0].deny(&crate::fake_service::request()).await.unwrap();
}

#[tokio::test]
async fn a_state_of_before_is_read_as_that_of_a_phone_without_a_key() {
    let service = FakeService::new();
    let mut phone = Phone::new(service.client(Arc::new(SoftwareKeys::new())));
    phone.restore(&json!([record("https://login.example", false)]).to_string()).unwrap();
    assert!(phone.accounts()[0].registration().device_key().is_none());
    for bad in ["", "{", "{}", "[{}]", r#"[{"device_key": "x"}]"#] {
        assert!(matches!(phone.restore(bad), Err(PhoneError::BadState { .. })), "{bad}");
    }
    let mut elsewhere = record("https://login.example", true);
    elsewhere["service"]["service_urls"]["bring_request"] = "https://evil.example/bring".into();
    assert!(matches!(phone.restore(&json!([elsewhere]).to_string()), Err(PhoneError::BadState { .. })));
    assert_eq!(phone.accounts().len(), 1);
}

#[tokio::test]
async fn a_newer_registration_replaces_the_older_one_and_its_key() {
    let service = FakeService::new();
    let keys = Arc::new(CountedKeys::default());
    let mut phone = Phone::new(service.client(keys.clone()));
    for _ in 0..3 {
        service.answer(200, record("https://login.example", true));
        phone.register(&link()).await.unwrap();
    }
    assert_eq!(phone.accounts().len(), 1);
    assert_eq!(keys.counts(), (3, 2));
    let (application, user) = (ApplicationId::new("APP").unwrap(), UserToken::new("u").unwrap());
    // Nothing is forgotten that the service has not forgotten.
    service.answer(503, "");
    assert!(phone.unregister(&application, &user).await.is_err());
    assert_eq!((phone.accounts().len(), keys.counts()), (1, (3, 2)));
    service.done();
    assert!(phone.unregister(&application, &user).await.unwrap());
    assert_eq!((phone.accounts().len(), keys.counts()), (0, (3, 3)));
    assert!(!phone.unregister(&application, &user).await.unwrap());
}

#[tokio::test]
async fn a_scan_is_brought_for_the_account_that_it_belongs_to() {
    let service = FakeService::new();
    let phone = phone(&service).await;
    let wrong = json!({"status": false, "reason": "WRONG_CODE"});
    service.answer(422, &wrong);
    let mut question = question();
    question["user_id"] = "v".into();
    service.answer(200, json!({"requests": [question]}));
    let (account, request) = phone.bring_scan(&scan(&phone, "login.example")).await.unwrap();
    assert_eq!((account.registration().user().as_str(), request.user_id.as_str()), ("v", "v"));
    // The secret was told to its own service only.
    assert!(service.sent().iter().all(|request| request.uri().host() == Some("login.example")));

    service.answer(422, &wrong);
    service.answer(422, &wrong);
    let error = phone.bring_scan(&scan(&phone, "login.example")).await.unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::WrongCode));
    assert_eq!(service.sent().len(), 2);

    // One account could not be asked: that is told, and not that the code is wrong.
    service.answer(503, "");
    service.answer(422, &wrong);
    let error = phone.bring_scan(&scan(&phone, "login.example")).await.unwrap_err();
    assert!(matches!(error, PhoneError::Refused { status: 503, .. }), "{error}");
}

#[tokio::test]
async fn only_scans_of_known_services_are_read() {
    let service = FakeService::new();
    let phone = phone(&service).await;
    let text = "https://evil.example/phone#scan=AbCdEfGhIjKlMnOpQr-_0Q";
    assert!(matches!(phone.read(text), Err(PhoneError::Scan(InvalidScan::UnknownService))));
    assert!(matches!(phone.read("48291"), Err(PhoneError::Digits(_))));
    assert!(matches!(phone.read("482 913"), Ok(Brought::Code(_))));
    assert_eq!(phone.servers().count(), 3);
}

/// The code of a login without a name, or the link of its page.
fn anybodys(phone: &Phone) -> [Scan; 2] {
    let (token, tag) = ("0123456789abcdef0123456789abcdef", "AbCdEfGhIjKlMnOpQr-_0Q");
    [format!("scan={token}.7.{tag}"), format!("link={token}.link.{tag}")].map(|fragment| {
        match phone.read(&format!("https://login.example/phone#{fragment}")).unwrap() {
            Brought::Scan(scan) => scan,
            other => panic!("{other:?}"),
        }
    })
}

#[tokio::test]
async fn a_login_without_a_name_is_claimed_for_nobody_by_guessing() {
    let service = FakeService::new();
    let mut phone = phone(&service).await;
    for scan in anybodys(&phone) {
        assert!(scan.may_be_anybodys());
        assert!(matches!(phone.bring_scan(&scan).await, Err(PhoneError::WhichAccount)));
        assert!(service.sent().is_empty(), "neither of the two was tried");
    }
    assert!(!scan(&phone, "login.example").may_be_anybodys());

    // The only user of another application is no guess: the service knows whose login it is.
    service.answer(200, of("u", "BANK", "https://login.example"));
    phone.register(&link()).await.unwrap();
    service.sent();
    for scan in anybodys(&phone) {
        service.answer(422, json!({"status": false, "reason": "WRONG_CODE"}));
        assert!(matches!(phone.bring_scan(&scan).await, Err(PhoneError::WhichAccount)));
        assert_eq!(service.sent().len(), 1);
        service.answer(200, json!({"requests": [question()]}));
        let (account, _) = phone.bring_scan(&scan).await.unwrap();
        assert_eq!(account.registration().application().as_str(), "BANK");
        // One that could not be asked may be the one.
        service.answer(503, "");
        let error = phone.bring_scan(&scan).await.unwrap_err();
        assert!(matches!(error, PhoneError::Refused { status: 503, .. }), "{error}");
        service.sent();
    }
    // The person says who it is.
    let [scan, _] = anybodys(&phone);
    service.answer(200, json!({"requests": [question()]}));
    let (application, user) = (ApplicationId::new("APP").unwrap(), UserToken::new("v").unwrap());
    let account = phone.account(&application, &user).unwrap();
    assert_eq!(account.registration().server().base(), "https://login.example");
    account.bring(&scan.into()).await.unwrap();
}
