//! Cookies that were written by hand, or that another application has sealed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use iampass_web::LostPhone;
use serde_json::json;

use crate::browser::Browser;
use crate::ground::Ground;
use crate::service::Shop;
use crate::site::Site;
use crate::verdict::{Attack, Failure, Outcome, Verdict, attack, hold, works};

pub(crate) const ATTACKS: [Attack; 1] = [attack!(
    "cookies-made-by-hand",
    "cookies of sessions and of known browsers are written by hand, or sealed by an application of the attacker's own",
    by_hand
)];

const SESSION: &str = "iampass-session";
const KNOWN: &str = "iampass-browser";

/// The cookies of a browser in which somebody has just signed in.
async fn signed_in(
    site: &Site,
    name: &str,
    number: u32,
) -> Result<(Browser, iampass_testkit::VirtualPhone), Failure> {
    let phone = site.person(name).await?;
    let mut browser = site.browser(number)?;
    browser.sign_in(&phone, name).await?;
    Ok((browser, phone))
}

/// Values that somebody writes who knows what is in such a cookie, and has some of his own.
fn made_up(
    user: &str,
    token: &str,
    own: &BTreeMap<String, String>,
    foreign: &BTreeMap<String, String>,
) -> BTreeSet<String> {
    let id = "0123456789abcdef0123456789abcdef";
    let plain = [
        json!({"users": [{"user": user, "id": id}]}),
        json!({"Stored": token}),
        json!({"user": user, "token": token, "secret": id, "id": id, "session": token}),
        json!({"users": [{"user": user, "id": ""}]}),
        json!(user),
        json!(null),
    ];
    let mut values = BTreeSet::from([
        String::new(),
        user.to_owned(),
        "AAAA".to_owned(),
        "A".repeat(3_000),
        "\"\"".to_owned(),
    ]);
    for text in plain.iter().map(ToString::to_string) {
        let sealed = [&[0; 12][..], text.as_bytes(), &[0; 16][..]].concat();
        values.extend([STANDARD.encode(&text), URL_SAFE_NO_PAD.encode(&text), STANDARD.encode(&sealed)]);
        values.insert(text.replace([';', ','], "%2C").replace('"', "%22"));
    }
    values.extend(foreign.values().cloned());
    for value in own.values() {
        // The seal of one's own cookie, over what is not in it.
        values.insert(format!("{value}{value}"));
        for at in [0, 12, 16, 40, 100] {
            values.insert(value.chars().take(at).collect());
            values.insert(changed(value, at));
        }
    }
    values
}

/// One character of it is another one.
pub(crate) fn changed(value: &str, at: usize) -> String {
    let other = |(place, letter)| if place == at { if letter == 'A' { 'B' } else { 'A' } } else { letter };
    value.chars().enumerate().map(other).collect()
}

async fn by_hand(ground: Arc<Ground>) -> Outcome {
    let (name, thief) = (ground.user("wanted"), ground.user("thief"));
    let (mut owner, phone) = signed_in(&ground.site, &name, 1).await?;
    let (own, _own_phone) = signed_in(&ground.site, &thief, 91).await?;
    // The attacker's own application, with a user of the same name and keys of its own.
    let pair = &ground.tap.pair;
    let foreign = Shop::new(&ground.service.server, &pair.id, pair.secret.expose())?;
    let other = Site::start(foreign, LostPhone::Off).await?;
    let (foreign, _) = signed_in(&other, &name, 92).await?;
    works!(owner.is_in().await?, "the owner's own cookie is refused");
    let tokens = ground.site.session_tokens(&name).await?;
    let token = tokens.first().ok_or("the owner has no session")?;
    let values = made_up(&name.to_lowercase(), token, &own.cookies, &foreign.cookies);
    let mut tried = 0;
    for value in &values {
        let mut browser = ground.site.browser(1_000 + tried)?;
        browser.cookies.insert(SESSION.to_owned(), value.clone());
        hold!(!browser.is_in().await?, "as a session: {value:?}");
        let mut browser = ground.site.browser(100_000 + tried)?;
        browser.cookies.insert(KNOWN.to_owned(), value.clone());
        let page = browser.try_name(&name).await?;
        works!(page.status == 303, "a login was not begun: {} with {value:?}", page.status);
        tried += 1;
    }
    // The questions are put behind the answers.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let rings = phone.pending().await?.len();
    hold!(rings == 0, "{rings} of {tried} made the phone ring");
    let mut fresh = ground.site.browser(5)?;
    fresh.sign_in(&phone, &name).await?;
    fresh.post("/auth/logout", &[]).await?;
    fresh.begin(&name).await?;
    works!(
        phone.next_request(crate::ground::SOON).await?.is_some(),
        "the owner's own known browser rings nowhere"
    );
    Verdict::defeated(format!(
        "{tried} values, none is a session, none makes the phone ring; the owner's own does both"
    ))
}
