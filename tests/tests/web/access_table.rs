//! `docs/access.md` says of each route of the login who may use it, and with which proof. Each row is tried.

use std::time::Duration;

use iampass_web::{Limits, LoginWebBuilder, LostPhone, LostPhoneWays, Method, ROUTES, Rate, ShownApproval};

use crate::actix_site::Actix;
use crate::axum_site::Axum;
use crate::browser::{Browser, Page};
use crate::faulty::Faulty;
use crate::setting::{Framework, Setting, User};

const TABLE: &str = include_str!("../../../docs/access.md");

/// A row of the table.
struct Row {
    is_post: bool,
    path: &'static str,
    who: &'static str,
    proof: &'static str,
}

impl Row {
    fn address(&self) -> String {
        format!("/auth{}", self.path)
    }

    fn is_events(&self) -> bool {
        self.path.ends_with("/events")
    }
}

fn rows() -> Vec<Row> {
    let section = TABLE.split("## The login of an application").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| {
        let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
        let (method, path) = (cells.next()?, cells.next()?);
        matches!(method, "GET" | "POST").then(|| Row {
            is_post: method == "POST",
            path: path.trim_matches('`'),
            who: cells.next().unwrap(),
            proof: cells.next().unwrap(),
        })
    });
    let rows: Vec<_> = rows.collect();
    assert_eq!(rows.len(), ROUTES.len());
    rows
}

/// A person goes there, or sends a form of one of the application's pages.
async fn ask(browser: &mut Browser, row: &Row, query: &str, fields: &[(&str, &str)]) -> Page {
    let address = format!("{}{query}", row.address());
    if row.is_post { browser.post(&address, fields).await } else { browser.get(&address).await }
}

/// A program does.
async fn ask_as_program(browser: &mut Browser, row: &Row) -> Page {
    let method = if row.is_post { reqwest::Method::POST } else { reqwest::Method::GET };
    let request = browser.request(method, &row.address()).header("origin", browser.origin.clone());
    browser.take(request.header("sec-fetch-site", "same-origin").header("sec-fetch-mode", "cors")).await
}

/// Until this stands in the events.
async fn hears(browser: &Browser, path: &str, words: &str) {
    let mut answer = browser.request(reqwest::Method::GET, path).send().await.unwrap();
    let mut heard = String::new();
    while !heard.contains(words) {
        let part = answer.chunk().await.unwrap();
        heard.push_str(std::str::from_utf8(&part.unwrap_or_else(|| panic!("{path}: {heard}"))).unwrap());
    }
}

fn leads_to_login(page: &Page) -> bool {
    let leads = page.location.as_deref().is_some_and(|place| place.starts_with("/auth/login?"));
    page.status == 303 && leads
}

/// A POST that comes from a page of the application is needed.
async fn no_other_site_may(browser: &Browser, row: &Row) {
    for (site, origin) in [(None, None), (Some("cross-site"), Some("https://other.example"))] {
        let mut browser = browser.clone();
        let mut request = browser.form(&row.address(), &[("login_name", "anna"), ("proof", "x")]);
        for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        assert_eq!(browser.take(request).await.status, 403, "{} from {origin:?}", row.path);
    }
}

async fn anybody_may(setting: &Setting, row: &Row) {
    let mut browser = setting.browser();
    // The files have names of their own, which pages tell.
    let page = browser.get("/auth/login").await;
    let file = page.text.split('"').find_map(|part| part.strip_prefix("/auth/assets/")).unwrap();
    let file = if row.path == "/assets/" { file } else { "" };
    let page = ask(&mut browser, row, file, &[("login_name", "carl")]).await;
    assert!(matches!(page.status.as_u16(), 200 | 303) && !leads_to_login(&page), "{}", row.path);
}

/// Only somebody who is signed in.
async fn users_may(setting: &Setting, row: &Row) {
    let mut user = setting.logged_in().await;
    let mut stranger = setting.browser();
    if row.is_events() {
        hears(&user, &row.address(), "event: present").await;
        hears(&stranger, &row.address(), "event: ended").await;
        return;
    }
    if row.path.ends_with("/state") {
        assert!(ask(&mut user, row, "", &[]).await.text.contains("present"), "{}", row.path);
        assert!(ask(&mut stranger, row, "", &[]).await.text.contains("ended"), "{}", row.path);
        return;
    }
    let page = ask(&mut stranger, row, "", &[]).await;
    assert!(leads_to_login(&page), "{}: {}", row.path, page.status);
    assert_eq!(ask_as_program(&mut stranger, row).await.status, 401, "{}", row.path);
    assert!(user.is_in().await, "nothing has ended");
    let page = ask(&mut user, row, "", &[]).await;
    assert!(matches!(page.status.as_u16(), 200 | 303) && !leads_to_login(&page), "{}", row.path);
}

/// Only the browser that began the attempt, from that attempt's page.
async fn its_browser_may(setting: &Setting, row: &Row) {
    let mut browser = setting.browser();
    let wait = browser.begin("anna").await;
    browser.reload_until(&wait, |page| page.text.contains("/auth/login/cancel")).await;
    let proof = wait.split_once("proof=").unwrap().1.to_owned();
    let good = format!("?proof={proof}");
    let with_other_proof = browser.clone();
    for (mut other, query) in [(setting.browser(), good.as_str()), (with_other_proof, "?proof=x")] {
        let proof = query.split_once('=').unwrap().1;
        if row.is_events() {
            hears(&other, &format!("{}{query}", row.address()), "event: moved").await;
            continue;
        }
        let page = ask(&mut other, row, query, &[("proof", proof)]).await;
        match row.path {
            "/login/state" => assert!(page.text.contains("\"gone\":true"), "{}", page.text),
            "/login/returned" => assert_eq!(page.status, 403),
            _ => assert!(
                page.location.as_deref() == Some("/auth/login") || page.text.contains("A newer sign-in"),
                "{}: {}",
                row.path,
                page.text
            ),
        }
    }
    // The attempt goes on: the others have taken nothing away.
    let page = browser.get(&wait).await;
    assert!(page.text.contains("/auth/login/cancel"), "{}: {}", row.path, page.text);
    if row.is_events() {
        assert!(!browser.first_events(&format!("{}{good}", row.address())).await.contains("moved"));
    } else if row.path != "/login/returned" {
        let page = ask(&mut browser, row, &good, &[("proof", &proof)]).await;
        assert!(page.status == 200 && !page.text.contains("gone"), "{}: {}", row.path, page.text);
    }
    browser.cancel(&wait).await;
}

/// Only a browser with a ticket.
async fn tickets_may(setting: &Setting, row: &Row) {
    let mut browser = setting.browser();
    browser.get("/sign-up").await;
    let mut stranger = setting.browser();
    if row.is_events() {
        hears(&stranger, &row.address(), "event: moved").await;
        assert!(!browser.first_events(&row.address()).await.contains("moved"));
        return;
    }
    let (none, own) = (ask(&mut stranger, row, "", &[]).await, ask(&mut browser, row, "", &[]).await);
    if row.path.ends_with("/state") {
        assert!(none.text.contains("true") && own.text.contains("false"), "{} {}", none.text, own.text);
        return;
    }
    assert_eq!((none.status.as_u16(), own.status.as_u16()), (403, 200), "{}", row.path);
    // In a top-level navigation only.
    let by_script = browser.fetch(&row.address()).await;
    assert_eq!(by_script.status, 403, "{}", row.path);
}

/// Only where the application has chosen a policy, and then only users.
async fn a_policy_lets_users(setting: &Setting, with_policy: &Setting, row: &Row) {
    let mut user = setting.logged_in().await;
    assert_eq!(ask(&mut user, row, "", &[]).await.status, 404, "{}", row.path);
    users_may(with_policy, row).await;
}

/// Only where the application has chosen a policy, and then only somebody with a recovery code.
async fn a_policy_lets_codes(setting: &Setting, with_policy: &Setting, row: &Row) {
    let fields = [("login_name", "anna"), ("recovery_code", "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA-A")];
    for mut user in [setting.logged_in().await, setting.browser()] {
        assert_eq!(ask(&mut user, row, "", &fields).await.status, 404, "{}", row.path);
    }
    for mut user in [with_policy.logged_in().await, with_policy.browser()] {
        let page = ask(&mut user, row, "", &fields).await;
        assert_eq!(page.status, 422, "{}: {}", row.path, page.text);
    }
}

/// As many logins as there are rows.
fn often(builder: LoginWebBuilder<User>) -> LoginWebBuilder<User> {
    let many = Rate { burst: 1_000, every: Duration::from_secs(1) };
    let limits = Limits::default().per_address(many).per_user(many);
    builder.limits(limits.per_user_and_network(many).per_known_browser(many))
}

fn with_policy(builder: LoginWebBuilder<User>) -> LoginWebBuilder<User> {
    let after_wait = LostPhone::AfterWait(Duration::from_secs(3_600));
    let all = [LostPhone::RecoveryCode, LostPhone::OtherPhone, after_wait];
    often(builder).lost_phone(LostPhoneWays::from(all))
}

async fn each_row_is_true<F: Framework>() {
    let setting = Setting::with::<F>(1, often).await;
    let coded = Setting::with::<F>(1, |builder| often(builder).approval(ShownApproval::Code)).await;
    let with_policy = Setting::with::<F>(1, with_policy).await;
    for row in rows() {
        if row.is_post {
            no_other_site_may(&setting.browser(), &row).await;
        }
        match (row.who, row.proof) {
            ("anybody", "nothing" | "its session, if there is one") => anybody_may(&coded, &row).await,
            ("the browser that began the attempt", _) => its_browser_may(&setting, &row).await,
            ("a browser with a ticket", _) => tickets_may(&setting, &row).await,
            ("every user", "session") => users_may(&setting, &row).await,
            (who, proof)
                if who.starts_with("every user, if the application has chosen `LostPhone::")
                    && proof.starts_with("session, asked now") =>
            {
                a_policy_lets_users(&setting, &with_policy, &row).await;
            }
            ("anybody, if the application has chosen `LostPhone::RecoveryCode`", _) => {
                a_policy_lets_codes(&setting, &with_policy, &row).await;
            }
            // It shows nothing, and notes nothing for a name that was not sealed here.
            ("the page by which an attempt ended", _) => {
                let page = ask(&mut setting.browser(), &row, "?page=x", &[]).await;
                assert!(page.status == 200 && page.text.starts_with("<svg"), "{}: {}", row.path, page.text);
            }
            (who, proof) => panic!("{}: this test does not know what {who} and {proof} mean", row.path),
        }
    }
}

#[tokio::test]
async fn each_row_is_true_on_axum() {
    each_row_is_true::<Axum>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_row_is_true_on_actix() {
    each_row_is_true::<Actix>().await;
}

/// The session has ended at the service, and this node has not heard of it: what takes a session is allowed until the freshness bound, and
/// what asks now is not.
#[tokio::test]
async fn what_asks_now_asks_the_service() {
    let mut faulty = Faulty::start().await;
    faulty.freshness = Duration::from_secs(3_600);
    for row in rows().iter().filter(|row| row.who.starts_with("every user") && !row.is_events()) {
        let node = faulty.node_with::<Axum>(|client| client, with_policy).await;
        let mut user = node.browser();
        faulty.log_in(&mut user).await;
        faulty.anna.log_out().await.unwrap();
        // A session is asked about once a second at most.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        let page = ask(&mut user, row, "", &[]).await;
        let is_ended = row.path.ends_with("/state") && page.text.contains("ended");
        let is_refused = leads_to_login(&page) || is_ended;
        assert_eq!(is_refused, row.proof.starts_with("session, asked now"), "{}: {}", row.path, page.text);
    }
}

/// The list names methods by one of two words, and the table by another.
#[test]
fn the_table_is_of_these_routes() {
    for route in ROUTES {
        let is_post = route.method == Method::Post;
        assert!(rows().iter().any(|row| row.is_post == is_post && row.path == route.path), "{}", route.path);
    }
}
