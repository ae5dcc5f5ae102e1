//! Keeping somebody else from signing in by knowing a name.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;

use crate::ground::{Ground, SOON};
use crate::verdict::{Attack, Outcome, Verdict, attack, hold, works};

pub(crate) const ATTACKS: [Attack; 7] = [
    attack!(
        "lock-out-by-name",
        "1,000 starts with the owner's name from 500 networks, then the owner signs in",
        at_service
    ),
    attack!(
        "lock-out-without-addresses",
        "the same at an application that tells no address of its browsers",
        at_an_application_without_addresses
    ),
    attack!(
        "displaced-by-name",
        "1,000 starts with the owner's name from 100 networks, while the owner looks for the phone",
        displaced
    ),
    attack!(
        "displaced-by-one-provider",
        "600 starts from as many networks of 48 and of 56 bits of one provider, while the owner looks for the phone",
        displaced_by_provider
    ),
    attack!(
        "paused-by-a-displaced-page",
        "the owner's question is displaced, so that the digits on the owner's page count as guesses",
        paused
    ),
    attack!(
        "lock-out-at-the-page",
        "200 starts with the owner's name at the login page from as many addresses",
        at_page
    ),
    attack!("lock-out-by-digits", "another phone brings wrong digits until it is paused", by_digits),
];

/// The longest that the owner may take.
const OWNER: Duration = Duration::from_secs(10);

/// Strangers begin with the owner's name, from so many networks, or at an application that tells none. How many were taken.
async fn strangers(ground: &Arc<Ground>, user: &str, starts: usize, networks: Option<usize>) -> usize {
    let address = |number: usize| {
        let network = number % networks?;
        Some(format!("10.7.{}.{}", network / 200, network % 200 + 1))
    };
    begun_from(ground, user, (0..starts).map(address).collect()).await
}

/// Begins a login at each of these addresses. How many were taken.
async fn begun_from(ground: &Arc<Ground>, user: &str, addresses: Vec<Option<String>>) -> usize {
    let mut begun = Vec::new();
    for address in addresses {
        let (ground, user) = (Arc::clone(ground), user.to_owned());
        begun.push(async move { ground.shop.start_at(&user, false, address.as_deref()).await.is_ok() });
    }
    let begun = futures_util::stream::iter(begun).buffer_unordered(16).collect::<Vec<_>>().await;
    begun.into_iter().filter(|is_taken| *is_taken).count()
}

async fn at_service(ground: Arc<Ground>) -> Outcome {
    owner_comes_after(ground, Some(500)).await
}

async fn at_an_application_without_addresses(ground: Arc<Ground>) -> Outcome {
    owner_comes_after(ground, None).await
}

async fn owner_comes_after(ground: Arc<Ground>, networks: Option<usize>) -> Outcome {
    let user = ground.user("locked");
    let phone = ground.shop.phone(&user).await?;
    let address = networks.map(|_| "198.51.100.7");
    let taken = strangers(&ground, &user, 1_000, networks).await;
    hold!(phone.pending().await?.is_empty(), "the phone rings");
    let mut times = Vec::new();
    for (what, is_known) in [("known", true), ("unknown", false)] {
        let began = Instant::now();
        let started = match ground.shop.start_at(&user, is_known, address).await {
            Ok(started) => started,
            Err(error) => {
                return Verdict::succeeded(format!("{taken} starts taken; from the {what} browser: {error}"));
            }
        };
        let accepted = phone.accept_code(&started.code).await;
        hold!(
            accepted.is_ok() && ground.shop.is_in(&started).await?,
            "the owner is kept out of the {what} browser"
        );
        times.push(format!("{what} {} ms", began.elapsed().as_millis()));
    }
    Verdict::defeated(format!("{taken} of 1,000 taken, nothing rings; the owner is in: {}", times.join(", ")))
}

async fn displaced(ground: Arc<Ground>) -> Outcome {
    let user = ground.user("displaced");
    let phone = ground.shop.phone(&user).await?;
    let started = ground.shop.start(&user, false).await?;
    let taken = strangers(&ground, &user, 1_000, Some(100)).await;
    works!(taken > 200, "only {taken} starts were taken");
    let accepted = phone.accept_code(&started.code).await;
    hold!(
        accepted.is_ok() && ground.shop.is_in(&started).await?,
        "the owner's question has given way to {taken} others"
    );
    Verdict::defeated(format!("{taken} of 1,000 taken while the owner looks for the phone; the owner is in"))
}

async fn displaced_by_provider(ground: Arc<Ground>) -> Outcome {
    let user = ground.user("displaced");
    let phone = ground.shop.phone(&user).await?;
    let started = ground.shop.start(&user, false).await?;
    // Networks of 48 bits, each with two of 56 bits; the last bits are of no account.
    let addresses =
        (0..600_u32).map(|number| format!("2001:db8:{:x}:{:x}00::{number:x}", number / 2, number % 2));
    let taken = begun_from(&ground, &user, addresses.map(Some).collect()).await;
    works!(taken > 200, "only {taken} starts were taken");
    let accepted = phone.accept_code(&started.code).await;
    hold!(
        accepted.is_ok() && ground.shop.is_in(&started).await?,
        "the owner's question has given way to {taken} of one provider"
    );
    Verdict::defeated(format!("{taken} of 600 taken while the owner looks for the phone; the owner is in"))
}

async fn paused(ground: Arc<Ground>) -> Outcome {
    let user = ground.user("paused");
    let phone = ground.shop.phone(&user).await?;
    let started = ground.shop.start_at(&user, false, None).await?;
    // The application tells no address: the oldest of all gives way, and that is the owner's.
    let taken = strangers(&ground, &user, 300, None).await;
    works!(taken > 200, "only {taken} starts were taken");
    for _ in 0..8 {
        works!(phone.bring_code(&started.code).await.is_err(), "the owner's question has not given way");
    }
    let again = ground.shop.start_at(&user, false, None).await?;
    let accepted = phone.accept_code(&again.code).await;
    hold!(
        accepted.is_ok() && ground.shop.is_in(&again).await?,
        "the owner's digits are paused: {accepted:?}"
    );
    Verdict::defeated(
        "the owner reads the digits of a page that has given way 8 times; those of the next page let in",
    )
}

async fn at_page(ground: Arc<Ground>) -> Outcome {
    let name = ground.user("locked");
    let phone = ground.site.person(&name).await?;
    let owner = ground.site.known_browser(&phone, &name).await?;
    let mut starts = Vec::new();
    for number in 0..200 {
        let (mut attacker, name) = (ground.site.browser(10_000 + number)?, name.clone());
        starts.push(async move { attacker.try_name(&name).await.is_ok_and(|page| page.status == 303) });
    }
    let starts = futures_util::stream::iter(starts).buffer_unordered(40).collect::<Vec<_>>().await;
    let taken = starts.iter().filter(|is_taken| **is_taken).count();
    let mut times = Vec::new();
    for (what, mut browser) in [("known", owner), ("unknown", ground.site.browser(6)?)] {
        let began = Instant::now();
        let signed_in = tokio::time::timeout(SOON, browser.sign_in(&phone, &name)).await;
        match signed_in {
            Ok(Ok(())) => times.push(format!("{what} {} ms", began.elapsed().as_millis())),
            Ok(Err(error)) => {
                return Verdict::succeeded(format!("{taken} of 200 begun; from the {what} browser: {error}"));
            }
            Err(_) => return Verdict::succeeded(format!("the owner's {what} browser is kept waiting")),
        }
        hold!(began.elapsed() < OWNER, "the owner takes {:?} from the {what} browser", began.elapsed());
    }
    Verdict::defeated(format!("{taken} of 200 begun; the owner is in: {}", times.join(", ")))
}

async fn by_digits(ground: Arc<Ground>) -> Outcome {
    let (user, other) = (ground.user("owner"), ground.user("other"));
    let (phone, attacker) = (ground.shop.phone(&user).await?, ground.shop.phone(&other).await?);
    let started = ground.shop.start(&user, false).await?;
    for guess in 0..30 {
        let digits = format!("{guess:06}");
        hold!(
            digits == started.code || attacker.bring_code(&digits).await.is_err(),
            "another's phone brings {digits}"
        );
    }
    hold!(
        phone.accept_code(&started.code).await.is_ok(),
        "the owner's digits are refused because of another's"
    );
    hold!(ground.shop.is_in(&started).await?, "the owner is not in");
    Verdict::defeated("30 guesses by another's phone; the owner's digits still work")
}
