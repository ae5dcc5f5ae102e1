//! The states of the phone's page, as somebody gets to them: in English, in English whose texts are half as long again, and in Arabic.

use iampass_core::client::Client;
use iampass_core::machine::{LoginEvent, LoginOptions};
use iampass_core::wire::AuthenticationMethod;
use iampass_core::{RegistrationLink, UserToken};
use iampass_system_tests::{Browser, Engine, Scripts};
use iampass_testkit::{TestService, VirtualPhone};
use iampass_texts::{Messages, built_in};
use serde_json::json;

use crate::snapshot::Snapshot;

/// Shows one of the sections that say why this browser is no phone, and nothing else.
const SHOW_ONE: &str = "
    const [id, done] = arguments;
    for (const part of document.querySelectorAll('main > *')) part.hidden = part.id !== id;
    done(null);
";

/// Asks who signs in, as for the code of a login without a name, with the choices as the page makes them.
const ASK_WHO: &str = "
    const [done] = arguments;
    for (const name of ['Ann (Corner Shop)', 'Bob (Corner Shop)']) {
        const [item, button] = [document.createElement('li'), document.createElement('button')];
        button.className = 'button wide';
        button.textContent = name;
        item.append(button);
        document.getElementById('which-list').append(item);
    }
    document.getElementById('which').showModal();
    done(null);
";

/// Makes each text of a page half as long again, before any of its scripts runs: those of the document, and those that scripts take.
pub(crate) const LONGER: &str = "
    const longer = (text) => {
        const words = text.trim().split(/\\s+/);
        const more = words.length === 1 ? words[0].slice(0, Math.ceil(text.length / 2)) : ` ${words.slice(0, Math.ceil(words.length / 2)).join(' ')}`;
        return text.trim() === '' ? text : text.trimEnd() + more + text.slice(text.trimEnd().length);
    };
    const inAll = (found) => (typeof found === 'string' ? longer(found) : Object.fromEntries(Object.entries(found).map(([form, text]) => [form, longer(text)])));
    document.addEventListener('readystatechange', () => {
        if (document.readyState !== 'interactive') return;
        const texts = document.getElementById('texts') ?? document.createElement('script');
        const data = JSON.parse(texts.textContent || '{}');
        texts.textContent = JSON.stringify(Object.fromEntries(Object.entries(data).map(([id, found]) => [id, inAll(found)])));
        for (const root of [document.body, ...[...document.querySelectorAll('template')].map(({ content }) => content)]) {
            const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
                // Where scripts run, the markup in a noscript is text.
                const isText = walker.currentNode.parentNode.localName !== 'noscript';
                if (isText) walker.currentNode.data = longer(walker.currentNode.data);
            }
        }
    });
";

const CHOOSE_ARABIC: &str = "
    const [done] = arguments;
    const field = document.getElementById('language');
    field.value = 'ar';
    done(null);
    // The driver has its answer before the page goes.
    setTimeout(() => field.dispatchEvent(new Event('change')), 300);
";

/// The texts of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Texts {
    English,
    Longer,
    Arabic,
}

struct Walk {
    browser: Browser,
    client: Client,
    of: Texts,
    texts: Messages,
    taken: Vec<Snapshot>,
}

/// All states. None when there is no browser.
pub(crate) async fn pages(of: Texts) -> Option<Vec<Snapshot>> {
    let browser = Browser::start_in(Engine::Chromium, "accessible phone", Scripts::On).await.unwrap()?;
    let service =
        TestService::builder().application_name("Corner Shop").at_localhost().start().await.unwrap();
    if of == Texts::Longer {
        browser.run_before_pages(LONGER).await.unwrap();
    }
    let tag = if of == Texts::Arabic { "ar" } else { "en" };
    let texts = Messages::parse(tag, built_in::phone(tag).unwrap()).unwrap();
    let mut walk = Walk { browser, client: service.client().unwrap(), of, texts, taken: Vec::new() };
    let page = format!("{}/phone", service.server_url());
    walk.why_no_phone(&page).await;
    let ann = walk.registers("ann", "Ann").await;
    walk.looks_around().await;
    walk.is_asked(&ann).await;
    walk.brings(&ann).await;
    let bob = walk.registers("bob", "Bob").await;
    walk.takes("two users").await;
    walk.browser.run(ASK_WHO, vec![]).await.unwrap();
    walk.takes("who signs in").await;
    walk.browser.run("document.getElementById('which').close(); arguments[0](null)", vec![]).await.unwrap();
    walk.unlocks(&bob).await;
    walk.has_several_phones().await;
    walk.browser.close().await;
    service.shutdown().await.unwrap();
    Some(walk.taken)
}

impl Walk {
    async fn takes(&mut self, name: &str) {
        self.taken.push(Snapshot::of(&self.browser, &format!("phone in {:?}: {name}", self.of)).await);
    }

    async fn click(&self, selector: &str) {
        self.browser.click(selector).await.unwrap();
    }

    async fn shows(&self, selector: &str, text: &str) {
        self.browser.shows(selector, text).await.unwrap();
    }

    /// The text of this name, or its longest part between what is filled in.
    async fn says(&self, selector: &str, id: &str) {
        let text = self.texts.text(id).unwrap();
        let parts = text.split(['{', '}', '\u{2068}', '\u{2069}']).map(str::trim);
        self.shows(selector, parts.max_by_key(|part| part.len()).unwrap()).await;
    }

    async fn appears(&self, id: &str) {
        let is_there = format!("return document.getElementById('{id}').checkVisibility()");
        self.browser.finds(id, &is_there).await.unwrap();
    }

    /// The browser may scroll to a control first, and what has just moved takes no tap: a person taps again.
    async fn taps_until_there(&self, control: &str, id: &str) {
        let is_there = format!("arguments[0](document.getElementById('{id}').checkVisibility())");
        for _ in 0..10 {
            self.click(control).await;
            for _ in 0..50 {
                if self.browser.run(&is_there, vec![]).await.unwrap() == true {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
        panic!("a tap on {control} does nothing");
    }

    async fn why_no_phone(&mut self, page: &str) {
        self.browser.open(page).await.unwrap();
        if self.of == Texts::Arabic {
            self.browser.run(CHOOSE_ARABIC, vec![]).await.unwrap();
        }
        self.says("#welcome", "welcome-title").await;
        self.takes("welcome").await;
        for id in ["insecure", "no-storage", "elsewhere"] {
            self.browser.run(SHOW_ONE, vec![json!(id)]).await.unwrap();
            self.takes(id).await;
        }
    }

    async fn registers(&mut self, user: &str, name: &str) -> UserToken {
        let user = UserToken::new(user).unwrap();
        self.client.add_user(&user).await.unwrap();
        let link = self.client.registration_link(&user, Some(name)).await.unwrap();
        self.browser.open(link.as_str()).await.unwrap();
        self.says("#register-title", "register-title").await;
        self.takes("register").await;
        self.click("#register-now").await;
        self.says("#notice", "registered-title").await;
        self.takes("registered").await;
        user
    }

    async fn looks_around(&mut self) {
        self.click("#add-summary").await;
        self.browser.fill("#link", "nonsense").await.unwrap();
        self.click("#link-form button[type=submit]").await;
        self.appears("link-error").await;
        self.takes("a link that is none").await;
        self.click("[data-part=remove]").await;
        self.shows("#remove-title", "Ann").await;
        self.takes("remove").await;
        self.click("#remove-keep").await;
        self.click("#bring-scan").await;
        self.browser.finds("the scanner", "return document.getElementById('scanner').open").await.unwrap();
        self.takes("scanner").await;
        self.click("#scanner-stop").await;
    }

    /// Begins a login whose page shows a code, and gives the code.
    async fn begins(&self, user: &UserToken, is_known: bool) -> String {
        let options = LoginOptions::default().shows_code(true).known_browser(is_known);
        let options = options.browser("Firefox on Windows").address("203.0.113.5".parse().ok());
        let mut login = self.client.login(user, options).unwrap();
        let code = loop {
            match login.next().await {
                Some(LoginEvent::Started(started)) => break started.confirmation.unwrap(),
                Some(LoginEvent::Finished(end)) => panic!("{end:?}"),
                Some(_) => {}
                None => panic!("no code"),
            }
        };
        tokio::spawn(async move { login.outcome().await });
        code.code.expose().to_owned()
    }

    async fn is_asked(&mut self, ann: &UserToken) {
        let code = self.begins(ann, true).await;
        self.says("#request-title", "request-title").await;
        self.takes("asked").await;
        self.browser.fill("#code", &other_than(&code)).await.unwrap();
        self.click("#accept").await;
        self.appears("code-failure").await;
        self.takes("wrong code").await;
        self.click("#report").await;
        self.says("#notice", "reported-title").await;
        self.takes("reported").await;
    }

    async fn brings(&mut self, ann: &UserToken) {
        let code = self.begins(ann, false).await;
        self.browser.fill("#bring-code", &other_than(&code)).await.unwrap();
        self.click("#bring-go").await;
        self.says("#bring-failure", "bring-wrong-title").await;
        self.takes("no such code").await;
        self.browser.fill("#bring-code", &code).await.unwrap();
        self.click("#bring-go").await;
        self.appears("code-done").await;
        self.takes("brought").await;
        self.click("#accept").await;
        self.says("#notice", "accepted-title").await;
        self.says("#user-list", "session-active").await;
        self.takes("accepted").await;
        self.click("[data-part=walk-away]").await;
        self.says("#away", "away-title").await;
        self.takes("away").await;
        self.click("#come-back-all").await;
    }

    /// *Your phones*, and a page that waits to be confirmed.
    async fn has_several_phones(&mut self) {
        self.click("#user-list > li:first-child [data-part=phones]").await;
        self.says("#phones-list", "phones-this").await;
        self.takes("your phones").await;
        self.click("#phones-add").await;
        let has_link = "return document.getElementById('phones-link').value.includes('/r/')";
        self.browser.finds("a link", has_link).await.unwrap();
        self.takes("a link for one more phone").await;
        let value = "arguments[0](document.getElementById('phones-link').value)";
        let link = self.browser.run(value, vec![]).await.unwrap();
        let link = RegistrationLink::parse(link.as_str().unwrap()).unwrap();
        let new = VirtualPhone::register(&link).await.unwrap();
        let code = new.record().waiting.clone().unwrap().code;
        let close = "document.getElementById('phones').close(); arguments[0](null)";
        self.browser.run(close, vec![]).await.unwrap();
        self.click("#user-list > li:first-child [data-part=phones]").await;
        self.says("#phones-waiting", "phones-waiting").await;
        self.takes("a new phone waits").await;
        self.browser.fill("#phones-code", &other_than(code.expose())).await.unwrap();
        self.click("#phones-confirm").await;
        self.appears("phones-failure").await;
        self.takes("a wrong code of a new phone").await;
        self.browser.fill("#phones-code", code.expose()).await.unwrap();
        self.click("#phones-confirm").await;
        let has_two = "return document.querySelectorAll('#phones-list > li').length === 2";
        self.browser.finds("two phones", has_two).await.unwrap();
        self.taps_until_there("#phones-make-codes", "phones-codes-part").await;
        self.takes("recovery codes").await;

        // A link for another phone of a third user.
        let carol = UserToken::new("carol").unwrap();
        self.client.add_user(&carol).await.unwrap();
        let link = self.client.registration_link(&carol, Some("Carol")).await.unwrap();
        let first = VirtualPhone::register(&link).await.unwrap();
        let link = first.account().add_phone().await.unwrap();
        self.browser.open(link.register_url.expose()).await.unwrap();
        self.shows("#register-here-who", "Ann").await;
        self.takes("register where others are").await;
        self.click("#register-now").await;
        self.says("#waiting-title", "waiting-title").await;
        self.takes("waits to be confirmed").await;
        self.browser.fill("#recovery-code", "0000").await.unwrap();
        self.click("#recovery-use").await;
        self.says("#waiting-failure", "refused-wrong-recovery-code").await;
        self.takes("a wrong recovery code").await;
        self.click("#waiting-stop").await;
        self.shows("#user-list", "Ann").await;
    }

    async fn unlocks(&mut self, bob: &UserToken) {
        self.browser.add_authenticator().await.unwrap();
        let methods = [AuthenticationMethod::Acceptance, AuthenticationMethod::Device];
        let login = self.client.login(bob, LoginOptions::default().methods(methods)).unwrap();
        let login = tokio::spawn(login.outcome());
        self.says("#request-note", "request-also-unlock").await;
        self.takes("a tap is asked for").await;
        self.click("#accept").await;
        self.says("#request-title", "unlock-title").await;
        self.takes("unlock").await;
        self.click("#accept").await;
        self.says("#request-note", "unlock-set-up").await;
        self.takes("set up").await;
        self.click("#deny").await;
        let _ = login.await.unwrap();
    }
}

/// Six other digits.
fn other_than(code: &str) -> String {
    let first = if code.starts_with('1') { '2' } else { '1' };
    format!("{first}{}", &code[1..])
}
