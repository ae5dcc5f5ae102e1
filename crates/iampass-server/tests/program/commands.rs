use std::io::Read as _;
use std::net::TcpListener;
use std::path::Path;

use crate::process::{Dev, run};

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
    assert_eq!(dev.terminate(), 0);
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

#[cfg(unix)]
#[test]
fn the_data_file_is_its_owners() {
    use std::os::unix::fs::PermissionsExt as _;

    let dev = Dev::start(&[]);
    let data = dev.field("data");
    for file in [data.to_owned(), format!("{data}-wal")] {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file} is {mode:o}");
    }
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

    let (code, _, error) = run(&["dev", "--listen", "0.0.0.0:0"]);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("--allow-plain-http"), "{error}");
    drop(dev);
    let (code, _, error) = run(&["run", "--data", text, "--listen", "0.0.0.0:0"]);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("--allow-plain-http"), "{error}");

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
