//! The page about the service: what it says to administrators, and that it is there for nobody else.

use std::sync::Arc;

use iampass_server::{ConsoleSettings, Registration, ShownSetting};

use super::visitor::Visitor;
use crate::rig::Rig;
use crate::store::Store;

fn setting(key: &str, value: &str, source: Option<&str>) -> ShownSetting {
    ShownSetting { key: key.to_owned(), value: value.to_owned(), source: source.map(str::to_owned) }
}

async fn rig() -> Rig {
    Rig::with(|config| {
        config.console = Some(ConsoleSettings::new(Registration::Open));
        config.settings = Arc::from([
            setting("sessions.default_duration", "\"2h\"", Some("/etc/iampass-server.toml:7")),
            setting("links.lifetime", "\"24h\"", None),
        ]);
    })
    .await
}

#[tokio::test]
async fn it_tells_version_state_database_and_settings_with_their_sources() {
    let rig = rig().await;
    let mut admin = Visitor::administrator(&rig, "admin").await;
    let page = admin.get("/console/service").await;
    assert_eq!(page.status, 200, "{page:?}");
    for told in [env!("CARGO_PKG_VERSION"), "/etc/iampass-server.toml:7"] {
        assert!(page.body.contains(told), "{told}: {}", page.body);
    }
    let (set, others) = page.body.split_once("<details>").unwrap();
    assert!(set.contains("sessions.default_duration") && set.contains("&#34;2h&#34;"), "{set}");
    assert!(!set.contains("links.lifetime") && others.contains("links.lifetime"), "{others}");
    match &rig.store {
        Store::File(_) => {
            assert!(page.body.contains("<span class=\"tag good\">ready</span>"), "{}", page.body);
            assert!(page.body.contains("SQLite") && !page.body.contains(">Nodes</h2>"), "{}", page.body)
        }
        Store::Postgres(_) => {
            // The clock of the test is not that of the database.
            assert!(
                page.body.contains("<span class=\"tag warn\">not ready: its clock is wrong</span>"),
                "{}",
                page.body
            );
            assert!(page.body.contains("PostgreSQL 1") && page.body.contains(">Nodes</h2>"), "{}", page.body);
        }
    }
    // Its list of parts leads to each of them.
    let parts = page.body.split("<nav class=\"paging\"").nth(1).unwrap().split("</nav>").next().unwrap();
    let links: Vec<_> = parts.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(links.len() >= 4 && links.last() == Some(&"settings"), "{links:?}");
    assert_eq!(page.body.matches("<h2 id=\"").count(), links.len());
    for link in links {
        assert_eq!(page.body.matches(&format!("<h2 id=\"{link}\"")).count(), 1, "{link}");
    }
    assert!(admin.get("/console").await.body.contains("href=\"/console/service\""));
}

#[tokio::test]
async fn it_is_there_for_administrators_alone() {
    let rig = rig().await;
    let mut admin = Visitor::administrator(&rig, "admin").await;
    let mut other = Visitor::registered(&rig, "olga").await;
    let page = other.get("/console/service").await;
    assert!(page.status == 404 && !page.body.contains("iampass-server.toml"), "{page:?}");
    assert!(!other.get("/console").await.body.contains("/console/service"));
    let page = Visitor::new(&rig).get("/console/service").await;
    assert!(page.status == 303 && !page.body.contains("iampass-server.toml"), "{page:?}");
    // One who was an administrator a moment ago.
    assert_eq!(admin.get("/console/service").await.status, 200);
    rig.store.column("UPDATE accounts SET administrator = 0 RETURNING name");
    assert_eq!(admin.get("/console/service").await.status, 404);
}
