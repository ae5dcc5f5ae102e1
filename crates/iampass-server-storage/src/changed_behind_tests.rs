//! Users and phones that another node has changed behind one that remembers them: the stored rows decide, in the transaction of the call.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::{Secret, UnixSeconds};
use iampass_server_domain::UnverifiedMethods;
use iampass_server_domain::credentials::SessionCredentials;

use super::foreseeing::{Foreseeing, NOW};
use super::two_nodes::token;
use super::*;

impl Foreseeing {
    /// The user of the phone, whom the node remembers by a start that it has made.
    async fn remembered_user(&self) -> UserKey {
        let (outcome, _) = self.node.start(self.application, "u").await;
        let StartOutcome::Started { user: Some(user), .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(self.node.database.remembered().unwrap().user(self.application, &token("u")), Some(user));
        user
    }

    /// A question to all phones of a user, as it is foreseen after this node has told these phones of it.
    async fn told_to(
        &self,
        phones: &[&str],
        round: u64,
    ) -> (SessionCredentials, AskedQuestion, Arc<Foreseen>) {
        let (_, credentials) = self.node.start(self.application, "u").await;
        for (number, phone) in (0..).zip(phones) {
            self.fetch(phone, round * 100 + number).await.unwrap();
        }
        let (_, asked, foreseen) =
            self.node.database.foreseen_question(credentials.request_id.as_str()).unwrap();
        (credentials, asked, foreseen)
    }

    /// The outcome of an acceptance that this phone has signed.
    async fn accept(
        &self,
        (credentials, asked, foreseen): &(SessionCredentials, AskedQuestion, Arc<Foreseen>),
        phone: &Device,
        number: u64,
    ) -> Result<AnswerOutcome, StorageError> {
        let answer = PhoneAnswer {
            identification: serde_json::from_value(serde_json::json!({"accepted": true})).unwrap(),
            signed_by: Some(phone.key),
            return_proof: Secret::new("proof"),
            unlocked: None,
        };
        let spent = self.spent(foreseen, credentials.request_id.as_str(), number);
        let database = &self.node.database;
        database.answer(asked.key, answer, UnverifiedMethods::Refused, spent).await
    }

    /// The node meets the phone.
    async fn fetch_first(&self) {
        self.device("phone-of-u").await;
        assert_eq!(self.fetch("phone-of-u", 99).await.unwrap().questions.len(), 1);
    }

    async fn end_all(&self) {
        self.server.sql("UPDATE sessions SET ended_at = 1, state = 'closed', due_at = NULL").unwrap();
    }
}

fn phones(asked: &AskedQuestion) -> Vec<DeviceKey> {
    match &asked.answerers {
        Answerers::Keys(phones) => phones.iter().map(|phone| phone.device).collect(),
        Answerers::Shared => panic!("no keys: {asked:?}"),
    }
}

#[tokio::test]
async fn phones_that_are_told_one_after_the_other_are_foreseen_together() {
    let Some(rig) = Foreseeing::new().await else { return };
    let user = rig.remembered_user().await;
    rig.end_all().await;
    let (one, other) = rig.second_phone(user).await;
    for (round, told, answers) in [
        (1, ["phone-of-u", "second"], &one),
        (2, ["second", "phone-of-u"], &one),
        (3, ["phone-of-u", "second"], &other),
        (4, ["second", "phone-of-u"], &other),
        // The other one is remembered.
        (5, ["second", "second"], &one),
    ] {
        let question = rig.told_to(&told, round).await;
        assert_eq!(phones(&question.1), [one.key, other.key], "{round}");
        let taken = rig.accept(&question, answers, round).await;
        assert!(matches!(taken, Ok(AnswerOutcome::Taken(_))), "{round}: {taken:?}");
        rig.end_all().await;
    }
}

/// Those who may answer are foreseen as a whole: a part of it is judged by what is stored.
#[tokio::test]
async fn a_part_of_the_phones_is_not_as_foreseen_and_all_are_remembered_after_that() {
    let Some(rig) = Foreseeing::new().await else { return };
    let user = rig.remembered_user().await;
    rig.end_all().await;
    let (one, other) = rig.second_phone(user).await;
    let question = rig.told_to(&["phone-of-u"], 1).await;
    assert_eq!(phones(&question.1), [one.key]);
    let refused = rig.accept(&question, &one, 1).await;
    assert!(matches!(refused, Err(StorageError::NotAsForeseen)), "{refused:?}");
    let (_, asked) = rig.node.database.question(question.0.request_id.as_str()).await.unwrap().unwrap();
    assert_eq!(phones(&asked), [one.key, other.key]);
    rig.end_all().await;
    let question = rig.told_to(&["phone-of-u"], 2).await;
    assert!(matches!(rig.accept(&question, &one, 2).await, Ok(AnswerOutcome::Taken(_))));
}

#[tokio::test]
async fn a_phone_that_another_node_has_removed_or_added_is_found_out() {
    let Some(rig) = Foreseeing::new().await else { return };
    let user = rig.remembered_user().await;
    rig.end_all().await;
    let (one, other) = rig.second_phone(user).await;
    let question = rig.told_to(&["phone-of-u", "second"], 1).await;
    rig.other.database.unregister_device(other.clone(), rig.other.none()).await.unwrap();
    for (number, phone) in [(1, &one), (2, &other)] {
        let refused = rig.accept(&question, phone, number).await;
        assert!(matches!(refused, Err(StorageError::NotAsForeseen)), "{refused:?}");
    }
    // By what is stored it lets nobody in either.
    let spent = rig.node.none();
    let answer = PhoneAnswer {
        identification: serde_json::from_value(serde_json::json!({"accepted": true})).unwrap(),
        signed_by: Some(other.key),
        return_proof: Secret::new("proof"),
        unlocked: None,
    };
    let late = rig.node.database.answer(question.1.key, answer, UnverifiedMethods::Refused, spent).await;
    assert_eq!(late.unwrap(), AnswerOutcome::TooLate);
    assert!(rig.fetch("second", 900).await.is_none());
    assert_eq!(rig.stored().await.len(), 2, "those of the two fetches before");
}

#[tokio::test]
async fn a_phone_with_another_key_is_another_phone() {
    let Some(rig) = Foreseeing::new().await else { return };
    let user = rig.remembered_user().await;
    rig.end_all().await;
    let (one, _) = rig.second_phone(user).await;
    let question = rig.told_to(&["phone-of-u", "second"], 1).await;
    rig.server
        .sql("UPDATE devices SET public_key = (SELECT public_key FROM devices WHERE id = 'second') WHERE id <> 'second'")
        .unwrap();
    let refused = rig.accept(&question, &one, 1).await;
    assert!(matches!(refused, Err(StorageError::NotAsForeseen)), "{refused:?}");
}

#[tokio::test]
async fn a_user_whom_another_node_has_removed_is_asked_nothing() {
    let Some(rig) = Foreseeing::new().await else { return };
    let user = rig.remembered_user().await;
    rig.fetch_first().await;
    rig.other.database.delete_users(rig.application, vec![token("u")], rig.other.none()).await.unwrap();
    let (outcome, _) = rig.start(&rig.foreseen(), 1).await.unwrap();
    assert_eq!(outcome, StartOutcome::UnknownUser);
    assert!(rig.fetch("phone-of-u", 2).await.is_none());
    // The next user of that name is another one: neither the phone nor the questions of the one before are.
    rig.other.database.add_users(rig.application, vec![token("u")], rig.other.none()).await.unwrap();
    let code = rig.other.link(rig.application, "u").await;
    rig.other.register(code, "new").await.unwrap();
    let (outcome, credentials) = rig.start(&rig.foreseen(), 3).await.unwrap();
    let StartOutcome::Started { user: Some(new), .. } = outcome else { panic!("{outcome:?}") };
    assert_ne!(new, user);
    assert!(rig.fetch("phone-of-u", 4).await.is_none());
    rig.device("new").await;
    let waiting = rig.fetch("new", 5).await.unwrap();
    assert_eq!(waiting.questions[0].id, credentials.request_id);
}

/// The row of the user belongs to another application by now.
#[tokio::test]
async fn a_user_who_was_moved_is_looked_for_where_the_user_is() {
    let Some(rig) = Foreseeing::new().await else { return };
    let user = rig.remembered_user().await;
    rig.fetch_first().await;
    rig.end_all().await;
    rig.server
        .sql(&format!(
            "INSERT INTO applications (id, secret, name, created_at) VALUES ('OTHER', '\\x00', 'other', 0);
             UPDATE users SET application_key = (SELECT key FROM applications WHERE id = 'OTHER') WHERE key = {}",
            user.0
        ))
        .unwrap();
    let (outcome, _) = rig.start(&rig.foreseen(), 1).await.unwrap();
    assert_eq!(outcome, StartOutcome::UnknownUser);
    // Another one of that name has come: the phones of the one who is remembered are not asked.
    rig.other.database.add_users(rig.application, vec![token("u")], rig.other.none()).await.unwrap();
    let (outcome, _) = rig.start(&rig.foreseen(), 2).await.unwrap();
    assert_eq!(outcome, StartOutcome::NoDevice);
    assert!(rig.fetch("phone-of-u", 3).await.unwrap().questions.is_empty());
}

/// The phone is another user's by now: it is told that one's questions, and none of the user's that is remembered.
#[tokio::test]
async fn a_phone_that_was_moved_is_told_what_its_user_is_asked() {
    let Some(rig) = Foreseeing::new().await else { return };
    rig.remembered_user().await;
    rig.fetch_first().await;
    rig.other.user_with_phone(rig.application, "v").await;
    rig.server
        .sql("UPDATE devices SET user_key = (SELECT key FROM users WHERE id = 'v') WHERE id = 'phone-of-u'")
        .unwrap();
    assert!(rig.fetch("phone-of-u", 1).await.unwrap().questions.is_empty());
}

/// The phone is on trial, which the node does not know.
#[tokio::test]
async fn a_phone_that_is_on_trial_changes_nothing() {
    let Some(rig) = Foreseeing::new().await else { return };
    let user = rig.remembered_user().await;
    rig.second_phone(user).await;
    rig.server.sql(&format!("UPDATE devices SET on_trial_since = {} WHERE id = 'second'", NOW.0)).unwrap();
    let database = &rig.node.database;
    let (_, device) = database.remembered_device("second").unwrap();
    let remove = PhonesChange::Remove { phone: "phone-of-u".parse().unwrap() };
    let refused = database.change_phones(device.clone(), remove, rig.node.none()).await.unwrap();
    assert!(matches!(refused, PhonesChanged::TooNew { .. }), "{refused:?}");
    let begun =
        database.begin_unlock(device, "id".into(), "state".into(), UnixSeconds(2_000), rig.node.none());
    let refused = begun.await.unwrap();
    assert!(matches!(refused, UnlockRegistered::TooNew { .. }), "{refused:?}");
}

/// The memory of those who change is forgotten as soon as the node hears of it.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_node_changes_is_forgotten() {
    let Some(rig) = Foreseeing::new().await else { return };
    let database = &rig.node.database;
    let hearing = Arc::clone(database);
    let listening = tokio::spawn(async move { hearing.hear_other_nodes().await });
    let is_soon = async |what: &str, is_so: &dyn Fn() -> bool| {
        let began = std::time::Instant::now();
        while !is_so() {
            assert!(began.elapsed() < Duration::from_secs(20), "{what}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    // It hears from the instant on at which it says that it may have missed something.
    let mut wakes = database.signals().listen_to_all();
    let _ = tokio::time::timeout(Duration::from_secs(20), wakes.changed()).await;
    rig.remembered_user().await;
    let device = rig.device("phone-of-u").await;
    let is_known = || database.remembered_device("phone-of-u").is_some();
    assert!(is_known() && database.foreseen_application("APP").is_none());
    database.application("APP").await.unwrap().unwrap();
    rig.change(ApplicationChange::Rename("other".to_owned())).await;
    is_soon("the application", &|| database.foreseen_application("APP").is_none()).await;
    is_soon("its phones", &|| !is_known()).await;
    rig.device("phone-of-u").await;
    rig.remembered_user().await;
    // News of a user alone leave what is remembered, when they have been heard.
    wakes.borrow_and_update();
    rig.other.start(rig.application, "u").await;
    rig.other.database.flush().await.unwrap();
    tokio::time::timeout(Duration::from_secs(20), wakes.changed()).await.unwrap().unwrap();
    assert!(is_known());
    rig.other.database.unregister_device(device, rig.other.none()).await.unwrap();
    is_soon("the phone", &|| !is_known()).await;
    let users = || database.remembered().unwrap().user(rig.application, &token("u")).is_none();
    is_soon("the user", &users).await;
    listening.abort();
}
