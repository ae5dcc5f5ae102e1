//! Attacks on the login pages: telling names apart, two tabs, cookies of other kinds, and the relay.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;

use crate::cookies::changed;
use crate::ground::{Ground, SOON};
use crate::verdict::{Attack, Failure, Outcome, Verdict, attack, hold, works};

pub(crate) const ATTACKS: [Attack; 5] = [
    attack!(
        "decoy-told-from-a-name",
        "bytes and times of 200 starts of names that there are, and of 200 that there are not",
        decoy
    ),
    attack!(
        "two-tabs",
        "two logins in one browser: the code of the first lets in neither the first nor the second",
        tabs
    ),
    attack!(
        "cookies-of-other-kinds",
        "the cookie of a browser that waits, and of another user, as a session",
        cookies
    ),
    attack!("page-of-another-browser", "the address of the page that waits is opened elsewhere", elsewhere),
    attack!(
        "relay",
        "the attacker shows the victim the attacker's own code in real time, on a first login in an unknown browser",
        relay
    ),
];

const STARTS: usize = 200;

/// The look of one start to a browser.
struct Seen {
    is_there: bool,
    /// Until the answer, and until the code.
    times: [Duration; 2],
    /// Status and length of the answer, and lengths of the page around the picture of its code.
    form: (u16, usize, usize, usize),
}

async fn seen(ground: &Ground, number: u32, is_there: bool, name: &str) -> Result<Seen, Failure> {
    let mut browser = ground.site.browser(20_000 + number)?;
    let began = Instant::now();
    let answer = browser.try_name(name).await?;
    let answered = began.elapsed();
    let Some(wait) = answer.location else {
        works_seen(!is_there, answer.status)?;
        // A name that nobody has is refused: that is what tells.
        return Ok(Seen { is_there, times: [answered; 2], form: (answer.status, answer.text.len(), 0, 0) });
    };
    browser.code(&wait).await?;
    let times = [answered, began.elapsed()];
    let page = browser.get(&wait).await?.text.replace(name, "NAME");
    let (before, rest) = page.split_once("<svg").ok_or("the page has no picture")?;
    let (_, after) = rest.split_once("</svg>").ok_or("the picture has no end")?;
    Ok(Seen { is_there, times, form: (answer.status, answer.text.len(), before.len(), after.len()) })
}

fn works_seen(is_decoy: bool, status: u16) -> Result<(), Failure> {
    if is_decoy { Ok(()) } else { Err(format!("a login was not begun: {status}").into()) }
}

async fn decoy(ground: Arc<Ground>) -> Outcome {
    // No name is begun so often that it is held back.
    const PER_NAME: usize = 5;
    let mut names = Vec::new();
    for _ in 0..STARTS / PER_NAME {
        let name = ground.user("there");
        ground.site.person(&name).await?;
        names.extend([(true, name), (false, ground.user("there"))]);
    }
    // The site has heard that the service makes codes.
    let known = ground.user("first");
    ground.site.person(&known).await?;
    let mut first = ground.site.browser(8)?;
    let wait = first.begin(&known).await?;
    first.code(&wait).await?;
    let mut starts = Vec::new();
    for ((is_there, name), number) in names.iter().cycle().take(STARTS * 2).cloned().zip(0..) {
        let ground = Arc::clone(&ground);
        starts.push(async move { seen(&ground, number, is_there, &name).await });
    }
    let all: Vec<_> = futures_util::stream::iter(starts).buffer_unordered(20).collect().await;
    let all: Vec<_> = all.into_iter().collect::<Result<_, _>>()?;
    let count = |is_there: bool, form: (u16, usize, usize, usize)| {
        all.iter().filter(|seen| seen.is_there == is_there && seen.form == form).count()
    };
    for form in all.iter().map(|seen| seen.form) {
        // Lengths differ by the digits of what the page counts down; a form that one kind alone has tells.
        let (real, decoy) = (count(true, form), count(false, form));
        hold!(
            real.abs_diff(decoy) < STARTS / 5,
            "{real} real names and {decoy} decoys have the form {form:?}"
        );
    }
    let median = |is_there: bool, which: usize| {
        let of_kind = all.iter().filter(|seen| seen.is_there == is_there);
        let mut times: Vec<_> = of_kind.filter_map(|seen| seen.times.get(which)).copied().collect();
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default().as_millis()
    };
    let medians = [(median(true, 0), median(false, 0)), (median(true, 1), median(false, 1))];
    for (real, decoy) in medians {
        hold!(real.abs_diff(decoy) < 60, "the medians are {real} and {decoy} ms");
    }
    let [answer, code] = medians;
    Verdict::defeated(format!(
        "the same forms; medians of real names and decoys: {} and {} ms to the answer, {} and {} ms to the code",
        answer.0, answer.1, code.0, code.1
    ))
}

async fn tabs(ground: Arc<Ground>) -> Outcome {
    let name = ground.user("tabs");
    let phone = ground.site.person(&name).await?;
    let mut browser = ground.site.known_browser(&phone, &name).await?;
    let first = browser.begin(&name).await?;
    let old = browser.code(&first).await?;
    let second = browser.begin(&name).await?;
    let new = browser.code(&second).await?;
    hold!(phone.accept_code(&old).await.is_err(), "the code of the first tab is taken");
    hold!(!browser.is_in().await?, "the first tab lets in");
    phone.accept_code(&new).await?;
    works!(browser.leads_on(&second, SOON).await?, "the second tab does not get in");
    // A stranger with the address of the first tab.
    let mut stranger = ground.site.browser(9)?;
    stranger.get(&first).await?;
    hold!(!stranger.is_in().await?, "the address of a tab is enough");
    Verdict::defeated("WRONG_CODE for the first tab; the second gets in")
}

async fn cookies(ground: Arc<Ground>) -> Outcome {
    let (name, other) = (ground.user("cookies"), ground.user("cookies"));
    let (phone, _) = (ground.site.person(&name).await?, ground.site.person(&other).await?);
    let mut owner = ground.site.browser_at_home()?;
    owner.sign_in(&phone, &name).await?;
    let mut waits = ground.site.browser(9)?;
    let wait = waits.begin(&other).await?;
    waits.code(&wait).await?;
    let sessions: Vec<_> = owner.cookies.keys().cloned().collect();
    let mut tried = 0;
    for session in &sessions {
        let mut others = waits.cookies.clone();
        others.extend(owner.cookies.clone().into_iter().filter(|(name, _)| name != session));
        for value in others.into_values() {
            let mut thief = ground.site.browser(9)?;
            thief.cookies.insert(session.clone(), value);
            hold!(!thief.is_in().await?, "another cookie passes as {session}");
            tried += 1;
        }
        // One character of it: of the beginning, of what is sealed, and of the seal itself.
        let own = owner.cookies.get(session).cloned().unwrap_or_default();
        for at in [2, own.len() / 2, own.len().saturating_sub(4)] {
            let mut thief = ground.site.browser(9)?;
            thief.cookies.insert(session.clone(), changed(&own, at));
            hold!(!thief.is_in().await?, "a changed {session} passes");
            tried += 1;
        }
    }
    works!(owner.is_in().await?, "the owner's own cookies are refused");
    Verdict::defeated(format!("{tried} cookies in wrong places, none lets in"))
}

async fn elsewhere(ground: Arc<Ground>) -> Outcome {
    let name = ground.user("elsewhere");
    let phone = ground.site.person(&name).await?;
    let mut owner = ground.site.browser_at_home()?;
    let wait = owner.begin(&name).await?;
    let code = owner.code(&wait).await?;
    let mut thief = ground.site.browser(9)?;
    let (start, end) = code.split_at(3);
    let spelled = format!("{start} {end}");
    for path in [wait.clone(), wait.replace("/wait", "/state"), "/auth/login/wait".to_owned()] {
        let page = thief.get(&path).await?;
        hold!(!page.text.contains(&code) && !page.text.contains(&spelled), "{path} shows the code elsewhere");
        hold!(iampass_testkit::code_on_page(&page.text).is_none(), "{path} shows a code elsewhere");
    }
    phone.accept_code(&code).await?;
    hold!(
        !thief.leads_on(&wait, Duration::from_millis(500)).await? || !thief.is_in().await?,
        "the address takes the login up"
    );
    works!(owner.leads_on(&wait, SOON).await?, "the owner does not get in");
    Verdict::defeated("the address without the cookie shows no code and takes nothing up")
}

async fn relay(ground: Arc<Ground>) -> Outcome {
    let name = ground.user("relayed");
    let phone = ground.site.person(&name).await?;
    let mut attacker = ground.site.browser(9)?;
    let wait = attacker.begin(&name).await?;
    let code = attacker.code(&wait).await?;
    // The phone tells whom it would let in, before anything is accepted.
    let request = phone.bring_code(&code).await?;
    works!(request.known_browser == Some(false), "the phone does not say that the browser is unknown");
    works!(
        request.browser.is_some() && request.address.is_some(),
        "the phone shows neither browser nor address"
    );
    // The victim takes the attacker's page for the own one all the same.
    phone.accept_with_code(&request, &code).await?;
    if attacker.leads_on(&wait, SOON).await? && attacker.is_in().await? {
        return Ok(Verdict::Residual(
            "a victim who brings a code that somebody else shows lets that browser in, and no code can tell; limited by: the phone shows browser, \
             address and *new here* before it accepts, a minute, nothing rings, denials and *Not me* stop it, each session can be ended on the phone"
                .into(),
        ));
    }
    Verdict::defeated("the relayed code lets nobody in")
}
