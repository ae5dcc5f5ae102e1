//! The commands: what they say, and how they end.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use iampass_core::RegistrationLink;

use crate::setting::Setting;

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_checked_with_the_service() {
    let mut setting = Setting::without_proxy("").await;
    let check = |setting: &Setting| {
        let output = setting.command().args(["config", "check"]).output().unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
        )
    };
    let (is_good, said) = check(&setting);
    assert!(is_good && said.contains("good    service"), "{said}");
    setting.service.stop().await.unwrap();
    let (is_good, said) = check(&setting);
    assert!(!is_good && said.contains("CHANGE  service"), "{said}");
    setting.write_users("[[users");
    let (is_good, said) = check(&setting);
    assert!(!is_good && said.contains("users.toml is wrong"), "{said}");
    std::fs::write(setting.folder.path().join("iampass-gate.toml"), "origin = 'x'\nlisten = 'y'").unwrap();
    let (is_good, said) = check(&setting);
    assert!(!is_good && said.contains("origin: write") && said.contains("listen: "), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_read_from_files_and_a_file_that_cannot_be_read_ends_the_command() {
    let setting = Setting::without_proxy("").await;
    let secret = setting.service.application_secret().expose().to_owned();
    let file = setting.folder.path().join("application.secret");
    let check = |with_variable: bool| {
        let mut command = setting.command();
        command.args(["config", "check"]).env("IAMPASS_APPLICATION_SECRET_FILE", &file);
        if !with_variable {
            command.env_remove("IAMPASS_APPLICATION_SECRET");
        }
        let output = command.output().unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
        )
    };
    let (is_good, said) = check(false);
    assert!(!is_good && said.contains("IAMPASS_APPLICATION_SECRET_FILE"), "{said}");
    std::fs::write(&file, " \n").unwrap();
    let (is_good, said) = check(false);
    assert!(!is_good && said.contains("is empty"), "{said}");
    std::fs::write(&file, format!("{secret}\n")).unwrap();
    let (is_good, said) = check(false);
    assert!(is_good && said.contains("good    service"), "{said}");
    assert!(!said.contains(&secret), "{said}");
    let (is_good, said) = check(true);
    assert!(!is_good && said.contains("take one of them out"), "{said}");
    std::fs::write(&file, "another secret").unwrap();
    let (is_good, said) = check(false);
    assert!(!is_good && said.contains("CHANGE  service"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_says_whether_the_gate_is_ready() {
    let mut setting = Setting::without_proxy("").await;
    assert!(setting.command().arg("health").status().unwrap().success());
    setting.kill_gate();
    let output = setting.command().arg("health").output().unwrap();
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("is not there"));
}

/// The next person of a name has nothing of the one before: neither the phone nor a session.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_was_forgotten_is_another_person_s() {
    let setting = Setting::without_proxy("").await;
    let mut before = setting.at_gate();
    before.sign_in("anna", &setting.phone, "/").await;
    let forgotten = setting.command().args(["forget", "Anna"]).output().unwrap();
    assert!(forgotten.status.success(), "{}", String::from_utf8_lossy(&forgotten.stderr));
    before.reload_until("/", |page| page.status == 303).await;
    let link = setting.command().args(["invite", "anna", "--no-wait"]).output().unwrap();
    let link = RegistrationLink::parse(String::from_utf8(link.stdout).unwrap().trim()).unwrap();
    let phone = setting.service.register_phone(&link).await.unwrap();
    assert_ne!(phone.user(), setting.phone.user());
    let mut after = setting.at_gate();
    assert_eq!(after.sign_in("anna", &phone, "/").await, "/");
    assert_eq!(before.get("/").await.status, 303);
}

/// It says what it waits for, for how long, and how that is ended.
#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_says_what_it_waits_for() {
    let setting = Setting::without_proxy("").await;
    assert!(setting.command().args(["forget", "anna"]).status().unwrap().success());
    let mut command = setting.command();
    let command = command.args(["invite", "anna"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut waiting = command.spawn().unwrap();
    let mut link = String::new();
    BufReader::new(waiting.stdout.take().unwrap()).read_line(&mut link).unwrap();
    setting.service.register_phone(&RegistrationLink::parse(link.trim()).unwrap()).await.unwrap();
    let ended = waiting.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success() && said.contains("The phone is registered"), "{said}");
    for word in [
        "alone: the first person",
        "waits until that is done",
        "10 minutes at most",
        "Ctrl-C ends the waiting",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_phone_ends_all_sessions_and_is_replaced() {
    let setting = Setting::without_proxy("").await;
    let mut before = setting.at_gate();
    before.sign_in("anna", &setting.phone, "/").await;
    let again = setting.command().args(["invite", "anna"]).output().unwrap();
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("--lost"));
    let lost = setting.command().args(["invite", "anna", "--lost"]).output().unwrap();
    assert!(lost.status.success(), "{}", String::from_utf8_lossy(&lost.stderr));
    before.reload_until("/", |page| page.status == 303).await;
    let link = RegistrationLink::parse(String::from_utf8(lost.stdout).unwrap().trim()).unwrap();
    let phone = setting.service.register_phone(&link).await.unwrap();
    let mut after = setting.at_gate();
    assert_eq!(after.sign_in("anna", &phone, "/").await, "/");
    let nobody = setting.command().args(["invite", "eva"]).output().unwrap();
    assert!(!nobody.status.success() && String::from_utf8_lossy(&nobody.stderr).contains("no user"));
}
