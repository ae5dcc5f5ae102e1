//! System packages that some tests need.
//!
//! Belongs here: which programs are looked for, and where they come from. Does not belong here: what is done with them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Failure, cargo};

/// A program that tests use, and the Debian packages that bring it.
struct Needed {
    what: &'static str,
    is_there: fn() -> bool,
    debian: &'static [&'static str],
    elsewhere: &'static str,
}

const NEEDED: [Needed; 7] = [
    Needed {
        what: "Python 3 with venv, for the published client",
        is_there: has_python,
        debian: &["python3", "python3-venv"],
        elsewhere: "install Python 3.9 or later with its venv module",
    },
    Needed {
        what: "Chromium with ChromeDriver, for the pages",
        is_there: has_browser,
        debian: &["chromium", "chromium-driver"],
        elsewhere: "put `chromium` (or `google-chrome`) and a `chromedriver` of the same version on the PATH",
    },
    Needed {
        what: "Firefox, for the pages",
        is_there: || ["firefox-esr", "firefox"].into_iter().find_map(on_path).is_some(),
        debian: &["firefox-esr"],
        elsewhere: "put `firefox` on the PATH",
    },
    Needed {
        what: "WebKitGTK with its driver and Xvfb, for the pages",
        is_there: || on_path("WebKitWebDriver").is_some() && on_path("Xvfb").is_some(),
        debian: &["webkit2gtk-driver", "xvfb"],
        elsewhere: "put `WebKitWebDriver` of WebKitGTK 2.50 or later and `Xvfb` on the PATH",
    },
    Needed {
        what: "PostgreSQL, for stores",
        is_there: has_postgres,
        debian: &["postgresql"],
        elsewhere: "install PostgreSQL 13 or later, with `initdb` and `psql` on the PATH",
    },
    Needed {
        what: "MariaDB, for stores",
        is_there: has_mariadb,
        // The programs without a service that is always running.
        debian: &["mariadb-server-core", "mariadb-client-core"],
        elsewhere: "install MariaDB, with `mariadbd`, `mariadb-install-db` and `mariadb` on the PATH",
    },
    Needed {
        what: "nginx, Caddy and HAProxy, for the gate",
        is_there: has_proxies,
        debian: &["nginx", "caddy", "haproxy"],
        elsewhere: "put `nginx`, `caddy` 2.6 or later and `haproxy` 2.6 or later with Lua on the PATH",
    },
];

/// Installs what is missing where that is ours to do: on Debian, as root. Elsewhere says how to get it; the tests that need it
/// skip themselves then.
pub(crate) fn install_missing() -> Result<(), Failure> {
    let missing: Vec<_> = NEEDED.iter().filter(|needed| !(needed.is_there)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    for needed in &missing {
        println!("Missing: {}.", needed.what);
    }
    if is_root() && on_path("apt-get").is_some() {
        let apt_get = || {
            let mut command = Command::new("apt-get");
            command.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()).arg("-qq");
            command
        };
        println!("Installing it (as root on Debian) …");
        cargo::run(apt_get().arg("update"))?;
        let packages = missing.iter().flat_map(|needed| needed.debian);
        return cargo::run(apt_get().args(["install", "-y", "--no-install-recommends"]).args(packages));
    }
    for needed in missing {
        println!("Its tests are skipped. To run them: {}.", needed.elsewhere);
    }
    Ok(())
}

fn has_python() -> bool {
    Command::new("python3")
        .args(["-c", "import venv, ensurepip"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn has_browser() -> bool {
    let browser = ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(on_path);
    browser.is_some() && on_path("chromedriver").is_some()
}

/// Debian has the programs of each version in a folder of its own.
fn has_postgres() -> bool {
    let versions = Path::new("/usr/lib/postgresql").read_dir().into_iter().flatten().flatten();
    let folders: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    ["initdb", "psql"].into_iter().all(|program| {
        on_path(program).is_some() || folders.iter().any(|folder| folder.join(program).is_file())
    })
}

fn has_proxies() -> bool {
    ["nginx", "caddy", "haproxy"].into_iter().all(|program| {
        // Not every account has this folder on its path.
        on_path(program).is_some() || Path::new("/usr/sbin").join(program).is_file()
    })
}

fn has_mariadb() -> bool {
    ["mariadbd", "mariadb-install-db", "mariadb"].into_iter().all(|program| {
        // Not every account has this folder on its path.
        on_path(program).is_some() || Path::new("/usr/sbin").join(program).is_file()
    })
}

pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

pub(crate) fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
