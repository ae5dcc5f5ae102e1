//! Putting another phone in the place of the user's.

use std::sync::Arc;

use http::{Method, Request};
use iampass_core::RegistrationLink;
use iampass_testkit::VirtualPhone;
use serde_json::{Value, json};

use crate::forger::Forger;
use crate::ground::Ground;
use crate::verdict::{Attack, Failure, Outcome, Verdict, attack, hold, works};
use crate::wire::text;

pub(crate) const ATTACKS: [Attack; 5] = [
    attack!("link-used-twice", "a registration link that was used is opened on another phone", used_twice),
    attack!("stray-link", "a link that was made before the user had a phone is opened after it", stray),
    attack!(
        "link-of-another-user",
        "a link is changed to another user, or asked for by another application",
        of_another
    ),
    attack!(
        "stolen-session-replaces-a-phone",
        "the cookie of a session puts another phone in the place",
        stolen_session
    ),
    attack!(
        "key-put-under-a-phone",
        "a phone with a key is registered again, or configured with another key",
        key_under
    ),
];

async fn used_twice(ground: Arc<Ground>) -> Outcome {
    let user = ground.user("linked");
    let link = ground.shop.link(&user).await?;
    let phone = VirtualPhone::register(&link).await?;
    hold!(VirtualPhone::register(&link).await.is_err(), "it registers a second phone");
    hold!(VirtualPhone::register_shared(&link).await.is_err(), "it registers a second phone without a key");
    let started = ground.shop.start(&user, true).await?;
    phone.accept_code(&started.code).await?;
    works!(ground.shop.is_in(&started).await?, "the user's own phone lets nobody in");
    // Many at once, of which one wins.
    let link = ground.shop.link(&ground.user("linked")).await?;
    let mut tries = Vec::new();
    for _ in 0..8 {
        let link = link.clone();
        tries.push(async move { VirtualPhone::register(&link).await.is_ok() });
    }
    let tries = futures_util::future::join_all(tries).await;
    let taken = tries.iter().filter(|is_taken| **is_taken).count();
    hold!(taken == 1, "{taken} of 8 phones at once are registered");
    Verdict::defeated("the second is refused, and 7 of 8 at once; the user's phone goes on")
}

async fn stray(ground: Arc<Ground>) -> Outcome {
    let user = ground.user("stray");
    let stray = ground.shop.link(&user).await?;
    let used = ground.shop.link(&user).await?;
    let phone = VirtualPhone::register(&used).await?;
    let thief = VirtualPhone::register(&stray).await;
    let started = ground.shop.start(&user, true).await?;
    if let Ok(thief) = thief {
        let accepted = thief.accept_code(&started.code).await;
        hold!(accepted.is_err(), "the stray link has replaced the user's phone, and accepts");
    }
    hold!(phone.accept_code(&started.code).await.is_ok(), "the user's own phone is replaced");
    Verdict::defeated("the link of before is void once a phone is there")
}

async fn of_another(ground: Arc<Ground>) -> Outcome {
    let (user, other) = (ground.user("victim"), ground.user("attacker"));
    let phone = ground.shop.phone(&user).await?;
    let own = ground.shop.link(&other).await?;
    let (start, name) = own.as_str().rsplit_once('/').ok_or("a link without a path")?;
    let flipped = |text: &str| text.chars().rev().collect::<String>();
    for changed in [
        format!("{start}/{}", flipped(name)),
        format!("{start}/{name}?user={user}"),
        format!("{start}/{name}/../{user}"),
        format!("{start}/{user}"),
    ] {
        let Ok(link) = RegistrationLink::parse(&changed) else { continue };
        if let Ok(registered) = VirtualPhone::register(&link).await {
            hold!(
                registered.user().as_str() == other,
                "{changed} registers a phone of {}",
                registered.user()
            );
        }
    }
    // A body that names somebody else.
    let own = ground.shop.link(&ground.user("attacker")).await?;
    let body =
        json!({"notification_token": "*x", "platform": "web", "user_id": user, "user": {"user_id": user}});
    let mut request = Request::new(body.to_string().into_bytes());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = own.as_str().parse()?;
    request.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
    let answer = ground.shop.wire.send(request).await?;
    hold!(text(&answer.json, "/user/user_id") != user, "the body chooses the user");
    // Another application asks for a link, and for the removal of the phone.
    for call in ["device_registration_link", "lost_user_mobile_device"] {
        for (path, pair) in
            [(&ground.shop.pair.id, &ground.tap.pair), (&ground.tap.pair.id, &ground.tap.pair)]
        {
            let url = format!("{}/management/{call}/{path}/{user}", ground.shop.server);
            let answer = ground.shop.wire.get(pair, &url).await?;
            hold!(
                text(&answer.json, "/register_url").is_empty(),
                "another application gets a link by {call}"
            );
        }
    }
    let started = ground.shop.start(&user, true).await?;
    hold!(phone.accept_code(&started.code).await.is_ok(), "the user's phone is gone");
    Verdict::defeated("a link registers its own user, and only its own application gets one")
}

async fn stolen_session(ground: Arc<Ground>) -> Outcome {
    let name = ground.user("stolen");
    let phone = ground.site.person(&name).await?;
    let mut owner = ground.site.browser_at_home()?;
    owner.sign_in(&phone, &name).await?;
    let mut thief = ground.site.browser(7)?;
    thief.cookies.clone_from(&owner.cookies);
    works!(thief.is_in().await?, "the copy of the cookies is not the session");
    // Twice: the first one may ask for it, and the second one do it.
    for path in ["/auth/lost-phone", "/auth/lost-phone", "/auth/lost-phone/stop", "/auth/enrol"] {
        let page = thief.post(path, &[]).await?;
        hold!(
            !page.text.contains("/r/") && page.location.is_none_or(|place| !place.contains("enrol")),
            "{path} leads on"
        );
    }
    for path in ["/auth/enrol", "/auth/enrol?user=1", "/auth/lost-phone"] {
        let page = thief.get(path).await?;
        hold!(!page.text.contains("/r/"), "{path} shows a registration link");
    }
    // The owner ends what the thief has, and is the only one who can sign in.
    owner.post("/auth/logout", &[]).await?;
    hold!(!thief.is_in().await?, "the copy of the session outlives it");
    owner.sign_in(&phone, &name).await?;
    Verdict::defeated("no page gives a link; the copy ends with the session; the owner's phone goes on")
}

async fn key_under(ground: Arc<Ground>) -> Outcome {
    let user = ground.user("under");
    let phone = ground.shop.phone(&user).await?;
    let public = Forger::with_new_key().await?.public();
    let key = iampass_core::wire::DeviceKey::from_sec1(&public).ok_or("no key")?;
    let key: Value = serde_json::to_value(key)?;
    let pair = crate::forger::pair_of_phone(&phone);
    let url = &phone.record().service.service_urls.device_configuration;
    for body in [
        json!({"notification_token": "*x", "key": key}),
        json!({"notification_token": "*x", "device": {"key": key}}),
    ] {
        ground.shop.wire.phone_post(&pair, url, &body).await?;
    }
    is_own_still(&ground, &user, &phone).await
}

/// Whether the phone's own key is the one that counts, and it alone.
async fn is_own_still(ground: &Ground, user: &str, phone: &VirtualPhone) -> Outcome {
    let started = ground.shop.start(user, true).await?;
    let thief: Result<_, Failure> = Ok(phone.without_its_key()?);
    hold!(thief?.accept_code(&started.code).await.is_err(), "the phone is believed without its key");
    hold!(phone.accept_code(&started.code).await.is_ok(), "the phone's own key is not believed any more");
    Verdict::defeated("the configuration changes no key")
}
