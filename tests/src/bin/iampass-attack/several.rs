//! Several phones of one user: a phone that the thief adds, one that was removed, and the names of phones of others.

use std::sync::Arc;

use http::Method;
use iampass_core::signing::{BodyDigest, Nonce, Signer};
use iampass_core::wire::PhoneEventKind;
use iampass_core::{RegistrationLink, Secret, UserToken};
use iampass_testkit::VirtualPhone;
use serde_json::{Value, json};

use crate::browser::{Browser, Page};
use crate::forger::{Forger, answer, claims, pair_of_phone};
use crate::ground::{Ground, SOON};
use crate::verdict::{Attack, Failure, Outcome, Verdict, attack, hold, works};
use crate::wire::Answer;

pub(crate) const ATTACKS: [Attack; 6] = [
    attack!(
        "stolen-recovery-code",
        "somebody with a recovery code and the name adds a phone, and goes on from there",
        stolen_code
    ),
    attack!(
        "waiting-phone",
        "the copy of a fresh session lets a phone wait, which nobody confirms",
        waiting_phone
    ),
    attack!("waiting-phone-guessed", "the code of a phone that waits is guessed", guessed),
    attack!(
        "removed-phone",
        "a phone that was removed answers, and comes back by all that it prepared",
        removed
    ),
    attack!("phone-of-another-user", "a phone changes phones by the ids of another user's", of_another),
    attack!(
        "change-sent-again",
        "somebody with the secret of a phone sends again what it has signed",
        sent_again
    ),
];

/// The registration link on a page.
fn link_on(page: &Page) -> Option<RegistrationLink> {
    let mut parts = page.text.split(|part: char| part.is_whitespace() || "\"'<>".contains(part));
    RegistrationLink::parse(parts.find(|part| part.contains("/r/"))?).ok()
}

async fn codes_of(phone: &VirtualPhone) -> Result<Vec<String>, Failure> {
    let made = phone.account().make_recovery_codes().await?;
    Ok(made.recovery_codes.iter().map(|code| code.expose().to_owned()).collect())
}

async fn use_code(
    browser: &mut Browser,
    name: &str,
    code: &str,
) -> Result<Option<RegistrationLink>, Failure> {
    let fields = [("login_name", name), ("recovery_code", code)];
    let answered = browser.post("/auth/lost-phone/code", &fields).await?;
    if answered.location.as_deref() != Some("/auth/enrol") {
        return Ok(None);
    }
    Ok(link_on(&browser.get("/auth/enrol").await?))
}

/// A second phone of the user of this one.
async fn added(phone: &VirtualPhone) -> Result<VirtualPhone, Failure> {
    let link = phone.account().add_phone().await?;
    let new = VirtualPhone::register(&RegistrationLink::parse(link.register_url.expose())?).await?;
    let waiting = new.record().waiting.clone().ok_or("the new phone does not wait")?;
    phone.account().confirm_phone(&new.record().device.device_id, &waiting.code).await?;
    Ok(new)
}

async fn stolen_code(ground: Arc<Ground>) -> Outcome {
    let name = ground.user("recovering");
    let first = ground.helping.person(&name).await?;
    let second = added(&first).await?;
    let codes = codes_of(&first).await?;
    let [stolen, other] = [0, 1].map(|at: usize| codes.get(at).cloned().unwrap_or_default());
    let mut thief = ground.helping.browser_at_home()?;
    let link = use_code(&mut thief, &name, &stolen).await?.ok_or("a good code gives no link")?;
    let known = second.account().phones().await?.events.first().map_or(0, |event| event.number);
    let phone = VirtualPhone::register(&link).await?;
    works!(phone.record().waiting.is_none(), "the code has not let the phone in");

    hold!(use_code(&mut thief, &name, &stolen).await?.is_none(), "the code gives a second link");
    hold!(VirtualPhone::register(&link).await.is_err(), "the link registers a second phone");
    for told in [&first, &second] {
        let events = told.account().phones().await?.events;
        let is_told = |event: &iampass_core::wire::PhoneEvent| {
            event.number > known && event.event == PhoneEventKind::Recovered
        };
        hold!(events.iter().any(is_told), "a phone of the owner is not told");
    }
    let own = [&first, &second].map(|phone| phone.record().device.device_id.clone());
    for id in &own {
        hold!(phone.account().remove_phone(id).await.is_err(), "the thief removes a phone of the owner");
        hold!(phone.account().name_phone(id, "mine").await.is_err(), "the thief names a phone of the owner");
    }
    hold!(phone.account().make_recovery_codes().await.is_err(), "the thief makes codes");
    hold!(phone.account().add_phone().await.is_err(), "the thief adds another phone");

    // Any phone of the owner ends it: here the one that made no codes.
    second.account().remove_phone(&phone.record().device.device_id).await?;
    hold!(phone.pending().await.is_err(), "the thief's phone goes on");
    let mut owner = ground.helping.browser_at_home()?;
    owner.sign_in(&second, &name).await?;
    works!(owner.is_in().await?, "the owner is out");
    // The thief may have the whole paper, so its other codes have ended with that phone.
    hold!(
        use_code(&mut thief, &name, &other).await?.is_none(),
        "another code of the same paper gives a link"
    );
    let anew = codes_of(&second).await?.first().cloned().unwrap_or_default();
    works!(
        use_code(&mut ground.helping.browser_at_home()?, &name, &anew).await?.is_some(),
        "the owner's new codes are none"
    );
    Verdict::defeated(
        "it is good once; both phones are told, the new one changes nothing about them, and any of them removes it, with the other codes of that paper",
    )
}

async fn waiting_phone(ground: Arc<Ground>) -> Outcome {
    let name = ground.user("waited");
    let phone = ground.helping.person(&name).await?;
    let mut owner = ground.helping.browser_at_home()?;
    owner.sign_in(&phone, &name).await?;
    let mut thief = ground.helping.browser_at_home()?;
    thief.cookies.clone_from(&owner.cookies);
    works!(thief.is_in().await?, "the copy of the cookies is not the session");
    let answered = thief.post("/auth/lost-phone/add", &[]).await?;
    works!(answered.location.as_deref() == Some("/auth/enrol"), "a fresh session gets no link");
    let link = link_on(&thief.get("/auth/enrol").await?).ok_or("there is no link")?;
    let stolen = VirtualPhone::register(&link).await?;
    hold!(stolen.record().waiting.is_some(), "it is a phone of the owner at once");
    let told = phone.account().phones().await?;
    hold!(told.waiting.is_some(), "the owner's phone is not told");

    // It hears of nothing, and confirms nothing.
    let waiting = stolen.record().waiting.clone().ok_or("it does not wait")?;
    let id = &stolen.record().device.device_id;
    hold!(stolen.account().confirm_phone(id, &waiting.code).await.is_err(), "it confirms itself");
    hold!(stolen.pending().await.is_err(), "it hears of questions");
    hold!(stolen.account().phones().await.is_err(), "it sees the phones of the owner");
    hold!(stolen.account().make_recovery_codes().await.is_err(), "it makes codes");
    let mut browser = ground.helping.browser_at_home()?;
    let wait = browser.begin(&name).await?;
    let code = browser.code(&wait).await?;
    hold!(stolen.bring_code(&code).await.is_err(), "it brings a code");
    let request = phone.bring_code(&code).await?;
    // Even with the secret of the question.
    let shop = &ground.shop;
    let forged =
        Forger::with_key_of(&stolen).await?.answer(&claims(&shop.wire, &stolen, &request, &code)).await?;
    let refused = answer(&shop.wire, &request, &json!({"answer": forged})).await?;
    hold!(refused.status >= 400, "it answers: {}", refused.status);
    hold!(!browser.is_in().await?, "its answer lets in");
    phone.accept_with_code(&request, &code).await?;
    works!(browser.leads_on(&wait, SOON).await?, "the owner's own phone lets nobody in");
    phone.account().deny_phone(id).await?;
    hold!(stolen.account().waiting().await.is_err(), "it waits on after it was denied");
    Verdict::defeated("it waits, hears and answers nothing, and ends with the owner's *no*")
}

async fn guessed(ground: Arc<Ground>) -> Outcome {
    let user = ground.user("guessed");
    let phone = ground.shop.phone(&user).await?;
    let token = UserToken::new(user)?;
    let mut tries = 0;
    for _ in 0..2 {
        let link = ground.shop.client.adding_link(&token, None).await?;
        let thief = VirtualPhone::register(&link).await?;
        let id = &thief.record().device.device_id;
        let right = thief.record().waiting.clone().ok_or("it does not wait")?.code;
        // By the shared secret of the phone alone, as a thief of the database has it.
        let forger = phone.without_its_key()?;
        hold!(forger.account().confirm_phone(id, &right).await.is_err(), "it is confirmed without the key");
        let number: u32 = right.expose().parse()?;
        for step in 1..=3 {
            let wrong = Secret::new(format!("{:06}", (number + step) % 1_000_000));
            hold!(phone.account().confirm_phone(id, &wrong).await.is_err(), "a wrong code confirms it");
            tries += 1;
        }
        hold!(phone.account().confirm_phone(id, &right).await.is_err(), "there is a fourth try");
        hold!(thief.account().waiting().await.is_err(), "it waits on");
    }
    hold!(phone.account().phones().await?.phones.len() == 1, "there is another phone");
    added(&phone).await?;
    Verdict::defeated(format!(
        "{tries} guesses, three for each phone that waits; the owner's own new phone is confirmed"
    ))
}

async fn removed(ground: Arc<Ground>) -> Outcome {
    let user = ground.user("removed");
    let phone = ground.shop.phone(&user).await?;
    // Codes that the owner has made before are the owner's.
    let own = codes_of(&phone).await?;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let gone = added(&phone).await?;
    let codes = codes_of(&gone).await?;
    works!(own != codes, "codes are made twice");
    let link = gone.account().add_phone().await?;
    let started = ground.shop.start(&user, true).await?;
    let request = gone.next_request(SOON).await?.ok_or("no question")?;
    let of_gone = claims(&ground.shop.wire, &gone, &request, &started.code);
    let good = Forger::with_key_of(&gone).await?.answer(&of_gone).await?;
    phone.account().remove_phone(&gone.record().device.device_id).await?;

    let late = answer(&ground.shop.wire, &request, &json!({"answer": good})).await?;
    hold!(late.status >= 400 && !ground.shop.is_in(&started).await?, "it answers: {}", late.status);
    hold!(gone.bring_code(&started.code).await.is_err(), "it brings a code");
    hold!(gone.account().phones().await.is_err(), "it sees the phones");
    hold!(gone.account().add_phone().await.is_err(), "it adds a phone");
    let link = RegistrationLink::parse(link.register_url.expose())?;
    hold!(VirtualPhone::register(&link).await.is_err(), "its link adds a phone");
    for code in &codes {
        let made = ground
            .shop
            .client
            .recovery_link(&UserToken::new(&*user)?, &Secret::new(code.clone()), None)
            .await;
        hold!(made.is_err(), "its recovery codes add a phone");
    }
    phone.accept_code(&started.code).await?;
    works!(ground.shop.is_in(&started).await?, "the phone that is left lets nobody in");
    Verdict::defeated("its answer, its link and its codes are void; the other phone goes on")
}

async fn of_another(ground: Arc<Ground>) -> Outcome {
    let (user, other) = (ground.user("victim"), ground.user("attacker"));
    let victim = ground.shop.phone(&user).await?;
    let attacker = ground.shop.phone(&other).await?;
    let token = UserToken::new(&*user)?;
    let waiting = VirtualPhone::register(&ground.shop.client.adding_link(&token, None).await?).await?;
    let [id, waits] = [&victim, &waiting].map(|phone| phone.record().device.device_id.clone());
    let code = waiting.record().waiting.clone().ok_or("it does not wait")?.code;
    let by = attacker.account();
    hold!(by.remove_phone(&id).await.is_err(), "it removes the phone of another user");
    hold!(by.name_phone(&id, "mine").await.is_err(), "it names the phone of another user");
    hold!(by.confirm_phone(&waits, &code).await.is_err(), "it confirms a phone of another user");
    hold!(by.deny_phone(&waits).await.is_err(), "it denies a phone of another user");
    // The address of the victim's phone, signed by the attacker's.
    let urls = victim.record().service.service_urls.phones.clone().ok_or("the service has no such calls")?;
    let pair = pair_of_phone(&attacker);
    let forger = Forger::with_key_of(&attacker).await?;
    for (iss, sub) in [(&id, &user), (&attacker.record().device.device_id, &other)] {
        let change = json!({"change": "remove_phone", "phone_id": id, "iss": iss, "sub": sub,
            "aud": ground.shop.pair.id, "iat": ground.shop.wire.now().0});
        let jws = forger.sign(&json!({"alg": "ES256", "typ": "iampass-change+jwt"}), &change).await?;
        let refused = ground.shop.wire.phone_post(&pair, &urls.change, &json!({"change": jws})).await?;
        hold!(refused.status >= 400, "it removes the phone by its address: {}", refused.status);
        hold!(refused.status < 500, "{}", refused.status);
    }
    let listed = ground.shop.wire.get(&pair, &urls.list).await?;
    hold!(listed.status >= 400, "it sees the phones of another user");
    let phones = victim.account().phones().await?;
    hold!(phones.phones.len() == 1 && phones.waiting.is_some(), "something has changed");
    works!(
        victim.account().confirm_phone(&waits, &code).await?.phones.len() == 2,
        "the victim's own is refused"
    );
    Verdict::defeated("no phone of this id is the user's own; the owner's phone confirms the new one")
}

/// A change of this phone, as it signs it for one request, and that request.
struct Change {
    url: String,
    body: String,
    nonce: u64,
}

impl Change {
    async fn naming(ground: &Ground, phone: &VirtualPhone, name: &str, nonce: u64) -> Result<Self, Failure> {
        let record = phone.record();
        let change = json!({"change": "name_phone", "phone_id": record.device.device_id, "name": name,
            "iss": record.device.device_id, "aud": ground.shop.pair.id, "sub": record.user.user_id,
            "iat": ground.shop.wire.now().0, "jti": nonce.to_string()});
        let key = Forger::with_key_of(phone).await?;
        let jws = key.sign(&json!({"alg": "ES256", "typ": "iampass-change+jwt"}), &change).await?;
        let urls = record.service.service_urls.phones.clone().ok_or("the service has no such calls")?;
        let body = json!({"change": jws}).to_string();
        Ok(Self { url: BodyDigest::of(body.as_bytes()).appended_to(&urls.change), body, nonce })
    }

    /// Sends it with this nonce, signed so many seconds ago by the secret of the phone.
    async fn send(
        &self,
        ground: &Ground,
        phone: &VirtualPhone,
        nonce: u64,
        ago: u64,
    ) -> Result<Answer, Failure> {
        let (pair, wire) = (pair_of_phone(phone), &ground.shop.wire);
        let mut request = wire.signed(&pair, Method::POST, &self.url, &self.body)?;
        let at = iampass_core::UnixSeconds(wire.now().0.saturating_sub(ago));
        let signer = Signer { id: &pair.id, secret: &pair.secret };
        signer.sign(&self.url, Nonce::new(nonce), at).insert_into(request.headers_mut());
        wire.send(request).await
    }
}

async fn sent_again(ground: Arc<Ground>) -> Outcome {
    let phone = ground.shop.phone(&ground.user("repeated")).await?;
    let named = async || -> Result<String, Failure> {
        let phones = phone.account().phones().await?.phones;
        Ok(phones.first().map(|phone| phone.name.clone()).unwrap_or_default())
    };
    let change = Change::naming(&ground, &phone, "before", 1_000).await?;
    change.send(&ground, &phone, change.nonce, 0).await?.done("an honest change")?;
    works!(named().await? == "before", "the honest change has changed nothing");
    phone.account().name_phone(&phone.record().device.device_id, "after").await?;
    for (nonce, ago) in
        [(change.nonce, 0), (change.nonce + 1, 0), (change.nonce, 290), (change.nonce + 2, 290)]
    {
        let again = change.send(&ground, &phone, nonce, ago).await?;
        hold!(named().await? == "after", "it counts again: {} {}", again.status, again.reason());
    }
    // One that was held back, with a time of which the nonce is forgotten soon.
    let held = Change::naming(&ground, &phone, "held", 2_000).await?;
    let early = held.send(&ground, &phone, held.nonce, 290).await?;
    hold!(named().await? == "after", "its nonce would be forgotten before it: {}", early.status);
    let codes: Value = json!(codes_of(&phone).await?.len());
    works!(codes == json!(10), "the phone's own changes are refused");
    Verdict::defeated("the same nonce is spent, and another one is not the one that was signed")
}
