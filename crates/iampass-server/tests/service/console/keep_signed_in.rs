//! Whether a browser that is closed stays signed in to the Console, as the operator's settings leave it to the user.

use std::time::Duration;

use iampass_server::{ConsoleSettings, KeepSignedIn, Registration};

use super::visitor::Visitor;
use crate::rig::Rig;

const MINUTE: Duration = Duration::from_secs(60);

async fn house(keep: KeepSignedIn, session: Duration) -> Rig {
    Rig::with(|config| {
        let mut console = ConsoleSettings::new(Registration::Open);
        (console.session, console.keep_signed_in) = (session, keep);
        config.console = Some(console);
        config.longest_session = MINUTE * 600;
    })
    .await
}

/// How long the sessions of the Console last, in minutes.
fn lasting(rig: &Rig) -> Vec<String> {
    rig.store.column(
        "SELECT DISTINCT CAST(s.duration_seconds / 60 AS TEXT) FROM sessions s JOIN applications a ON a.key = s.application_key
         WHERE a.hidden = 1",
    )
}

#[tokio::test]
async fn a_session_lasts_as_long_as_the_settings_say_and_no_longer_than_any() {
    for (keep, session, minutes) in [
        (KeepSignedIn::Always, MINUTE * 300, "300"),
        (KeepSignedIn::Always, MINUTE * 900, "600"),
        (KeepSignedIn::Offered(MINUTE * 30), MINUTE * 300, "30"),
        (KeepSignedIn::OnByDefault(MINUTE * 900), MINUTE * 900, "600"),
    ] {
        let rig = house(keep, session).await;
        let mut visitor = Visitor::new(&rig);
        let page = visitor.get("/console/auth/login").await;
        assert_eq!(page.body.contains("name=\"keep\""), keep != KeepSignedIn::Always, "{keep:?}");
        // This visitor sends no choice.
        Visitor::registered(&rig, "ann").await;
        assert_eq!(lasting(&rig), [minutes], "{keep:?}");
    }
}
