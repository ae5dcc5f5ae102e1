//! Law 7: what was acknowledged is there after a kill.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use iampass_core::Secret;
use serde_json::Value;

use crate::process::{Caller, Dev, path_of};

const KILLS: usize = 10;
const WRITERS: usize = 4;

/// The changes that the service has acknowledged.
#[derive(Default)]
struct Acknowledged {
    users: Vec<String>,
    /// Token, secret and path of the status URL.
    sessions: Vec<(String, String, String)>,
}

#[test]
fn nothing_acknowledged_is_lost_by_ten_kills() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data.sqlite");
    let acknowledged = Arc::new(Mutex::new(Acknowledged::default()));
    let number = Arc::new(AtomicUsize::new(0));
    let mut last = 0;
    for kill in 0..KILLS {
        let mut dev = Dev::on(&data);
        let caller = dev.caller();
        check(&caller, &acknowledged.lock().unwrap());
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| {
                let (caller, acknowledged, number) =
                    (caller.clone(), Arc::clone(&acknowledged), Arc::clone(&number));
                std::thread::spawn(move || write_until_it_dies(&caller, &acknowledged, &number))
            })
            .collect();
        // Not before something was written; then somewhere in the middle of it.
        while acknowledged.lock().unwrap().sessions.len() < last + 5 {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(7 * kill as u64));
        dev.child.kill().unwrap();
        dev.child.wait().unwrap();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        last = acknowledged.lock().unwrap().sessions.len();
    }
    let dev = Dev::on(&data);
    check(&dev.caller(), &acknowledged.lock().unwrap());
    drop(dev);
    let connection = rusqlite::Connection::open(&data).unwrap();
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    let dangling = connection.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap();
    assert!(!dangling);
}

/// Adds a user, registers a phone for it and starts a session, again and again, and notes what was answered.
fn write_until_it_dies(caller: &Caller, acknowledged: &Mutex<Acknowledged>, number: &AtomicUsize) {
    loop {
        let user = format!("user-{}", number.fetch_add(1, Ordering::Relaxed));
        let app = &caller.id;
        let add = format!(r#"{{"users": ["{user}"]}}"#);
        let Some((201, _)) = caller.call("POST", &format!("/management/add_users/{app}"), &add) else {
            return;
        };
        acknowledged.lock().unwrap().users.push(user.clone());
        let link = format!("/management/device_registration_link/{app}/{user}");
        let Some((200, answer)) = caller.call("GET", &link, "") else { return };
        let path = path_of(&answer["register_url"]);
        let phone = r#"{"notification_token": "*x", "platform": "web"}"#;
        let Some((200, _)) = caller.call("POST", &path, phone) else { return };
        let start = format!("/authentication/authenticate_user/{app}/{user}");
        let Some((202, answer)) = caller.call("POST", &start, "{}") else { return };
        let status = &answer["authentication_status"];
        let text = |field: &str| status[field].as_str().unwrap().to_owned();
        let session = (text("session_token"), text("session_secret"), path_of(&status["status_url"]));
        acknowledged.lock().unwrap().sessions.push(session);
    }
}

fn check(caller: &Caller, acknowledged: &Acknowledged) {
    for users in acknowledged.users.chunks(1_000) {
        let body = serde_json::json!({"users": users}).to_string();
        let (_, answer) =
            caller.call("POST", &format!("/management/add_users/{}", caller.id), &body).unwrap();
        let lost: HashSet<&Value> = answer["users"]["created"].as_array().unwrap().iter().collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    }
    for (token, secret, path) in &acknowledged.sessions {
        let session = Caller {
            authority: caller.authority.clone(),
            id: token.clone(),
            secret: Secret::new(secret.as_str()),
        };
        let (status, answer) = session.call("GET", path, "").unwrap();
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["session_status"], "pending");
    }
}
