//! `docs/presence/near.sh` with programs that say what real ones say, and under `iampass-phone presence`.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/presence/near.sh");

/// A folder with programs of these names, each a script, and with those that the script itself needs.
fn folder(programs: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for needed in ["sh", "sed", "grep", "sleep", "cat"] {
        let found = std::env::split_paths(&std::env::var_os("PATH").unwrap())
            .map(|directory| directory.join(needed))
            .find(|program| program.is_file())
            .unwrap();
        std::os::unix::fs::symlink(found, folder.path().join(needed)).unwrap();
    }
    for (name, text) in programs {
        let path: PathBuf = folder.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

fn status(folder: &Path, arguments: &[&str]) -> i32 {
    let run = Command::new("/bin/sh")
        .arg(SCRIPT)
        .args(arguments)
        .env("PATH", folder)
        .env("NEAR_TRIES", "2")
        .env("NEAR_PAUSE", "0")
        .output()
        .unwrap();
    run.status.code().unwrap()
}

/// `bluetoothctl` that says this of its controller and of the device.
fn bluetoothctl(powered: &str, info: &str) -> String {
    format!(
        "case $1 in show) echo 'Controller 00:11:22:33:44:55 (public)'; echo '\tPowered: {powered}';; \
         info) cat <<'END'\nDevice AA:BB:CC:DD:EE:FF (public)\n\tName: Phone\n{info}\nEND\n;; esac"
    )
}

#[test]
fn a_device_is_near_by_its_connection_or_its_signal() {
    let here = ["bluetooth", "AA:BB:CC:DD:EE:FF"];
    for (info, expected) in [
        ("\tConnected: yes", 0),
        ("\tConnected: no", 1),
        ("\tConnected: yes\n\tRSSI: -60", 0),
        ("\tConnected: yes\n\tRSSI: 0xffffffc4 (-60)", 0),
        ("\tConnected: yes\n\tRSSI: 0xffffffa6 (-90)", 1),
        ("\tConnected: no\n\tRSSI: -50", 0),
        ("\tConnected: no\n\tRSSI: -71", 1),
    ] {
        let folder = folder(&[("bluetoothctl", &bluetoothctl("yes", info))]);
        assert_eq!(status(folder.path(), &here), expected, "{info}");
    }
    let weak = folder(&[("bluetoothctl", &bluetoothctl("yes", "\tRSSI: -80"))]);
    assert_eq!(status(weak.path(), &["bluetooth", "AA:BB:CC:DD:EE:FF", "-85"]), 0);
    // Nothing is said where it cannot be found out.
    let off = folder(&[("bluetoothctl", &bluetoothctl("no", "\tConnected: no"))]);
    assert_eq!(status(off.path(), &here), 2);
    let missing = folder(&[("bluetoothctl", "echo 'No default controller available'; exit 1")]);
    assert_eq!(status(missing.path(), &here), 2);
    assert_eq!(status(folder(&[]).path(), &here), 2);
    let unknown = folder(&[(
        "bluetoothctl",
        "case $1 in show) echo '\tPowered: yes';; *) echo \"Device $2 not available\"; exit 1;; esac",
    )]);
    assert_eq!(status(unknown.path(), &here), 1);
}

#[test]
fn a_network_is_near_by_its_name_and_signal() {
    let iw = |link: &str| {
        format!(
            "case \"$*\" in 'dev') printf 'phy#0\\n\\tInterface wlan0\\n\\t\\ttype managed\\n';; \
             'dev wlan0 link') cat <<'END'\n{link}\nEND\n;; *) exit 1;; esac"
        )
    };
    for (link, expected) in [
        ("Connected to 00:11:22:33:44:55 (on wlan0)\n\tSSID: The Office\n\tsignal: -54 dBm", 0),
        ("Connected to 00:11:22:33:44:55 (on wlan0)\n\tSSID: The Office\n\tsignal: -84 dBm", 1),
        ("Connected to 00:11:22:33:44:55 (on wlan0)\n\tSSID: Café\n\tsignal: -54 dBm", 1),
        ("Not connected.", 1),
    ] {
        let folder = folder(&[("iw", &iw(link))]);
        assert_eq!(status(folder.path(), &["wifi", "The Office"]), expected, "{link}");
    }
    assert_eq!(status(folder(&[("iw", "exit 1")]).path(), &["wifi", "The Office"]), 2);
    for (list, wanted, expected) in [
        ("no:90:Other\nyes:72:The Office", "The Office", 0),
        ("yes:40:The Office", "The Office", 1),
        ("no:90:The Office", "The Office", 1),
        ("yes:72:a\\:b", "a:b", 0),
        ("", "The Office", 1),
    ] {
        let folder = folder(&[("nmcli", &format!("cat <<'END'\n{list}\nEND\n"))]);
        assert_eq!(status(folder.path(), &["wifi", wanted]), expected, "{list}");
    }
    assert_eq!(status(folder(&[("nmcli", "exit 8")]).path(), &["wifi", "The Office"]), 2);
    assert_eq!(status(folder(&[]).path(), &["wifi", "The Office"]), 2);
}

/// It is away when several looks in a row say so.
#[test]
fn one_look_alone_does_not_make_it_away() {
    let place = tempfile::tempdir().unwrap();
    let mark = place.path().join("looked");
    let text = format!(
        "case $1 in show) echo '\tPowered: yes';; info) if [ -e '{0}' ]; then echo '\tConnected: yes'; else : > '{0}'; echo '\tConnected: no'; fi;; esac",
        mark.display()
    );
    let folder = folder(&[("bluetoothctl", &text)]);
    assert_eq!(status(folder.path(), &["bluetooth", "AA:BB:CC:DD:EE:FF"]), 0);
}

#[test]
fn a_call_that_makes_no_sense_says_nothing() {
    let folder = folder(&[]);
    for arguments in [
        &[][..],
        &["bluetooth"],
        &["smell", "x"],
        &["wifi", "x", "strong"],
        &["wifi", "x", "70"],
        &["wifi", "x", "-70", "y"],
    ] {
        assert_eq!(status(folder.path(), arguments), 2, "{arguments:?}");
    }
}
