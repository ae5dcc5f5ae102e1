//! The whole sign-in in a browser that runs no script: pages that wait are loaded anew by themselves.

use iampass_core::RegistrationLink;
use iampass_system_tests::Scripts;

use crate::each_framework;
use crate::setting::{SOON, Setting};
use crate::visitor::one_visitor;

each_framework!(without_a_script_pages_go_on_by_being_loaded_anew);

async fn without_a_script_pages_go_on_by_being_loaded_anew(setting: Setting) {
    let Some(visitor) = one_visitor(&setting, "without-script", Scripts::Off).await else { return };

    visitor.open("/sign-up").await;
    visitor.shows("h1", "Register your phone").await;
    // With scripts this would be text and no element.
    assert!(visitor.browser.has("noscript > meta").await.unwrap(), "scripts are on");
    visitor.step("the QR code").await;
    let link = visitor.browser.attribute("#link", "value").await.unwrap().unwrap();
    let link = RegistrationLink::parse(&link).unwrap();
    let phone = setting.service.register_phone(&link).await.unwrap();
    visitor.shows("h1", "Phone registered").await;
    visitor.step("phone registered").await;

    visitor.click("a.primary").await;
    visitor.comes_to("/auth/login?next=%2Fpage").await;
    visitor.begin("bert").await;
    visitor.step("check your phone").await;
    phone.accept_next(SOON).await.unwrap();
    visitor.is_greeted("Bert").await;
    visitor.step("signed in").await;

    phone.walk_away().await.unwrap();
    // The page cannot know; the server does within its freshness bound, and says so to whoever loads a page.
    let mut browser_is_told = false;
    let began = std::time::Instant::now();
    while !browser_is_told {
        assert!(began.elapsed() < SOON, "who walked away is still let in");
        visitor.open("/page").await;
        browser_is_told = !visitor.browser.has("#greeting").await.unwrap();
    }
    visitor.shows("h1", "You seem to be away").await;
    visitor.step("away").await;
    phone.come_back().await.unwrap();
    visitor.is_greeted("Bert").await;

    visitor.click("#log-out").await;
    visitor.comes_to("/auth/login?next=%2F").await;
    visitor.browser.go_back().await.unwrap();
    visitor.comes_to("/auth/login?next=%2Fpage").await;
    visitor.step("the back button after the logout").await;
    visitor.is_out().await;
    visitor.leave().await;
}
