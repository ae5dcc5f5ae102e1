//! Questions and records of a phone, as they are read and printed.

use super::{AuthenticationMethod, DeviceRecord, RequestedData};

#[test]
fn methods_become_what_the_phone_is_asked_for() {
    let json =
        |methods: &[AuthenticationMethod]| serde_json::to_value(RequestedData::for_methods(methods)).unwrap();
    let acceptance = serde_json::json!({"acceptance": {"acceptance": {"automatic": false}}});
    assert_eq!(json(&[]), acceptance);
    assert_eq!(json(&[AuthenticationMethod::Acceptance]), acceptance);
    assert_eq!(
        json(&[AuthenticationMethod::Device, AuthenticationMethod::Facial]),
        serde_json::json!({"os_authentication": {}, "facial": {"image": {"encoding": "jpeg", "number": 1}}})
    );
}

#[test]
fn a_recorded_device_record_is_read_and_its_secrets_not_printed() {
    let record: DeviceRecord = serde_json::from_str(
        r#"{"user": {"user_id": "u", "display_name": "Ann"}, "device": {"device_id": "d", "device_secret": "hunter1"},
           "service": {"service_id": "s", "service_secret": "hunter2", "service_urls": {"active_sessions": "a",
           "device_configuration": "b", "device_unregister": "c", "pending_requests": "d", "training_data": "e", "other": "f"}},
           "training": {"facial": {"num_images": 0}}}"#,
    )
    .unwrap();
    assert!(!format!("{record:?}").contains("hunter"));
    assert_eq!(serde_json::to_value(&record).unwrap()["device"]["device_secret"], "hunter1");
}
