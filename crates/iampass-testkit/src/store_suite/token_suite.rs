//! The suite for token stores: which checks it has. Belongs here: the list. Does not belong here: the checks themselves.

use iampass_core::port::TokenStore;

use super::checks::{boxed, enter};
use super::report::SuiteReport;
use super::under_test::StoreUnderTest;
use super::{token_checks as basic, token_concurrency as concurrent, token_texts as texts};

/// Checks a [`TokenStore`] against each sentence of its contract. `fresh` gives a store with nothing in it, once per check.
///
/// Never fails itself: what the store did wrong is in the report. See [the module](super) for an example.
pub async fn token_store_suite<Fresh, Made, Store>(fresh: Fresh) -> SuiteReport
where
    Fresh: Fn() -> Made,
    Made: Future<Output = Store>,
    Store: StoreUnderTest<dyn TokenStore>,
{
    let mut report = SuiteReport::of("TokenStore");
    macro_rules! check {
        ($sentence:literal, $check:path) => {{
            let store = boxed(&fresh).await;
            let result = boxed(|| $check(&store)).await;
            drop(store);
            enter(&mut report, $sentence, result);
        }};
    }
    check!("who has no token, and a token that is nobody's, are None", basic::nothing_is_there);
    check!("an assigned token is found both ways, on every node", basic::found_both_ways);
    check!(
        "assign gives a user who has a token that one, and the candidate means nobody",
        basic::assign_again
    );
    check!(
        "assign with a token that is another user's is a Conflict and changes nothing",
        basic::assign_taken
    );
    check!(
        "rotate with a token that is another user's is a Conflict and changes nothing",
        basic::rotate_taken
    );
    check!("rotate makes the old token mean nobody", basic::rotate_replaces);
    check!("rotate gives a token to a user who has none", basic::rotate_without_a_token);
    check!("rotate to the same token, and twice, is as good as once", basic::rotate_again);
    check!("an old token can be given to another user", basic::old_token_is_free);
    check!("remove takes the token of that user and of no other", basic::remove_one);
    check!("remove is idempotent, and the user can have a token again", basic::remove_again);
    check!("deleting the application's user removes that token and no other", basic::deletion_cascades);
    check!("50 tasks that assign to one user get one and the same token", concurrent::one_user);
    check!("50 tasks that assign to 50 users get each their own token", concurrent::many_users);
    check!("of 50 users who are assigned the same token at once one gets it", concurrent::one_token);
    check!("50 tasks that rotate one user's token leave one token", concurrent::rotations);
    check!("assigning and removing at once leaves the table whole", concurrent::assign_and_remove);
    check!("tokens that look alike are different, and come back byte for byte", texts::tokens_look_alike);
    check!("tokens of 255 bytes come back byte for byte", texts::long_tokens);
    check!("user keys that look alike are different, and come back byte for byte", texts::keys_look_alike);
    check!("the longest user keys come back byte for byte", texts::long_keys);
    check!("another spelling of a user key is nobody, or refused", texts::other_spellings);
    report
}
