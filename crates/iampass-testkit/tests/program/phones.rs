//! `iampass-phone phones` as scripts on several phones of one user see it.

use iampass_core::UserToken;
use iampass_testkit::TestService;
use serde_json::Value;

use crate::Script;

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_phone_is_added_confirmed_named_and_removed() {
    let service = TestService::start().await.unwrap();
    let client = service.client().unwrap();
    let user = UserToken::new("u").unwrap();
    client.add_user(&user).await.unwrap();
    let link = client.registration_link(&user, None).await.unwrap();
    let (first, second) = (Script::new(), Script::new());
    assert_eq!(first.done(&["register", link.as_str()])["users"][0]["code"], Value::Null);
    assert!(first.exits(1, &["phones", "confirm", "482913"]).contains("No phone"));

    let added = first.done(&["phones", "add"]);
    let registered = second.done(&["register", text(&added["links"][0]["register_url"])]);
    let code = text(&registered["users"][0]["code"]).to_owned();
    assert!(second.exits(1, &["phones", "waiting"]).contains("still waits"));
    let listed = first.done(&["phones", "list"]);
    assert_eq!(listed["phones"].as_array().unwrap().len(), 1);
    let id = text(&listed["waiting"]["phone_id"]).to_owned();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert!(first.exits(2, &["phones", "confirm", wrong]).contains("WRONG_CODE"));
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    assert_eq!(first.done(&["phones", "confirm", &spaced])["waiting"], Value::Null);
    assert!(second.stored().contains(&code), "it is shown again while it waits");
    assert_eq!(second.done(&["phones", "waiting", "--wait", "5"])["state"], "confirmed");
    assert!(
        !second.stored().contains(&code) && !second.stored().contains("state_url"),
        "it is of no more use"
    );
    assert!(second.exits(1, &["phones", "waiting"]).contains("does not wait"));

    let named = second.done(&["phones", "name", &id, "Tablet"]);
    assert_eq!(named["phones"][1]["name"], "Tablet");
    assert_eq!(named["phones"][1]["is_this"], true);
    assert_eq!(first.done(&["phones", "remove", &id])["phones"].as_array().unwrap().len(), 1);
    second.exits(2, &["phones", "list"]);
    // A phone that removes itself stands for nobody any more.
    let id = first.done(&["list"])["users"][0]["device_id"].clone();
    assert!(first.exits(1, &["phones", "waiting"]).contains("does not wait"));
    first.done(&["phones", "remove", text(&id)]);
    assert!(first.exits(2, &["phones", "list"]).contains("stands for nobody"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_recovery_code_lets_a_phone_in() {
    let service = TestService::start().await.unwrap();
    let client = service.client().unwrap();
    let user = UserToken::new("u").unwrap();
    client.add_user(&user).await.unwrap();
    let link = client.registration_link(&user, None).await.unwrap();
    let (first, second, third) = (Script::new(), Script::new(), Script::new());
    first.done(&["register", link.as_str()]);
    let codes = first.done(&["phones", "recovery-codes"])["recovery_codes"].as_array().unwrap().clone();
    assert_eq!(codes.len(), 10);
    assert_eq!(first.done(&["phones", "list"])["recovery_codes_left"], 10);

    let added = first.done(&["phones", "add"]);
    second.done(&["register", text(&added["links"][0]["register_url"])]);
    assert!(second.exits(2, &["phones", "recover", "0000-0000"]).contains("WRONG_RECOVERY_CODE"));
    assert_eq!(second.done(&["phones", "recover", text(&codes[0])])["state"], "confirmed");
    assert!(!second.stored().contains("state_url"));
    assert_eq!(first.done(&["phones", "list"])["recovery_codes_left"], 9);

    // Another one is denied.
    let added = first.done(&["phones", "add"]);
    third.done(&["register", text(&added["links"][0]["register_url"])]);
    assert_eq!(first.done(&["phones", "deny"])["phones"].as_array().unwrap().len(), 2);
    third.exits(2, &["phones", "waiting"]);
}
