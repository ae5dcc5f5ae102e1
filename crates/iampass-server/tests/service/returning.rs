//! Logins that are answered by a link in their own browser. Anybody may send such a link, so each test tries to get in without that browser.

use iampass_core::wire::SessionStatus;
use iampass_server::AllowedPhones;
use serde_json::{Value, json};

use crate::phone_key::Keyed;
use crate::rig::{Answer, Pair, Rig, Session, questions};
use crate::store::on_postgres;

const BACK: &str = "https://app.example/auth/login/returned?attempt=a";

/// A login whose page has a link, and what the link carries.
struct Linked {
    session: Session,
    link: String,
}

impl Linked {
    fn of(answer: &Value) -> Self {
        let status = &answer["authentication_status"];
        let url = status["open_url"].as_str().unwrap();
        assert!(status.get("confirmation").is_none_or(|confirmation| confirmation["open_url"] == url));
        Self {
            session: Session {
                pair: Pair::new(&status["session_token"], &status["session_secret"]),
                status_url: status["status_url"].as_str().unwrap().to_owned(),
                logout_url: status["logout_url"].as_str().unwrap().to_owned(),
            },
            link: url.split_once("/phone#link=").unwrap().1.to_owned(),
        }
    }
}

impl Rig {
    async fn start_linked(&self, body: Value) -> Answer {
        self.post(&self.app, &self.url(&format!("/authentication/start/{}", self.app.id)), body).await
    }

    async fn linked(&self) -> Linked {
        Linked::of(&self.start_linked(json!({"return_to": BACK})).await.ok(202))
    }

    /// By name.
    async fn linked_of(&self, user: &str) -> Linked {
        let url = self.url(&format!("/authentication/authenticate_user/{}/{user}", self.app.id));
        let body = json!({"confirm": ["code"], "return_to": BACK});
        Linked::of(&self.post(&self.app, &url, body).await.ok(202))
    }

    async fn bring_link(&self, keyed: &Keyed, link: &str) -> Answer {
        let brought = keyed.brought(self, json!({"scan": link}));
        self.bring(&keyed.phone, json!({"brought": brought})).await
    }

    /// Brings the link and accepts: where the phone's browser is sent.
    async fn accept_link(&self, keyed: &Keyed, link: &str) -> String {
        let question = questions(&self.bring_link(keyed, link).await.ok(200)).pop().unwrap();
        let claims = keyed.claims_with(self, &question, json!({"accepted": true, "scan": link}));
        let answer = self.answer(&question, json!({"answer": keyed.key.answer(&claims)})).await.ok(200);
        answer["return_to"].as_str().unwrap().to_owned()
    }

    async fn come_back(&self, by: &Pair, session: &Session, proof: &str) -> Answer {
        let url = self.url(&format!("/authentication/return/{}", by.id));
        self.post(by, &url, json!({"session_token": session.pair.id, "proof": proof})).await
    }

    async fn is_let_in(&self, login: &Linked) -> bool {
        self.status(&login.session).await == SessionStatus::Active.as_str()
    }
}

/// A login by a link, for the description of the API.
pub(crate) async fn log_in(rig: &Rig) {
    let keyed = rig.keyed("linked").await;
    let login = rig.linked().await;
    let proof = proof(&rig.accept_link(&keyed, &login.link).await);
    rig.come_back(&rig.app, &login.session, &proof).await.ok(200);
}

fn proof(return_to: &str) -> String {
    return_to.strip_prefix(BACK).and_then(|rest| rest.strip_prefix("&return=")).unwrap().to_owned()
}

#[tokio::test]
async fn the_answer_counts_when_the_browser_has_come_back() {
    let rig = Rig::start().await;
    let keyed = rig.keyed("u").await;
    for login in [rig.linked().await, rig.linked_of("u").await] {
        let proof = proof(&rig.accept_link(&keyed, &login.link).await);
        assert_eq!(proof.len(), 22);
        assert!(rig.questions(&keyed.phone).await.is_empty(), "it is off the phone");
        for _ in 0..3 {
            assert!(!rig.is_let_in(&login).await, "an acceptance by a link lets nobody in by itself");
        }
        rig.come_back(&rig.app, &login.session, &proof).await.ok(200);
        let status = rig.get(&login.session.pair, &login.session.status_url).await.ok(200);
        assert_eq!(status["session_status"], "active");
        assert_eq!(status["assurance"], json!({"code": true, "unlocked": false, "key": "device"}));
        // Once.
        rig.come_back(&rig.app, &login.session, &proof).await.is(409, "UNKNOWN_REQUEST");
    }
}

/// The application becomes stricter between the answer and the browser's coming back.
#[tokio::test]
async fn an_answer_without_unlocking_does_not_count_where_the_application_takes_unlocked_phones_alone() {
    let rig = Rig::start().await;
    let keyed = rig.keyed("u").await;
    let login = rig.linked_of("u").await;
    let good = proof(&rig.accept_link(&keyed, &login.link).await);
    rig.allow_phones(AllowedPhones::Unlocked).await;
    rig.come_back(&rig.app, &login.session, &good).await;
    assert_eq!(rig.status(&login.session).await, "failed");
    // Keys are enough for the other setting: an answer by a link has one.
    rig.allow_phones(AllowedPhones::WithKey).await;
    let login = rig.linked_of("u").await;
    let good = proof(&rig.accept_link(&keyed, &login.link).await);
    rig.come_back(&rig.app, &login.session, &good).await.ok(200);
    assert!(rig.is_let_in(&login).await);
}

/// A stranger sends the link of his own page to the owner, who accepts. He has no proof, and all that he tries fails.
#[tokio::test]
async fn a_stranger_s_link_lets_nobody_in() {
    let rig = Rig::start().await;
    let keyed = rig.keyed("u").await;
    let (strange, own) = (rig.linked().await, rig.linked().await);
    let _owner_is_sent_to = rig.accept_link(&keyed, &strange.link).await;
    let of_own = proof(&rig.accept_link(&keyed, &own.link).await);
    rig.come_back(&rig.app, &strange.session, &of_own).await.is(422, "WRONG_CODE");
    assert_eq!(rig.status(&strange.session).await, "failed");
    // The owner's own login goes on.
    rig.come_back(&rig.app, &own.session, &of_own).await.ok(200);
    assert!(rig.is_let_in(&own).await);
}

#[tokio::test]
async fn a_wrong_proof_ends_the_login_and_none_is_none() {
    let rig = Rig::start().await;
    let keyed = rig.keyed("u").await;
    for wrong in ["AAAAAAAAAAAAAAAAAAAAAA".to_owned(), "x".to_owned(), "0".repeat(100)] {
        let login = rig.linked().await;
        rig.come_back(&rig.app, &login.session, &wrong).await.is(409, "UNKNOWN_REQUEST");
        let proof = proof(&rig.accept_link(&keyed, &login.link).await);
        rig.come_back(&rig.app, &login.session, &wrong).await.is(422, "WRONG_CODE");
        rig.come_back(&rig.app, &login.session, &proof).await.is(409, "UNKNOWN_REQUEST");
        assert_eq!(rig.status(&login.session).await, "failed");
    }
    let login = rig.linked().await;
    rig.accept_link(&keyed, &login.link).await;
    for bad in [String::new(), "0".repeat(101)] {
        rig.come_back(&rig.app, &login.session, &bad).await.is(422, "INVALID_PARAMETER");
    }
    assert!(!rig.is_let_in(&login).await);
}

#[tokio::test]
async fn another_application_a_late_browser_and_a_lost_phone_get_nobody_in() {
    let rig = Rig::start().await;
    let (keyed, other) = (rig.keyed("u").await, rig.another_application("Other").await);
    let login = rig.linked().await;
    let good = proof(&rig.accept_link(&keyed, &login.link).await);
    rig.come_back(&other, &login.session, &good).await.is(409, "UNKNOWN_REQUEST");
    rig.clock.advance(61);
    rig.come_back(&rig.app, &login.session, &good).await.is(409, "UNKNOWN_REQUEST");
    assert_eq!(rig.status(&login.session).await, "timeout");
    let login = rig.linked().await;
    let good = proof(&rig.accept_link(&keyed, &login.link).await);
    let gone = keyed.change(&rig, json!({"change": "unregister"}));
    rig.by(&keyed, &keyed.phone.urls["device_unregister"], gone).await.ok(200);
    rig.come_back(&rig.app, &login.session, &good).await.is(409, "UNKNOWN_REQUEST");
    assert!(!rig.is_let_in(&login).await);
}

#[tokio::test]
async fn a_link_is_its_own_question_s_and_its_own_phone_s() {
    let rig = Rig::start().await;
    let (keyed, thief) = (rig.keyed("u").await, rig.keyed("thief").await);
    let (login, other) = (rig.linked().await, rig.linked().await);
    let (token, tag) = login.link.split_once(".link.").unwrap();
    let (other_token, other_tag) = other.link.split_once(".link.").unwrap();
    for wrong in [
        format!("{token}.link.{other_tag}"),
        format!("{other_token}.link.{tag}"),
        format!("{token}.link."),
        format!("{token}.0.{tag}"),
        format!("{token}.link.{}", &tag[1..]),
    ] {
        rig.bring_link(&keyed, &wrong).await.is(422, "WRONG_CODE");
    }
    // That of a login by name is brought by its user's phone alone.
    let named = rig.linked_of("u").await;
    rig.bring_link(&thief, &named.link).await.is(422, "WRONG_CODE");
    let shared = rig.phone("shared").await;
    rig.bring(&shared, json!({"scan": login.link})).await.is(422, "DEVICE_KEY_REQUIRED");
    // Nor does a phone without a key answer its own question by it. That counts as no wrong code.
    let asked = rig.session("shared", "").await;
    let own = rig.questions(&shared).await.pop().unwrap();
    for _ in 0..4 {
        let by_link = json!({"accepted": true, "scan": login.link});
        rig.answer(&own, by_link).await.is(422, "DEVICE_KEY_REQUIRED");
    }
    assert_eq!(rig.status(&asked).await, "pending");
    // The answer carries the link of its own question, or none.
    let question = questions(&rig.bring_link(&keyed, &login.link).await.ok(200)).pop().unwrap();
    rig.bring_link(&thief, &login.link).await.is(422, "WRONG_CODE");
    let with = |others| json!({"answer": keyed.key.answer(&keyed.claims_with(&rig, &question, others))});
    rig.answer(&question, with(json!({"accepted": true}))).await.is(422, "CODE_REQUIRED");
    rig.answer(&question, with(json!({"accepted": true, "scan": other.link}))).await.is(422, "WRONG_CODE");
    rig.answer(&question, with(json!({"accepted": true, "scan": ""}))).await.is(422, "INVALID_PARAMETER");
    assert!(!rig.is_let_in(&login).await);
    rig.answer(&question, with(json!({"accepted": true, "scan": login.link}))).await.ok(200);
    rig.answer(&question, with(json!({"accepted": true, "scan": login.link})))
        .await
        .is(409, "UNKNOWN_REQUEST");
    assert!(!rig.is_let_in(&login).await);
}

/// A login whose application takes no browser back has no link, and a link that is made up for it is none.
#[tokio::test]
async fn only_a_page_that_takes_the_browser_back_has_a_link() {
    let rig = Rig::start().await;
    let answer = rig.start_linked(json!({})).await.ok(202);
    assert!(answer["authentication_status"].get("open_url").is_none());
    for bad in [
        "http://app.example/",
        "/returned",
        "javascript:alert(1)",
        "https://app.example/#a",
        "https://u@app.example/",
    ] {
        rig.start_linked(json!({"return_to": bad})).await.is(422, "INVALID_PARAMETER");
    }
    rig.start_linked(json!({"return_to": "http://localhost:3000/returned"})).await.ok(202);
}

/// A page for a name that nobody has, or whose user has no phone, shows a link of the same form.
#[tokio::test]
async fn a_name_without_a_user_or_a_phone_gets_a_link_that_no_phone_can_bring() {
    let rig = Rig::start().await;
    let keyed = rig.keyed("u").await;
    rig.add_users(&["without"]).await;
    for (user, status) in [("u", 202), ("nobody", 200), ("without", 200)] {
        let url = rig.url(&format!("/authentication/authenticate_user/{}/{user}", rig.app.id));
        let body = json!({"confirm": ["code"], "return_to": BACK});
        let answer = rig.post(&rig.app, &url, body).await.ok(status);
        let link = answer["authentication_status"]["confirmation"]["open_url"].as_str().unwrap();
        let text = link.strip_prefix(&rig.url("/phone#link=")).unwrap();
        assert_eq!(text.split('.').map(str::len).collect::<Vec<_>>(), [32, 4, 22], "{user}: {text}");
        let brought = rig.bring_link(&keyed, text).await;
        assert_eq!(brought.status, if user == "u" { 200 } else { 422 }, "{user}");
    }
}

#[tokio::test]
async fn the_proof_is_stored_as_a_digest() {
    let rig = Rig::start().await;
    let keyed = rig.keyed("u").await;
    let login = rig.linked().await;
    let proof = proof(&rig.accept_link(&keyed, &login.link).await);
    let hex = if on_postgres() { "upper(encode(return_tag, 'hex'))" } else { "hex(return_tag)" };
    let tags = rig.store.column(&format!("SELECT {hex} FROM sessions WHERE return_tag IS NOT NULL"));
    let as_hex: String = proof.bytes().map(|byte| format!("{byte:02X}")).collect();
    assert!(tags.len() == 1 && tags[0].len() == 64 && !tags[0].contains(&as_hex), "{tags:?}");
}
