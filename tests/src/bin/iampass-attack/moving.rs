//! The moving code of a login without a name: photographed, claimed twice, made up.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::Secret;
use iampass_core::wire::MovingQr;
use serde_json::json;

use crate::ground::Ground;
use crate::service::{Shop, Started};
use crate::verdict::{Attack, Failure, Outcome, Verdict, attack, hold, works};

pub(crate) const ATTACKS: [Attack; 2] = [
    attack!(
        "photographed-qr",
        "the moving code of a page is photographed, relayed and scanned eight seconds later",
        photographed
    ),
    attack!(
        "moving-code-made-up",
        "a moving code with another secret, of another second, or that another phone has claimed",
        made_up
    ),
];

async fn begun(shop: &Shop) -> Result<(Started, MovingQr), Failure> {
    let url = format!("{}/authentication/start/{}", shop.server, shop.pair.id);
    let answer = shop.wire.post(&shop.pair, &url, &json!({"browser": "Firefox on Windows"})).await?;
    let answer = answer.done("a login without a name")?;
    let qr = answer.json.pointer("/authentication_status/qr").cloned().ok_or("the answer has no qr")?;
    Ok((Started::of(&answer)?, serde_json::from_value(qr)?))
}

async fn photographed(ground: Arc<Ground>) -> Outcome {
    let shop = &ground.shop;
    let user = ground.user("photographed");
    let phone = shop.phone(&user).await?;
    let (started, qr) = begun(shop).await?;
    let photograph = qr.scan_url(Duration::ZERO);
    tokio::time::sleep(Duration::from_millis(8_200)).await;
    hold!(phone.bring_scan(photograph.expose()).await.is_err(), "a photograph of eight seconds is brought");
    hold!(phone.pending().await?.is_empty(), "a photograph puts a question on the phone");
    let shown = qr.scan_url(Duration::from_millis(8_200));
    let request = phone.bring_scan(shown.expose()).await?;
    phone.accept_with_scan(&request, shown.expose()).await?;
    works!(shop.is_in(&started).await?, "the code that is shown lets nobody in");
    Verdict::defeated("WRONG_CODE after eight seconds; the code that is shown then works")
}

async fn made_up(ground: Arc<Ground>) -> Outcome {
    let shop = &ground.shop;
    let (phone, thief) = (shop.phone(&ground.user("owner")).await?, shop.phone(&ground.user("thief")).await?);
    let (started, qr) = begun(shop).await?;
    let other = MovingQr::new(&*qr.url, &*qr.token, Secret::new("another-secret"));
    for (what, scan) in [
        ("another secret", other.scan_url(Duration::ZERO)),
        // Nodes' clocks may differ by half a minute; only the application can make such a code.
        ("a second that is far to come", qr.scan_url(Duration::from_secs(45))),
    ] {
        hold!(phone.bring_scan(scan.expose()).await.is_err(), "a code with {what} is brought");
    }
    let scan = qr.scan_url(Duration::from_secs(1));
    let request = phone.bring_scan(scan.expose()).await?;
    hold!(thief.bring_scan(scan.expose()).await.is_err(), "two phones claim one login");
    phone.accept_with_scan(&request, scan.expose()).await?;
    works!(shop.is_in(&started).await?, "the owner is not in");
    let (elsewhere, qr) = begun(&ground.tap).await?;
    let scan = qr.scan_url(Duration::from_secs(1));
    hold!(phone.bring_scan(scan.expose()).await.is_err(), "a code of another application is brought");
    hold!(!ground.tap.is_in(&elsewhere).await?, "a login of another application is granted");
    Verdict::defeated("WRONG_CODE for each; the first phone that brings it is the only one")
}
