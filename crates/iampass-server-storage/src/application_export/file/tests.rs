//! The file in which an application travels: written, read, and spoilt.

use super::*;
use crate::{MasterKey, MasterKeys};

fn sealer(byte: u8) -> Sealer {
    Sealer::new(&MasterKeys::new(MasterKey::from_bytes([byte; 32]))).unwrap()
}

fn file(key: Option<&Sealer>) -> Vec<String> {
    let application = Moved {
        id: ApplicationId::new("APP").unwrap(),
        name: "Shop".to_owned(),
        secret: Secret::new("APPLICATION-SECRET"),
        created_at: UnixSeconds(7),
        settings: ApplicationSettings {
            approval: Approval::Code,
            walkaway: Walkaway::On,
            phones: AllowedPhones::WithKey,
            ..ApplicationSettings::default()
        },
    };
    let device = MovedDevice {
        id: "dev".to_owned(),
        secret: Secret::new("DEVICE-SECRET"),
        platform: "web".to_owned(),
        notification_token: "*".to_owned(),
        created_at: UnixSeconds(9),
        public_key: DevicePublicKey::from_sec1(&[4; 65]),
        name: "Ann's".to_owned(),
        recovered_at: Some(UnixSeconds(10)),
        on_trial_since: Some(UnixSeconds(12)),
    };
    let notification_token = "webpush:{\"endpoint\":\"https://push.example/a\"}".to_owned();
    let other = MovedDevice { id: "other".to_owned(), notification_token, ..device.clone() };
    let user = |id, devices| MovedUser {
        id: UserToken::new(id).unwrap(),
        created_at: UnixSeconds(8),
        phone_ended_at: Some(UnixSeconds(11)),
        unlocking_ended_at: Some(UnixSeconds(13)),
        devices,
    };
    let mut writing = Writing::new(key);
    let mut lines = vec![writing.application(&application).unwrap()];
    lines.push(writing.user(&user("ann", vec![device, other])).unwrap());
    lines.push(writing.user(&user("bob", Vec::new())).unwrap());
    lines.push(writing.end().unwrap());
    lines
}

fn read_lines(lines: &[String], key: Option<&Sealer>) -> Result<Arrived, InvalidTransfer> {
    read(lines.iter().cloned().map(Ok), key)
}

#[test]
fn what_travels_with_a_key_arrives_whole_and_is_not_read_on_the_way() {
    let key = sealer(1);
    let lines = file(Some(&key));
    assert!(!lines.concat().contains("SECRET"));
    let arrived = read_lines(&lines, Some(&key)).unwrap();
    assert_eq!(arrived.application.secret.expose(), "APPLICATION-SECRET");
    assert!(!arrived.has_new_secret);
    let tokens: Vec<_> =
        arrived.users[0].devices.iter().map(|device| device.notification_token.as_str()).collect();
    assert_eq!(tokens, ["*", "*push"], "a token that leads to a phone is kept in no row");
    assert_eq!(arrived.application.settings.approval, Approval::Code);
    assert_eq!(arrived.users[0].phone_ended_at, Some(UnixSeconds(11)));
    assert_eq!(arrived.users[0].unlocking_ended_at, Some(UnixSeconds(13)));
    assert_eq!(arrived.application.settings.walkaway, Walkaway::On);
    assert_eq!(arrived.application.settings.phones, AllowedPhones::WithKey);
    let devices = &arrived.users[0].devices;
    assert_eq!(devices.iter().map(|device| device.id.as_str()).collect::<Vec<_>>(), ["dev", "other"]);
    for device in devices {
        assert_eq!(device.secret.expose(), "DEVICE-SECRET");
        assert_eq!(device.public_key, DevicePublicKey::from_sec1(&[4; 65]));
        assert_eq!((device.name.as_str(), device.recovered_at), ("Ann's", Some(UnixSeconds(10))));
        assert_eq!(device.on_trial_since, Some(UnixSeconds(12)));
    }
    for wrong in [None, Some(&sealer(2))] {
        assert!(matches!(read_lines(&lines, wrong), Err(InvalidTransfer::Secrets)));
    }
}

#[test]
fn without_a_key_no_secret_travels() {
    let lines = file(None);
    assert!(!lines.concat().contains("secret"));
    let arrived = read_lines(&lines, None).unwrap();
    assert!(arrived.has_new_secret && arrived.users.iter().all(|user| user.devices.is_empty()));
    assert_ne!(arrived.application.secret.expose(), "APPLICATION-SECRET");
}

#[test]
fn a_file_that_was_cut_off_or_changed_is_refused() {
    let lines = file(None);
    for length in 0..lines.len() {
        assert!(matches!(read_lines(&lines[..length], None), Err(InvalidTransfer::CutOff)), "{length}");
    }
    let without = [lines[0].clone(), lines[1].clone(), lines[3].clone()];
    assert!(matches!(read_lines(&without, None), Err(InvalidTransfer::CutOff)));
    let twice = [lines[0].clone(), lines[0].clone(), lines[3].clone()];
    assert!(matches!(read_lines(&twice, None), Err(InvalidTransfer::Line { line: 2, .. })));
    let newer = [lines[0].replace("application/1", "application/2")];
    assert!(matches!(read_lines(&newer, None), Err(InvalidTransfer::Line { line: 1, .. })));
}
