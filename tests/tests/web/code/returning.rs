//! Logins on the phone itself: the page leads to IAMPASS by a link, and IAMPASS leads back. Anybody may send such a link, so it lets in the browser that
//! began the login and no other.

use std::time::Duration;

use super::nameless::{begin, until_shown};
use super::{Coded, until_code};
use crate::actix_site::Actix;
use crate::axum_site::Axum;
use crate::browser::{Browser, Page};
use crate::setting::Framework;

/// The link by which a page leads to IAMPASS.
fn link(page: &Page) -> String {
    let (before, _) = page.text.split_once("\" rel=\"noreferrer\"").expect(&page.text);
    let link = before.rsplit_once("href=\"").unwrap().1.replace("&#38;", "&").replace("&amp;", "&");
    assert!(link.contains("/phone#link="), "{link}");
    link
}

async fn until_link(browser: &mut Browser, wait: &str) -> String {
    link(&until_shown(browser, wait).await)
}

/// The part of an address behind the application's origin.
fn path<'a>(browser: &Browser, address: &'a str) -> &'a str {
    address.strip_prefix(&browser.origin).unwrap_or_else(|| panic!("{address}"))
}

async fn stays_out(browser: &mut Browser, wait: &str) {
    for _ in 0..5 {
        browser.get(wait).await;
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    assert!(!browser.is_in().await);
}

async fn the_browser_that_comes_back_is_let_in<F: Framework>() {
    let coded = Coded::with::<F>(2, |builder| builder).await;
    let mut browser = coded.browser_at(0);
    let wait = begin(&mut browser).await;
    let link = until_link(&mut browser, &wait).await;
    let back = coded.setting.anna.accept_by_link(&link).await.unwrap();
    assert!(back.contains("/auth/login/returned?attempt="), "{back}");
    let page = browser.get(&wait).await;
    assert!(page.status == 200 && !browser.is_in().await, "an acceptance by a link lets nobody in by itself");
    // On any node.
    let mut browser = browser.at(&coded.browser_at(1));
    let page = browser.get(path(&browser, &back)).await;
    assert_eq!((page.status.as_u16(), page.location.as_deref()), (303, Some(wait.as_str())));
    let page = browser.complete(&wait).await;
    assert_eq!(page.location.as_deref(), Some("/?from=login"));
    assert!(browser.is_in().await);
    for (place, status) in [("/proven-code", 200), ("/proven-key", 200), ("/proven/unlocked", 403)] {
        assert_eq!(browser.get(place).await.status, status, "{place}");
    }
    // The address is good once.
    let mut other = coded.browser();
    assert_eq!(other.get(path(&other, &back)).await.status, 403);
    assert!(!other.is_in().await && browser.is_in().await);
}

#[tokio::test]
async fn the_browser_that_comes_back_is_let_in_over_axum() {
    the_browser_that_comes_back_is_let_in::<Axum>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_that_comes_back_is_let_in_over_actix() {
    the_browser_that_comes_back_is_let_in::<Actix>().await;
}

/// A stranger sends the link of his own page to the owner, who accepts. Her browser is led to the application, which refuses it, and the stranger's
/// login is over. So it is where she has begun a login of her own, which goes on.
#[tokio::test]
async fn the_link_of_a_stranger_s_page_lets_nobody_in() {
    for has_begun in [false, true] {
        let coded = Coded::start(1).await;
        let (mut stranger, mut owner) = (coded.browser(), coded.browser());
        let own = if has_begun { Some(begin(&mut owner).await) } else { None };
        if let Some(own) = &own {
            until_shown(&mut owner, own).await;
        }
        let wait = begin(&mut stranger).await;
        let link = until_link(&mut stranger, &wait).await;
        let back = coded.setting.anna.accept_by_link(&link).await.unwrap();
        let page = owner.get(path(&owner, &back)).await;
        assert!(page.status == 403 && page.text.contains("Not begun in this browser"), "{}", page.text);
        assert!(!owner.is_in().await);
        stays_out(&mut stranger, &wait).await;
        // He does not know the proof, and makes one up.
        let (address, _) = back.rsplit_once("&return=").unwrap();
        stranger.get(path(&stranger, &format!("{address}&return=AAAAAAAAAAAAAAAAAAAAAA"))).await;
        stays_out(&mut stranger, &wait).await;
        assert!(coded.setting.anna.active_sessions().await.unwrap().is_empty());
        if let Some(own) = own {
            let link = until_link(&mut owner, &own).await;
            let back = coded.setting.anna.accept_by_link(&link).await.unwrap();
            owner.get(path(&owner, &back)).await;
            owner.complete(&own).await;
            assert!(owner.is_in().await && !stranger.is_in().await);
        }
    }
}

/// A neighbouring site can plant a cookie. The stranger plants that of his own login in the owner's browser: it is let in as the owner, and he is not,
/// who has the same cookie.
#[tokio::test]
async fn a_planted_cookie_lets_in_the_browser_that_came_back_and_no_other() {
    let coded = Coded::start(1).await;
    let mut stranger = coded.browser();
    let wait = begin(&mut stranger).await;
    let link = until_link(&mut stranger, &wait).await;
    let mut owner = stranger.at(&coded.browser());
    let back = coded.setting.anna.accept_by_link(&link).await.unwrap();
    owner.get(path(&owner, &back)).await;
    stays_out(&mut stranger, &wait).await;
    // The address with the proof is worth nothing to him either.
    assert_eq!(stranger.get(path(&stranger, &back)).await.status, 403);
    owner.complete(&wait).await;
    assert!(owner.is_in().await && !stranger.is_in().await);
    stays_out(&mut stranger, &wait).await;
}

/// The stranger guesses while the owner's acceptance waits for a browser: the login is over, and not even the right proof counts any more.
#[tokio::test]
async fn a_made_up_proof_ends_the_login() {
    let coded = Coded::start(1).await;
    let mut browser = coded.browser();
    let wait = begin(&mut browser).await;
    let link = until_link(&mut browser, &wait).await;
    let back = coded.setting.anna.accept_by_link(&link).await.unwrap();
    let (address, _) = back.rsplit_once("&return=").unwrap();
    for bad in [address.to_owned(), format!("{address}&return="), back.replace("attempt=", "attempt=x")] {
        let page = browser.get(path(&browser, &bad)).await;
        assert!(page.status == 403 || page.status == 303, "{}", page.text);
    }
    browser.get(path(&browser, &format!("{address}&return=AAAAAAAAAAAAAAAAAAAAAA"))).await;
    browser.get(path(&browser, &back)).await;
    stays_out(&mut browser, &wait).await;
}

/// The same browser has two tabs: the newer login has taken the place of the older one, whose link lets nobody in.
#[tokio::test]
async fn of_two_tabs_the_newer_one_s_link_counts() {
    let coded = Coded::start(1).await;
    let mut browser = coded.browser();
    let older = begin(&mut browser).await;
    let old_link = until_link(&mut browser, &older).await;
    let newer = begin(&mut browser).await;
    let new_link = until_link(&mut browser, &newer).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(coded.setting.anna.accept_by_link(&old_link).await.is_err(), "its question is withdrawn");
    let back = coded.setting.anna.accept_by_link(&new_link).await.unwrap();
    browser.get(path(&browser, &back)).await;
    browser.complete(&newer).await;
    assert!(browser.is_in().await);
}

/// The way of a login by name is the same.
async fn a_login_by_name_comes_back_too<F: Framework>() {
    let coded = Coded::with::<F>(2, |builder| builder).await;
    // In a browser that the user has signed in in before the phone shows the request by itself.
    for is_known in [false, true] {
        let mut browser = coded.browser_at(0);
        if is_known {
            browser = super::approving::signed_in(&coded).await;
            browser.post("/auth/logout", &[]).await;
        }
        let wait = browser.begin("anna").await;
        let link = link(&until_code(&mut browser, &wait).await);
        let back = coded.setting.anna.accept_by_link(&link).await.unwrap();
        let page = browser.get(&wait).await;
        assert!(
            page.status == 200 && !browser.is_in().await,
            "an acceptance by a link lets nobody in by itself"
        );
        let mut browser = browser.at(&coded.browser_at(1));
        let page = browser.get(path(&browser, &back)).await;
        assert_eq!((page.status.as_u16(), page.location.as_deref()), (303, Some(wait.as_str())));
        browser.complete(&wait).await;
        assert!(browser.is_in().await, "{is_known}");
        assert_eq!(browser.get("/proven-code").await.status, 200);
        let mut other = coded.browser();
        assert_eq!(other.get(path(&other, &back)).await.status, 403);
        assert!(!other.is_in().await);
    }
}

#[tokio::test]
async fn a_login_by_name_comes_back_too_over_axum() {
    a_login_by_name_comes_back_too::<Axum>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_by_name_comes_back_too_over_actix() {
    a_login_by_name_comes_back_too::<Actix>().await;
}

/// A stranger begins a login by the owner's name, and sends her its link. She accepts: neither browser is signed in, and the stranger's login is over.
#[tokio::test]
async fn the_link_of_a_stranger_s_login_by_her_name_lets_nobody_in() {
    let coded = Coded::start(1).await;
    let (mut stranger, mut owner) = (coded.browser(), coded.browser());
    let wait = stranger.begin("anna").await;
    let link = link(&until_code(&mut stranger, &wait).await);
    let back = coded.setting.anna.accept_by_link(&link).await.unwrap();
    stays_out(&mut stranger, &wait).await;
    let page = owner.get(path(&owner, &back)).await;
    assert!(page.status == 403 && page.text.contains("Not begun in this browser"), "{}", page.text);
    stays_out(&mut stranger, &wait).await;
    let (address, _) = back.rsplit_once("&return=").unwrap();
    stranger.get(path(&stranger, &format!("{address}&return=AAAAAAAAAAAAAAAAAAAAAA"))).await;
    stranger.get(path(&stranger, &back)).await;
    stays_out(&mut stranger, &wait).await;
    assert!(!owner.is_in().await && coded.setting.anna.active_sessions().await.unwrap().is_empty());
}

/// The link of a name that nobody has, or whose user has no phone, looks like any other, and no phone can bring it.
#[tokio::test]
async fn a_page_for_a_name_that_nobody_has_has_such_a_link() {
    let coded = Coded::start(1).await;
    let mut forms = Vec::new();
    for name in ["anna", "bert", "carl"] {
        let mut browser = coded.browser();
        let wait = browser.begin(name).await;
        let link = link(&until_code(&mut browser, &wait).await);
        let (address, text) = link.split_once("#link=").unwrap();
        let form: Vec<_> = text.split('.').map(str::len).collect();
        assert_eq!(form, [32, 4, 22], "{name}: {text}");
        forms.push(address.to_owned());
        assert_eq!(coded.setting.anna.accept_by_link(&link).await.is_ok(), name == "anna", "{name}");
    }
    assert!(forms.iter().all(|form| *form == forms[0]), "{forms:?}");
}

/// A service that gives the link only where it asks a phone: no page shows it.
#[tokio::test]
async fn a_link_that_not_every_name_gets_is_on_no_page() {
    let coded = Coded::start(1).await;
    coded.maker.links_real_names_alone.store(true, std::sync::atomic::Ordering::SeqCst);
    for name in ["anna", "bert", "carl"] {
        let mut browser = coded.browser();
        let wait = browser.begin(name).await;
        let page = until_code(&mut browser, &wait).await;
        assert!(!page.text.contains("#link=") && page.text.contains("/phone#scan="), "{}", page.text);
    }
}
