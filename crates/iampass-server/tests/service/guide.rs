//! The operator's guide against the running service.

use std::collections::BTreeSet;

use crate::rig::Rig;

/// The counters that the guide's alerts are made of.
#[tokio::test]
async fn every_counter_that_the_guide_names_is_counted() {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operating.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let names: BTreeSet<_> = guide
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .filter(|word| word.starts_with("iampass_") && *word != "iampass_server")
        .collect();
    assert!(names.len() >= 4, "{names:?}");

    let rig = Rig::with(|config| config.metrics.from_this_machine = true).await;
    let phone = rig.phone("u").await;
    rig.active_session(&phone, "u", "").await;
    let told = rig.send("GET", "/metrics", &[], None).await.body;
    for name in names {
        assert!(told.lines().any(|line| line.starts_with(name)), "{name} is in no line of /metrics");
    }
    for label in ["limit=\"address_failures\"", "event=\"timed_out\"", "event=\"started\""] {
        assert!(guide.contains(label) && told.contains(label), "{label}");
    }
}

/// The buttons that the quick start names are on the pages.
#[test]
fn every_button_that_the_quick_start_names_is_there() {
    fn collect(folder: &str, into: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(path.to_str().unwrap(), into);
            } else {
                into.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    const HERE: &str = env!("CARGO_MANIFEST_DIR");
    let mut pages = String::new();
    for folder in [
        "../iampass-server-console/templates/console",
        "../iampass-web/templates",
        "../iampass-web/src/pages",
        "../iampass-texts/texts/en",
    ] {
        collect(&format!("{HERE}/{folder}"), &mut pages);
    }
    let guide = std::fs::read_to_string(format!("{HERE}/../../docs/getting-started.md")).unwrap();
    let account = guide.split("\n## ").find(|part| part.starts_with("2. An account")).unwrap();
    let buttons: Vec<_> = account.split("**").skip(1).step_by(2).collect();
    let all = [
        "Create an account",
        "Continue to your phone",
        "Open the link",
        "Register",
        "Later",
        "Continue",
        "Sign in",
        "Continue",
        "Accept",
    ];
    assert_eq!(buttons, all);
    for button in buttons.into_iter().chain(["Add application"]) {
        assert!(
            [format!(">{button}<"), format!("\"{button}\""), format!(" = {button}\n")]
                .iter()
                .any(|form| pages.contains(form)),
            "{button}"
        );
    }
}
