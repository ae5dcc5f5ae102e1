//! The service's answers, held against its own description in `/openapi.json`: every answer that any of these tests gets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use iampass_server::UnverifiedMethods;
use jsonschema::Validator;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::console::PREFIX;
use crate::rig::{Answer, Rig, path_of, raw_to};
use crate::store::ready_status;

/// The document, with all schemas closed, and the catalogue of reasons.
pub(crate) struct Contract {
    document: Value,
    catalogue: Value,
    seen: Mutex<BTreeSet<(String, u16)>>,
    /// One a schema: they take longer to make than to use.
    validators: Mutex<BTreeMap<String, Arc<Validator>>>,
}

static CONTRACT: OnceCell<Contract> = OnceCell::const_new();

impl Contract {
    pub(crate) async fn get() -> &'static Self {
        CONTRACT.get_or_init(Self::read).await
    }

    /// From a service of its own, because the one under test may be on its way out.
    async fn read() -> Self {
        let rig = Rig::start().await;
        let page = async |path: &str| {
            let request = format!("GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
            raw_to(rig.address, request.as_bytes()).await.unwrap().ok(200)
        };
        let (mut document, catalogue) = (page("/openapi.json").await, page("/docs/reasons.json").await);
        close(&mut document["components"]["schemas"]);
        rig.stop().await;
        Self { document, catalogue, seen: Mutex::default(), validators: Mutex::default() }
    }

    /// Checks an answer to these bytes of a request.
    #[track_caller]
    pub(crate) fn check(&self, request: &[u8], answer: &Answer) {
        let text = String::from_utf8_lossy(request);
        let mut words = text.lines().next().unwrap_or_default().split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else { return };
        // To HEAD there is no body; and what has no name is not of the service itself: what is no HTTP at all is answered before it is a
        // request, and metrics may have an address of their own.
        if method == "HEAD" || answer.header("x-request-id").is_none() {
            return;
        }
        let target = if target.contains("://") { path_of(target) } else { target };
        let path = target.split(['?', '#']).next().unwrap();
        // The same service, as a proxy shows it.
        let path = path.strip_prefix(PREFIX).filter(|path| path.starts_with('/')).unwrap_or(path);
        match self.find(path) {
            Some(calls) => match calls.get(method.to_lowercase()) {
                Some(call) => self.check_call(call, answer),
                // A page for people at the address of a call.
                None if method == "GET" && answer.status == 200 => {}
                None => self.check_refusal(answer),
            },
            // Its errors are pages too.
            None if path.starts_with("/console") => {}
            None if answer.status < 400 => assert!(is_page(path), "{path} is answered and not described"),
            None => self.check_refusal(answer),
        }
    }

    fn find(&self, path: &str) -> Option<&Value> {
        let fits = |pattern: &str| {
            let (pattern, path) = (pattern.split('/'), path.split('/'));
            pattern.clone().count() == path.clone().count()
                && pattern.zip(path).all(|(expected, is)| expected.starts_with('{') || expected == is)
        };
        let mut calls = self.document["paths"].as_object().unwrap().iter();
        calls.find(|(pattern, _)| fits(pattern)).map(|(_, calls)| calls)
    }

    #[track_caller]
    fn check_call(&self, call: &Value, answer: &Answer) {
        let name = call["operationId"].as_str().unwrap();
        let described = &call["responses"][answer.status.to_string()];
        if described.is_null() && answer.status == 405 {
            return self.check_refusal(answer);
        }
        assert!(!described.is_null(), "{name} does not say that it answers {}: {answer:?}", answer.status);
        let described = match described["$ref"].as_str() {
            Some(reference) => self.document.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
            None => described,
        };
        if let Some(schema) = described.pointer("/content/application~1json/schema") {
            let validator = self.validator(schema);
            if let Err(error) = validator.validate(&answer.json) {
                panic!(
                    "{name} answers {} as it does not say: {error} at {}: {answer:?}",
                    answer.status,
                    error.instance_path()
                );
            }
        }
        for (header, _) in described["headers"].as_object().into_iter().flatten() {
            assert!(
                answer.header(header).is_some(),
                "{name} answers {} without {header}: {answer:?}",
                answer.status
            );
        }
        self.seen.lock().unwrap().insert((name.to_owned(), answer.status));
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut validators = self.validators.lock().unwrap();
        let made = validators.entry(schema.to_string()).or_insert_with(|| {
            let mut whole = json!({"components": self.document["components"]});
            whole.as_object_mut().unwrap().extend(schema.as_object().unwrap().clone());
            Arc::new(jsonschema::validator_for(&whole).unwrap())
        });
        Arc::clone(made)
    }

    /// An answer where there is no call: one of the catalogue.
    #[track_caller]
    fn check_refusal(&self, answer: &Answer) {
        let entries = self.catalogue["reasons"].as_array().unwrap();
        let is_known = entries.iter().any(|entry| {
            let statuses = entry["statuses"].as_array().unwrap();
            entry["reason"] == answer.json["reason"] && statuses.contains(&answer.status.into())
        });
        assert!(is_known, "no reason of the catalogue with its status: {answer:?}");
    }
}

fn is_page(path: &str) -> bool {
    path == "/" || ["/phone", "/assets/", "/docs", "/console"].iter().any(|start| path.starts_with(start))
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("type").is_some_and(|of| of == "object")
                && !members.contains_key("additionalProperties")
            {
                members.insert("additionalProperties".to_owned(), false.into());
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// Every call is made here so that it does what it is for; that the answer is the described one, the rig looks.
#[tokio::test]
async fn every_call_that_is_described_answers_as_described() {
    let rig = Rig::with(|config| {
        config.metrics.from_this_machine = true;
        config.unverified_methods = UnverifiedMethods::Simulated;
    })
    .await;
    let management = |call: &str| rig.url(&format!("/management/{call}/{}", rig.app.id));
    let phone = rig.phone("u").await;
    rig.get(&rig.app, &format!("{}/u", management("has_registered_mobile_device"))).await.ok(200);
    let sms = json!({"phone_number": "+15550100"});
    rig.post(&rig.app, &format!("{}/u", management("send_registration_sms")), sms).await.ok(200);
    let mail = json!({"email": "ann@example.org"});
    rig.post(&rig.app, &format!("{}/u", management("send_registration_mail")), mail).await.ok(200);

    let session = rig.session("u", "?methods=acceptance,device,facial&duration_seconds=60").await;
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.post(&question.pair, &question.start_url, json!({})).await.ok(200);
    let everything =
        json!({"accepted": true, "os_authentication": {"authenticated": true}, "facial": {"match": true}});
    rig.answer(&question, everything).await.ok(200);
    assert_eq!(rig.status(&session).await, "active");
    let opened = rig.active_sessions(&phone).await.pop().unwrap();
    for action in ["walkaway_url", "return_url", "logout_url"] {
        rig.post(&phone.pair, opened[action].as_str().unwrap(), json!({})).await.ok(200);
    }
    rig.post(&session.pair, &session.logout_url, json!({})).await.ok(200);
    // It has ended, so it says so and ends.
    let stream_url = session.status_url.replace("/status", "/stream");
    assert_eq!(rig.get(&session.pair, &stream_url).await.status, 200);
    let of_phone = |name: &str| phone.urls[name].as_str().unwrap().to_owned();
    let shown = rig.shown("u", false).await;
    rig.bring(&phone, json!({"code": shown.code})).await.ok(200);
    let start = |rig: &Rig| rig.url(&format!("/authentication/start/{}", rig.app.id));
    rig.post(&rig.app, &start(&rig), json!({})).await.ok(202);
    crate::returning::log_in(&rig).await;
    let other = Rig::start().await;
    other.post(&other.app, &format!("{}?methods=device", start(&other)), json!({})).await.ok(200);
    let verifying = Rig::with_unlocking().await;
    let unlockable = verifying.unlockable("u").await;
    let (_, asked) = verifying.asked_to_unlock(&unlockable, "u").await;
    verifying.challenge(&asked).await.ok(200);
    let (first, second) = rig.two("several").await;
    rig.phones(&first).await;
    let code = rig.recovery_codes(&first).await.remove(0);
    let add = first.change(&rig, json!({"change": "add_phone", "display_name": "Ann"}));
    let link = rig.by(&first, &first.phone.urls["phones_link"], add).await.ok(200);
    let (third, waiting) = rig.waiting_by(link["register_url"].as_str().unwrap()).await;
    let state_url = waiting["state_url"].as_str().unwrap();
    rig.get(&third.phone.pair, state_url).await.ok(200);
    rig.recover(&third, &waiting, &code).await.ok(200);
    let code = rig.recovery_codes(&first).await.remove(0);
    rig.recovery_link("several", &code).await.ok(200);
    let remove = json!({"change": "remove_phone", "phone_id": second.phone.pair.id});
    rig.change_phones(&first, remove).await.ok(200);
    rig.walkaway(true).await;
    rig.post(&phone.pair, &rig.presence_url(&phone.pair), json!({"presence": "away"})).await.ok(200);
    rig.post(&phone.pair, &of_phone("training_data"), json!({})).await.ok(200);
    rig.post(&phone.pair, &of_phone("device_configuration"), json!({"notification_token": "*"}))
        .await
        .ok(200);
    rig.post(&phone.pair, &of_phone("device_unregister"), json!({})).await.ok(200);
    assert_eq!(
        rig.authenticate("u", "").await.ok(200)["authentication_status"]["reason"],
        "NO_MOBILE_DEVICE"
    );
    rig.get(&rig.app, &format!("{}/u", management("lost_user_mobile_device"))).await.ok(200);
    rig.post(&rig.app, &management("delete_users"), json!({"users": ["u"]})).await.ok(200);
    crate::admin_api::each_is_done(&rig).await;
    for page in ["/healthz", "/metrics", "/openapi.json", "/docs/reasons.json"] {
        rig.send("GET", page, &[], None).await.ok(200);
    }
    rig.send("GET", "/readyz", &[], None).await.ok(ready_status());

    let contract = Contract::get().await;
    let seen = contract.seen.lock().unwrap().clone();
    for (path, calls) in contract.document["paths"].as_object().unwrap() {
        for call in calls.as_object().unwrap().values() {
            for (status, _) in call["responses"].as_object().unwrap() {
                let status: u16 = status.parse().unwrap();
                let name = call["operationId"].as_str().unwrap().to_owned();
                // Not over a database, see [`ready_status`].
                let cannot_be = path == "/readyz" && status != ready_status();
                assert!(
                    status >= 300 || cannot_be || seen.contains(&(name, status)),
                    "{path}: {status} was never seen: call it here"
                );
            }
        }
    }
}
