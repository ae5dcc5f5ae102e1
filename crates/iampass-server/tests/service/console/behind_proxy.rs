//! The Console behind a proxy: sign-ins are counted by the address of the browser that the proxy names, also where that is an address of the same
//! private network, and where nobody has named a proxy on this machine.

use iampass_server::{ConsoleSettings, Registration, TrustedProxies};

use super::visitor::Visitor;
use crate::rig::{Answer, Rig};

/// So many sign-ins one address may begin at once.
const AT_ONCE: usize = 30;

/// Begins to sign in by a name that nobody has and that was not used before, from this address, as the proxy says.
async fn begin(rig: &Rig, address: &str, number: usize) -> Answer {
    begin_by(rig, "x-forwarded-for", address, number).await
}

/// The same, with the header by which the proxy says it.
async fn begin_by(rig: &Rig, header: &'static str, address: &str, number: usize) -> Answer {
    let origin = format!("http://{}", rig.address);
    let headers = [
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "navigate"),
        ("origin", origin.as_str()),
        (header, address),
    ];
    let name = format!("nobody-{}-{number}", address.replace('.', "-"));
    let fields = [("login_name", name.as_str()), ("return_to", "/console")];
    Visitor::new(rig).send("POST", "/console/auth/login", &headers, Some(&fields)).await
}

/// Each address begins as often as one may, whatever others have begun.
async fn are_counted_apart(rig: &Rig) {
    for address in ["10.0.0.5", "203.0.113.5"] {
        for number in 0..AT_ONCE {
            let begun = begin(rig, address, number).await;
            assert_eq!(begun.status, 303, "{address} {number}: {begun:?}");
        }
        let refused = begin(rig, address, AT_ONCE).await;
        assert_eq!(refused.status, 429, "{address}: {refused:?}");
        assert!(refused.header("retry-after").is_some(), "{refused:?}");
    }
}

#[tokio::test]
async fn private_addresses_behind_a_trusted_proxy_are_counted_each_for_itself() {
    let rig = Rig::with(|config| {
        config.proxies.trusted = TrustedProxies::parse(["127.0.0.1"]).unwrap();
    })
    .await;
    are_counted_apart(&rig).await;
    // A caller that shares the network is not kept out.
    assert_eq!(begin(&rig, "10.0.0.6", 0).await.status, 303);
    // The clock of the test has stood still.
    rig.clock.advance(10);
    assert_eq!(begin(&rig, "10.0.0.5", AT_ONCE).await.status, 303);
}

#[tokio::test]
async fn addresses_that_a_proxy_claims_which_is_not_named_are_counted_each_for_itself() {
    let rig = Rig::start().await;
    are_counted_apart(&rig).await;
}

#[tokio::test]
async fn so_are_those_of_a_proxy_that_writes_another_header() {
    let rig = Rig::start().await;
    for (header, one, other) in
        [("x-real-ip", "10.0.0.5", "10.0.0.6"), ("forwarded", "for=203.0.113.5", "for=203.0.113.6")]
    {
        for number in 0..AT_ONCE {
            assert_eq!(begin_by(&rig, header, one, number).await.status, 303, "{header} {number}");
        }
        assert_eq!(begin_by(&rig, header, one, AT_ONCE).await.status, 429, "{header}");
        assert_eq!(begin_by(&rig, header, other, 0).await.status, 303, "{header}");
    }
}

#[tokio::test]
async fn accounts_are_made_as_often_as_an_address_may_also_behind_a_proxy_that_is_not_named() {
    let rig = Rig::with(|config| config.console = Some(ConsoleSettings::new(Registration::Open))).await;
    let register = async |address: &str, number: usize| {
        let origin = format!("http://{}", rig.address);
        let headers = [
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-mode", "navigate"),
            ("origin", origin.as_str()),
            ("x-forwarded-for", address),
        ];
        let name = format!("new-{}-{number}", address.replace('.', "-"));
        let fields = [("name", name.as_str())];
        Visitor::new(&rig).send("POST", "/console/register", &headers, Some(&fields)).await.status
    };
    for number in 0..10 {
        assert_eq!(register("203.0.113.5", number).await, 303, "{number}");
    }
    assert_eq!(register("203.0.113.5", 10).await, 429);
    assert_eq!(register("203.0.113.6", 0).await, 303);
}
