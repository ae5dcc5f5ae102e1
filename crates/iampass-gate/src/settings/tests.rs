//! Settings: what is taken, and what is refused with a remedy.

use super::*;

fn parsed(text: &str) -> Result<Settings, Vec<SettingError>> {
    Settings::parse(text, Path::new("/etc/gate"), |_| None)
}

fn problem(text: &str) -> String {
    let problems = parsed(text).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems[0].to_string()
}

const ORIGIN: &str = "origin = 'https://site.example'\n";

#[test]
fn the_example_is_good_and_says_each_setting() {
    let settings = parsed(EXAMPLE).unwrap();
    assert_eq!(settings.origin, "https://site.example");
    assert_eq!(settings.users, UsersFrom::File("/etc/gate/users.toml".into()));
    for setting in [
        "listen",
        "origin",
        "name",
        "trusted_proxies",
        "state",
        "freshness_seconds",
        "session_minutes",
        "keep_signed_in",
        "session_not_kept_minutes",
        "default",
        "server",
        "application_id",
        "file",
        "url",
        "select",
        "user",
        "groups",
        "email",
        "path",
        "methods",
        "allow",
    ] {
        assert!(EXAMPLE.contains(&format!("{setting} = ")), "{setting}");
    }
}

#[test]
fn little_has_to_be_said() {
    let settings = parsed(ORIGIN).unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8090");
    assert_eq!(settings.state, "sqlite:///etc/gate/iampass-gate.sqlite?mode=rwc");
    assert!(settings.trusted_proxies.contains("127.0.0.1".parse().unwrap()));
    assert!(settings.trusted_proxies.contains("::1".parse().unwrap()));
    assert!(!settings.trusted_proxies.contains("10.0.0.1".parse().unwrap()));
    assert_eq!(settings.rules, Rules { rules: Vec::new(), otherwise: Allowed::Everyone });
    assert_eq!(settings.freshness, Duration::from_secs(10));
}

#[test]
fn the_environment_goes_before_the_file() {
    let var = |name: &str| match name {
        "IAMPASS_GATE_STATE" => Some("postgres://gate@db/gate".to_owned()),
        "IAMPASS_GATE_LISTEN" => Some(" ".to_owned()),
        _ => None,
    };
    let settings = Settings::parse(ORIGIN, Path::new("."), var).unwrap();
    assert_eq!(settings.state, "postgres://gate@db/gate");
    assert_eq!(settings.listen.port(), 8090);
}

#[test]
fn each_wrong_setting_says_what_to_write() {
    for (setting, expected) in [
        ("listen = '8090'", "127.0.0.1:8090"),
        ("trusted_proxies = ['proxy.example']", "10.0.0.0/8"),
        ("trusted_proxies = []", "name the address of the proxy"),
        ("freshness_seconds = 60", "1 to 10"),
        ("session_minutes = 0", "a minute at least"),
        ("keep_signed_in = 'yes'", "\"offered\""),
        ("session_not_kept_minutes = 5", "take out"),
        ("keep_signed_in = 'offered'\nsession_not_kept_minutes = 0", "1 to `session_minutes`"),
        ("keep_signed_in = 'offered'\nsession_not_kept_minutes = 61", "60 where that is not set"),
        (
            "keep_signed_in = 'offered'\nsession_minutes = 5\nsession_not_kept_minutes = 6",
            "1 to `session_minutes`",
        ),
        ("default = 'all'", "\"everyone\""),
        ("[users]\nurl = 'postgres://x'", "`select`"),
        ("[users]\nfile = 'a'\nurl = 'b'\nselect = 'c'", "take out"),
        ("[headers]\nuser = ''", "Remote-User"),
        ("[headers]\nuser = 'Cookie'", "Remote-User"),
        ("[headers]\nuser = 'Remote_User'", "Remote-User"),
        ("[headers]\nuser = 'X-Forwarded-Uri'", "Remote-User"),
        ("[headers]\nuser = 'A'\nname = 'a'", "same name"),
        ("[[rules]]\npath = '/a/../b'\nallow = 'public'", "rule 1: the path"),
        ("[[rules]]\npath = '/a'\nallow = ['anna']", "group:ops"),
        ("[[rules]]\npath = '/a'\nmethods = ['get']\nallow = 'public'", "upper case"),
        ("[[rules]]\npath = '/a'\nmethods = []\nallow = 'public'", "rule 1: methods names at least one"),
        ("[[rules]]\npath = '/a'\nmethods = []\nallow = 'public'", "leave it out for all methods"),
        ("[[rules]]\npath = '/a'", "config example"),
        ("allow = 'x'", "config example"),
    ] {
        let said = problem(&format!("{ORIGIN}{setting}"));
        assert!(said.contains(expected), "{setting}: {said}");
    }
    for origin in [
        "",
        "origin = 'site.example'",
        "origin = 'https://site.example/'",
        "origin = 'https://site.example:443'",
        "origin = 'ftp://site.example'",
    ] {
        assert!(problem(origin).starts_with("origin: write"), "{origin}");
    }
}

#[test]
fn the_choice_to_stay_signed_in_is_offered_with_its_durations() {
    let keep = |text: &str| {
        let settings = parsed(&format!("{ORIGIN}{text}")).unwrap();
        (settings.keep_signed_in, settings.session.map(|lasts| lasts.as_secs() / 60))
    };
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    assert_eq!(keep(""), (KeepSignedIn::Always, None));
    assert_eq!(keep("session_minutes = 480"), (KeepSignedIn::Always, Some(480)));
    assert_eq!(keep("keep_signed_in = 'offered'"), (KeepSignedIn::Offered(minutes(60)), None));
    assert_eq!(
        keep("keep_signed_in = 'offered'\nsession_minutes = 5"),
        (KeepSignedIn::Offered(minutes(5)), Some(5))
    );
    assert_eq!(
        keep("keep_signed_in = 'on_by_default'\nsession_minutes = 480\nsession_not_kept_minutes = 30"),
        (KeepSignedIn::OnByDefault(minutes(30)), Some(480))
    );
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let problems = parsed("listen = 'x'\nfreshness_seconds = 0\ndefault = 'x'").unwrap_err();
    assert_eq!(problems.len(), 4, "{problems:?}");
}
