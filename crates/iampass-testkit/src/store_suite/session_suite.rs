//! The suite for session stores: which checks it has. Belongs here: the list. Does not belong here: the checks themselves.

use iampass_core::port::SessionStore;

use super::checks::{boxed, enter};
use super::report::SuiteReport;
use super::shared_suite::check_shared_state;
use super::under_test::{AsSharedState, StoreUnderTest};
use super::{
    session_claims as claims, session_leases as leases, session_records as records,
    session_requests as requests, session_skew as skew, session_users as users,
};

/// Checks a [`SessionStore`] against each sentence of its contract, and of that of
/// [`SharedState`](iampass_core::port::SharedState), which it is too. `fresh` gives a store with nothing in it, once per
/// check. A store that checks stored URLs is made for [`SUITE_SERVER`](super::SUITE_SERVER).
///
/// Never fails itself: what the store did wrong is in the report.
///
/// ```
/// use iampass_core::port::MemorySessionStore;
/// use iampass_testkit::store_suite::session_store_suite;
/// use std::sync::Arc;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let report = session_store_suite(|| async { Arc::new(MemorySessionStore::new(1_000)) }).await;
/// report.assert_passed();
/// # }
/// ```
pub async fn session_store_suite<Fresh, Made, Store>(fresh: Fresh) -> SuiteReport
where
    Fresh: Fn() -> Made,
    Made: Future<Output = Store>,
    Store: StoreUnderTest<dyn SessionStore>,
{
    let mut report = SuiteReport::of("SessionStore");
    macro_rules! check {
        ($sentence:literal, $check:path) => {{
            let store = boxed(&fresh).await;
            let result = boxed(|| $check(&store)).await;
            drop(store);
            enter(&mut report, $sentence, result);
        }};
    }
    check!("load of an unknown session is None", records::unknown);
    check!("secrets, URLs, users and times come back as stored, on every node", records::come_back);
    check!("session tokens that look alike are different", records::look_alikes);
    check!("create twice is a Conflict and leaves the first as it was", records::create_twice);
    check!("of 50 tasks that create one session one does", records::create_at_once);
    check!("delete removes one session and its logout, and is idempotent", records::deleted);
    check!("sessions_of gives that user's sessions, newest first, up to the limit", records::of_user);
    check!("sessions_of leaves out sessions with a logout due", records::of_user_without_due);
    check!("sessions_of confuses no users who look alike", records::of_users_who_look_alike);
    check!("purge_expired removes expired sessions and no others", records::purge_only_expired);
    check!("purge_expired keeps to its limit and says how many", records::purge_in_parts);
    check!("50 tasks that purge at once remove each expired session once", records::purge_at_once);
    check!("a session that cannot be read is an error for itself and for no other", records::damaged);
    check!("a logout is claimed when it is due and not before", claims::when_due);
    check!("a claimed job carries the session as it was stored", claims::job_is_whole);
    check!("queue_logout makes a logout due, on every node, and ignores unknown sessions", claims::queued);
    check!("claim_logouts keeps to its limit, and batch after batch claims all", claims::in_batches);
    check!("of 50 claimers at once one gets the logout", claims::exclusive);
    check!("50 claimers at once get each of 50 logouts once", claims::shared_out);
    check!("claim_session clears the due logout", claims::kept);
    check!("of 50 tasks that claim one session one is the first", claims::kept_once);
    check!(
        "claim_session refuses a session that is not there, or whose logout was claimed",
        claims::claim_refused
    );
    check!("set_user gives a login under way to its user, on every node", users::given);
    check!("set_user takes no session from a user, nor one in use or at its end", users::not_given);
    check!("of 50 tasks that give one session to 50 users one does", users::given_once);
    check!("a session is kept or its logout is claimed, never both", claims::keep_or_claim);
    check!("a requested logout is due at once, on every node and by every clock", requests::due_at_once);
    check!("claim_session takes back no logout that was requested, claimed or not", requests::not_taken_back);
    check!("queue_logout puts off no logout that was requested or ever claimed", requests::not_put_off);
    check!("a session that is kept while its logout is requested ends", requests::kept_at_once);
    check!("requesting a claimed logout does not break the claim", requests::of_claimed);
    check!("a claim holds for its lease", leases::holds);
    check!("a lease that runs out is taken over with a higher claim number", leases::taken_over);
    check!("of 50 claimers one takes a dead node's logout over", leases::taken_over_once);
    check!("release makes the logout due again when it says", leases::released);
    check!("a stale claim cannot release", leases::stale);
    check!("a released claim cannot release the next one", leases::released_is_stale);
    check!("release brings no deleted session back", leases::release_of_deleted);
    check!(
        "queueing a claimed logout again does not break the claim, nor lose the logout",
        leases::queued_again
    );
    check!("no logout is forgotten when the claiming node's clock is ahead", skew::ahead_claims);
    check!("no logout is forgotten when the claiming node's clock is behind", skew::behind_claims);
    check!("a node whose clock is ahead or behind gives logouts back that others claim", skew::releases);
    check!(
        "no logout is claimed twice within its lease by one clock, whatever the other node does",
        skew::within_lease
    );
    let fresh = &fresh;
    let shared = || async move { AsSharedState(boxed(fresh).await) };
    boxed(|| check_shared_state(&mut report, shared)).await;
    report
}
