//! The catalogue of the reasons: whole, and in words.

use std::time::Duration;

use super::*;
use crate::signing::Refusal;

#[test]
fn every_reason_is_explained_in_whole_sentences() {
    for reason in Reason::ALL {
        let Explanation { statuses, when, what_to_do, .. } = reason.explanation().unwrap();
        assert!(!statuses.is_empty() && statuses.is_sorted(), "{reason}");
        assert!(when.ends_with('.') && what_to_do.ends_with('.'), "{reason}");
        assert!(!when.contains("  ") && !what_to_do.contains("  "), "{reason}");
    }
    assert_eq!(Reason::from("NEW_REASON").explanation(), None);
}

#[test]
fn no_word_stands_for_two_reasons() {
    let mut words: Vec<_> = Reason::ALL.iter().map(Reason::as_str).collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), Reason::ALL.len());
}

#[test]
fn refusals_are_in_the_catalogue_with_their_status() {
    let (by, window) = (Duration::from_secs(301), Duration::from_secs(300));
    for refusal in [
        Refusal::Missing { header: "Authentication" },
        Refusal::Malformed { what: "all of it" },
        Refusal::UnknownId,
        Refusal::BadSignature,
        Refusal::TooOld { by, window },
        Refusal::TooNew { by, window },
        Refusal::Replayed,
        Refusal::WindowFull,
    ] {
        let explanation = Reason::from(&refusal).explanation().unwrap();
        assert_eq!(explanation.statuses, [refusal.http_status()], "{refusal}");
    }
    assert_eq!(Reason::from(&Refusal::ClockSetBack), Reason::Unavailable);
    assert!(
        Reason::Unavailable.explanation().unwrap().statuses.contains(&Refusal::ClockSetBack.http_status())
    );
}
