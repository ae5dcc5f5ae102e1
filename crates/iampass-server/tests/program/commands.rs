use std::io::Read as _;
use std::net::TcpListener;
use std::path::Path;

use serde_json::Value;

use crate::process::{Dev, path_of, program, run, terminate};

#[test]
fn dev_prints_one_line_for_scripts_and_leaves_nothing_behind() {
    let mut dev = Dev::start(&[
        "--application-id",
        "APP",
        "--application-secret",
        "S3CRET",
        "--application-name",
        "Shop",
    ]);
    assert_eq!(dev.field("application_id"), "APP");
    assert_eq!(dev.field("application_secret"), "S3CRET");
    assert_eq!(dev.field("phone"), format!("{}/phone", dev.field("server")));
    assert_eq!(dev.line["pid"].as_u64().unwrap(), u64::from(dev.child.id()));
    let data = Path::new(dev.field("data")).to_owned();
    assert!(data.exists());
    let (status, answer) =
        dev.caller().call("POST", "/management/add_users/APP", r#"{"users": ["u"]}"#).unwrap();
    assert_eq!((status, &answer["users"]["created"][0]), (201, &"u".into()));
    assert_eq!(terminate(&mut dev.child), 0);
    let mut more = String::new();
    dev.rest.read_to_string(&mut more).unwrap();
    assert_eq!(more, "", "one line and no more");
    assert!(!data.parent().unwrap().exists());
}

#[test]
fn dev_keeps_a_named_file_and_its_application() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data.sqlite");
    let first = Dev::on(&data);
    let line = first.line.clone();
    drop(first);
    let second = Dev::on(&data);
    assert_eq!(second.line["application_id"], line["application_id"]);
    assert_eq!(second.line["application_secret"], line["application_secret"]);
    drop(second);
    let id = line["application_id"].as_str().unwrap();
    let data = data.to_str().unwrap();
    let (code, _, error) =
        run(&["dev", "--port", "0", "--data", data, "--application-id", id, "--application-secret", "other"]);
    assert_eq!(code, 2, "{error}");
    assert!(
        error.contains("another secret") && !error.contains(line["application_secret"].as_str().unwrap())
    );
}

/// Methods that the service cannot verify are simulated on request only, and by no means where it is run in earnest.
#[test]
fn dev_simulates_methods_when_it_is_told_to() {
    for (arguments, status, reason) in
        [(&[][..], 200, Value::from("METHOD_NOT_AVAILABLE")), (&["--simulate-methods"], 202, Value::Null)]
    {
        let dev = Dev::start(arguments);
        let app = dev.caller();
        let id = app.id.clone();
        app.call("POST", &format!("/management/add_users/{id}"), r#"{"users": ["u"]}"#).unwrap();
        let link = app.call("GET", &format!("/management/device_registration_link/{id}/u"), "").unwrap().1;
        let phone = r#"{"notification_token": "*", "platform": "web"}"#;
        assert_eq!(app.call("POST", &path_of(&link["register_url"]), phone).unwrap().0, 200);
        let login = format!("/authentication/authenticate_user/{id}/u?methods=device,facial");
        let (code, answer) = app.call("POST", &login, "{}").unwrap();
        assert_eq!((code, &answer["authentication_status"]["reason"]), (status, &reason), "{arguments:?}");
    }
    let (code, _, error) = run(&["run", "--simulate-methods"]);
    assert!(code != 0 && error.contains("--simulate-methods"), "{error}");
}

#[cfg(unix)]
#[test]
fn the_data_file_is_its_owners() {
    let dev = Dev::start(&[]);
    let data = dev.field("data");
    for file in [data.to_owned(), format!("{data}-wal"), format!("{data}-shm")] {
        assert!(is_private(Path::new(&file)), "{file}");
    }
}

#[cfg(unix)]
fn is_private(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    std::fs::metadata(file).unwrap().permissions().mode() & 0o077 == 0
}

#[cfg(unix)]
#[test]
fn a_data_file_that_others_may_read_is_closed_to_them_with_a_warning() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data.sqlite");
    let text = data.to_str().unwrap();
    let add = ["application", "add", "--data", text, "--name", "Shop"];
    let warned = |arguments: &[&str]| {
        let output = program(arguments).env("RUST_LOG", "warn").output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap().contains("was open to others")
    };
    assert!(!warned(&add), "a new one is closed from the beginning");
    let open = || std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o644)).unwrap();
    open();
    assert!(warned(&add));
    assert!(is_private(&data));
    assert!(!warned(&add));
    open();
    let dev = Dev::on(&data);
    for file in [text.to_owned(), format!("{text}-wal"), format!("{text}-shm")] {
        assert!(is_private(Path::new(&file)), "{file}");
    }
    drop(dev);
}

#[cfg(unix)]
#[test]
fn a_file_is_served_once_by_whatever_name() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data.sqlite");
    let link = directory.path().join("link.sqlite");
    std::os::unix::fs::symlink(&data, &link).unwrap();
    std::fs::create_dir(directory.path().join("sub")).unwrap();
    let _dev = Dev::on(&data);
    // One that would open the file all the same ends by not being able to listen.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    for other in [link, directory.path().join("sub/../data.sqlite")] {
        let (code, _, error) = run(&["run", "--data", other.to_str().unwrap(), "--listen", &listen]);
        assert_eq!(code, 4, "{error}");
        assert!(error.contains("in use by another process"), "{error}");
    }
    // By a name within its own directory, too.
    let output = program(&["run", "--data", "data.sqlite", "--listen", &listen])
        .current_dir(directory.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(4));
}

#[test]
fn what_stands_against_a_start_is_said_in_words() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data.sqlite");
    let text = data.to_str().unwrap();
    let dev = Dev::on(&data);

    let (code, _, error) = run(&["run", "--data", text, "--listen", "127.0.0.1:0"]);
    assert_eq!(code, 4, "{error}");
    assert!(error.contains("in use by another process"), "{error}");

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, _, error) = run(&["dev", "--port", &port]);
    assert_eq!(code, 3, "{error}");
    assert!(error.contains(&port) && error.contains("another port"), "{error}");

    let (code, _, error) = run(&["dev", "--port", "0", "--public-url", "https://Login.Example:443/"]);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("write it as https://login.example\n"), "{error}");

    let (code, _, error) = run(&["dev", "--listen", "0.0.0.0:0"]);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("--allow-plain-http"), "{error}");
    drop(dev);
    let (code, _, error) = run(&["run", "--data", text, "--listen", "0.0.0.0:0"]);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("allow_plain_http") && error.contains("tls.certificate"), "{error}");

    rusqlite::Connection::open(&data).unwrap().pragma_update(None, "user_version", 4_711).unwrap();
    let (code, _, error) = run(&["run", "--data", text, "--listen", "127.0.0.1:0"]);
    assert_eq!(code, 4, "{error}");
    assert!(error.contains("newer version") && error.contains("4711"), "{error}");

    std::fs::write(
        directory.path().join("text"),
        "this is no database, but it is long enough to be read as one",
    )
    .unwrap();
    let (code, _, error) =
        run(&["run", "--data", directory.path().join("text").to_str().unwrap(), "--listen", "127.0.0.1:0"]);
    assert_eq!(code, 4, "{error}");
    #[cfg(unix)]
    assert!(!is_private(&directory.path().join("text")), "nothing is done to what is no data file");
    let (code, _, error) = run(&["run", "--data", directory.path().to_str().unwrap()]);
    assert_eq!(code, 4, "{error}");
    assert!(error.contains("not a file"), "{error}");
    let (code, _, error) = run(&["run", "--data", directory.path().join("no/such/file").to_str().unwrap()]);
    assert_eq!(code, 4, "{error}");
    assert!(error.contains("no/such/file"), "{error}");
}

#[test]
fn applications_are_added_beside_a_running_service() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data.sqlite");
    let text = data.to_str().unwrap();
    let dev = Dev::on(&data);
    let (code, line, error) = run(&["application", "add", "--data", text, "--name", "Second", "--json"]);
    assert_eq!(code, 0, "{error}");
    let added: serde_json::Value = serde_json::from_str(&line).unwrap();
    let mut caller = dev.caller();
    caller.id = added["application_id"].as_str().unwrap().to_owned();
    caller.secret = added["application_secret"].as_str().unwrap().into();
    let path = format!("/management/add_users/{}", caller.id);
    assert_eq!(caller.call("POST", &path, r#"{"users": []}"#).unwrap().0, 201);

    let (code, list, _) = run(&["application", "list", "--data", text]);
    assert_eq!(code, 0);
    assert_eq!(list.lines().count(), 2);
    assert!(list.contains(&format!("{}\tSecond", caller.id)));
    assert!(!list.contains(caller.secret.expose()), "the secret is shown once");
    assert_eq!(run(&["application", "list", "--data", "/no/such/file"]).0, 2);
}

#[test]
fn the_phones_that_may_answer_are_set_beside_a_running_service() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data.sqlite");
    let text = data.to_str().unwrap();
    let dev = Dev::on(&data);
    let id = dev.caller().id;
    let url = "public_url=https://login.example";
    let phones =
        |id: &str, word: &str| run(&["application", "phones", "--data", text, "--set", url, id, word]);
    for (word, said) in
        [("key", "only phones with a key"), ("unlock", "unlocked for the login"), ("any", "any phone")]
    {
        let (code, line, error) = phones(&id, word);
        assert_eq!(code, 0, "{error}");
        assert!(line.contains(said), "{line}");
    }
    assert_eq!(phones("no-such-application", "key").0, 2);
    assert_eq!(phones(&id, "all").0, 2);
    // Without a URL by which it could be verified, nobody could sign in.
    let (code, _, error) = run(&["application", "phones", "--data", text, &id, "unlock"]);
    assert!(code == 2 && error.contains("cannot verify that a phone was unlocked"), "{error}");
    let connection = rusqlite::Connection::open(&data).unwrap();
    let allowed: String = connection
        .query_row("SELECT phones FROM applications WHERE hidden = 0", [], |row| row.get(0))
        .unwrap();
    assert_eq!(allowed, "any");
}

#[test]
fn whether_phones_say_that_they_are_near_is_switched_beside_a_running_service() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data.sqlite");
    let text = data.to_str().unwrap();
    let dev = Dev::on(&data);
    let id = dev.caller().id;
    let walkaway = |id: &str, word: &str| run(&["application", "walkaway", "--data", text, id, word]);
    let (code, line, error) = walkaway(&id, "on");
    assert_eq!(code, 0, "{error}");
    assert!(line.contains("follows its phone"), "{line}");
    let (code, line, error) = walkaway(&id, "off");
    assert_eq!(code, 0, "{error}");
    assert!(line.contains("do not say whether they are near"), "{line}");
    assert_eq!(walkaway("no-such-application", "on").0, 2);
    assert_eq!(walkaway(&id, "maybe").0, 2);
}

#[test]
fn accounts_are_listed_and_changed_beside_a_running_service() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data.sqlite");
    let text = data.to_str().unwrap().to_owned();
    let _dev = Dev::on(&data);
    let stored = |sql: &str| -> Vec<String> {
        let connection = rusqlite::Connection::open(&data).unwrap();
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let console = |arguments: &[&str]| {
        let mut all = vec!["console", arguments[0], "--data", &text];
        all.extend_from_slice(&arguments[1..]);
        run(&all)
    };
    // A slip makes no administrator, and what is new is said to be.
    let (code, _, error) = console(&["link", "--name", "bos"]);
    assert!(code == 2 && error.contains("no account of this name"), "{error}");
    let (code, _, error) = console(&["link"]);
    assert!(code == 2 && error.contains("--new-administrator"), "{error}");
    assert!(stored("SELECT purpose FROM console_links").is_empty());
    let (code, out, _) = console(&["link", "--new-administrator", "--name", "boss"]);
    assert!(
        code == 0 && out.contains("the new administrator boss") && out.contains("/console/link/"),
        "{out}"
    );

    rusqlite::Connection::open(&data)
        .unwrap()
        .execute_batch(
            "INSERT INTO accounts (name, administrator, created_at, arrived_at) VALUES ('boss', 1, 1, 1), ('anna', 0, 1, 1);
             INSERT INTO members (application_key, account_key, role, since)
             SELECT a.key, c.key, 'owner', 1 FROM applications a, accounts c WHERE a.hidden = 0 AND c.name = 'anna'",
        )
        .unwrap();
    let (code, _, error) = console(&["link", "--new-administrator", "--name", "anna"]);
    assert!(code == 2 && error.contains("there is an account of this name"), "{error}");
    let (code, out, _) = console(&["link", "--name", "anna"]);
    assert!(code == 0 && out.contains("replaces the phone of the account anna"), "{out}");
    let (code, out, _) = console(&["accounts"]);
    assert_eq!((code, out.trim()), (0, "anna\nboss\tadministrator"));

    for change in ["disable", "demote", "delete"] {
        let (code, _, error) = console(&[change, "--name", "boss"]);
        assert!(code == 2 && error.contains("last administrator"), "{change}: {error}");
    }
    let (code, out, _) = console(&["demote", "--name", "anna"]);
    assert!(code == 0 && out.contains("Nothing was changed"), "{out}");
    let (code, out, _) = console(&["disable", "--name", "Anna"]);
    assert!(code == 0 && out.contains("anna is disabled"), "{out}");
    assert!(
        stored("SELECT purpose FROM console_links WHERE account_key IS NOT NULL").is_empty(),
        "its link is gone"
    );
    let (code, _, error) = console(&["link", "--name", "anna"]);
    assert!(code == 2 && error.contains("console enable"), "{error}");
    let (code, out, _) = console(&["accounts"]);
    assert_eq!((code, out.trim()), (0, "anna\tdisabled\nboss\tadministrator"));
    assert_eq!(console(&["enable", "--name", "anna"]).0, 0);
    let (code, _, error) = console(&["delete", "--name", "anna"]);
    assert!(code == 2 && error.contains("Development application"), "{error}");
    rusqlite::Connection::open(&data)
        .unwrap()
        .execute_batch("UPDATE members SET role = 'developer'")
        .unwrap();
    assert_eq!(console(&["delete", "--name", "anna"]).0, 0);
    assert_eq!(console(&["delete", "--name", "anna"]).0, 2);
    assert_eq!(stored("SELECT name FROM accounts"), ["boss"]);
    assert_eq!(
        stored(
            "SELECT actor || ' ' || action || ' ' || subject FROM audit WHERE application_id IS NULL ORDER BY key"
        ),
        [
            "command line link.made boss",
            "command line link.made anna",
            "command line account.disabled anna",
            "command line account.enabled anna",
            "command line account.deleted anna",
        ]
    );

    let log = |arguments: &[&str]| {
        let mut all = vec!["log", "--data", &text];
        all.extend_from_slice(arguments);
        run(&all)
    };
    let (code, out, error) = log(&["--actor", "command line", "--user", "anna"]);
    assert_eq!(code, 0, "{error}");
    let lines: Vec<_> = out.lines().map(|line| line.split_once(',').unwrap().1).collect();
    assert_eq!(
        lines,
        [
            "application,actor,action,subject",
            r#""","command line","account.deleted","anna""#,
            r#""","command line","account.enabled","anna""#,
            r#""","command line","account.disabled","anna""#,
            r#""","command line","link.made","anna""#,
        ]
    );
    let (code, out, _) = log(&["--action", "log.exported", "--format", "json-lines"]);
    assert_eq!((code, out.lines().count()), (0, 1));
    let (code, out, _) = log(&["--until", "2001-01-01", "--format", "json-lines"]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert_eq!(log(&["--from", "yesterday"]).0, 2);
}
