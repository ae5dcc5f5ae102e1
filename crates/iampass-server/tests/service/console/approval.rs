//! A session alone is not enough: what needs the phone's approval is refused when the sign-in is older, and changes nothing.

use std::collections::BTreeSet;

use super::shop::{key_of, member, owner};
use super::visitor::{Visitor, open_house};
use crate::rig::{Answer, Rig};
use crate::store::Store;

/// The table that tests of the service itself hold against its routes.
const TABLE: &str = include_str!("../../../../../docs/access.md");

/// The routes that the table says are for those whose phone has just approved: method and path.
fn approved() -> Vec<(&'static str, &'static str)> {
    let rows = TABLE
        .lines()
        .filter(|line| line.contains("| `/console/") && line.contains("| phone within 5 minutes |"));
    rows.map(|row| {
        let mut cells = row.split('|').map(str::trim).skip(1);
        (cells.next().unwrap(), cells.next().unwrap().trim_matches('`'))
    })
    .collect()
}

/// Everything that such an action could change.
fn state(rig: &Rig) -> Vec<Vec<String>> {
    let is_file = matches!(rig.store, Store::File(_));
    let text = |column: &str| match column {
        "secret" | "code_sha256" if is_file => format!("hex({column})"),
        "secret" | "code_sha256" => format!("encode({column}, 'hex')"),
        column => format!("coalesce(CAST({column} AS TEXT), '-')"),
    };
    let of = |table: &str, columns: &[&str], order: &str| {
        let columns: Vec<_> = columns.iter().map(|column| text(column)).collect();
        rig.store.column(&format!("SELECT {} FROM {table} ORDER BY {order}", columns.join(" || ' ' || ")))
    };
    vec![
        of(
            "applications",
            &["id", "name", "secret", "previous_until", "methods", "disabled_at", "hidden"],
            "key",
        ),
        of("users", &["key", "id"], "key"),
        of("devices", &["key", "user_key"], "key"),
        of("links", &["user_key", "code_sha256"], "user_key"),
        of("accounts", &["name", "administrator", "disabled_at"], "key"),
        of("members", &["application_key", "account_key", "role"], "application_key, account_key"),
        of("console_links", &["key"], "key"),
        of("audit", &["key", "action"], "key"),
    ]
}

/// The content of a form that would be taken.
fn fields(path: &str) -> Vec<(&'static str, &'static str)> {
    let typed = match path {
        _ if path.contains("/users/") => "ann",
        _ if path.contains("/accounts/") || path.contains("/members/") => "rita",
        _ => "Shop",
    };
    vec![
        ("sure", "yes"),
        ("typed", typed),
        ("overlap", "none"),
        ("role", "owner"),
        ("name", "rosa"),
        ("methods", "these"),
        ("acceptance", "on"),
        ("duration", "1"),
        ("unit", "days"),
        ("days", "1"),
        ("scope-users:read", "on"),
    ]
}

struct World<'r> {
    rig: &'r Rig,
    user: String,
    rita: String,
    /// The id of a key of the Admin API.
    key: String,
}

impl World<'_> {
    fn path(&self, pattern: &str) -> String {
        let account = pattern.replace("{application}", &self.rig.app.id).replace("{user}", &self.user);
        account.replace("{account}", &self.rita).replace("{key}", &self.key)
    }
}

async fn asked(visitor: &mut Visitor<'_>, method: &str, path: &str) -> Answer {
    match method {
        "POST" => visitor.post(path, &fields(path)).await,
        _ => visitor.get(path).await,
    }
}

#[tokio::test]
async fn what_a_stolen_session_must_not_do_takes_the_phone_again() {
    let rig = open_house().await;
    let mut olga = owner(&rig).await;
    member(&rig, &mut olga, "rita", "developer").await;
    Visitor::registered(&rig, "rosa").await;
    let phone = rig.phone("ann").await;
    rig.active_session(&phone, "ann", "").await;
    let rita = rig.store.column("SELECT CAST(key AS TEXT) FROM accounts WHERE name = 'rita'").remove(0);
    let key = crate::admin_api::by_command(&rig, &["users:read"], None).await.id;
    let world = World { rig: &rig, user: key_of(&rig, "ann"), rita, key };
    let routes = approved();
    assert!(routes.iter().filter(|(method, _)| *method == "POST").count() >= 18, "{routes:?}");

    rig.clock.advance(6 * 60);
    let before = state(&rig);
    for (method, pattern) in &routes {
        let path = world.path(pattern);
        let answer = asked(&mut olga, method, &path).await;
        // To the login, with the name filled in, and from there to the page that offers it: by GET it is a page in any case.
        let next: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
        let login = format!("/console/auth/login?next={next}&name=olga");
        assert_eq!((answer.status, answer.header("location")), (303, Some(&*login)), "{method} {path}");
        // A program is told.
        let program = [
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-mode", "cors"),
            ("sec-fetch-dest", "empty"),
            ("accept", "application/json"),
        ];
        let fields = fields(&path);
        let fields = (*method == "POST").then_some(&fields[..]);
        let answer = olga.send(method, &path, &program, fields).await;
        assert_eq!(answer.status, 403, "{method} {path}: {answer:?}");
        let shows_secret = TABLE.contains(&format!("| {method} | `{pattern}` |"))
            && TABLE.lines().any(|row| {
                row.starts_with(&format!("| {method} | `{pattern}` |")) && row.contains("| secret |")
            });
        if !shows_secret {
            assert_eq!(answer.json["error"], "approval_needed", "{method} {path}: {answer:?}");
        }
    }
    assert_eq!(state(&rig), before, "nothing was changed");
    assert!(olga.is_in().await, "the session is as good as before for everything else");

    // After the phone has approved again, the page is there at once; and each form is taken, or says what is wrong with it.
    olga.sign_in("olga").await;
    for (method, pattern) in routes.iter().filter(|(method, _)| *method == "GET") {
        // Nothing is disabled here.
        let path = world.path(pattern);
        assert_eq!(asked(&mut olga, method, &path).await.status, 200, "{path}");
    }
    let harmless =
        ["/link", "/members/invite", "/members/add", "/settings/login", "/settings/rotate", "/account/phone"];
    let mut done = BTreeSet::new();
    for (method, pattern) in routes.iter().filter(|(method, _)| *method == "POST") {
        if harmless.iter().any(|end| pattern.ends_with(end)) {
            let path = world.path(pattern);
            let answer = asked(&mut olga, method, &path).await;
            assert!([201, 303].contains(&answer.status), "{path}: {answer:?}");
            let place = answer.header("location").unwrap_or_default();
            assert!(!place.contains("/auth/"), "{path}: {answer:?}");
            done.insert(*pattern);
        }
    }
    assert!(done.len() >= 7, "{done:?}");
    assert_ne!(state(&rig), before);
}

/// The whole way of a person: to the page, to the login, and back to the page.
#[tokio::test]
async fn after_the_approval_the_person_is_back_at_the_page() {
    let rig = open_house().await;
    let mut olga = owner(&rig).await;
    rig.clock.advance(6 * 60);
    let delete = format!("/console/applications/{}/settings/delete", rig.app.id);
    let refused = olga.post(&delete, &[("typed", "Shop")]).await;
    let login = refused.header("location").unwrap().to_owned();
    let page = olga
        .send("GET", &login, &[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate")], None)
        .await;
    assert!(page.body.contains(&delete), "{page:?}");
    let begun = olga.post("/console/auth/login", &[("login_name", "olga"), ("return_to", &delete)]).await;
    let place = begun.header("location").unwrap().to_owned();
    olga.accept_at(&place).await;
    let answer = olga.wait(&place).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some(&*delete)), "{answer:?}");
    let page = olga.get(&delete).await;
    assert!(page.status == 200 && page.body.contains("Delete Shop for ever?"), "{page:?}");
    assert_eq!(olga.post(&delete, &[("typed", "Shop")]).await.status, 303);
    assert_eq!(olga.get(&delete).await.status, 404);
}

#[tokio::test]
async fn secrets_and_links_are_shown_to_no_script() {
    let rig = open_house().await;
    let mut olga = owner(&rig).await;
    rig.add_users(&["ann"]).await;
    let rita = Visitor::registered(&rig, "rita").await;
    drop(rita);
    let rita = rig.store.column("SELECT CAST(key AS TEXT) FROM accounts WHERE name = 'rita'").remove(0);
    let key = crate::admin_api::by_command(&rig, &["users:read"], None).await.id;
    let world = World { rig: &rig, user: key_of(&rig, "ann"), rita, key };
    let secret: Vec<&str> = TABLE
        .lines()
        .filter(|row| row.starts_with("| POST |") && row.contains("| secret |"))
        .map(|row| row.split('`').nth(1).unwrap())
        .collect();
    assert!(secret.len() >= 6, "{secret:?}");
    let origin = format!("http://{}", rig.address);
    let before = state(&rig);
    for pattern in &secret {
        let path = world.path(pattern);
        for by_script in [
            vec![("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")],
            vec![("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")],
            vec![("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
            vec![("sec-fetch-mode", "navigate"), ("sec-fetch-mode", "cors")],
            vec![("sec-fetch-mode", "")],
        ] {
            let mut headers = vec![("sec-fetch-site", "same-origin"), ("origin", origin.as_str())];
            headers.extend(by_script.iter().copied());
            let mut fields = fields(&path);
            fields.retain(|(name, _)| *name != "name" || !path.ends_with("/new"));
            fields.push(("name", "Another"));
            let answer = olga.send("POST", &path, &headers, Some(&fields)).await;
            assert_eq!(answer.status, 403, "{path} {by_script:?}: {answer:?}");
        }
    }
    assert_eq!(state(&rig), before, "nothing was made that nobody saw");

    // The login's own page with the link of a new account.
    let mut carl = Visitor::new(&rig);
    assert_eq!(carl.post("/console/register", &[("name", "carl")]).await.status, 303);
    let by_script =
        [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")];
    let answer = carl.send("GET", "/console/auth/enrol", &by_script, None).await;
    assert!(answer.status == 403 && !answer.body.contains("/r/"), "{answer:?}");
    assert!(carl.registration_link().await.is_some());
}
