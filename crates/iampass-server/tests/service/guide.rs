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
