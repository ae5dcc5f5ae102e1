//! The whole story of one user: a phone is registered, and all that it can do is seen in open pages without a reload by hand.

use iampass_core::RegistrationLink;

use crate::each_framework;
use crate::setting::{SOON, Setting};
use crate::visitor::{Visitor, two_visitors};

each_framework!(from_registering_a_phone_to_logging_out_everywhere);

/// The page below is unseen, unusable and unheard, and the tab says why.
const IS_COVERED: &str = "
    const cover = document.querySelector('iampass-cover');
    document.querySelector('#log-out').focus();
    return cover !== null && document.activeElement === cover && document.title === 'You seem to be away'
        && cover.shadowRoot.textContent.includes('Come back')
        && document.elementFromPoint(innerWidth / 2, innerHeight / 2) === cover
        && document.elementFromPoint(5, 5) === cover;
";

/// All is as before, and it is the same page: it was not loaded anew.
const IS_UNCOVERED: &str = "
    return document.querySelector('iampass-cover') === null && !document.body.inert
        && document.title === 'Secret plans' && window.isTheSame === true;
";

async fn from_registering_a_phone_to_logging_out_everywhere(setting: Setting) {
    let Some((here, elsewhere)) = two_visitors(&setting, ["here", "elsewhere"]).await else { return };

    here.open("/sign-up").await;
    here.comes_to("/auth/enrol").await;
    here.shows("h1", "Register your phone").await;
    here.browser.finds("the QR code has a size", QR_IS_SEEN).await.unwrap();
    here.step("the QR code").await;
    let link = here.browser.attribute("#link", "value").await.unwrap().unwrap();
    let link = RegistrationLink::parse(&link).unwrap();
    let phone = setting.service.register_phone(&link).await.unwrap();
    here.shows("h1", "Phone registered").await;
    here.step("phone registered").await;

    here.click("a.primary").await;
    here.comes_to("/auth/login?next=%2Fpage").await;
    here.begin("bert").await;
    here.shows("dl.facts", "Test application").await;
    here.step("check your phone").await;
    phone.accept_next(SOON).await.unwrap();
    here.is_greeted("Bert").await;
    assert_eq!(
        here.browser.cookies().await.unwrap(),
        ["iampass-browser", "iampass-session"],
        "those of the way here are used up"
    );
    here.step("signed in").await;

    walking_away(&here, &phone).await;

    phone.log_out().await.unwrap();
    here.comes_to("/auth/login?next=%2Fpage").await;
    here.step("logged out by the phone").await;

    for visitor in [&here, &elsewhere] {
        visitor.open("/page").await;
        visitor.begin("bert").await;
        phone.accept_next(SOON).await.unwrap();
        visitor.is_greeted("Bert").await;
    }
    here.open("/auth/sessions").await;
    here.shows("ul.sessions", "This browser").await;
    here.shows("ul.sessions", "From 127.0.0.1").await;
    let all_are_named =
        "const names = [...document.querySelectorAll('ul.sessions')[0].querySelectorAll('li')]
        .map((item) => item.querySelector('b:not(.chip)')?.textContent ?? '');
        return names.length > 1 && names.every((name) => / on (Linux|macOS|Windows)$/.test(name));";
    here.browser.finds("all browsers are named", all_are_named).await.unwrap();
    here.step("two sessions").await;
    here.click("button.danger").await;
    here.comes_to("/auth/login?next=%2F").await;
    elsewhere.comes_to("/auth/login?next=%2Fpage").await;
    elsewhere.step("logged out elsewhere").await;
    for visitor in [&here, &elsewhere] {
        visitor.is_out().await;
    }
    assert!(phone.is_logged_out_within(SOON).await.unwrap(), "the service knows");
    here.leave().await;
    elsewhere.leave().await;
}

const QR_IS_SEEN: &str = "
    const code = document.querySelector('.qr svg').getBoundingClientRect();
    return code.width > 100 && code.height > 100 && code.right <= innerWidth;
";

/// An open page is covered and comes back; one that is loaded meanwhile shows nothing, and comes back too.
async fn walking_away(here: &Visitor, phone: &iampass_testkit::VirtualPhone) {
    here.browser.run("window.isTheSame = true; arguments[0](null);", Vec::new()).await.unwrap();
    phone.walk_away().await.unwrap();
    here.browser.finds("the page is covered", IS_COVERED).await.unwrap();
    here.step("covered").await;
    phone.come_back().await.unwrap();
    here.browser.finds("the cover is lifted", IS_UNCOVERED).await.unwrap();
    here.step("the cover is lifted").await;

    phone.walk_away().await.unwrap();
    here.browser.finds("the page is covered again", IS_COVERED).await.unwrap();
    here.open("/page").await;
    here.shows("h1", "You seem to be away").await;
    assert!(!here.browser.has("#greeting").await.unwrap());
    here.step("loaded while away").await;
    phone.come_back().await.unwrap();
    here.is_greeted("Bert").await;
}
