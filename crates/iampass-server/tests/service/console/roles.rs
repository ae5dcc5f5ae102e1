//! All pages of an application, as everybody who could ask for them.

use std::collections::BTreeSet;

use iampass_server::routes;

use super::visitor::{Visitor, open_house};
use crate::rig::Answer;

/// Who may: owner, developer, read-only, administrator.
type Who = [bool; 4];

const ALL: Who = [true, true, true, true];
const MEMBERS: Who = [true, true, true, false];
const OWNERS: Who = [true, false, false, true];

/// Every route of an application. Whoever adds one says here who may use it.
const TABLE: &[(&str, &str, Who)] = &[
    ("GET", "/console/applications/{application}", ALL),
    ("GET", "/console/applications/{application}/members", ALL),
    ("POST", "/console/applications/{application}/members/add", OWNERS),
    ("POST", "/console/applications/{application}/members/role", OWNERS),
    ("POST", "/console/applications/{application}/members/invite", OWNERS),
    ("POST", "/console/applications/{application}/members/take-back", OWNERS),
    ("GET", "/console/applications/{application}/members/{account}/remove", OWNERS),
    ("POST", "/console/applications/{application}/members/{account}/remove", OWNERS),
    ("GET", "/console/applications/{application}/leave", MEMBERS),
    ("POST", "/console/applications/{application}/leave", MEMBERS),
];

#[test]
fn every_route_of_an_application_is_in_the_table() {
    let listed: BTreeSet<_> = TABLE.iter().map(|(method, pattern, _)| (*method, *pattern)).collect();
    let is_of_one = |pattern: &&str| pattern.starts_with("/console/applications/{application}");
    let served =
        routes().map(|route| (route.method, route.pattern)).filter(|(_, pattern)| is_of_one(pattern));
    assert_eq!(served.collect::<BTreeSet<_>>(), listed);
}

/// Asks without changing anything: forms are sent empty, or with what nothing comes of.
async fn ask(visitor: &mut Visitor<'_>, method: &str, path: &str) -> Answer {
    match method {
        "POST" => visitor.post(path, &[("account", "0"), ("invitation", "0")]).await,
        _ => visitor.get(path).await,
    }
}

#[tokio::test]
async fn each_role_reaches_what_is_its_and_nothing_else() {
    let rig = open_house().await;
    let mut owner = Visitor::registered(&rig, "owner").await;
    let (id, _) = owner.add_application("Shop").await;
    let mut asking = vec![owner];
    for role in ["developer", "read-only"] {
        let visitor = Visitor::registered(&rig, role).await;
        let added = asking[0]
            .post(&format!("/console/applications/{id}/members/add"), &[("name", role), ("role", role)])
            .await;
        assert_eq!(added.status, 303);
        asking.push(visitor);
    }
    asking.push(Visitor::administrator(&rig, "admin").await);
    let mut stranger = Visitor::registered(&rig, "stranger").await;
    let mut nobody = Visitor::new(&rig);
    let developer =
        rig.store.column("SELECT CAST(key AS TEXT) FROM accounts WHERE name = 'developer'").remove(0);

    for (method, pattern, who) in TABLE {
        let path = pattern.replace("{application}", &id).replace("{account}", &developer);
        for (visitor, may) in asking.iter_mut().zip(who) {
            let status = ask(visitor, method, &path).await.status;
            assert_eq!(status != 403, *may, "{method} {path}: {status}");
            assert!(status != 404 || path.ends_with("/role"), "{method} {path}: {status}");
        }
        let status = ask(&mut stranger, method, &path).await.status;
        assert_eq!(status, 404, "{method} {path}: to strangers it is not there");
        let answer = ask(&mut nobody, method, &path).await;
        let login = answer.header("location").is_some_and(|place| place.starts_with("/console/auth/login"));
        assert!(answer.status == 303 && login, "{method} {path}: {answer:?}");
    }
    let members = "SELECT a.name FROM members m JOIN accounts a ON a.key = m.account_key ORDER BY a.name";
    assert_eq!(rig.store.column(members), ["developer", "owner", "read-only"], "nothing was changed");
}
