//! `config check`: what the settings alone cannot tell, without starting anything.

use std::path::Path;
use std::time::Duration;

use super::error::SettingsError;
use super::in_force::InForce;
use crate::StorageLocation;

/// Checks everything that can be checked without the store, and says what is in force.
///
/// # Errors
/// Everything that is wrong, at once.
pub(crate) fn check(in_force: &InForce) -> Result<String, SettingsError> {
    let mut problems = Vec::new();
    let mut warnings = Vec::new();
    match in_force.config() {
        Ok(config) => {
            let is_https = config.public_url.as_ref().is_some_and(crate::PublicUrl::is_https);
            let has_proxy = !config.proxies.trusted.is_empty();
            if is_https && config.tls.is_none() && !has_proxy {
                warnings.push(UNNAMED_PROXY.to_owned());
            }
            if config.public_url.as_ref().is_some_and(|url| !url.path().is_empty()) {
                warnings.push(SHARED_ORIGIN.to_owned());
            }
            if has_proxy && config.limits.longest_poll > SILENCE {
                warnings.push(format!(
                    "# WARNING: limits.longest_poll is {} s, and proxies often cut a connection on which nothing came for 30 s: phones would ask and not \
                     be answered. Set it to {} s, or try `config check --through` with the address that phones call.",
                    config.limits.longest_poll.as_secs(),
                    SILENCE.as_secs()
                ));
            }
            if let StorageLocation::File(path) = &config.data
                && let Err(why) = is_writable(path)
            {
                problems.push(in_force.problem("data", why));
            }
        }
        Err(error) => problems.extend(error.problems().iter().cloned()),
    }
    if let Err(error) = in_force.listen() {
        problems.extend(error.problems().iter().cloned());
    }
    match SettingsError::of(problems) {
        None if warnings.is_empty() => Ok(in_force.describe()),
        None => Ok(format!("{}\n{}\n", in_force.describe(), warnings.join("\n"))),
        Some(error) => Err(error),
    }
}

/// No proxy that is known cuts a connection that is silent for so long.
const SILENCE: Duration = Duration::from_secs(25);

/// It is no error: the service runs.
const UNNAMED_PROXY: &str = "# WARNING: public_url is https and there is no TLS here, so a proxy is in front that trusted_proxies does not name. \
                             It is not believed: nothing is limited by address. Name it by trusted_proxies.";

/// Browsers keep apart what is at different hosts, and not what is below different paths.
const SHARED_ORIGIN: &str = "# WARNING: public_url has a path. Pages below other paths of this host can use the phones of this service and its Console: \
                             a host of its own keeps them apart. Leave it so only where everything at this host is yours.";

fn is_writable(data: &Path) -> Result<(), String> {
    if data.exists() {
        let opened = std::fs::OpenOptions::new().read(true).append(true).open(data);
        return opened.map(drop).map_err(|error| format!("{} cannot be written: {error}", data.display()));
    }
    let directory = match data.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    tempfile::tempfile_in(directory)
        .map(drop)
        .map_err(|error| format!("no file can be made in {}: {error}", directory.display()))
}

#[cfg(test)]
mod tests {
    use super::super::layers::Layers;
    use super::*;

    fn checked(text: &str) -> Result<String, String> {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("c.toml");
        std::fs::write(&file, text.replace("DIR", directory.path().to_str().unwrap())).unwrap();
        let mut layers = Layers::new().unwrap();
        layers.file(&file);
        let in_force = layers.in_force().map_err(|error| error.to_string())?;
        check(&in_force).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_good_is_described_and_what_is_bad_is_told_with_its_line() {
        let good = checked("data = \"DIR/d.sqlite\"\n[log]\nformat = \"json\"\n").unwrap();
        assert!(good.contains("log.format = \"json\"  # ") && good.contains("c.toml:3"), "{good}");
        assert!(good.contains("links.lifetime = \"24h\"  # default"), "{good}");
        let https = "data = \"DIR/d.sqlite\"\npublic_url = \"https://login.example\"\n";
        assert!(!good.contains("WARNING") && checked(https).unwrap().contains("WARNING: public_url"));
        let named = format!("{https}trusted_proxies = [\"127.0.0.1\"]\n");
        assert!(!checked(&named).unwrap().contains("WARNING"));
        let silent = checked(&format!("{named}[limits]\nlongest_poll = \"26s\"\n")).unwrap();
        assert!(silent.contains("WARNING: limits.longest_poll is 26 s"), "{silent}");
        for (text, line, told) in [
            (
                "data = \"DIR/d\"\n[sms]\nwebhook_url = \"https://sms.example/\"",
                "c.toml:3",
                "sms.secret_file",
            ),
            (
                "data = \"DIR/d\"\n[sms]\nwebhook_url = \"http://sms.example/\"\nsecret = \"0123456789abcdef\"",
                "c.toml:3",
                "https://",
            ),
            (
                "data = \"DIR/d\"\n[sms]\nwebhook_url = \"https://a.example/\"\nsecret = \"short\"",
                "c.toml:4",
                "16 bytes",
            ),
            ("data = \"DIR/d\"\n[mail]\nsmtp_url = \"smtps://m.example\"", "c.toml:3", "mail.from"),
            (
                "data = \"DIR/d\"\n[mail]\nsmtp_url = \"smtps://m.example\"\nfrom = \"nobody\"",
                "c.toml:4",
                "login@example.org",
            ),
            ("data = \"DIR/d\"\nlistne = \"1.2.3.4:5\"", "c.toml:2", "did you mean listen?"),
            ("data = \"DIR/d\"\nlisten = \"1.2.3.4\"", "c.toml:2", "listen"),
            ("data = \"DIR/d\"\n\nlisten = \"0.0.0.0:80\"", "c.toml:3", "without TLS"),
            ("data = \"DIR/d\"\n[tls]\nkey = \"x\"", "c.toml:3", "tls.certificate"),
            ("data = \"DIR/d\"\n[tls]\nkey = \"x\"\ncertificate = \"y\"", "c.toml:4", "no such file"),
            ("data = \"DIR/no/where/d\"", "c.toml:1", "no file can be made"),
            ("database_url = \"mysql://u:hidden@h/d\"", "c.toml:1", "postgres://"),
            ("database_url = \"postgres://u:hidden@h/d\"", "master_key_file", "master-key new"),
            (
                "data = \"DIR/d\"\ndatabase_url = \"postgres://u:hidden@h/d\"",
                "c.toml:2",
                "leave one of them out",
            ),
            ("", "data", "--database-url"),
            ("data = \"DIR/d\"\nmaster_key = \"hidden\"", "c.toml:2", "44 characters"),
            ("data = \"DIR/d\"\ntrusted_proxies = [\"proxy\"]", "c.toml:2", "10.0.0.0/8"),
            ("data = \"DIR/d\"\nproxy_protocol = \"v2\"", "c.toml:2", "trusted_proxies"),
            ("data = \"DIR/d\"\nproxy_protocol = \"v3\"", "c.toml:2", "`any`"),
            ("data = \"DIR/d\"\n[sessions]\ndefault_duration = \"31d\"", "c.toml:3", "longer"),
            ("data = \"DIR/d\"\n[limits]\nconnections_per_address = 0", "c.toml:3", "nothing gets in"),
            ("data = \"DIR/d\"\n[limits]\n\nconnections = 0", "c.toml:4", "a large number"),
            ("data = \"DIR/d\"\n[limits]\nhead_timeout = \"0s\"", "c.toml:3", "nothing gets in"),
            ("data = \"DIR/d\"\n[rate_limits]\nper_address = \"many\"", "c.toml:3", "60/m"),
            ("data = \"DIR/d\"\npublic_url = \"https://h/a.b\"", "c.toml:2", "console.enabled = false"),
            ("data = \"DIR/d\"\ntexts = \"DIR/none\"", "c.toml:2", "the folder cannot be read"),
            ("data = \"DIR/d\"\n[log]\nlevel = \"iampass_server=loud\"", "c.toml:3", "log.level"),
            ("data = \"DIR/d\"\n[push]\ncontact = \"ops\"", "c.toml:3", "mailto:"),
            (
                "data = \"DIR/d\"\n[push]\napns_key_id = \"ABCDE12345\"",
                "c.toml:3",
                "push.apns_key_file, push.",
            ),
            ("data = \"DIR/d\"\n[push]\nfcm_account_file = \"DIR/none\"", "c.toml:3", "cannot be read"),
            ("data = \"DIR/d\"\n[push]\nfcm_account_file = \"DIR/c.toml\"", "c.toml:3", "service account"),
            (
                "data = \"DIR/d\"\n[push]\nwebhook_url = \"https://p.example/\"",
                "c.toml:3",
                "webhook_secret_file",
            ),
            (
                "data = \"DIR/d\"\n[push]\nwebhook_url = \"http://p.example/\"\nwebhook_secret = \"0123456789abcdef\"",
                "c.toml:3",
                "which phones are woken",
            ),
            (
                "data = \"DIR/d\"\n[push]\nwebhook_url = \"https://p.example/\"\nwebhook_secret = \"hidden\"",
                "c.toml:4",
                "16 bytes",
            ),
            (
                "data = \"DIR/d\"\n[push]\nwebhook_url = \"https://p.example/\"\nwebhook_secret = \"0123456789abcdef\"",
                "push.contact",
                "public_url with https",
            ),
            ("data = \"DIR/d\"\n[push]\napns_server = \"test\"", "c.toml:3", "sandbox"),
            ("data = \"DIR/d\"\n[metrics]\ntoken = \"hidden\"", "c.toml:3", "16 characters"),
            ("data = \"DIR/d\"\n[alerts]\ndisk_percent = 101", "c.toml:3", "1 to 100"),
            ("data = \"DIR/d\"\n[alerts]\nserver_errors_percent = 5000", "c.toml:3", "1 to 100"),
            ("data = \"DIR/d\"\n[alerts]\nmost_an_hour = 0", "c.toml:3", "no alert would be told"),
        ] {
            let error = checked(text).unwrap_err();
            assert!(error.contains(line) && error.contains(told), "{text}: {error}");
            assert!(!error.contains("hidden"), "{error}");
        }
    }

    /// A key that cannot sign is told of before the first push.
    #[test]
    fn the_files_of_push_services_are_read() {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str| directory.path().join(name).display().to_string();
        let account = super::super::push_files::service_account("https://oauth.example/token");
        let apple = rcgen::KeyPair::generate().unwrap().serialize_pem();
        std::fs::write(file("fcm.json"), &account).unwrap();
        std::fs::write(file("apns.p8"), &apple).unwrap();
        let settings = |fcm: &str, apns: &str, topic: &str| {
            checked(&format!(
                "data = \"DIR/d\"\n[push]\ncontact = \"mailto:ops@example.org\"\nfcm_account_file = \"{}\"\n\
                 apns_key_file = \"{}\"\napns_key_id = \"ABCDE12345\"\napns_team_id = \"FGHIJ67890\"\napns_topic = \"{topic}\"\n",
                file(fcm),
                file(apns)
            ))
        };
        let said = settings("fcm.json", "apns.p8", "com.example.app").unwrap();
        assert!(said.contains("push.fcm_account_file = ") && !said.contains("PRIVATE KEY"), "{said}");
        std::fs::write(file("other.json"), account.replace("PRIVATE KEY", "PUBLIC KEY")).unwrap();
        let error = settings("other.json", "apns.p8", "com.example.app").unwrap_err();
        assert!(error.contains("c.toml:4") && error.contains("private_key"), "{error}");
        let error = settings("fcm.json", "fcm.json", "com.example.app").unwrap_err();
        assert!(error.contains("c.toml:5") && error.contains(".p8"), "{error}");
        let error = settings("fcm.json", "apns.p8", "com example").unwrap_err();
        assert!(error.contains("c.toml:8") && error.contains("bundle id"), "{error}");
    }

    #[test]
    fn the_example_is_the_defaults() {
        let mut layers = Layers::new().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("c.toml");
        std::fs::write(&file, super::super::EXAMPLE).unwrap();
        layers.file(&file);
        let example = layers.in_force().unwrap().settings;
        let defaults = Layers::new().unwrap().in_force().unwrap().settings;
        assert_eq!(format!("{example:?}"), format!("{defaults:?}"));
    }
}
