//! Which address a request is counted by, behind proxies that are trusted and that are not.

use std::time::Duration;

use iampass_web::{Limits, Rate};

use crate::axum_site::Axum;
use crate::browser::Browser;
use crate::setting::Setting;

/// How many of so many starts, each for another name and from another address behind the proxy, are refused as too many.
async fn refused_of(
    setting: &Setting,
    names: &str,
    starts: u32,
    forwarded: impl Fn(u32) -> Option<String>,
) -> usize {
    let mut refused = 0;
    for n in 0..starts {
        let mut browser = setting.browser();
        let mut request = browser
            .form("/auth/login", &[("login_name", &format!("{names}{n}"))])
            .header("origin", browser.origin.clone());
        if let Some(forwarded) = forwarded(n) {
            request = request.header("x-forwarded-for", forwarded);
        }
        refused += usize::from(browser.take(request).await.status == 429);
    }
    refused
}

fn other_each_time(n: u32) -> Option<String> {
    Some(format!("203.0.{n}.1"))
}

#[tokio::test]
async fn behind_a_proxy_that_nobody_told_of_users_do_not_keep_each_other_out() {
    let setting = Setting::with::<Axum>(1, |b| b.answer_step(Duration::from_millis(1))).await;
    assert_eq!(refused_of(&setting, "a", 35, other_each_time).await, 0);
}

/// The address that such a proxy tells is limited by itself. One that is made up meets the limit of all whose address is not known; nobody else does.
#[tokio::test]
async fn behind_a_proxy_that_nobody_told_of_all_are_limited_all_the_same() {
    let setting = Setting::with::<Axum>(1, |b| {
        let two = Rate { burst: 2, every: Duration::from_secs(3_600) };
        b.answer_step(Duration::from_millis(1)).limits(Limits::default().per_address(two))
    })
    .await;
    let mut owner = setting.logged_in().await;
    owner.post("/auth/logout", &[]).await;
    assert_eq!(refused_of(&setting, "a", 10, |_| Some("203.0.113.1".to_owned())).await, 8);
    assert_eq!(refused_of(&setting, "b", 10, |_| Some("203.0.113.2".to_owned())).await, 8);
    let refused = refused_of(&setting, "c", 150, other_each_time).await;
    assert_eq!(refused, 150 - 124, "64 times as many as one address may");
    // A known browser has its own, and one without a proxy counts by its address.
    let known = owner.form("/auth/login", &[("login_name", "anna")]);
    let known = known.header("origin", owner.origin.clone()).header("x-forwarded-for", "203.0.113.3");
    assert_eq!(owner.take(known).await.status, 303);
    assert_eq!(refused_of(&setting, "d", 1, |_| None).await, 0, "one was the owner's first");
}

#[tokio::test]
async fn without_a_proxy_one_address_is_limited() {
    let setting = Setting::with::<Axum>(1, |b| b.answer_step(Duration::from_millis(1))).await;
    assert_eq!(refused_of(&setting, "a", 35, |_| None).await, 5);
}

/// Somebody at the same address uses up what it may: a browser in which a user has signed in before goes on, as far as it may by itself.
#[tokio::test]
async fn a_known_browser_is_not_kept_out_by_its_address() {
    let setting = Setting::with::<Axum>(1, |b| {
        let few = Rate { burst: 4, every: Duration::from_secs(3_600) };
        b.answer_step(Duration::from_millis(1)).limits(Limits::default().per_address(few))
    })
    .await;
    let mut owner = setting.logged_in().await;
    owner.post("/auth/logout", &[]).await;
    assert_eq!(refused_of(&setting, "a", 6, |_| None).await, 3, "one was the owner's first");
    let start = async |browser: &mut Browser| {
        let fields = [("login_name", "anna"), ("return_to", "/")];
        browser.post("/auth/login", &fields).await.status
    };
    // For another user's name it is a browser as any other.
    let fields = [("login_name", "bert"), ("return_to", "/")];
    assert_eq!(owner.post("/auth/login", &fields).await.status, 429);
    for _ in 0..3 {
        assert_eq!(start(&mut owner).await, 303);
    }
    assert_eq!(start(&mut owner).await, 429);
    // A cookie that was not sealed here is none.
    let mut stranger = setting.browser();
    stranger.cookies.insert("iampass-browser".to_owned(), "AAAA".to_owned());
    assert_eq!(start(&mut stranger).await, 429);
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_address_is_limited() {
    let setting = Setting::with::<Axum>(1, |b| {
        let two = Rate { burst: 2, every: Duration::from_secs(3_600) };
        let networks = "127.0.0.0/8".parse().unwrap();
        b.answer_step(Duration::from_millis(1))
            .limits(Limits::default().per_address(two))
            .trusted_proxy_networks(networks)
    })
    .await;
    assert_eq!(refused_of(&setting, "a", 35, other_each_time).await, 0);
    let one = |n| Some(format!("198.51.100.{n}, 192.0.2.7"));
    assert_eq!(
        refused_of(&setting, "b", 10, one).await,
        8,
        "what stands before it, anybody can have written"
    );
    // A site of 65,536 networks has sixteen times as much as one of them, and no more.
    let site = |n: u32| Some(format!("2001:db8:7:{:x}::1", n * 0x111));
    assert_eq!(refused_of(&setting, "c", 40, site).await, 8);
}
