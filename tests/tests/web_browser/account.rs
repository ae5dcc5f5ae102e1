//! The user's own page in real browsers: at 320 px and at twice the size of the text, from the keyboard, from right to left, without a script, and the
//! same as calls of a script.

use iampass_system_tests::{Engine, Scripts};

use crate::actix_site::Actix;
use crate::axum_site::Axum;
use crate::setting::{Framework, SOON, Setting};
use crate::visitor::{Visitor, one_visitor, setting, visitor_in};

const PAGE: &str = "/auth/sessions";

const THIS_ONE_IS_FIRST: &str = "
    const items = [...document.querySelectorAll('ul.sessions')[0].querySelectorAll('li')];
    const isThis = (item) => item.querySelector('.chip') !== null;
    const isNamed = / on (Linux|macOS|Windows)$/.test(items[0]?.querySelector('b:not(.chip)')?.textContent ?? '');
    return items.length === 2 && isThis(items[0]) && !isThis(items[1]) && isNamed;
";
const IS_AS_WIDE_AS_THE_WINDOW: &str = "
    const { scrollWidth, clientWidth } = document.documentElement;
    const reaches = (element) => element.getBoundingClientRect().right <= innerWidth + 1 && element.getBoundingClientRect().left >= -1;
    return scrollWidth <= clientWidth && [...document.querySelectorAll('main *')].every(reaches);
";
/// The control that has the focus belongs to the second session.
const IS_ON_THE_SECOND: &str = "
    const item = document.activeElement?.closest('li');
    return item !== null && item === document.querySelectorAll('ul.sessions')[0].querySelectorAll('li')[1];
";
const HAS_TIMES_AS_PEOPLE_WRITE_THEM: &str = "
    return [...document.querySelectorAll('main time')].every((time) => time.title !== '' && !time.title.includes('T'));
";
const READS_AND_ENDS: &str = "
    const done = arguments[arguments.length - 1];
    const headers = { accept: 'application/json' };
    const read = async () => (await fetch('/auth/sessions', { headers })).json();
    const call = async (path, fields) => {
        const answer = await fetch(path, { method: 'POST', headers, body: new URLSearchParams(fields) });
        return answer.json();
    };
    (async () => {
        const before = await read();
        const told = await call('/auth/sessions/end', { id: before.sessions[1].id });
        const forgotten = await call('/auth/browsers/forget', { id: before.browsers[1].id });
        const after = await read();
        return [before.sessions.length, told.ended, told.is_signed_in, forgotten.forgotten, after.sessions.length, after.name];
    })().then(done, (error) => done(String(error)));
";

async fn signed_in(setting: &Setting, visitor: &Visitor) {
    visitor.open("/page").await;
    visitor.begin("anna").await;
    setting.anna.accept_next(SOON).await.unwrap();
    visitor.is_greeted("Anna").await;
}

async fn the_page_in<F: Framework>(engine: Engine) {
    let setting = setting::<F>().await;
    let Some(visitor) = visitor_in(engine, setting.origin()).await else { return };
    let mut other = setting.logged_in().await;
    signed_in(&setting, &visitor).await;
    visitor.open(PAGE).await;
    visitor.shows("h1", "Sign-ins and phones").await;
    visitor.shows("main", "You have a phone that accepts your sign-ins.").await;
    visitor.browser.resize(360, 1_600).await.unwrap();
    visitor.step("the page on a phone").await;
    visitor.browser.resize(1_280, 1_600).await.unwrap();
    visitor.step("the page on a desk").await;
    visitor.browser.finds("this one is first", THIS_ONE_IS_FIRST).await.unwrap();
    visitor.browser.finds("times are as people write them", HAS_TIMES_AS_PEOPLE_WRITE_THEM).await.unwrap();
    visitor.browser.resize(500, 900).await.unwrap();
    visitor.browser.finds("it fits", IS_AS_WIDE_AS_THE_WINDOW).await.unwrap();
    let larger = "document.documentElement.style.fontSize = '200%'; return true;";
    visitor.browser.finds("text is twice as large", larger).await.unwrap();
    visitor.browser.finds("it fits", IS_AS_WIDE_AS_THE_WINDOW).await.unwrap();
    visitor.browser.picture("twice as large").await.unwrap();
    visitor.open("/auth/language?to=ar&back=sessions").await;
    visitor.comes_to(PAGE).await;
    visitor.shows("h1", "عمليات تسجيل الدخول والهواتف").await;
    visitor.browser.finds("it fits", IS_AS_WIDE_AS_THE_WINDOW).await.unwrap();
    visitor.browser.picture("from right to left").await.unwrap();
    visitor.open("/auth/language?to=en&back=sessions").await;
    visitor.comes_to(PAGE).await;
    visitor.shows("h1", "Sign-ins and phones").await;
    // By keys alone: to the second session, and that one ends.
    while visitor
        .browser
        .run(
            &format!(
                "const done = arguments[arguments.length - 1]; done((() => {{ {IS_ON_THE_SECOND} }})());"
            ),
            Vec::new(),
        )
        .await
        .unwrap()
        != true
    {
        visitor.browser.press("\u{e004}").await.unwrap();
    }
    visitor.browser.press("\u{e007}").await.unwrap();
    let is_gone = "return document.querySelectorAll('ul.sessions')[0]?.querySelectorAll('li').length === 1;";
    visitor.browser.finds("the other one has ended", is_gone).await.unwrap();
    assert!(!other.is_in().await);

    let mut again = setting.logged_in().await;
    let told = visitor.browser.run(READS_AND_ENDS, Vec::new()).await.unwrap();
    assert_eq!(told, serde_json::json!([2, 1, true, 1, 1, "Anna"]));
    assert!(!again.is_in().await);
    visitor.click("button.danger").await;
    visitor.comes_to("/auth/login?next=%2F").await;
    visitor.is_out().await;
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_in_chromium() {
    the_page_in::<Axum>(Engine::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_in_firefox() {
    the_page_in::<Actix>(Engine::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_script_it_ends_and_forgets() {
    let setting = setting::<Axum>().await;
    let Some(visitor) = one_visitor(&setting, "account-without-script", Scripts::Off).await else { return };
    let mut other = setting.logged_in().await;
    signed_in(&setting, &visitor).await;
    visitor.open(PAGE).await;
    visitor.shows("ul.sessions li:nth-child(2)", "From 127.0.0.1").await;
    visitor.click("ul.sessions li:nth-child(2) button").await;
    visitor.comes_to(PAGE).await;
    assert!(!visitor.browser.has("ul[aria-label=Sessions] li:nth-child(2)").await.unwrap());
    assert!(!other.is_in().await);
    visitor.click("form[action='/auth/browsers/forget-all'] button").await;
    visitor.comes_to(PAGE).await;
    assert!(!visitor.browser.has("form[action='/auth/browsers/forget-all']").await.unwrap());
    visitor.click("a[href='/']").await;
    visitor.shows("body", "Hello Anna").await;
    visitor.leave().await;
}
