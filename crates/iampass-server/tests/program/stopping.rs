//! Being told to stop while people log in: who has asked is answered, and what was answered is there after the next start.

use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::place::{Place, Running, each};
use crate::process::{Caller, path_of, terminate};

/// People who log in at a time.
const PEOPLE: usize = 4;

/// A login that the service has said it began.
struct Login {
    session: Caller,
    status: String,
    phone: Caller,
    is_accepted: bool,
}

impl Login {
    /// Starts it; every call is answered or the test fails.
    fn start(app: &Caller, phone: &Caller, user: &str) -> Self {
        let path = format!("/authentication/authenticate_user/{}/{user}", app.id);
        let started = said(app, "POST", &path, "{}", 202);
        let status = &started["authentication_status"];
        let session = of(app, &status["session_token"], &status["session_secret"]);
        Self { session, status: path_of(&status["status_url"]), phone: phone.clone(), is_accepted: false }
    }

    fn accept(&mut self) {
        let waiting =
            said(&self.phone, "GET", &format!("/device/{}/pending_requests", self.phone.id), "", 200);
        let question = waiting["requests"].as_array().unwrap().last().expect("the phone is asked").clone();
        let data = &question["identify"];
        let signer = of(&self.phone, &question["auth_request_id"], &data["identification_data_secret"]);
        said(&signer, "POST", &path_of(&data["identification_url"]), r#"{"accepted": true}"#, 200);
        self.is_accepted = true;
    }

    fn state(&self) -> Value {
        said(&self.session, "GET", &self.status, "", 200)["session_status"].clone()
    }

    fn moved_to(mut self, running: &Running) -> Self {
        self.session.authority.clone_from(&running.address);
        self.phone.authority.clone_from(&running.address);
        self
    }
}

fn of(caller: &Caller, id: &Value, secret: &Value) -> Caller {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Caller { authority: caller.authority.clone(), id: text(id), secret: text(secret).into() }
}

#[track_caller]
fn said(caller: &Caller, method: &str, path: &str, body: &str, expected: u16) -> Value {
    let (code, answer) = caller.call(method, path, body).expect("a whole answer");
    assert_eq!(code, expected, "{path}: {answer}");
    answer
}

/// A user's phone.
fn enrol(app: &Caller, user: &str) -> Caller {
    let id = &app.id;
    let users = json!({"users": [user]}).to_string();
    said(app, "POST", &format!("/management/add_users/{id}"), &users, 201);
    let link = said(app, "GET", &format!("/management/device_registration_link/{id}/{user}"), "", 200);
    let registration = json!({"notification_token": "*", "platform": "web"}).to_string();
    let record = said(app, "POST", &path_of(&link["register_url"]), &registration, 200);
    of(app, &record["device"]["device_id"], &record["device"]["device_secret"])
}

#[test]
fn being_told_to_stop_loses_no_login() {
    each(|place: &Place| {
        let added = place.add_application();
        // It takes calls for longer than a slow machine needs for the last ones.
        let mut running = place.serve_with(&["--set", "shutdown.drain=5s"]);
        // Browsers keep some connections ready that they may need.
        let _silent = TcpStream::connect(&running.address).unwrap();
        let app = running.caller(&added["application_id"], &added["application_secret"]);
        let waiting = enrol(&app, "waits");
        let people: Vec<_> = (0..PEOPLE).map(|number| format!("person-{number}")).collect();
        let phones: Vec<_> = people.iter().map(|person| enrol(&app, person)).collect();
        let logins = Mutex::new(Vec::new());
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for (person, phone) in people.iter().zip(&phones) {
                scope.spawn(|| {
                    loop {
                        let mut login = Login::start(&app, phone, person);
                        let is_last = done.load(Ordering::Relaxed);
                        // The last ones are accepted after the service is back.
                        if !is_last {
                            login.accept();
                        }
                        logins.lock().unwrap().push(login);
                        if is_last {
                            break;
                        }
                        // No user may start more logins than a person might.
                        std::thread::sleep(Duration::from_millis(20));
                    }
                });
            }
            let poll = scope.spawn(|| {
                let path = format!("/device/{}/pending_requests?wait=20", waiting.id);
                said(&waiting, "GET", &path, "", 200)
            });
            while logins.lock().unwrap().len() < PEOPLE {
                std::thread::sleep(Duration::from_millis(5));
            }
            let asked = Instant::now();
            scope.spawn(|| {
                // For a while it still takes calls, as long as load balancers send them.
                std::thread::sleep(Duration::from_millis(500));
                done.store(true, Ordering::Relaxed);
            });
            assert_eq!(terminate(&mut running.child), 0);
            // A phone that waits may do so for 20 s.
            assert!(asked.elapsed() < Duration::from_secs(18), "nobody is waited for who says nothing");
            assert_eq!(
                poll.join().unwrap()["requests"],
                json!([]),
                "a phone that waits is told that there is nothing"
            );
        });

        let running = place.serve();
        for login in logins.into_inner().unwrap() {
            let mut login = login.moved_to(&running);
            if !login.is_accepted {
                assert_eq!(login.state(), "pending");
                login.accept();
            }
            assert_eq!(login.state(), "active");
        }
    });
}
