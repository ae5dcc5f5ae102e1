//! The charts of logins on the first page of an application: the numbers in them, and what they leave out.

use iampass_server::{ConsoleSettings, Registration};
use serde_json::json;

use super::shop::{owner, place};
use super::visitor::open_house;
use crate::rig::Rig;

#[tokio::test]
async fn the_overview_draws_logins_and_gives_the_numbers_as_tables() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    rig.add_users(&["ann"]).await;
    let page = owner.get(&place(&rig, "")).await.body;
    assert!(
        page.contains("There were no logins in this time.") && !page.contains("<svg viewBox=\"0 0 480"),
        "{page}"
    );
    let phone = rig.phone("ann").await;
    rig.session("ann", "").await;
    rig.clock.advance(12);
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.answer(&question, json!({"accepted": true})).await.ok(200);
    rig.session("ann", "").await;
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.answer(&question, json!({"accepted": false})).await.ok(200);
    for _ in 0..2 {
        rig.session("ann", "").await;
        rig.clock.advance(61);
        rig.service.run_due_tasks().await.unwrap();
    }
    let page = owner.get(&place(&rig, "")).await.body;
    for words in ["Signed in: 1</li>", "Denied: 1</li>", "No answer, withdrawn or failed: 2</li>"] {
        assert_eq!(page.matches(words).count(), 2, "{words}: {page}");
    }
    assert_eq!(page.matches("<details>").count(), 3, "{page}");
    assert_eq!(page.matches("role=\"img\"").count(), 3);
    assert!(page.contains("<bdi>12 seconds</bdi>"), "{page}");
    assert_eq!(page.matches("<h1>").count(), 1);
    assert!(!page.contains("style="), "the policy of the pages allows no style in them");
}

/// A day of which logins were deleted is none without logins.
#[tokio::test]
async fn the_drawings_go_back_no_further_than_logins_are_kept() {
    const DAY: &str = "<td data-label=\"Day, in UTC\">";
    let with_kept = async |days: u64| {
        let rig = Rig::with(|config| {
            config.console = Some(ConsoleSettings::new(Registration::Open));
            config.keep_ended_sessions = std::time::Duration::from_secs(days * 86_400);
        })
        .await;
        let mut owner = owner(&rig).await;
        rig.phone("ann").await;
        rig.session("ann", "").await;
        rig.clock.advance(61);
        rig.service.run_due_tasks().await.unwrap();
        let page = owner.get(&place(&rig, "")).await.body;
        assert!(page.contains("No answer, withdrawn or failed: 1</li>"), "{page}");
        (
            page.matches(DAY).count(),
            page.contains(&format!("Logins are kept for {days} days after their end.")),
        )
    };
    assert_eq!(with_kept(7).await, (7, true));
    assert_eq!(with_kept(30).await, (30, false));
}

#[tokio::test]
async fn denials_of_before_are_not_drawn_as_no_answers_without_a_word() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    rig.phone("ann").await;
    rig.session("ann", "").await;
    rig.session("ann", "").await;
    rig.clock.advance(61);
    rig.service.run_due_tasks().await.unwrap();
    let says = "which did not tell denials from withdrawals. These are:";
    assert!(!owner.get(&place(&rig, "")).await.body.contains(says));
    // As a version of before has written it down.
    rig.store
        .change("UPDATE sessions SET state = 'cancelled', ended_by = NULL WHERE ended_by = 'not-answered'");
    rig.clock.advance(5);
    let page = owner.get(&place(&rig, "")).await.body;
    assert!(
        page.contains("No answer, withdrawn or failed: 2</li>") && page.contains(&format!("{says} 2")),
        "{page}"
    );
}
