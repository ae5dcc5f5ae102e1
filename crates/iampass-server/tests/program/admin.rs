//! The Admin API by commands: keys on the machine, a running service from anywhere, TLS, a restored backup, and the guide.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::place::{Place, Running, each};
use crate::process::{is_missing, program, run};

const SCOPES: [&str; 11] = [
    "applications:read",
    "applications:write",
    "users:read",
    "users:write",
    "phones:write",
    "sessions:read",
    "sessions:end",
    "audit:read",
    "accounts:read",
    "accounts:write",
    "service:read",
];

/// Makes a key with every scope; its file.
fn key(place: &Place, name: &str) -> String {
    let file = place.path(name);
    let mut more = vec!["--name", name, "--to", &file];
    more.extend(SCOPES.iter().flat_map(|scope| ["--scope", scope]));
    place.does(&["admin-key", "make"], &more);
    file
}

fn at(running: &Running) -> String {
    format!("http://{}", running.address)
}

/// Runs a command by a running service.
fn by(server: &str, key: &str, command: &[&str]) -> (i32, String, String) {
    let mut all = command.to_vec();
    all.extend(["--server", server, "--key", key]);
    run(&all)
}

#[track_caller]
fn done(server: &str, key: &str, command: &[&str]) -> String {
    let (code, out, error) = by(server, key, command);
    assert_eq!(code, 0, "{command:?}: {error}");
    out
}

#[test]
fn keys_are_made_listed_and_revoked_on_the_machine() {
    each(|place| {
        let app = place.add_application()["application_id"].as_str().unwrap().to_owned();
        let file = key(place, "nightly");
        let text = std::fs::read_to_string(&file).unwrap();
        let values: BTreeMap<_, _> = text.lines().map(|line| line.split_once('=').unwrap()).collect();
        let (id, secret) = (values["IAMPASS_ADMIN_KEY_ID"], values["IAMPASS_ADMIN_KEY_SECRET"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let listed = place.does(&["admin-key", "list"], &[]);
        assert!(
            listed.contains(id) && listed.contains("\tgood\tnightly\t") && listed.contains("by command line")
        );
        assert!(!listed.contains(secret));
        // Wishes that no key meets.
        for (more, words) in [
            (vec!["--name", "A", "--scope", "users:*"], "no such scope"),
            (vec!["--name", "A", "--scope", "keys:write"], "no such scope"),
            (vec!["--name", " ", "--scope", "users:read"], "the name of a key"),
            (vec!["--name", "A", "--scope", "users:read", "--days", "367"], "1 to 366 days"),
            (vec!["--name", "A", "--scope", "users:read", "--days", "0"], "1 to 366 days"),
            (vec!["--name", "A", "--scope", "users:read", "--application", "nope"], "no application"),
            (vec!["--name", "A", "--scope", "accounts:read", "--application", &app], "the whole service"),
        ] {
            let mut more = more;
            let other = place.path("other");
            more.extend(["--to", &other]);
            let (code, _, error) = place.on_data(&["admin-key", "make"], &more);
            assert!(code == 2 && error.contains(words), "{more:?}: {code} {error}");
            assert!(!std::path::Path::new(&other).exists(), "no file is left of a key that was not made");
        }
        let (code, ..) =
            place.on_data(&["admin-key", "make"], &["--name", "A", "--scope", "users:read", "--to", &file]);
        assert_ne!(code, 0, "a file that is there is not written over");
        assert_eq!(place.does(&["admin-key", "list"], &[]).lines().count(), 1);

        let running = place.serve();
        let server = at(&running);
        let said = done(&server, &file, &["admin-key", "check"]);
        assert!(said.contains("nightly") && said.contains("Z. Scopes: "), "until when, as a time: {said}");
        place.does(&["admin-key", "revoke"], &[id]);
        let (code, _, error) = by(&server, &file, &["admin-key", "check"]);
        assert!(code == 1 && error.contains("KEY_REVOKED") && !error.contains(secret), "{code} {error}");
        assert!(place.does(&["admin-key", "list"], &[]).contains("\trevoked\t"));
        let (code, _, error) = place.on_data(&["admin-key", "revoke"], &[id]);
        assert!(code == 2 && error.contains("no key with this id"), "{error}");
        let log = place.does(&["log"], &["--actor", "command line"]);
        assert!(log.contains("admin-key.made") && log.contains("admin-key.revoked") && !log.contains(secret));
    });
}

#[test]
fn a_running_service_is_asked_by_commands() {
    each(|place| {
        let app = place.add_application()["application_id"].as_str().unwrap().to_owned();
        let file = key(place, "nightly");
        let running = place.serve();
        let server = at(&running);
        let it = |command: &[&str]| done(&server, &file, command);
        assert_eq!(it(&["application", "list"]), format!("{app}\tShop\n"));
        let added: Value =
            serde_json::from_str(&it(&["application", "add", "--name", "Second", "--json"])).unwrap();
        let second = running.caller(&added["application_id"], &added["application_secret"]);
        let path = format!("/management/add_users/{}", second.id);
        assert_eq!(second.call("POST", &path, r#"{"users": ["u"]}"#).unwrap().0, 201);

        assert!(it(&["users", "add", &app, "ann", "a b/c", "bob"]).starts_with("added: 3"));
        assert_eq!(it(&["users", "list", &app, "--prefix", "a"]).lines().count(), 2);
        // More than one call takes.
        let many: Vec<String> = (0..1_001).map(|number| format!("n{number}")).collect();
        let with = |last: &'static str| {
            let ids = many.iter().map(String::as_str).chain([last]);
            ["users", "add", app.as_str()].into_iter().chain(ids).collect::<Vec<_>>()
        };
        assert!(it(&with("n-last")).starts_with("added: 1002"));
        let (code, _, error) = by(&server, &file, &with(""));
        assert!(code == 1 && error.contains("added: 0, there already: 1000"), "{code} {error}");
        let shown: Value = serde_json::from_str(&it(&["users", "show", &app, "a b/c"])).unwrap();
        assert_eq!(shown["user_id"], "a b/c");
        assert!(it(&["users", "link", &app, "ann"]).starts_with(&format!("{server}/r/")));
        it(&["users", "log-out", &app, "ann"]);
        it(&["users", "delete", &app, "bob"]);
        assert_eq!(it(&["sessions", "list", &app]), "");
        assert_eq!(it(&["sessions", "history", &app, "--outcome", "denied"]), "");
        assert_eq!(it(&["console", "accounts"]), "");
        let log = it(&["log", "--action", "user.deleted"]);
        assert!(
            log.starts_with("at,application,actor,") && log.contains("KEY-") && log.contains("bob"),
            "{log}"
        );

        for (command, words) in [
            (vec!["users", "show", &app, "nobody"], "UNKNOWN_USER"),
            (vec!["users", "list", "nope"], "UNKNOWN_APPLICATION"),
            (vec!["sessions", "end", &app, "1"], "UNKNOWN_SESSION"),
            (vec!["sessions", "history", &app, "--outcome", "won"], "INVALID_PARAMETER"),
            (vec!["console", "disable", "--name", "nobody"], "UNKNOWN_ACCOUNT"),
        ] {
            let (code, _, error) = by(&server, &file, &command);
            assert!(code == 1 && error.contains(words), "{command:?}: {code} {error}");
        }
        for (command, words) in [
            (vec!["console", "delete", "--name", "ann"], "in the Console"),
            (vec!["application", "list", "--data", "x.sqlite"], "name one of them"),
        ] {
            let (code, _, error) = by(&server, &file, &command);
            assert!(code == 2 && error.contains(words), "{command:?}: {code} {error}");
        }
        // By the environment.
        let text = std::fs::read_to_string(&file).unwrap();
        let mut command = program(&["users", "list", &app]);
        command.env("IAMPASS_ADMIN_SERVER", &server);
        command.envs(text.lines().map(|line| line.split_once('=').unwrap()));
        let output = command.output().unwrap();
        assert!(
            output.status.success() && String::from_utf8_lossy(&output.stdout).contains("ann"),
            "{output:?}"
        );
        // The variable may be left over: it is not guessed which of the two is meant.
        let mut command = program(&["application", "list", "--config", "settings.toml"]);
        command.env("IAMPASS_ADMIN_SERVER", &server);
        let output = command.output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && error.contains("a configuration file is named"), "{output:?}");
        for variable in
            ["IAMPASS_SERVER_DATA", "IAMPASS_SERVER_DATABASE_URL", "IAMPASS_SERVER_DATABASE_URL_FILE"]
        {
            let named = |more: &[&str]| {
                let mut command = program(&[&["application", "list", "--key", &file], more].concat());
                command.env("IAMPASS_ADMIN_SERVER", &server).env(variable, "/nowhere").output().unwrap()
            };
            let output = named(&[]);
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success() && error.contains("in the environment"), "{output:?}");
            // With --server it is said.
            let output = named(&["--server", &server]);
            assert!(output.status.success(), "{output:?}");
        }
        // Nothing answers.
        drop(running);
        let (code, _, error) = by(&server, &file, &["application", "list"]);
        assert!(code == 1 && error.contains("cannot be asked"), "{code} {error}");
    });
}

#[test]
fn it_goes_over_tls_to_a_service_with_a_good_certificate_alone() {
    let place = Place::file();
    let app = place.add_application()["application_id"].as_str().unwrap().to_owned();
    let file = key(&place, "nightly");
    let made =
        rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let (certificate, private) = (place.path("cert.pem"), place.path("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&private, made.signing_key.serialize_pem()).unwrap();
    let running = place.serve_with(&["--tls-certificate", &certificate, "--tls-key", &private]);
    let server = format!("https://{}", running.address);
    let mut command = program(&["application", "list", "--server", &server, "--key", &file]);
    let output = command.env("SSL_CERT_FILE", &certificate).output().unwrap();
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains(&app), "{output:?}");
    let (code, _, error) = by(&server, &file, &["application", "list"]);
    assert!(code == 1 && error.contains("cannot be asked"), "a certificate that nobody vouches for: {error}");
}

/// It may have been revoked since the backup.
#[test]
fn no_key_is_good_after_a_backup_was_restored() {
    each(|place| {
        place.add_application();
        let file = key(place, "nightly");
        let backup = place.path("backup");
        place.does(&["backup"], &["--to", &backup]);
        place.does(&["restore"], &["--from", &backup]);
        let running = place.serve();
        let (code, _, error) = by(&at(&running), &file, &["admin-key", "check"]);
        assert!(code == 1 && error.contains("KEY_REVOKED"), "{code} {error}");
        let anew = key(place, "anew");
        done(&at(&running), &anew, &["admin-key", "check"]);
    });
}

/// The blocks of one language in the guide.
fn blocks(language: &str) -> Vec<String> {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/admin-api.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let begin = format!("```{language}\n");
    guide.split(&begin).skip(1).map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

/// The words of a line, of which the guide quotes some.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    parts
        .flat_map(|(place, part)| match place % 2 {
            1 => vec![part.to_owned()],
            _ => part.split_whitespace().map(str::to_owned).collect(),
        })
        .collect()
}

#[test]
fn what_the_guide_shows_works() {
    let place = Place::file();
    let app = place.add_application()["application_id"].as_str().unwrap().to_owned();
    let file = place.path("nightly.key");
    let mut running = None;
    let mut ran = 0;
    for line in blocks("sh").iter().flat_map(|block| block.lines()) {
        let Some(command) = line.strip_prefix("iampass-server ") else { continue };
        if running.is_none() && command.contains("--server") {
            running = Some(place.serve());
        }
        let server = running.as_ref().map(at).unwrap_or_default();
        let mut arguments: Vec<String> = Vec::new();
        let mut given = words(command).into_iter();
        while let Some(word) = given.next() {
            match word.as_str() {
                "--data" => {
                    given.next();
                    arguments.extend(place.data());
                }
                "https://login.example" => arguments.push(server.clone()),
                "nightly.key" => arguments.push(file.clone()),
                "7VBEZGAQN3QD4W2M" => arguments.push(app.clone()),
                _ => arguments.push(word),
            }
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (code, _, error) = run(&arguments);
        assert_eq!(code, 0, "{line}: {error}");
        ran += 1;
    }
    assert!(ran >= 14, "{ran}");

    if is_missing("python3", "Install it (on Debian: `apt-get install python3`).") {
        return;
    }
    let [script] = blocks("python").try_into().unwrap();
    let mut python = Command::new("python3")
        .env("IAMPASS_ADMIN_SERVER", at(running.as_ref().unwrap()))
        .envs(std::fs::read_to_string(&file).unwrap().lines().map(|line| line.split_once('=').unwrap()))
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("4 users"), "{output:?}");
}
