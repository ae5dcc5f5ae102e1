//! Codes that are guessed, old, or of somebody else.

use std::sync::Arc;

use iampass_core::wire::Reason;
use iampass_testkit::{TestkitError, VirtualPhone};

use crate::ground::{Ground, SOON};
use crate::service::Shop;
use crate::verdict::{Attack, Outcome, Verdict, attack, hold, works};

pub(crate) const ATTACKS: [Attack; 6] = [
    attack!(
        "guessed-digits-brought",
        "a thief of the unlocked phone guesses which digits a browser shows",
        brought
    ),
    attack!("guessed-digits-answered", "digits are guessed in answers, over many questions", answered),
    attack!("code-of-a-former-attempt", "the digits and the scan of an attempt that is over", former),
    attack!(
        "code-of-another-browser",
        "the owner's code is put under the stranger's question, and the reverse",
        browsers
    ),
    attack!("code-of-another-user", "a phone brings what another user's browser shows", users),
    attack!(
        "code-of-another-application",
        "a phone brings what the same user's browser shows elsewhere",
        applications
    ),
];

/// Other digits than these.
pub(crate) fn other_than(code: &str, by: u32) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap_or_default() + by) % 1_000_000)
}

async fn brought(ground: Arc<Ground>) -> Outcome {
    let user = ground.user("guessing");
    let phone = ground.shop.phone(&user).await?;
    let started = ground.shop.start(&user, false).await?;
    let mut paused_after = None;
    for guess in 1..=20 {
        let answer = phone.bring_code(&other_than(&started.code, guess)).await;
        hold!(answer.is_err(), "a guess was taken");
        let second = phone.bring_code(&other_than(&started.code, guess + 500)).await;
        if paused_after.is_none() && second.is_err_and(|error| is_paused(&error)) {
            paused_after = Some(guess * 2);
        }
    }
    hold!(phone.bring_code(&started.code).await.is_err(), "the right digits are taken among so many guesses");
    hold!(paused_after.is_some_and(|guesses| guesses <= 6), "guessing is not paused");
    // A new question does not begin the count anew, and a scan still works.
    let again = ground.shop.start(&user, false).await?;
    hold!(phone.bring_code(&again.code).await.is_err(), "a new question begins the count anew");
    let request = phone.bring_scan(&again.scan_url).await?;
    phone.accept_with_scan(&request, &again.scan_url).await?;
    works!(ground.shop.is_in(&again).await?, "the scan lets nobody in");
    Verdict::defeated("paused after five guesses, also for the next question; a scan still works")
}

fn is_paused(error: &TestkitError) -> bool {
    matches!(error, TestkitError::Refused { reason: Some(Reason::TooManyRequests), .. })
}

async fn answered(ground: Arc<Ground>) -> Outcome {
    let user = ground.user("guessing");
    let phone = ground.shop.phone(&user).await?;
    let (mut refused, mut paused) = (0, 0);
    for _ in 0..4 {
        let started = ground.shop.start(&user, true).await?;
        let Some(request) = phone.next_request(SOON).await? else { break };
        for guess in 1..=3 {
            match phone.accept_with_code(&request, &other_than(&started.code, guess)).await {
                Ok(()) => return Verdict::succeeded("a guess was taken"),
                Err(error) if is_paused(&error) => paused += 1,
                Err(_) => refused += 1,
            }
        }
        // The right digits come too late: the third wrong ones have ended it, or guessing is paused.
        let late = phone.accept_with_code(&request, &started.code).await;
        hold!(late.is_err() && !ground.shop.is_in(&started).await?, "the fourth try lets in");
        phone.ignore(&request);
    }
    hold!(paused > 0, "{refused} guesses over four questions, and no pause");
    Verdict::defeated(format!("{refused} refused, then paused; no question is won"))
}

async fn former(ground: Arc<Ground>) -> Outcome {
    let user = ground.user("former");
    let phone = ground.shop.phone(&user).await?;
    let first = ground.shop.start(&user, true).await?;
    phone.accept_code(&first.code).await?;
    works!(ground.shop.is_in(&first).await?, "the first login comes to nothing");
    let next = ground.shop.start(&user, true).await?;
    let Some(request) = phone.next_request(SOON).await? else { return Err("no question".into()) };
    hold!(phone.accept_with_code(&request, &first.code).await.is_err(), "the old digits are taken");
    hold!(phone.accept_with_scan(&request, &first.scan_url).await.is_err(), "the old scan is taken");
    hold!(phone.bring_scan(&first.scan_url).await.is_err(), "the old scan is brought");
    hold!(!ground.shop.is_in(&next).await?, "the next browser is in");
    // One that was given up.
    ground.shop.wire.post(&next.pair, &next.logout_url, &serde_json::json!({})).await?.done("a logout")?;
    hold!(
        phone.accept_with_code(&request, &next.code).await.is_err(),
        "the code of a login that was given up is taken"
    );
    hold!(phone.bring_code(&next.code).await.is_err(), "the code of a login that was given up is brought");
    hold!(!ground.shop.is_in(&next).await?, "a login that was given up is in");
    Verdict::defeated("WRONG_CODE for what was used, nothing for what was given up")
}

async fn browsers(ground: Arc<Ground>) -> Outcome {
    let user = ground.user("two-browsers");
    let phone = ground.shop.phone(&user).await?;
    let stranger = ground.shop.start(&user, true).await?;
    let Some(strange) = phone.next_request(SOON).await? else { return Err("no question".into()) };
    let owner = ground.shop.start(&user, true).await?;
    hold!(
        phone.accept_with_code(&strange, &owner.code).await.is_err(),
        "the owner's digits let the stranger in"
    );
    hold!(
        phone.accept_with_scan(&strange, &owner.scan_url).await.is_err(),
        "the owner's scan lets the stranger in"
    );
    let own = phone.bring_scan(&owner.scan_url).await?;
    hold!(
        phone.accept_with_scan(&own, &stranger.scan_url).await.is_err(),
        "the stranger's scan lets the owner in"
    );
    phone.accept_with_code(&own, &owner.code).await?;
    works!(ground.shop.is_in(&owner).await?, "the owner is not in");
    hold!(!ground.shop.is_in(&stranger).await?, "the stranger is in");
    Verdict::defeated("WRONG_CODE for each; only the owner is in")
}

async fn is_brought(phone: &VirtualPhone, shop: &Shop, user: &str) -> Result<bool, crate::verdict::Failure> {
    let started = shop.start(user, false).await?;
    let digits = phone.bring_code(&started.code).await.is_ok();
    let scan = phone.bring_scan(&started.scan_url).await.is_ok();
    Ok(digits || scan || shop.is_in(&started).await?)
}

async fn users(ground: Arc<Ground>) -> Outcome {
    let (user, other) = (ground.user("victim"), ground.user("attacker"));
    let _victim = ground.shop.phone(&user).await?;
    let attacker = ground.shop.phone(&other).await?;
    hold!(!is_brought(&attacker, &ground.shop, &user).await?, "another's phone brings the question");
    Verdict::defeated("WRONG_CODE for digits and scan")
}

async fn applications(ground: Arc<Ground>) -> Outcome {
    let user = ground.user("same");
    let here = ground.shop.phone(&user).await?;
    let _there = ground.tap.phone(&user).await?;
    hold!(
        !is_brought(&here, &ground.tap, &user).await?,
        "the phone of another application brings the question"
    );
    Verdict::defeated("WRONG_CODE for digits and scan")
}
