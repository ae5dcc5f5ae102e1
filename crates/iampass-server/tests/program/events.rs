//! `application events` and `config check --alerts`, as an operator types them.

use std::net::TcpListener;
use std::path::Path;

use crate::process::run;

fn application(data: &str) -> String {
    let (code, said, error) = run(&["application", "add", "--data", data, "--name", "Shop", "--json"]);
    assert_eq!(code, 0, "{error}");
    said.split("\"application_id\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[test]
fn an_endpoint_is_set_shown_rotated_and_switched_by_command() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("d.sqlite");
    let data = data.to_str().unwrap();
    let id = application(data);
    let events = |verb: &str, more: &[&str]| {
        let all: Vec<&str> = ["application", "events", verb, &id, "--data", data]
            .into_iter()
            .chain(more.iter().copied())
            .collect();
        run(&all)
    };
    let (code, said, _) = events("show", &[]);
    assert!(code == 0 && said.contains("no endpoint is set"), "{said}");
    let (code, _, error) = events("test", &[]);
    assert!(code == 2 && error.contains("no endpoint that is on"), "{error}");
    for url in ["http://shop.example/", "https://10.0.0.1/", "https://localhost/", "shop.example"] {
        let (code, said, error) = events("set", &["--url", url]);
        assert!(code == 2 && error.contains("public internet"), "{url}: {error}");
        assert!(!said.contains("whsec_"), "{url}");
    }
    let (code, _, error) = events("set", &["--url", "https://shop.example/hook", "--kind", "login.reportd"]);
    assert!(code == 2 && error.contains("login.reported"), "{error}");
    let (code, first, error) =
        events("set", &["--url", "https://shop.example/hook", "--kind", "login.reported"]);
    assert!(code == 0 && first.contains("whsec_"), "{error}");
    let (code, said, _) = events("set", &["--url", "https://shop.example/other"]);
    assert!(code == 0 && said.contains("its secret stays") && !said.contains("whsec_"), "{said}");
    let (code, said, _) = events("show", &[]);
    assert!(code == 0 && said.contains("https://shop.example/other") && said.contains("state\ton"), "{said}");
    assert!(said.contains("user.added") && !said.contains("whsec_"), "{said}");
    let (code, second, _) = events("rotate", &[]);
    assert!(code == 0 && second.contains("whsec_") && second != first, "{second}");
    assert_eq!(events("test", &[]).0, 0);
    let (code, said, _) = events("again", &["--hours", "1"]);
    assert!(code == 0 && said.contains("0 events"), "{said}");
    assert_eq!(events("off", &[]).0, 0);
    let (code, _, error) = events("again", &[]);
    assert!(code == 2 && error.contains("no endpoint that is on"), "{error}");
    assert_eq!(events("on", &[]).0, 0);
    let (code, said, _) = events("again", &[]);
    assert!(code == 0 && said.contains("1 events"), "{said}");
    assert_eq!(events("remove", &[]).0, 0);
    assert!(events("show", &[]).1.contains("no endpoint is set"));
    let (_, said, _) = run(&["log", "--data", data]);
    for action in ["endpoint.set", "endpoint.secret-rotated", "endpoint.switched-off", "endpoint.removed"] {
        assert!(said.contains(action), "{said}");
    }
}

fn check(directory: &Path, alerts: &str) -> (i32, String, String) {
    let file = directory.join("c.toml");
    let data = directory.join("d.sqlite");
    std::fs::write(&file, format!("data = {data:?}\n[alerts]\n{alerts}")).unwrap();
    run(&["config", "check", "--config", file.to_str().unwrap(), "--alerts"])
}

#[test]
fn a_test_is_sent_by_every_way_that_is_set() {
    let directory = tempfile::tempdir().unwrap();
    let (code, said, _) = check(directory.path(), "");
    assert!(code == 1 && said.contains("no way is set"), "{said}");
    let (url, got) = crate::push_check::gateway_until("200 OK", "\"at\"");
    let settings = format!("webhook_url = \"{url}\"\nsecret = \"hidden-hidden-hidden\"\n");
    let (code, said, error) = check(directory.path(), &settings);
    assert_eq!(code, 0, "{said} {error}");
    assert!(said.contains("alerts: webhook has taken a test") && !said.contains("hidden-hidden"), "{said}");
    let request = got.recv().unwrap();
    assert!(
        request.contains("\"state\":\"test\"") && request.to_lowercase().contains("webhook-signature"),
        "{request}"
    );
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = format!("webhook_url = \"http://{closed}/\"\nsecret = \"hidden-hidden-hidden\"\n");
    let (code, said, _) = check(directory.path(), &settings);
    assert!(code == 1 && said.contains("webhook has not taken a test"), "{said}");
    for (settings, told) in [
        ("mail_to = [\"ops@example.org\"]\n", "set mail.smtp_url"),
        ("mail_to = [\"ops\"]\n", "list of addresses"),
        ("webhook_url = \"https://a.example/\"\n", "secret"),
        ("webhook_url = \"http://a.example/\"\nsecret = \"hidden-hidden-hidden\"\n", "https"),
    ] {
        let (code, _, error) = check(directory.path(), settings);
        assert!(code == 2 && error.contains(told), "{settings}: {error}");
    }
}
