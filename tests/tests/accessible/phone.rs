//! The states of the phone's page, as somebody gets to them.

use iampass_core::client::Client;
use iampass_core::machine::{LoginEvent, LoginOptions};
use iampass_core::wire::AuthenticationMethod;
use iampass_core::{RegistrationLink, UserToken};
use iampass_system_tests::{Browser, Engine, Scripts};
use iampass_testkit::{TestService, VirtualPhone};
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

struct Walk {
    browser: Browser,
    client: Client,
    taken: Vec<Snapshot>,
}

/// All states. None when there is no browser.
pub(crate) async fn pages() -> Option<Vec<Snapshot>> {
    let browser = Browser::start_in(Engine::Chromium, "accessible phone", Scripts::On).await.unwrap()?;
    let service =
        TestService::builder().application_name("Corner Shop").at_localhost().start().await.unwrap();
    let mut walk = Walk { browser, client: service.client().unwrap(), taken: Vec::new() };
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
        self.taken.push(Snapshot::of(&self.browser, &format!("phone: {name}")).await);
    }

    async fn click(&self, selector: &str) {
        self.browser.click(selector).await.unwrap();
    }

    async fn shows(&self, selector: &str, text: &str) {
        self.browser.shows(selector, text).await.unwrap();
    }

    async fn why_no_phone(&mut self, page: &str) {
        self.browser.open(page).await.unwrap();
        self.shows("#welcome", "not registered yet").await;
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
        self.shows("#register-title", "Register this phone?").await;
        self.takes("register").await;
        self.click("#register-now").await;
        self.shows("#notice", "This phone is registered").await;
        self.takes("registered").await;
        user
    }

    async fn looks_around(&mut self) {
        self.click("#add-summary").await;
        self.browser.fill("#link", "nonsense").await.unwrap();
        self.click("#link-form button[type=submit]").await;
        self.shows("#link-error", "link").await;
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
        self.shows("#request-title", "Is this you").await;
        self.takes("asked").await;
        self.browser.fill("#code", &other_than(&code)).await.unwrap();
        self.click("#accept").await;
        self.shows("#code-failure", "Wrong code").await;
        self.takes("wrong code").await;
        self.click("#report").await;
        self.shows("#notice", "Denied and reported").await;
        self.takes("reported").await;
    }

    async fn brings(&mut self, ann: &UserToken) {
        let code = self.begins(ann, false).await;
        self.browser.fill("#bring-code", &other_than(&code)).await.unwrap();
        self.click("#bring-go").await;
        self.shows("#bring-failure", "No request shows this code").await;
        self.takes("no such code").await;
        self.browser.fill("#bring-code", &code).await.unwrap();
        self.click("#bring-go").await;
        self.shows("#code-done", "is there").await;
        self.takes("brought").await;
        self.click("#accept").await;
        self.shows("#notice", "Accepted").await;
        self.shows("#user-list", "Active").await;
        self.takes("accepted").await;
        self.click("[data-part=walk-away]").await;
        self.shows("#away", "You are away").await;
        self.takes("away").await;
        self.click("#come-back-all").await;
    }

    /// *Your phones*, and a page that waits to be confirmed.
    async fn has_several_phones(&mut self) {
        self.click("#user-list > li:first-child [data-part=phones]").await;
        self.shows("#phones-list", "This phone").await;
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
        self.shows("#phones-waiting", "type the six digits").await;
        self.takes("a new phone waits").await;
        self.browser.fill("#phones-code", &other_than(code.expose())).await.unwrap();
        self.click("#phones-confirm").await;
        self.shows("#phones-failure", "another code").await;
        self.takes("a wrong code of a new phone").await;
        self.browser.fill("#phones-code", code.expose()).await.unwrap();
        self.click("#phones-confirm").await;
        let has_two = "return document.querySelectorAll('#phones-list > li').length === 2";
        self.browser.finds("two phones", has_two).await.unwrap();
        self.click("#phones-make-codes").await;
        self.shows("#phones-codes-left", "10 recovery codes").await;
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
        self.shows("#waiting-title", "Confirm this phone").await;
        self.takes("waits to be confirmed").await;
        self.browser.fill("#recovery-code", "0000").await.unwrap();
        self.click("#recovery-use").await;
        self.shows("#waiting-failure", "recovery code").await;
        self.takes("a wrong recovery code").await;
        self.click("#waiting-stop").await;
        self.shows("#user-list", "Ann").await;
    }

    async fn unlocks(&mut self, bob: &UserToken) {
        self.browser.add_authenticator().await.unwrap();
        let methods = [AuthenticationMethod::Acceptance, AuthenticationMethod::Device];
        let login = self.client.login(bob, LoginOptions::default().methods(methods)).unwrap();
        let login = tokio::spawn(login.outcome());
        self.shows("#request-note", "unlock this phone").await;
        self.takes("a tap is asked for").await;
        self.click("#accept").await;
        self.shows("#request-title", "Unlock this phone").await;
        self.takes("unlock").await;
        self.click("#accept").await;
        self.shows("#request-note", "Tap Unlock once more").await;
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
