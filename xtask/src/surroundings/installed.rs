//! Programs that are not on every machine: where they are, which version they are, and getting them from Debian.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::packages::{is_root, on_path};

/// A line of Debian's package tools by which no program is started that is installed.
const START_NOTHING: &str = "#!/bin/sh\nexit 101\n";
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Where a program is, by its name or its path.
pub(super) fn program(name: &str) -> Option<PathBuf> {
    if name.starts_with('/') {
        return Some(PathBuf::from(name)).filter(|file| file.is_file());
    }
    on_path(name).or_else(|| {
        let file = Path::new("/usr/sbin").join(name);
        file.is_file().then_some(file)
    })
}

/// Installs Debian packages where one of the programs is missing and that is ours to do. `Err`: how to get them.
pub(super) fn install(programs: &[&str], packages: &[&str]) -> Result<(), String> {
    let is_there = || programs.iter().all(|name| program(name).is_some());
    if is_there() {
        return Ok(());
    }
    if is_root() && on_path("apt-get").is_some() {
        println!("Installing {} (as root on Debian) …", packages.join(", "));
        let policy = Path::new(POLICY);
        let is_ours = !policy.exists() && std::fs::write(policy, START_NOTHING).is_ok();
        if is_ours {
            let _ = Command::new("chmod").args(["+x", POLICY]).status();
        }
        for arguments in [&["-qq", "update"][..], &["-qq", "install", "-y", "--no-install-recommends"]] {
            let is_install = arguments.contains(&"install");
            let mut apt_get = Command::new("apt-get");
            apt_get.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()).stdout(Stdio::null());
            // Packages still missing afterwards are reported below.
            let _ = apt_get.args(arguments).args(packages.iter().filter(|_| is_install)).status();
        }
        if is_ours {
            let _ = std::fs::remove_file(policy);
        }
    }
    if is_there() { Ok(()) } else { Err(format!("on Debian: apt-get install {}", packages.join(" "))) }
}

/// The first thing in what a program says about its version that looks like one.
pub(super) fn version(name: &str, argument: &str) -> String {
    let Some(file) = program(name) else { return String::new() };
    let Ok(said) = Command::new(file).arg(argument).stdin(Stdio::null()).output() else {
        return String::new();
    };
    let said = [said.stdout, said.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let mut words = said.split(|letter: char| letter.is_whitespace() || "/(),-".contains(letter));
    let is_version = |word: &&str| {
        let word = word.trim_start_matches(['v', 'V']);
        word.starts_with(|first: char| first.is_ascii_digit()) && word.contains('.')
    };
    words.find(is_version).unwrap_or_default().to_owned()
}

/// The version of an installed Debian package, for a program that does not say its own.
pub(super) fn package_version(package: &str) -> String {
    let mut asked = Command::new("dpkg-query");
    let said = asked.args(["-W", "-f", "${Version}", package]).stdin(Stdio::null()).output();
    let said = said.map(|said| String::from_utf8_lossy(&said.stdout).into_owned()).unwrap_or_default();
    said.split('-').next().unwrap_or_default().to_owned()
}
