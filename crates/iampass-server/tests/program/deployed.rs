//! The files for operators in `deploy`: the units of systemd, and the container with its neighbours.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{is_missing, program, skipped, without_own_variables};

const UNITS: [&str; 2] = ["iampass-server", "iampass-gate"];

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(deploy().join(name)).unwrap()
}

/// The lines that say something.
fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

#[test]
fn the_units_hold_their_programs_in() {
    for unit in UNITS {
        let text = read(&format!("systemd/{unit}.service"));
        let lines = lines(&text);
        for line in [
            "DynamicUser=yes",
            "UMask=0077",
            "NoNewPrivileges=yes",
            "ProtectSystem=strict",
            "ProtectHome=yes",
            "PrivateDevices=yes",
            "PrivateTmp=yes",
            "RestrictNamespaces=yes",
            "SystemCallArchitectures=native",
        ] {
            assert!(lines.contains(&line), "{unit}: {line}");
        }
        assert!(lines.iter().any(|line| line.starts_with("StateDirectory=")), "{unit}");
        // No secret stands in the unit, which everybody on the machine can read: each is a credential.
        let credentials = lines.iter().filter(|line| line.starts_with("LoadCredential=")).count();
        let handed_over = lines
            .iter()
            .filter(|line| line.starts_with("Environment=") && line.contains("_FILE=%d/"))
            .count();
        assert!(credentials > 0 && credentials == handed_over, "{unit}");
        for secret in ["_SECRET=", "_KEYS=", "_KEY=", "PASSWORD"] {
            assert!(!lines.iter().any(|line| line.contains(secret)), "{unit}: {secret}");
        }
    }
}

/// Has systemd judge the units, with a program in them that is there. Where systemd's own program is not there, a line says how to get it.
fn judge(analyze: &[&str]) {
    if is_missing("systemd-analyze", "Install it (on Debian: `apt-get install systemd`).") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for unit in UNITS {
        let text =
            read(&format!("systemd/{unit}.service")).replace(&format!("/usr/local/bin/{unit}"), "/bin/true");
        let file = folder.path().join(format!("{unit}.service"));
        std::fs::write(&file, text).unwrap();
        let output = Command::new("systemd-analyze").args(analyze).arg(&file).output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        if said.contains("nrecognized option") {
            skipped(&format!("This test needs a systemd-analyze that knows {analyze:?}: a later version."));
            return;
        }
        assert!(output.status.success(), "{unit}: {said}");
        assert!(!said.contains("Unknown"), "{unit}: {said}");
    }
}

#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    judge(&["verify", "--man=no"]);
}

#[test]
fn systemd_finds_the_units_well_closed() {
    // 2.0 of 10.
    judge(&["security", "--offline=true", "--threshold=20", "--no-pager"]);
}

#[test]
fn the_containers_have_no_more_than_they_need() {
    let containerfile = read("container/Containerfile");
    let lines_of_image = lines(&containerfile);
    assert!(lines_of_image.contains(&"USER 10001"));
    assert!(lines_of_image.iter().filter(|line| line.starts_with("FROM ")).count() > 1, "it builds apart");
    let compose = read("container/compose.yaml");
    for service in ["proxy", "iampass"] {
        let of_service = compose.split(&format!("\n  {service}:\n")).nth(1).unwrap();
        let of_service = of_service.split("\n\n").next().unwrap();
        for line in ["read_only: true", "cap_drop: [ALL]", "security_opt: [\"no-new-privileges:true\"]"] {
            assert!(of_service.contains(line), "{service}: {line}");
        }
    }
    let ports: Vec<_> = lines(&compose).into_iter().filter(|line| line.starts_with("ports:")).collect();
    assert_eq!(ports, ["ports: [\"80:80\", \"443:443\"]"], "the proxy alone is reached from outside");
    // The one proxy that is believed is the one that is there.
    assert!(compose.contains("IAMPASS_SERVER_TRUSTED_PROXIES: 10.89.7.2\n"));
    assert_eq!(compose.matches("ipv4_address: 10.89.7.2\n").count(), 1);
    assert!(read("container/Caddyfile").contains("reverse_proxy 10.89.7.3:8089"));
    // Each file that it names beside itself is there, or a secret that the first lines make.
    for line in lines(&compose).into_iter().filter_map(|line| line.strip_prefix("file: ./")) {
        assert!(
            compose.lines().take_while(|line| line.starts_with('#')).any(|said| said.contains(line)),
            "{line}"
        );
    }
}

#[test]
fn the_image_s_own_settings_are_good_and_give_way_to_a_database() {
    let folder = tempfile::tempdir().unwrap();
    // The image's own folder is not there on most machines that this runs on: another one takes its place.
    let text = std::fs::read_to_string(deploy().join("container/image.toml")).unwrap();
    let own = "data = \"/var/lib/iampass/iampass.sqlite\"";
    assert_eq!(lines(&text), [own]);
    let file = folder.path().join("iampass.sqlite");
    let line = format!("data = {:?}", file.to_str().unwrap());
    let settings = folder.path().join("image.toml");
    std::fs::write(&settings, text.replace(own, &line)).unwrap();
    let check = |with: &[(&str, &str)]| {
        let output = without_own_variables(&mut program(&["config", "check"]))
            .env("IAMPASS_CONFIG", &settings)
            .env("IAMPASS_SERVER_PUBLIC_URL", "https://login.example")
            .envs(with.iter().copied())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{said}");
        said
    };
    let said = check(&[]);
    assert!(said.contains(&format!("{line}  # ")), "{said}");
    assert!(said.contains("database_url = (not set)"), "{said}");
    let url = "postgres://iampass@127.0.0.1:9/iampass";
    let key = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    let said = check(&[("IAMPASS_SERVER_DATABASE_URL", url), ("IAMPASS_MASTER_KEY", key)]);
    assert!(said.contains(&format!("database_url = {url}  # environment variable")), "{said}");
}
