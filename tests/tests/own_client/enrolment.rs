//! From a user of the application to a registered phone.

use std::sync::Arc;

use iampass_core::machine::{EnrolmentEvent, EnrolmentOptions, EnrolmentOutcome};
use iampass_core::port::{MemoryTokenStore, TokenStore as _, UserKey};

use crate::rig::Rig;

#[tokio::test]
async fn a_user_enrols_and_logs_in_by_the_assigned_token() {
    let rig = Rig::start().await;
    let tokens = Arc::new(MemoryTokenStore::new(9));
    let client = rig.service.client_builder().token_store(tokens.clone()).build().unwrap();
    let ann = UserKey::new("ann@example.org");

    let mut enrolment = client.enrol(&ann, EnrolmentOptions::default()).unwrap();
    let mut phone = None;
    let outcome = loop {
        match enrolment.next().await.unwrap() {
            EnrolmentEvent::Link(link) => phone = Some(rig.service.register_phone(&link).await.unwrap()),
            EnrolmentEvent::Finished(outcome) => break outcome.unwrap(),
            EnrolmentEvent::Trouble(error) => panic!("{error}"),
            _ => {}
        }
    };
    assert_eq!(outcome, EnrolmentOutcome::Registered);
    let token = tokens.token_for(&ann).await.unwrap().unwrap();
    let phone = phone.unwrap();
    assert_eq!(phone.user(), &token);
    assert!(!token.as_str().contains("ann"), "nothing personal leaves the application");
    rig.granted(&token, &phone).await;

    let again = client.enrol(&ann, EnrolmentOptions::default()).unwrap().outcome().await.unwrap();
    assert_eq!(again, EnrolmentOutcome::AlreadyRegistered);
}
