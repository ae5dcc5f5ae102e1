//! Attacks by questions that nobody has asked for, and by leading the owner to accept a stranger's.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use iampass_testkit::VirtualPhone;
use serde_json::json;

use crate::ground::{Ground, SOON};
use crate::service::Started;
use crate::verdict::{Attack, Failure, Outcome, Verdict, attack, hold, works};

pub(crate) const ATTACKS: [Attack; 7] = [
    attack!("bulk-prompting", "a list of names is typed into login pages, so that somebody taps", bulk),
    attack!("owner-led-to-accept", "strangers start first with each spelling of the owner's name", led),
    attack!("push-bombing", "100 questions with a copy of a known browser's cookie", bombing),
    attack!("after-not-me", "a copy of a known browser's cookie asks again after *Not me*", not_me),
    attack!("tap-on-a-code", "the phone accepts without what the browser shows", tap_on_code),
    attack!(
        "code-not-shown",
        "an application that wants codes is asked by a client that shows none",
        downgrade
    ),
    attack!("tap-application", "a stranger starts first at an application that takes a tap", tap_application),
];

async fn bulk(ground: Arc<Ground>) -> Outcome {
    let mut people = Vec::new();
    for _ in 0..8 {
        let name = ground.user("listed");
        people.push((ground.site.person(&name).await?, name));
    }
    let mut names = Vec::new();
    for number in 0..4 {
        for (_, name) in &people {
            names.extend([name.clone(), format!("nobody-{number}-{name}")]);
        }
    }
    let mut attackers = Vec::new();
    for (name, number) in names.into_iter().zip(1_000..) {
        let mut browser = ground.site.browser(number)?;
        attackers.push(async move { browser.begin(&name).await });
    }
    let begun = futures_util::future::join_all(attackers).await;
    let starts = begun.iter().filter(|begun| begun.is_ok()).count();
    works!(starts == 64, "only {starts} of 64 logins were begun");
    // The questions are put behind the answers.
    tokio::time::sleep(Duration::from_secs(1)).await;
    for (phone, name) in &people {
        let rings = phone.pending().await?.len();
        hold!(rings == 0, "the phone of {name} rings {rings} times");
    }
    Verdict::defeated(format!("{starts} starts from as many addresses, 8 phones, nothing rings"))
}

async fn led(ground: Arc<Ground>) -> Outcome {
    let name = ground.user("Owner");
    let phone = ground.site.person(&name).await?;
    let spellings =
        [name.clone(), name.to_uppercase(), name.to_lowercase(), format!(" {name} "), format!("\t{name}")];
    let mut strangers = Vec::new();
    for (number, spelling) in spellings.iter().enumerate() {
        let mut stranger = ground.site.browser(3_000 + number as u32)?;
        let wait = stranger.begin(spelling.trim_matches('\t')).await?;
        stranger.code(&wait).await?;
        strangers.push((stranger, wait, spelling));
    }
    let mut is_owner_in = true;
    for spelling in [name.clone(), name.to_uppercase()] {
        let mut owner = ground.site.browser_at_home()?;
        // The owner does what the owner's own page says: brings its code, and answers whatever the phone shows with it.
        let wait = owner.begin(&spelling).await?;
        let code = owner.code(&wait).await?;
        for request in phone.pending().await? {
            // A stranger's question is to be refused.
            let _ = phone.accept_with_code(&request, &code).await;
        }
        is_owner_in &= phone.accept_code(&code).await.is_ok() && owner.leads_on(&wait, SOON).await?;
    }
    for (stranger, wait, spelling) in &mut strangers {
        let leads_on = stranger.leads_on(wait, Duration::ZERO).await?;
        hold!(!leads_on && !stranger.is_in().await?, "the stranger who typed {spelling:?} is in");
    }
    works!(is_owner_in, "the owner does not get in");
    Verdict::defeated(format!("{} spellings; the owner signs in, no stranger does", spellings.len()))
}

async fn bombing(ground: Arc<Ground>) -> Outcome {
    let name = ground.user("bombed");
    let phone = ground.site.person(&name).await?;
    let owner = ground.site.known_browser(&phone, &name).await?;
    let mut starts = Vec::new();
    for _ in 0..100 {
        let (mut copy, name) = (owner.clone(), name.clone());
        starts.push(async move { copy.try_name(&name).await.is_ok_and(|page| page.status == 303) });
    }
    let starts = futures_util::stream::iter(starts).buffer_unordered(10).collect::<Vec<_>>();
    let mut starts = std::pin::pin!(starts);
    let mut rung = BTreeSet::new();
    let begun = loop {
        tokio::select! {
            begun = &mut starts => break begun,
            pending = phone.pending() => rung.extend(pending?.into_iter().map(|request| request.auth_request_id)),
        }
    };
    let begun = begun.iter().filter(|begun| **begun).count();
    hold!(rung.len() <= 20, "{} questions rang", rung.len());
    let mut fresh = ground.site.browser(5)?;
    fresh.sign_in(&phone, &name).await?;
    Verdict::defeated(format!("{begun} of 100 begun, {} rang; the owner signs in meanwhile", rung.len()))
}

async fn not_me(ground: Arc<Ground>) -> Outcome {
    let name = ground.user("reported");
    let phone = ground.site.person(&name).await?;
    let owner = ground.site.known_browser(&phone, &name).await?;
    owner.clone().begin(&name).await?;
    let request = phone.next_request(SOON).await?.ok_or("a known browser does not ring")?;
    phone.report(&request).await?;
    // The site hears of it a moment later.
    tokio::time::sleep(Duration::from_millis(700)).await;
    // As often as a stranger may from one network.
    for _ in 0..4 {
        owner.clone().begin(&name).await?;
        let rings = phone.pending().await?.len();
        hold!(rings == 0, "the copy of the cookie rings again");
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    hold!(phone.pending().await?.is_empty(), "the copy of the cookie rings again");
    let mut fresh = ground.site.browser(5)?;
    fresh.sign_in(&phone, &name).await?;
    Verdict::defeated("4 more starts ring nothing; the owner signs in by the code")
}

async fn asked(ground: &Ground, user: &str) -> Result<(VirtualPhone, Started), Failure> {
    let phone = ground.shop.phone(user).await?;
    Ok((phone, ground.shop.start(user, true).await?))
}

async fn tap_on_code(ground: Arc<Ground>) -> Outcome {
    let (phone, started) = asked(&ground, &ground.user("tapping")).await?;
    for _ in 0..5 {
        let Some(request) = phone.next_request(SOON).await? else { return Err("no question".into()) };
        hold!(phone.accept(&request).await.is_err(), "the answer is taken");
        hold!(!ground.shop.is_in(&started).await?, "the browser is in");
    }
    phone.accept_code(&started.code).await?;
    works!(ground.shop.is_in(&started).await?, "the code lets nobody in either");
    Verdict::defeated("CODE_REQUIRED five times; the code lets in")
}

async fn downgrade(ground: Arc<Ground>) -> Outcome {
    let user = ground.user("downgraded");
    let phone = ground.shop.phone(&user).await?;
    for body in
        [json!({}), json!({"confirm": []}), json!({"confirm": ["digits"]}), json!({"known_browser": true})]
    {
        let answer = ground.shop.start_with(&user, &body).await?;
        hold!(answer.status != 202, "{body} starts a session");
        hold!(phone.pending().await?.is_empty(), "{body} rings");
    }
    Verdict::defeated("CODE_NOT_SHOWN for each of 4 bodies, nothing rings")
}

async fn tap_application(ground: Arc<Ground>) -> Outcome {
    let user = ground.user("tap");
    let phone = ground.tap.phone(&user).await?;
    let stranger = Started::of(&ground.tap.start_with(&user, &json!({})).await?)?;
    // The owner, who signs in at this moment, takes it for the own one.
    phone.accept_next(SOON).await?;
    if ground.tap.is_in(&stranger).await? {
        return Ok(Verdict::Residual(
            "with `approval = tap` nothing binds an approval to a browser; limited by: applications added in the Console begin with `code`, pauses \
             after denials, *Not me*"
                .into(),
        ));
    }
    Verdict::defeated("a tap lets no stranger in")
}
