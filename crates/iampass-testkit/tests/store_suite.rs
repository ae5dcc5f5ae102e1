//! The conformance suite against the stores in memory, which pass, and against stores with deliberate defects, each of
//! which must be caught by the check that is there for it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "store_suite/defective_nodes.rs"]
mod defective_nodes;
#[path = "store_suite/defective_sessions.rs"]
mod defective_sessions;
#[path = "store_suite/defective_shared.rs"]
mod defective_shared;
#[path = "store_suite/defective_tokens.rs"]
mod defective_tokens;
#[path = "store_suite/numbered_users.rs"]
mod numbered_users;
#[path = "store_suite/session_defect.rs"]
mod session_defect;

use std::collections::BTreeSet;
use std::sync::Arc;

use iampass_core::port::{
    MemorySessionStore, MemorySharedState, MemoryTokenStore, SessionStore, SharedState, TokenStore,
};
use iampass_testkit::store_suite::{
    FailedCheck, SuiteReport, session_store_suite, shared_state_suite, token_store_suite,
};

use defective_nodes::Nodes;
use defective_shared::{SharedDefect, SharedNodes};
use defective_tokens::{Tables, TokenDefect};
use numbered_users::Numbered;
use session_defect::SessionDefect;

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
    assert_eq!((report.passed(), report.skipped().len()), (62, 1), "{report}");
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
        (D::KeepLeavesTheLogout, "claim_session clears the due logout"),
        (D::KeepAfterClaim, "claim_session refuses a session"),
        (D::KeepAfterClaim, "a session is kept or its logout is claimed"),
        (D::KeepAfterRelease, "claim_session refuses a session"),
        (D::KeepUnknown, "claim_session refuses a session"),
        (D::KeepIsAlwaysFirst, "of 50 tasks that claim one session"),
        (D::KeepAfterRequest, "claim_session takes back no logout that was requested"),
        (D::KeepInTwoSteps, "a session that is kept while its logout is requested ends"),
        (D::KeepInTwoSteps, "a session is kept or its logout is claimed"),
        (D::GivesNothing, "set_user gives a login under way"),
        (D::GivesAnotherUsers, "set_user takes no session from a user"),
        (D::GivesAnotherUsers, "of 50 tasks that give one session"),
        (D::GivesWhatIsOver, "set_user takes no session from a user"),
        (D::QueueDoesNothing, "queue_logout makes a logout due"),
        (D::QueueBreaksTheClaim, "queueing a claimed logout again"),
        (D::QueueUnknownFails, "queue_logout makes a logout due"),
        (D::QueuePutsOffARequest, "queue_logout puts off no logout"),
        (D::QueuePutsOffAClaimed, "queue_logout puts off no logout"),
        (D::RequestIsQueued, "claim_session takes back no logout that was requested"),
        (D::RequestIsDueLater, "a requested logout is due at once, on every node and by every clock"),
        (D::RequestBreaksTheClaim, "requesting a claimed logout does not break the claim"),
        (D::RequestUnknownFails, "a requested logout is due at once"),
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
        (D::DamageIsNotCounted, "a session that cannot be read"),
    ]
    .into_iter()
    .chain(SHARED_DEFECTS.map(|(defect, sentence)| (D::Shared(defect), sentence)))
    {
        let report = session_store_suite(|| async { Nodes::new(defect) }).await;
        assert_caught(&report, &format!("{defect:?}"), sentence);
        failed.extend(report.failures().iter().map(FailedCheck::check));
    }
    let all = session_store_suite(|| async { Nodes::new(D::None) }).await.passed();
    assert_eq!(failed.len(), all, "some check never failed; these did: {failed:#?}");
}

#[tokio::test]
async fn the_shared_state_in_memory_passes() {
    let report = shared_state_suite(|| async { Arc::new(MemorySharedState::new(200)) }).await;
    report.assert_passed();
    assert_eq!((report.passed(), report.skipped().len()), (20, 0), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_shared_state_in_memory_passes_on_threads() {
    let store = || async { Arc::new(MemorySharedState::new(200)) as Arc<dyn SharedState> };
    shared_state_suite(store).await.into_result().unwrap();
}

/// Each defect of a store of shared entries, and the check that is there for it.
const SHARED_DEFECTS: [(SharedDefect, &str); 37] = {
    use SharedDefect as D;
    [
        (D::KeysAreFolded, "shared keys that look alike are different"),
        (D::UnknownIsSomething, "load_shared of an unknown key is None"),
        (D::ValueIsText, "shared values of any bytes"),
        (D::EmptyIsNone, "shared values of any bytes"),
        (D::LongIsCut, "shared values of any bytes"),
        (D::VersionsAre32Bits, "shared values of any bytes"),
        (D::TimesAreSeconds, "shared values of any bytes"),
        (D::InsertOverwrites, "swap_shared stores a new entry only where there is none"),
        (D::InsertOverwrites, "of 50 tasks that store one new entry"),
        (D::InsertInTwoSteps, "of 50 tasks that store one new entry"),
        (D::SwapIgnoresTheVersion, "swap_shared replaces the expected writing and no other"),
        (D::SwapIgnoresTheVersion, "of 50 tasks that replace one writing"),
        (D::SwapInsertsWhatIsGone, "swap_shared replaces the expected writing and no other"),
        (D::SwapKeepsTheExpiry, "swap_shared replaces the expected writing and no other"),
        (D::SwapKeepsTheExpiry, "purge_shared goes by the expiry of the last writing"),
        (D::SwapInTwoSteps, "of 50 tasks that replace one writing"),
        (D::SwapInTwoSteps, "of 20 tasks that count one entry up"),
        (D::SwapInTwoSteps, "a writing is replaced or deleted"),
        (D::SwapMixesUpEntries, "50 tasks that change 50 entries at once"),
        (D::DeleteIgnoresTheVersion, "delete_shared removes the expected writing and no other"),
        (D::DeleteSaysTrueTwice, "delete_shared removes the expected writing and no other"),
        (D::DeleteSaysTrueTwice, "of 50 tasks that delete one writing"),
        (D::DeleteInTwoSteps, "of 50 tasks that delete one writing"),
        (D::DeleteInTwoSteps, "a writing is replaced or deleted"),
        (D::VersionsAreCounted, "a shared entry that was deleted and made anew"),
        (D::ExpiredIsNone, "an expired entry is loaded"),
        (D::ExpiredCanBeInserted, "an expired entry is loaded"),
        (D::FullEvicts, "no shared entry goes to make room"),
        (D::PurgeTooEarly, "purge_shared removes expired entries and no others"),
        (D::PurgeTakesAll, "purge_shared removes expired entries and no others"),
        (D::PurgeIgnoresLimit, "purge_shared keeps to its limit"),
        (D::PurgeSaysNothing, "purge_shared keeps to its limit"),
        (D::PurgeInTwoSteps, "50 tasks that purge at once"),
        (D::PurgeInTwoSteps, "an expired entry is renewed or purged"),
        (D::PurgeGoesByTheFirstExpiry, "purge_shared goes by the expiry of the last writing"),
        (D::PurgeGoesByTheFirstExpiry, "an expired entry is renewed or purged"),
        (D::NodesShareNothing, "come back as stored, on every node"),
    ]
};

#[tokio::test]
async fn each_defect_of_a_store_of_shared_entries_is_caught() {
    let suite = |defect| shared_state_suite(move || async move { SharedNodes::new(defect) });
    let mut failed = BTreeSet::new();
    for (defect, sentence) in SHARED_DEFECTS {
        let report = suite(defect).await;
        assert_caught(&report, &format!("{defect:?}"), sentence);
        failed.extend(report.failures().iter().map(FailedCheck::check));
    }
    let all = suite(SharedDefect::None).await;
    all.assert_passed();
    assert_eq!(failed.len(), all.passed(), "some check never failed; these did: {failed:#?}");
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
