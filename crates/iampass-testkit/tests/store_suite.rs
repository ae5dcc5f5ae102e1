//! The conformance suite against the stores in memory, which pass, and against stores with deliberate defects, each of
//! which must be caught by the check that is there for it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "store_suite/defective_sessions.rs"]
mod defective_sessions;
#[path = "store_suite/defective_tokens.rs"]
mod defective_tokens;
#[path = "store_suite/numbered_users.rs"]
mod numbered_users;

use std::collections::BTreeSet;
use std::sync::Arc;

use iampass_core::port::{MemorySessionStore, MemoryTokenStore, SessionStore, TokenStore};
use iampass_testkit::store_suite::{FailedCheck, SuiteReport, session_store_suite, token_store_suite};

use defective_sessions::{Nodes, SessionDefect};
use defective_tokens::{Tables, TokenDefect};
use numbered_users::Numbered;

#[tokio::test]
async fn the_token_store_in_memory_passes() {
    let report = token_store_suite(|| async { Arc::new(MemoryTokenStore::new(1_000)) }).await;
    report.assert_passed();
    assert_eq!((report.passed(), report.skipped().len()), (21, 1), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_token_store_in_memory_passes_on_threads() {
    let store = || async { Arc::new(MemoryTokenStore::new(1_000)) as Arc<dyn TokenStore> };
    token_store_suite(store).await.into_result().unwrap();
}

#[tokio::test]
async fn the_session_store_in_memory_passes() {
    let report = session_store_suite(|| async { Arc::new(MemorySessionStore::new(1_000)) }).await;
    report.assert_passed();
    assert_eq!((report.passed(), report.skipped().len()), (34, 1), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_session_store_in_memory_passes_on_threads() {
    let store = || async { Arc::new(MemorySessionStore::new(1_000)) as Arc<dyn SessionStore> };
    session_store_suite(store).await.into_result().unwrap();
}

/// The suite found that `sentence` does not hold.
#[track_caller]
fn assert_caught(report: &SuiteReport, defect: &str, sentence: &str) {
    let caught = report.failures().iter().any(|failure| failure.check().contains(sentence));
    assert!(caught, "{defect} was not caught by the check `{sentence}`:\n{report}");
}

#[tokio::test]
async fn a_token_store_with_hooks_passes_and_skips_nothing() {
    let report = token_store_suite(|| async { Tables::new(TokenDefect::None) }).await;
    report.assert_passed();
    assert!(report.skipped().is_empty(), "{report}");
}

#[tokio::test]
async fn each_defect_of_a_token_store_is_caught() {
    use TokenDefect as D;
    let mut failed = BTreeSet::new();
    for (defect, sentence) in [
        (D::AssignOverwrites, "assign gives a user who has a token that one"),
        (D::AssignOverwrites, "50 tasks that assign to one user"),
        (D::AssignInTwoSteps, "50 tasks that assign to one user"),
        (D::AssignRefusesTaken, "assign gives a user who has a token that one"),
        (D::TakenTokenMoves, "assign with a token that is another user's"),
        (D::TakenTokenMoves, "rotate with a token that is another user's"),
        (D::TakenTokenMoves, "of 50 users who are assigned the same token"),
        (D::TakenTokenIsGiven, "assign with a token that is another user's"),
        (D::TakenTokenIsGiven, "of 50 users who are assigned the same token"),
        (D::ConflictIsOther, "assign with a token that is another user's"),
        (D::TrimsTokens, "tokens that look alike"),
        (D::TrimsTokens, "tokens of 255 bytes"),
        (D::FoldsTokens, "tokens that look alike"),
        (D::ComposesTokens, "tokens that look alike"),
        (D::CutsTokens, "tokens of 255 bytes"),
        (D::TrimsKeys, "user keys that look alike"),
        (D::TrimsKeys, "another spelling of a user key"),
        (D::FoldsKeys, "user keys that look alike"),
        (D::CutsKeys, "the longest user keys"),
        (D::ReadsKeysAsNumbers, "another spelling of a user key"),
        (D::RotateKeepsTheOld, "rotate makes the old token mean nobody"),
        (D::RotateKeepsTheOld, "50 tasks that rotate"),
        (D::RotateNeedsAToken, "rotate gives a token to a user who has none"),
        (D::RotateIsInsertOnly, "rotate to the same token"),
        (D::RemoveDoesNothing, "remove takes the token"),
        (D::RemoveRemovesAll, "remove takes the token"),
        (D::RemoveTwiceFails, "remove is idempotent"),
        (D::RemoveLeavesTheToken, "remove takes the token"),
        (D::RemoveLeavesTheToken, "assigning and removing at once"),
        (D::NodesShareNothing, "an assigned token is found both ways, on every node"),
        (D::FailsWhenBusy, "50 tasks that assign to 50 users"),
        (D::NoCascade, "deleting the application's user"),
        (D::CascadeTakesAll, "deleting the application's user"),
        (D::GuessesUsers, "who has no token"),
    ] {
        let report = token_store_suite(|| async { Tables::new(defect) }).await;
        assert_caught(&report, &format!("{defect:?}"), sentence);
        failed.extend(report.failures().iter().map(FailedCheck::check));
    }
    let all = token_store_suite(|| async { Tables::new(D::None) }).await.passed();
    assert_eq!(failed.len(), all, "some check never failed; these did: {failed:#?}");
}

#[tokio::test]
async fn a_table_of_numbers_with_a_foreign_key_passes_without_the_checks_of_texts() {
    let fresh = || async { Numbered::default() };
    let report = token_store_suite(fresh).await;
    report.assert_passed();
    let skipped: Vec<_> = report.skipped().iter().map(|skipped| skipped.why()).collect();
    assert_eq!(skipped, ["the table's keys are no texts (key_kind)"; 2], "{report}");
}

#[tokio::test]
async fn a_session_store_with_hooks_passes_and_skips_nothing() {
    let report = session_store_suite(|| async { Nodes::new(SessionDefect::None) }).await;
    report.assert_passed();
    assert!(report.skipped().is_empty(), "{report}");
}

#[tokio::test]
async fn each_defect_of_a_session_store_is_caught() {
    use SessionDefect as D;
    let mut failed = BTreeSet::new();
    for (defect, sentence) in [
        (D::CreateOverwrites, "create twice is a Conflict"),
        (D::CreateInTwoSteps, "of 50 tasks that create one session"),
        (D::CreateTwiceIsFine, "create twice is a Conflict"),
        (D::LoadFoldsTokens, "session tokens that look alike"),
        (D::LoadReadsPatterns, "load of an unknown session"),
        (D::SecretIsTrimmed, "secrets, URLs, users and times come back"),
        (D::LogoutUrlIsStatusUrl, "secrets, URLs, users and times come back"),
        (D::StreamIsForgotten, "secrets, URLs, users and times come back"),
        (D::DueIsNotStored, "secrets, URLs, users and times come back"),
        (D::TimesAre32Bits, "secrets, URLs, users and times come back"),
        (D::UsersAreFolded, "sessions_of confuses no users"),
        (D::OldestFirst, "newest first"),
        (D::ListIgnoresLimit, "newest first, up to the limit"),
        (D::ListHasThoseDue, "sessions_of leaves out"),
        (D::DeleteKeepsTheLogout, "delete removes one session and its logout"),
        (D::DeleteTwiceFails, "delete removes one session and its logout"),
        (D::ClaimIsNotExclusive, "of 50 claimers at once one gets"),
        (D::ClaimInTwoSteps, "of 50 claimers at once one gets"),
        (D::ClaimInTwoSteps, "50 claimers at once get each of 50"),
        (D::ClaimInTwoSteps, "of 50 claimers one takes a dead node's"),
        (D::ClaimForever, "a lease that runs out is taken over"),
        (D::ClaimForever, "clock is ahead"),
        (D::ClaimLimitIgnored, "claim_logouts keeps to its limit"),
        (D::ClaimLosesTheRest, "claim_logouts keeps to its limit"),
        (D::ClaimsEarly, "a logout is claimed when it is due and not before"),
        (D::ClaimsLate, "a logout is claimed when it is due and not before"),
        (D::ClaimNumberStays, "a lease that runs out is taken over with a higher"),
        (D::ClaimNumberStays, "a stale claim cannot release"),
        (D::ClaimRemembersNoLease, "a claim holds for its lease"),
        (D::ClaimRemembersNoLease, "no logout is claimed twice within its lease"),
        (D::ClaimDeletes, "a lease that runs out is taken over"),
        (D::LeaseTooShort, "a claim holds for its lease"),
        (D::ReleaseForgets, "release makes the logout due again"),
        (D::ReleaseIgnoresDue, "release makes the logout due again"),
        (D::ReleaseDoesNothing, "release makes the logout due again"),
        (D::StaleReleases, "a stale claim cannot release"),
        (D::StaleReleases, "when the claiming node's clock is behind"),
        (D::StaleReleasesAfterRelease, "a released claim cannot release the next one"),
        (D::KeepLeavesTheLogout, "keep clears the due logout"),
        (D::KeepAfterClaim, "keep refuses a session"),
        (D::KeepAfterClaim, "a session is kept or its logout is claimed"),
        (D::KeepAfterRelease, "keep refuses a session"),
        (D::KeepUnknown, "keep refuses a session"),
        (D::KeepIsAlwaysFirst, "of 50 tasks that keep one session"),
        (D::QueueDoesNothing, "queue_logout makes a logout due"),
        (D::QueueBreaksTheClaim, "queueing a claimed logout again"),
        (D::QueueUnknownFails, "queue_logout makes a logout due"),
        (D::PurgeIgnoresLimit, "purge_expired keeps to its limit"),
        (D::PurgeTooEarly, "purge_expired removes expired sessions and no others"),
        (D::PurgeSaysNothing, "purge_expired keeps to its limit"),
        (D::PurgeSaysNothing, "50 tasks that purge at once"),
        (D::PurgeTakesAll, "purge_expired removes expired sessions and no others"),
        (D::PurgeSparesThoseDue, "purge_expired removes expired sessions and no others"),
        (D::ClaimByOwnClockOnly, "clock is ahead"),
        (D::NodesShareNothing, "come back as stored, on every node"),
        (D::DamageHidesAll, "a session that cannot be read"),
        (D::DamageIsNone, "a session that cannot be read"),
        (D::DamageStopsClaims, "a session that cannot be read"),
    ] {
        let report = session_store_suite(|| async { Nodes::new(defect) }).await;
        assert_caught(&report, &format!("{defect:?}"), sentence);
        failed.extend(report.failures().iter().map(FailedCheck::check));
    }
    let all = session_store_suite(|| async { Nodes::new(D::None) }).await.passed();
    assert_eq!(failed.len(), all, "some check never failed; these did: {failed:#?}");
}

#[tokio::test]
async fn a_report_names_every_failure_and_no_secret() {
    let report = session_store_suite(|| async { Nodes::new(SessionDefect::SecretIsTrimmed) }).await;
    let said = report.to_string();
    assert!(said.contains("the secret of session"), "{said}");
    assert!(!said.contains("spaces at both ends"), "{said}");
    let report = token_store_suite(|| async { Tables::new(TokenDefect::RemoveDoesNothing) }).await;
    assert!(report.failures().len() > 1);
    let said = report.clone().into_result().unwrap_err().to_string();
    for failure in report.failures() {
        assert!(said.contains(failure.check()) && said.contains(failure.seen()), "{said}");
    }
}

#[tokio::test]
#[should_panic(expected = "remove takes the token of that user and of no other")]
async fn the_assertion_panics_with_the_failures() {
    token_store_suite(|| async { Tables::new(TokenDefect::RemoveDoesNothing) }).await.assert_passed();
}
