//! A question waits until the page of the attempt before has nothing to accept. Each check runs with one node and with two nodes over one
//! store.

use std::time::Duration;

use crate::setting::SOON;
use crate::two_browsers::{ACCEPT, SUPERSEDED, two, until_asked};

/// The other way round: the page of the owner stops saying "accept" before the stranger's question is put.
#[tokio::test]
async fn the_owners_page_is_told_before_the_strangers_question_comes() {
    for nodes in [1, 2] {
        let (setting, mut stranger, mut owner) = two(nodes).await;
        let wait = owner.begin("anna").await;
        until_asked(&mut owner, &wait).await;
        let before = setting.anna.pending().await.unwrap()[0].auth_request_id.clone();
        let events = wait.replace("/wait", "/events");
        let watching = {
            let owner = owner.clone();
            tokio::spawn(async move {
                let mut answer = owner.request(reqwest::Method::GET, &events).send().await.unwrap();
                let mut heard = String::new();
                while let Some(part) = answer.chunk().await.unwrap() {
                    heard.push_str(std::str::from_utf8(&part).unwrap());
                    if heard.contains("event: moved") {
                        return;
                    }
                }
                panic!("the page was told nothing: {heard}");
            })
        };
        stranger.begin("ANNA").await;
        watching.await.unwrap();
        let pending = setting.anna.pending().await.unwrap();
        assert!(
            pending.iter().all(|question| question.auth_request_id == before),
            "the stranger's is not there yet"
        );
        let page = owner.get(&wait).await;
        assert!(page.text.contains(SUPERSEDED) && page.text.contains("deny") && !page.text.contains(ACCEPT));
    }
}

/// A page on a slow network, or one without a script, asks late how it stands, and a user who has read it does not look at it again. A stranger's
/// question waits for both.
#[tokio::test]
async fn a_strangers_question_waits_for_a_page_that_asks_late() {
    for nodes in [1, 2] {
        let (setting, mut stranger, mut owner) = two(nodes).await;
        let wait = owner.begin("anna").await;
        until_asked(&mut owner, &wait).await;
        let before = setting.anna.pending().await.unwrap()[0].auth_request_id.clone();
        let begun = std::time::Instant::now();
        stranger.begin("anna").await;
        // A third browser takes the place of a question that was not put: it waits for the same page.
        setting.browser().begin("anna").await;
        loop {
            let pending = setting.anna.pending().await.unwrap();
            // The time after the answer counts, as the answer may be late.
            let passed = begun.elapsed();
            if passed >= Duration::from_secs(14) {
                break;
            }
            let is_hers = pending.iter().all(|question| question.auth_request_id == before);
            assert!(is_hers, "after {passed:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(owner.get(&wait).await.text.contains(SUPERSEDED));
        setting.anna.next_request(SOON).await.unwrap();
    }
}

/// The owner has denied a request. The answer that replaces the page is under way for longer than any pause: the next question waits until it has
/// arrived. A page whose script has taken the text away says so when it asks.
#[tokio::test]
async fn a_question_waits_until_the_page_of_the_one_before_has_arrived() {
    for (nodes, has_script) in [(1, false), (2, false), (2, true)] {
        let mut tries = Vec::new();
        // A slow machine may need several.
        while tries.last().is_none_or(|after| *after >= Duration::from_millis(9_500)) {
            assert!(tries.len() < 3, "a page that has arrived is waited for in full: {tries:?}");
            tries.push(asked_once_the_page_has_arrived(nodes, has_script).await);
        }
    }
}

/// How long after its beginning the question is put, where the page of the one before has arrived after four seconds. Without that it would be put
/// after ten.
async fn asked_once_the_page_has_arrived(nodes: usize, has_script: bool) -> Duration {
    let (setting, mut stranger, mut owner) = two(nodes).await;
    let wait = owner.begin("anna").await;
    until_asked(&mut owner, &wait).await;
    setting.anna.deny_next(SOON).await.unwrap();
    let address = if has_script { format!("{wait}&shown=nothing") } else { wait.clone() };
    let mut page = owner.get_without_picture(&address).await;
    while page.text.contains(ACCEPT) {
        page = owner.get_without_picture(&address).await;
    }
    let begun = std::time::Instant::now();
    stranger.begin("anna").await;
    let is_asked = async || !setting.anna.pending().await.unwrap().is_empty();
    if !has_script {
        loop {
            let is_asked = is_asked().await;
            let passed = begun.elapsed();
            if passed >= Duration::from_secs(4) {
                break;
            }
            assert!(!is_asked, "after {passed:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        owner.load_picture(&page).await;
    }
    while !is_asked().await {
        assert!(begun.elapsed() < SOON, "it is not asked at all");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    begun.elapsed()
}

/// The owner has accepted, and a page of hers that asks every two seconds does not know yet: a stranger's question comes when it does.
#[tokio::test]
async fn a_question_right_after_an_answer_waits_until_the_owners_page_knows() {
    for nodes in [1, 2] {
        let (setting, mut stranger, mut owner) = two(nodes).await;
        let wait = owner.begin("anna").await;
        until_asked(&mut owner, &wait).await;
        setting.anna.accept_next(SOON).await.unwrap();
        // The node may take a moment to hear of it.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let begun = std::time::Instant::now();
        stranger.begin("anna").await;
        loop {
            let pending = setting.anna.pending().await.unwrap();
            let passed = begun.elapsed();
            if passed >= Duration::from_millis(2_300) {
                break;
            }
            assert!(pending.is_empty(), "after {passed:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        owner.complete(&wait).await;
        assert!(owner.is_in().await && !stranger.is_in().await);
    }
}
