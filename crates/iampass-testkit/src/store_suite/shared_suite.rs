//! The suite for stores of shared entries: which checks it has. Belongs here: the list. Does not belong here: the checks themselves.

use iampass_core::port::SharedState;

use super::checks::{boxed, enter};
use super::report::SuiteReport;
use super::under_test::StoreUnderTest;
use super::{shared_at_once as at_once, shared_entries as entries, shared_purging as purging};

/// Checks a [`SharedState`] against each sentence of its contract. `fresh` gives a store with nothing in it, once per check, and with
/// room for 200 entries.
///
/// A session store is one as well; [`session_store_suite`](super::session_store_suite) has all of these checks too.
///
/// Never fails itself: what the store did wrong is in the report.
///
/// ```
/// use iampass_core::port::MemorySharedState;
/// use iampass_testkit::store_suite::shared_state_suite;
/// use std::sync::Arc;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let report = shared_state_suite(|| async { Arc::new(MemorySharedState::new(1_000)) }).await;
/// report.assert_passed();
/// # }
/// ```
pub async fn shared_state_suite<Fresh, Made, Store>(fresh: Fresh) -> SuiteReport
where
    Fresh: Fn() -> Made,
    Made: Future<Output = Store>,
    Store: StoreUnderTest<dyn SharedState>,
{
    let mut report = SuiteReport::of("SharedState");
    check_shared_state(&mut report, fresh).await;
    report
}

/// The checks, entered in a report.
pub(super) async fn check_shared_state<Fresh, Made, Store>(report: &mut SuiteReport, fresh: Fresh)
where
    Fresh: Fn() -> Made,
    Made: Future<Output = Store>,
    Store: StoreUnderTest<dyn SharedState>,
{
    macro_rules! check {
        ($sentence:literal, $check:path) => {{
            let store = boxed(&fresh).await;
            let result = boxed(|| $check(&store)).await;
            drop(store);
            enter(report, $sentence, result);
        }};
    }
    check!("load_shared of an unknown key is None", entries::unknown);
    check!(
        "shared values of any bytes, versions and times come back as stored, on every node",
        entries::come_back
    );
    check!("shared keys that look alike are different", entries::keys_are_exact);
    check!("swap_shared stores a new entry only where there is none", entries::new_only_where_there_is_none);
    check!("swap_shared replaces the expected writing and no other", entries::replaced_if_expected);
    check!("delete_shared removes the expected writing and no other, once", entries::deleted);
    check!("a shared entry that was deleted and made anew is another writing", entries::made_anew);
    check!("an expired entry is loaded, replaced and deleted like any other", entries::expired);
    check!("no shared entry goes to make room for others", entries::none_makes_room);
    check!("of 50 tasks that store one new entry one does", at_once::one_inserts);
    check!("of 50 tasks that replace one writing one does", at_once::one_replaces);
    check!("of 50 tasks that delete one writing one does", at_once::one_deletes);
    check!("a writing is replaced or deleted, never both", at_once::replaced_or_deleted);
    check!("of 20 tasks that count one entry up none is lost", at_once::no_change_is_lost);
    check!("50 tasks that change 50 entries at once do not disturb each other", at_once::apart);
    check!("purge_shared removes expired entries and no others", purging::only_expired);
    check!("purge_shared keeps to its limit and says how many", purging::in_parts);
    check!("purge_shared goes by the expiry of the last writing", purging::not_renewed);
    check!("50 tasks that purge at once remove each expired entry once", purging::once);
    check!("an expired entry is renewed or purged, never both", purging::replaced_or_purged);
}
