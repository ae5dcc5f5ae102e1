//! Backups, moves, and the master key: what an operator does to the data, on both databases, while the service runs.

use std::path::{Path, PathBuf};

use iampass_test_databases::{PrivatePostgres, Tls};
use serde_json::json;

use crate::place::{Place, Running, each, ok};
use crate::process::{Caller, path_of, program, run, send};

/// An application with a user, whose phone has opened a session. `used_link` is the link that it was registered by.
struct World {
    app: Caller,
    secrets: Vec<String>,
    phone: Caller,
    pending: String,
    session: Caller,
    status: String,
    logout: String,
    used_link: String,
}

fn world(place: &Place, running: &Running) -> World {
    let added = place.add_application();
    let app = running.caller(&added["application_id"], &added["application_secret"]);
    let id = &app.id;
    let (code, _) = app.call("POST", &format!("/management/add_users/{id}"), r#"{"users": ["u"]}"#).unwrap();
    assert_eq!(code, 201);
    let link = app.call("GET", &format!("/management/device_registration_link/{id}/u"), "").unwrap().1;
    let used_link = path_of(&link["register_url"]);
    let registration = json!({"notification_token": "*", "platform": "web"}).to_string();
    let record = app.call("POST", &used_link, &registration).unwrap().1;
    let phone = running.caller(&record["device"]["device_id"], &record["device"]["device_secret"]);
    let pending = path_of(&record["service"]["service_urls"]["pending_requests"]);
    let started = app.call("POST", &format!("/authentication/authenticate_user/{id}/u"), "{}").unwrap().1;
    let started = &started["authentication_status"];
    let session = running.caller(&started["session_token"], &started["session_secret"]);
    let asked = phone.call("GET", &pending, "").unwrap().1["requests"][0].clone();
    let question =
        running.caller(&asked["auth_request_id"], &asked["identify"]["identification_data_secret"]);
    let answered =
        question.call("POST", &path_of(&asked["identify"]["identification_url"]), r#"{"accepted": true}"#);
    assert_eq!(answered.unwrap().0, 200);
    let secrets = [&app, &phone, &session, &question].map(|pair| pair.secret.expose().to_owned()).to_vec();
    let (status, logout) = (path_of(&started["status_url"]), path_of(&started["logout_url"]));
    World { app, secrets, phone, pending, session, status, logout, used_link }
}

impl World {
    fn status(&self) -> String {
        let (code, answer) = self.session.call("GET", &self.status, "").unwrap();
        assert_eq!(code, 200, "{answer}");
        answer["session_status"].as_str().unwrap().to_owned()
    }

    fn has_user(&self, user: &str) -> bool {
        let path = format!("/management/has_registered_mobile_device/{}/{user}", self.app.id);
        self.app.call("GET", &path, "").unwrap().0 == 200
    }

    fn phone_is_known(&self) -> bool {
        self.phone.call("GET", &self.pending, "").unwrap().0 == 200
    }
}

#[test]
fn stolen_data_opens_nothing() {
    each(|place| {
        let running = place.serve();
        let world = world(place, &running);
        let everything = place.everything();
        let contains = |text: &str| everything.windows(text.len()).any(|window| window == text.as_bytes());
        // The search finds texts that are there.
        assert!(contains(&world.app.id) && contains(&world.session.id));
        for secret in &world.secrets {
            assert!(!contains(secret), "a secret stands there in clear");
        }
        let code = world.used_link.rsplit('/').next().unwrap();
        assert!(!contains(code));
        let key = std::fs::read_to_string(place.key("key")).unwrap();
        assert!(!contains(key.trim()));
        drop(running);
        // And the data cannot be served with another key.
        std::fs::remove_file(place.key("key")).unwrap();
        ok(&["master-key", "new", "--to", &place.key("key")]);
        let (exit, _, error) = place.on_data(&["application", "list"], &[]);
        assert_eq!(exit, 4);
        assert!(error.contains("another master key"), "{error}");
    });
}

#[test]
fn a_data_file_without_its_key_is_not_given_a_new_one() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data.sqlite");
    let data = data.to_str().unwrap();
    ok(&["application", "add", "--data", data, "--name", "Shop"]);
    let key = PathBuf::from(format!("{data}.key"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::rename(&key, directory.path().join("away")).unwrap();
    let (code, _, error) = run(&["application", "list", "--data", data]);
    assert_eq!(code, 4);
    assert!(error.contains("put its file back") && error.contains(key.to_str().unwrap()), "{error}");
    assert!(!key.exists());
    std::fs::rename(directory.path().join("away"), &key).unwrap();
    assert!(ok(&["application", "list", "--data", data]).contains("Shop"));
}

#[test]
fn a_backup_brings_back_what_was_there_and_no_session_that_was_ended_since() {
    each(|place| {
        let running = place.serve();
        let world = world(place, &running);
        let link = place.does(&["console", "link"], &["--new-administrator"]);
        let link = link.split_whitespace().find(|word| word.contains("/console/link/")).unwrap();
        let link = path_of(&link.into());
        assert_eq!(running.page(&link), 200);
        place.does(&["backup"], &["--to", &place.path("backup")]);
        let (code, _, error) = place.on_data(&["backup"], &["--to", &place.path("backup")]);
        assert!(code != 0, "a backup is never overwritten: {error}");
        assert!(error.contains("exists already") && error.contains("Name another file by --to"), "{error}");
        let (code, _, error) = place.on_data(&["backup"], &["--to", &place.path("gone/backup")]);
        assert!(code != 0 && error.contains("make it first"), "{error}");
        // After the backup: a user more, and a logout.
        let more = format!("/management/add_users/{}", world.app.id);
        assert_eq!(world.app.call("POST", &more, r#"{"users": ["later"]}"#).unwrap().0, 201);
        assert_eq!(world.session.call("POST", &world.logout, "").unwrap().0, 200);
        // While the service runs.
        place.does(&["restore"], &["--from", &place.path("backup")]);
        assert!(world.has_user("u") && !world.has_user("later"));
        assert!(world.phone_is_known());
        assert_eq!(world.status(), "closed", "nobody is let in by a backup");
        let registration = json!({"notification_token": "*", "platform": "web"}).to_string();
        assert_eq!(world.app.call("POST", &world.used_link, &registration).unwrap().0, 404);
        assert_eq!(running.page(&link), 410, "nor into the Console");
        // And it goes on working.
        assert_eq!(world.app.call("POST", &more, r#"{"users": ["later"]}"#).unwrap().0, 201);
        assert!(world.has_user("later"));
        // On purpose, sessions come back too.
        place.does(&["restore"], &["--from", &place.path("backup"), "--keep-sessions"]);
        assert_eq!(world.status(), "active");
        drop(running);
        let running = place.serve();
        assert!(!running.address.is_empty());
    });
}

#[test]
fn a_request_that_was_used_does_not_count_again_after_a_restore() {
    each(|place| {
        let public = ["--public-url", "http://localhost:9"];
        let mut running = place.serve_with(&public);
        let mut other = place.is_shared().then(|| place.serve_with(&public));
        let added = place.add_application();
        let app = running.caller(&added["application_id"], &added["application_secret"]);
        let app = Caller { authority: "localhost:9".to_owned(), ..app };
        let add = |user: &str| {
            let body = json!({"users": [user]}).to_string();
            app.request("POST", &format!("/management/add_users/{}", app.id), &body)
        };
        let answer = |node: &Running, request: &str| send(&node.address, request).unwrap().0;
        // By the nonce, or because all requests of that time are: nodes that start on restored data do not know which of them were used.
        let refuses = |node: &Running, request: &str| {
            let (status, said) = send(&node.address, request).unwrap();
            let reason = said["reason"].as_str().unwrap_or_default();
            assert!(
                matches!((status, reason), (403, "NONCE_REPLAYED") | (503, "UNAVAILABLE")),
                "{status} {said}"
            );
        };
        place.does(&["backup"], &["--to", &place.path("backup")]);
        let used = add("mallory");
        assert_eq!(answer(&running, &used), 201);
        for more in [&[][..], &["--keep-sessions"]] {
            place.does(&["restore"], &[&["--from", &place.path("backup")], more].concat());
            // A node that runs on has not seen it, and one that is started has nothing in memory.
            for node in other.iter().chain([&running]) {
                refuses(node, &used);
            }
            (running, other) = {
                drop((running, other));
                (place.serve_with(&public), place.is_shared().then(|| place.serve_with(&public)))
            };
            for node in other.iter().chain([&running]) {
                refuses(node, &used);
            }
            // Others are taken, from the next second on.
            let began = std::time::Instant::now();
            while answer(&running, &add("anna")) != 201 {
                assert!(began.elapsed() < std::time::Duration::from_secs(30), "no request is taken any more");
            }
        }
    });
}

#[test]
fn what_is_no_backup_changes_nothing() {
    each(|place| {
        let running = place.serve();
        let world = world(place, &running);
        let link = format!("/management/device_registration_link/{}/u", world.app.id);
        let link = path_of(&world.app.call("GET", &link, "").unwrap().1["register_url"]);
        place.does(&["backup"], &["--to", &place.path("backup")]);
        let whole = std::fs::read(place.path("backup")).unwrap();
        std::fs::write(place.path("junk"), "this is no backup").unwrap();
        std::fs::write(place.path("text"), "SELECT 1;\n-- PostgreSQL database dump\n").unwrap();
        // Backups that were cut off.
        let cuts = [1, 5, 9].map(|tenths| (format!("cut-{tenths}"), whole.len() * tenths / 10));
        for (name, length) in &cuts {
            std::fs::write(place.path(name), &whole[..*length]).unwrap();
        }
        for from in ["junk", "text", "nothing", &cuts[0].0, &cuts[1].0, &cuts[2].0] {
            let (code, _, _) = place.on_data(&["restore"], &["--from", &place.path(from)]);
            assert!(code != 0, "{from}");
            assert_eq!(world.status(), "active", "{from}");
            assert!(world.has_user("u") && world.phone_is_known(), "{from}");
            assert_eq!(running.page(&link), 200, "{from}");
        }
    });
}

#[test]
fn the_master_key_is_changed_while_the_service_runs() {
    each(|place| {
        let running = place.serve();
        let world = world(place, &running);
        drop(running);
        // Both keys to the services first…
        std::fs::rename(place.key("key"), place.key("old")).unwrap();
        ok(&["master-key", "new", "--to", &place.key("key")]);
        let old = place.key("old");
        let both = ["--previous-master-key-file", old.as_str()];
        let (code, _, error) = place.on_data(&["master-key", "rotate"], &[]);
        assert_eq!(code, 4, "without the old one nothing opens: {error}");
        let said = place.does(&["master-key", "rotate"], &both);
        assert!(said.contains("secrets were sealed anew") && !said.starts_with("0 "), "{said}");
        let again = place.does(&["master-key", "rotate"], &both);
        assert!(again.starts_with("0 "), "{again}");
        // …and then the new one alone opens everything.
        std::fs::remove_file(place.key("old")).unwrap();
        let running = place.serve();
        let moved = |caller: &Caller| Caller { authority: running.address.clone(), ..caller.clone() };
        let world = World {
            app: moved(&world.app),
            phone: moved(&world.phone),
            session: moved(&world.session),
            ..world
        };
        assert_eq!(world.status(), "active");
        assert!(world.has_user("u") && world.phone_is_known());
    });
}

#[test]
fn an_application_moves_with_its_users_and_phones() {
    let from = Place::file();
    let running = from.serve();
    let world = world(&from, &running);
    ok(&["master-key", "new", "--to", &from.path("travel")]);
    let travel = from.path("travel");
    let file = from.path("export");
    from.does(&["application", "export"], &["--id", &world.app.id, "--to", &file, "--key-file", &travel]);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(world.secrets.iter().all(|secret| !text.contains(secret)));
    let places: Vec<Place> = std::iter::once(Place::file()).chain(Place::postgres()).collect();
    for to in &places {
        let (code, _, error) = to.on_data(&["application", "import"], &["--from", &file]);
        assert!(code != 0 && error.contains("--key-file"), "{error}");
        to.does(&["application", "import"], &["--from", &file, "--key-file", &travel]);
        let (code, _, error) =
            to.on_data(&["application", "import"], &["--from", &file, "--key-file", &travel]);
        assert_eq!(code, 2, "twice is once too often: {error}");
        let there = to.serve();
        let moved = |caller: &Caller| Caller { authority: there.address.clone(), ..caller.clone() };
        assert_eq!(moved(&world.phone).call("GET", &world.pending, "").unwrap().0, 200);
        let start = format!("/authentication/authenticate_user/{}/u", world.app.id);
        assert_eq!(moved(&world.app).call("POST", &start, "{}").unwrap().0, 202);
    }
    // Without a key it is an application without secrets.
    let bare = from.path("bare");
    from.does(&["application", "export"], &["--id", &world.app.id, "--to", &bare]);
    let to = Place::file();
    let said = to.does(&["application", "import"], &["--from", &bare]);
    assert!(said.contains("IAMPASS_APPLICATION_SECRET=") && !said.contains(world.app.secret.expose()));
    assert!(Path::new(&bare).exists());
}

#[test]
fn a_database_that_is_spoken_to_in_tls_is_backed_up_and_restored_in_tls() {
    let Some(server) = PrivatePostgres::start(Tls::On) else { return };
    let database = server.database();
    let directory = tempfile::tempdir().unwrap();
    let [key, backup] = ["key", "backup"].map(|name| directory.path().join(name).display().to_string());
    assert_eq!(run(&["master-key", "new", "--to", &key]).0, 0);
    let authority = server.certificate_authority().unwrap();
    let named = format!("{}?sslmode=require&sslrootcert={}", database.url(), authority.display());
    let of_the_system = format!("{}?sslmode=require", database.url());
    let does = |command: &[&str], url: &str, trusted: &Path| {
        let mut all = command.to_vec();
        all.extend(["--database-url", url, "--master-key-file", &key]);
        // The authorities that the system trusts.
        let done = program(&all).env("SSL_CERT_FILE", trusted).output().unwrap();
        (done.status.success(), String::from_utf8_lossy(&done.stderr).into_owned())
    };
    for (url, trusted) in [(&named, Path::new(&key)), (&of_the_system, authority)] {
        assert_eq!(does(&["migrate"], url, trusted), (true, String::new()));
        assert_eq!(does(&["backup", "--to", &backup], url, trusted), (true, String::new()));
        assert_eq!(does(&["restore", "--from", &backup], url, trusted), (true, String::new()));
        std::fs::remove_file(&backup).unwrap();
    }
    let (done, _) = does(&["backup", "--to", &backup], &of_the_system, Path::new(&key));
    assert!(!done, "nobody vouches for it");
}
