//! The attempts that take the place of others: those of two browsers of one user, or of one name.

use super::*;

/// A spelling that the directory tells from the name takes the place of the user's attempt, as it does of one for a name that nobody has.
#[tokio::test]
async fn a_name_that_is_spelled_alike_has_one_place() {
    for subject in [anna(), Subject::Nobody("kim".to_owned())] {
        let nodes = Nodes::new();
        nodes.one.begin(&id("a"), &nodes.stranger(), &subject, "kim", None, Displaces::Any).await.unwrap();
        let alike = Subject::Nobody("kim".to_owned());
        let begun = nodes
            .other
            .begin(&id("b"), &nodes.stranger(), &alike, "kim", None, Displaces::Any)
            .await
            .unwrap();
        assert!(matches!(begun, Begun::InPlace { has_displaced: true, .. }), "{begun:?}");
        assert_eq!(phase(&nodes.one, "a").await, Phase::Ended { end: AttemptEnd::Superseded });
    }
}

/// Whatever is left of its budget, a browser has one place with itself: the owner of a cookie takes it back from a copy.
#[tokio::test]
async fn a_copy_of_a_cookie_keeps_no_place_from_its_owner() {
    let used_up = |nodes: &Nodes| Attempt::new(Asker::UsedUp("b".to_owned()), nodes.until());
    for (first, second) in [(true, false), (false, true), (false, false)] {
        let nodes = Nodes::new();
        let attempt = |is_known: bool| if is_known { nodes.known("b") } else { used_up(&nodes) };
        nodes.one.begin(&id("copy"), &attempt(first), &anna(), "anna", None, Displaces::Any).await.unwrap();
        nodes
            .other
            .begin(&id("owner"), &attempt(second), &anna(), "anna", None, Displaces::Any)
            .await
            .unwrap();
        assert_eq!(phase(&nodes.one, "copy").await, Phase::Ended { end: AttemptEnd::Replaced });
    }
    // It takes no more from another browser than a stranger does.
    let nodes = Nodes::new();
    nodes.one.begin(&id("a"), &nodes.known("other"), &anna(), "anna", None, Displaces::Any).await.unwrap();
    let begun =
        nodes.one.begin(&id("b"), &used_up(&nodes), &anna(), "anna", None, Displaces::Any).await.unwrap();
    assert_eq!(begun, Begun::Busy);
}

#[tokio::test]
async fn the_newer_of_two_strangers_has_the_place_and_the_older_ones_question_is_withdrawn() {
    let nodes = Nodes::new();
    let begun =
        nodes.one.begin(&id("a"), &nodes.stranger(), &anna(), "anna", None, Displaces::Any).await.unwrap();
    assert_eq!(plain(begun), in_place(&[], false));
    assert!(nodes.one.asked(&id("a"), &session("s"), None).await.unwrap());
    let begun =
        nodes.other.begin(&id("b"), &nodes.stranger(), &anna(), "anna", None, Displaces::Any).await.unwrap();
    assert_eq!(plain(begun), in_place(&["s"], true));
    assert_eq!(phase(&nodes.one, "a").await, Phase::Ended { end: AttemptEnd::Superseded });
    // Whatever its question is answered, nobody gets in by it any more.
    assert!(!nodes.one.answered(&id("a")).await.unwrap());
    assert!(!nodes.one.take_up(&id("a"), None).await.unwrap());
    assert!(nodes.other.load(&id("b")).await.unwrap().unwrap().has_displaced);
}

#[tokio::test]
async fn one_whose_question_is_not_put_yet_is_not_asked_after_it_was_displaced() {
    let nodes = Nodes::new();
    nodes.one.begin(&id("a"), &nodes.stranger(), &anna(), "anna", None, Displaces::Any).await.unwrap();
    nodes.other.begin(&id("b"), &nodes.stranger(), &anna(), "anna", None, Displaces::Any).await.unwrap();
    assert!(!nodes.one.asked(&id("a"), &session("s"), None).await.unwrap(), "its session has to be ended");
    nodes.one.not_asked(&id("a"), None).await.unwrap();
    assert_eq!(phase(&nodes.one, "a").await, Phase::Ended { end: AttemptEnd::Superseded });
}

#[tokio::test]
async fn a_stranger_displaces_no_known_browser_and_a_known_browser_displaces_a_stranger() {
    let nodes = Nodes::new();
    nodes.one.begin(&id("k"), &nodes.known("x"), &anna(), "anna", None, Displaces::Any).await.unwrap();
    assert!(nodes.one.asked(&id("k"), &session("s"), None).await.unwrap());
    let begun =
        nodes.other.begin(&id("a"), &nodes.stranger(), &anna(), "anna", None, Displaces::Any).await.unwrap();
    assert_eq!(begun, Begun::Busy);
    assert_eq!(phase(&nodes.one, "a").await, Phase::Ended { end: AttemptEnd::Busy });
    assert_eq!(phase(&nodes.one, "k").await, Phase::Asked { session: session("s") });
    // Another known browser may: it is the newest word of somebody who is known.
    let begun =
        nodes.other.begin(&id("l"), &nodes.known("y"), &anna(), "anna", None, Displaces::Any).await.unwrap();
    assert_eq!(plain(begun), in_place(&["s"], true));
    let nodes = Nodes::new();
    nodes.one.begin(&id("a"), &nodes.stranger(), &anna(), "anna", None, Displaces::Any).await.unwrap();
    let begun =
        nodes.other.begin(&id("k"), &nodes.known("x"), &anna(), "anna", None, Displaces::Any).await.unwrap();
    assert_eq!(plain(begun), in_place(&[], true));
}

/// Somebody has copied the cookie of one known browser. The owner signs in by another one, with the code of its page.
#[tokio::test]
async fn a_known_browser_keeps_no_other_one_out_where_pages_show_codes() {
    let nodes = Nodes::new();
    let known = |digest| nodes.known(digest);
    nodes.one.begin(&id("k"), &known("x"), &anna(), "anna", None, Displaces::Strangers).await.unwrap();
    assert!(nodes.one.asked(&id("k"), &session("s"), None).await.unwrap());
    for (attempt, at) in [("l", &nodes.other), ("m", &nodes.one)] {
        let begun =
            at.begin(&id(attempt), &known("y"), &anna(), "anna", None, Displaces::Strangers).await.unwrap();
        assert_eq!(begun, Begun::Aside { withdrawn: Vec::new() });
        // It is a stranger's: it is in nobody's way, and rings nowhere.
        assert_eq!(nodes.one.load(&id(attempt)).await.unwrap().unwrap().asker, Asker::UsedUp("y".to_owned()));
        assert_eq!(phase(&nodes.one, attempt).await, Phase::Starting);
        assert_eq!(phase(&nodes.one, "k").await, Phase::Asked { session: session("s") });
    }
    // One browser has one attempt.
    let begun =
        nodes.other.begin(&id("n"), &known("x"), &anna(), "anna", None, Displaces::Strangers).await.unwrap();
    assert_eq!(plain(begun), in_place(&["s"], false));
    assert_eq!(phase(&nodes.one, "k").await, Phase::Ended { end: AttemptEnd::Replaced });
}

#[tokio::test]
async fn a_browser_replaces_its_own_and_nobody_is_said_to_be_displaced() {
    let nodes = Nodes::new();
    nodes.one.begin(&id("a"), &nodes.stranger(), &anna(), "anna", None, Displaces::Any).await.unwrap();
    assert!(nodes.one.asked(&id("a"), &session("s"), None).await.unwrap());
    let begun = nodes
        .other
        .begin(&id("b"), &nodes.stranger(), &anna(), "anna", Some(&id("a")), Displaces::Any)
        .await
        .unwrap();
    assert_eq!(plain(begun), in_place(&["s"], false));
    assert_eq!(phase(&nodes.one, "a").await, Phase::Ended { end: AttemptEnd::Replaced });
    // A known browser without its cookie of the login is the same browser still.
    nodes.one.begin(&id("k"), &nodes.known("x"), &anna(), "anna", None, Displaces::Any).await.unwrap();
    let begun =
        nodes.one.begin(&id("l"), &nodes.known("x"), &anna(), "anna", None, Displaces::Any).await.unwrap();
    assert_eq!(plain(begun), in_place(&[], false));
}

#[tokio::test]
async fn one_that_may_not_ask_takes_no_live_question_away() {
    let nodes = Nodes::new();
    nodes.one.begin(&id("a"), &nodes.stranger(), &anna(), "anna", None, Displaces::Any).await.unwrap();
    let begun = nodes
        .other
        .begin(&id("b"), &nodes.stranger(), &anna(), "anna", None, Displaces::Nobody)
        .await
        .unwrap();
    assert_eq!(begun, Begun::Busy);
    assert_eq!(phase(&nodes.one, "a").await, Phase::Starting);
}
