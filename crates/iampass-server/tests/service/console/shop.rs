//! An application whose owner is signed in, with users, phones and sessions made by its own calls.

use super::visitor::Visitor;
use crate::rig::{Answer, Rig};

/// The owner of the rig's application.
pub(crate) async fn owner(rig: &Rig) -> Visitor<'_> {
    let mut owner = Visitor::administrator(rig, "olga").await;
    let added = owner.post(&place(rig, "/members/add"), &[("name", "olga"), ("role", "owner")]).await;
    assert_eq!(added.status, 303, "{added:?}");
    owner
}

/// Somebody else who belongs to it.
pub(crate) async fn member<'r>(rig: &'r Rig, owner: &mut Visitor<'r>, name: &str, role: &str) -> Visitor<'r> {
    let member = Visitor::registered(rig, name).await;
    let added = owner.post(&place(rig, "/members/add"), &[("name", name), ("role", role)]).await;
    assert_eq!(added.status, 303, "{added:?}");
    member
}

/// A page of the rig's application.
pub(crate) fn place(rig: &Rig, path: &str) -> String {
    format!("/console/applications/{}{path}", rig.app.id)
}

/// The key of a user on the pages.
pub(crate) fn key_of(rig: &Rig, user: &str) -> String {
    rig.store.column(&format!("SELECT CAST(key AS TEXT) FROM users WHERE id = '{user}'")).remove(0)
}

/// The page of a user.
pub(crate) fn page_of(rig: &Rig, user: &str) -> String {
    place(rig, &format!("/users/{}", key_of(rig, user)))
}

/// The keys of the sessions that have not ended, the newest first.
pub(crate) fn open_sessions(rig: &Rig) -> Vec<String> {
    let sql = format!(
        "SELECT CAST(s.key AS TEXT) FROM sessions s JOIN applications a ON a.key = s.application_key
         WHERE a.id = '{}' AND s.ended_at IS NULL ORDER BY s.key DESC",
        rig.app.id
    );
    rig.store.column(&sql)
}

/// The actions in the log of the application, the latest first.
pub(crate) fn log(rig: &Rig) -> Vec<String> {
    let sql = format!("SELECT action FROM audit WHERE application_id = '{}' ORDER BY key DESC", rig.app.id);
    rig.store.column(&sql)
}

/// The registration link that a page shows.
pub(crate) fn link_on(page: &Answer) -> String {
    assert_eq!(page.status, 201, "{page:?}");
    page.body.split('"').find(|text| text.contains("/r/")).expect("a link").to_owned()
}

#[track_caller]
pub(crate) fn went_to(answer: &Answer, place: &str) {
    assert_eq!((answer.status, answer.header("location")), (303, Some(place)), "{answer:?}");
}
