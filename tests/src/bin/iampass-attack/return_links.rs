//! Attacks with the link by which a login page leads to IAMPASS in its own browser.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::browser::{Browser, Page};
use crate::ground::{Ground, SOON};
use crate::verdict::{Attack, Failure, Outcome, Verdict, attack, hold, works};

pub(crate) const ATTACKS: [Attack; 3] = [
    attack!(
        "link-sent-to-the-owner",
        "the link of a stranger's own page is sent to the owner, who opens it on the phone and accepts",
        sent
    ),
    attack!(
        "proof-of-another-login",
        "the owner's browser is made to come back with a stranger's proof, and a stranger with proofs that he makes up",
        mixed
    ),
    attack!(
        "link-in-two-tabs",
        "a link is used whose login the same browser has replaced in another tab",
        tabs
    ),
];

/// Begins a login without a name at the site, and gives where its page is and its link.
async fn linked(browser: &mut Browser) -> Result<(String, String), Failure> {
    let page = browser.begin_nameless().await?;
    let wait = page.location.ok_or("a login without a name was not begun")?;
    let found = tokio::time::timeout(SOON, async {
        loop {
            if let Some(link) = link_on(&browser.get(&wait).await?) {
                return Ok::<_, Failure>(link);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    Ok((wait.clone(), found.await.map_err(|_| "the page has no link")??))
}

fn link_on(page: &Page) -> Option<String> {
    let at = page.text.find("/phone#link=")?;
    let (before, behind) = page.text.split_at(at);
    let end = behind.find('"')?;
    Some(format!("{}{}", before.rsplit('"').next()?, behind.get(..end)?))
}

/// For somebody who must not get in.
const A_WHILE: Duration = Duration::from_secs(2);

async fn is_in_within(patience: Duration, browser: &mut Browser, wait: &str) -> Result<bool, Failure> {
    let deadline = Instant::now() + patience;
    loop {
        browser.get(&format!("{wait}&shown=nothing")).await?;
        if browser.is_in().await? {
            return Ok(true);
        }
        if Instant::now() > deadline {
            return Ok(false);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn sent(ground: Arc<Ground>) -> Outcome {
    let (site, name) = (&ground.site, ground.user("sent"));
    let phone = site.person(&name).await?;
    let (mut stranger, mut owner) = (site.browser(61)?, site.browser(62)?);
    let (wait, link) = linked(&mut stranger).await?;
    // The owner opens it and accepts; her browser is led to the application.
    let back = phone.accept_by_link(&link).await?;
    hold!(!is_in_within(A_WHILE, &mut stranger, &wait).await?, "the acceptance alone lets the stranger in");
    let page = owner.get(site.path_of(&back)?).await?;
    hold!(page.status == 403 && !owner.is_in().await?, "the owner's browser is taken for the stranger's");
    hold!(
        !is_in_within(A_WHILE, &mut stranger, &wait).await?,
        "the stranger is in when the owner has come back"
    );
    // The owner herself, in her own browser.
    let (wait, link) = linked(&mut owner).await?;
    let back = phone.accept_by_link(&link).await?;
    owner.get(site.path_of(&back)?).await?;
    works!(is_in_within(SOON, &mut owner, &wait).await?, "the owner's own link lets nobody in");
    Verdict::defeated("the owner's browser is refused with a page, the stranger's login is over")
}

async fn mixed(ground: Arc<Ground>) -> Outcome {
    let (site, name, thief) = (&ground.site, ground.user("mixed"), ground.user("mixed-thief"));
    let (phone, thieves) = (site.person(&name).await?, site.person(&thief).await?);
    let (mut stranger, mut owner) = (site.browser(63)?, site.browser(64)?);
    // He accepts his own login with his own phone, and leads the owner to what he was given: she must not be signed in as him.
    let (owners_wait, owners_link) = linked(&mut owner).await?;
    let (_, link) = linked(&mut stranger).await?;
    let of_thief = thieves.accept_by_link(&link).await?;
    let page = owner.get(site.path_of(&of_thief)?).await?;
    hold!(page.status == 403 && !owner.is_in().await?, "the owner is signed in as somebody else");
    // Proofs that are made up, and one of another login.
    let (wait, link) = linked(&mut stranger).await?;
    let for_owner = phone.accept_by_link(&link).await?;
    let (address, _) = for_owner.rsplit_once("return=").ok_or("the address has no proof")?;
    let (_, other) = of_thief.rsplit_once("return=").ok_or("the address has no proof")?;
    stranger.get(site.path_of(&format!("{address}return={other}"))?).await?;
    hold!(!is_in_within(A_WHILE, &mut stranger, &wait).await?, "a proof of another login lets in");
    stranger.get(site.path_of(&for_owner)?).await?;
    hold!(!is_in_within(A_WHILE, &mut stranger, &wait).await?, "after a wrong proof the right one is taken");
    let back = phone.accept_by_link(&owners_link).await?;
    owner.get(site.path_of(&back)?).await?;
    works!(is_in_within(SOON, &mut owner, &owners_wait).await?, "the owner's own login has not gone on");
    Verdict::defeated("403 without the cookie; a wrong proof ends the login")
}

async fn tabs(ground: Arc<Ground>) -> Outcome {
    let (site, name) = (&ground.site, ground.user("tabs"));
    let phone = site.person(&name).await?;
    let mut browser = site.browser(65)?;
    let (older, old_link) = linked(&mut browser).await?;
    let back = phone.accept_by_link(&old_link).await?;
    let (newer, new_link) = linked(&mut browser).await?;
    browser.get(site.path_of(&back)?).await?;
    hold!(!is_in_within(A_WHILE, &mut browser, &older).await?, "a login that was replaced lets in");
    let back = phone.accept_by_link(&new_link).await?;
    browser.get(site.path_of(&back)?).await?;
    works!(is_in_within(SOON, &mut browser, &newer).await?, "the newer login lets nobody in");
    Verdict::defeated("the older login is over, the newer one goes on")
}
